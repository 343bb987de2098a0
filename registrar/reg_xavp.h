/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Settings for one call, from the XAVP that xavp_cfg names. */
#ifndef REG_XAVP_H
#define REG_XAVP_H

#include "rgr.h"

/**
 * Read a number.
 *
 * @param key NUL-terminated name of the inner XAVP
 * @param out [out] untouched when there is none
 * @return whether there was one
 */
int reg_xavp_int(const char *key, int *out);

/**
 * Read a text.
 *
 * @param out [out] a view into the XAVP, valid until the script changes it
 * @return whether there was one, not empty
 */
int reg_xavp_str(const char *key, str *out);

/**
 * Add a binding to the XAVPs that xavp_rcd names, behind those that are
 * there; nothing without that parameter. What memory does not suffice for
 * is left out, and logged.
 */
void reg_xavp_record(const struct rgr_binding *b, int64_t now);

/** The same, in place of those that are there; only with xavp_rcd set. */
void reg_xavp_only_record(const struct rgr_binding *b, int64_t now);

/**
 * Write the targets of a look-up to XAVPs: a record with aor and count, and
 * one XAVP per target, the first one with index 0. What the two names held is
 * dropped.
 *
 * @return 0, or -1 when memory is short: there is none of either name
 */
int reg_xavp_targets(const str *record, const str *contact, const str *aor,
		const struct rgr_binding *target, int n, int64_t now);

/** Write bindings to XAVPs of a name, in the form of reg_xavp_targets(); what
 * it held is dropped. @return 0, or -1 when memory is short: there is none */
int reg_xavp_flows(
		const str *name, const struct rgr_binding *target, int n, int64_t now);

/** Copy the XAVPs usrloc keeps with a binding to the message's; in front, as
 * if the script had just set them. */
void reg_xavp_restore(const void *ref);

/** The same for a target that is a branch: index 0 is the Request-URI's, the
 * first branch (0) has index 1. */
void reg_xavp_restore_branch(const void *ref, int branch);

/** Put max_contacts, expires and q of the XAVP over the settings. */
void reg_xavp_policy(struct rgr_policy *pol);

#endif

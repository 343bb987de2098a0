/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Copies of the bindings of an AoR for the script, by profile: what
 * $ulc(profile=>attr) reads. */
#ifndef REG_FETCH_H
#define REG_FETCH_H

#include "core/parser/msg_parser.h"

#include "reg_store.h"

/** A binding as it was when it was copied. */
struct reg_fetched
{
	struct rgr_binding b;	   /**< ref is NULL */
	struct reg_host_part host; /**< xavp is NULL */
};

/** One profile, in one piece of private memory. */
struct reg_profile
{
	struct reg_profile *next;
	str name;
	str aor;
	str domain; /**< the table */
	uint32_t aor_hash;
	int n;
	struct reg_fetched *contact;
};

/**
 * Fill a profile with the living bindings of an AoR (with all, when
 * use_expired_contacts is on); what it held is dropped, whatever happens.
 *
 * @param uri  NULL or empty: the Request-URI
 * @return 1; -1 when there are none or the URI can't be read; -3 when the
 *         store can't be asked or memory is short
 */
int reg_fetch(struct sip_msg *msg, struct udomain *d, const str *uri,
		const str *profile);

/** Drop a profile, if there is one of that name. */
void reg_fetch_free(const str *profile);

/** The profile of that name, or NULL. Valid until it is filled or dropped. */
const struct reg_profile *reg_fetch_get(const str *profile);

/** How many bytes reg_fetch_copy() needs. */
size_t reg_fetch_size(const str *name, const str *aor, const str *domain,
		const struct rgr_bindings *all);

/**
 * Copy bindings.
 *
 * @param mem as many bytes as reg_fetch_size() said, aligned for a pointer
 */
struct reg_profile *reg_fetch_copy(void *mem, const str *name, const str *aor,
		const str *domain, uint32_t aor_hash, const struct rgr_bindings *all);

/**
 * Make a profile of what reg_fetch_copy() wrote elsewhere (shared memory).
 *
 * @param size bytes of it
 * @return 0, or -1 when memory is short
 */
int reg_fetch_put_clone(const struct reg_profile *p, size_t size);

#endif

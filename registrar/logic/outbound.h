/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Client-initiated connections (RFC 5626) as far as a registrar decides. */
#ifndef RGR_OUTBOUND_H
#define RGR_OUTBOUND_H

#include "rgr.h"

/** Whether this registration is made with outbound: offered here and named
 * by the client in Supported or Require. */
int rgr_outbound_is_used(
		const struct rgr_policy *pol, const struct rgr_request *req);

/** Whether a reg-id makes a binding of its own (RFC 5626 6: only with
 * outbound; parameter regid_mode 1: always). */
int rgr_regid_counts(
		const struct rgr_policy *pol, const struct rgr_request *req);

/**
 * Whether client, edge proxy and settings agree about outbound.
 *
 * @param req n_contacts and their regid_text and instance are read as well:
 *            439 is only for a client that asked for a flow
 * @return RGR_V_FINE; RGR_V_OUTBOUND_UNSUPPORTED (the client requires what
 *         is switched off); RGR_V_OUTBOUND_REQUIRED (the settings require
 *         it, the client does not offer it); RGR_V_OUTBOUND_EDGE (RFC 5626
 *         6: a proxy stands between that does not keep flows)
 */
enum rgr_verdict rgr_outbound_check(
		const struct rgr_policy *pol, const struct rgr_request *req);

/**
 * Take the next option tag of a list (RFC 3261 20.32).
 *
 * @return KX_OK, or KX_E_END; what is no token is passed over
 */
int rgr_option_next(struct kx_cursor *at, str *tag);

/** Whether an option tag is one that the settings understand: path,
 * outbound, gruu. */
int rgr_option_is_known(const struct rgr_policy *pol, const str *tag);

#endif

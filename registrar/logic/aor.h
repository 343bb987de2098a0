/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The address of record a URI stands for (RFC 3261 10.3 step 5). */
#ifndef RGR_AOR_H
#define RGR_AOR_H

#include "rgr.h"

/** How an address of record is written. */
struct rgr_aor_policy
{
	int use_domain;		/**< user@domain instead of user (usrloc's) */
	int case_sensitive; /**< keep the case of the user part */
	str realm_prefix;	/**< taken off the front of the domain */
	int max_len;		/**< longest AoR, bytes */
};

/**
 * Write the canonical address of record: the user part unescaped, in lower
 * case unless the policy keeps it; with use_domain an '@' and the domain in
 * lower case without its prefix. A URI without a user gives the domain alone.
 *
 * @param user   user part of the URI, escapes in it; may be empty
 * @param domain host part; may be empty (tel URI)
 * @param b      [out] text appended; its content is undefined on error
 * @return RGR_V_FINE, RGR_V_AOR_NO_USER (no user, without use_domain),
 *         RGR_V_UNESCAPE (a broken %-escape or one of a control byte),
 *         RGR_V_AOR_TOO_LONG, RGR_V_INTERNAL
 */
enum rgr_verdict rgr_aor_write(const struct rgr_aor_policy *pol,
		const str *user, const str *domain, struct kx_buf *b);

#endif

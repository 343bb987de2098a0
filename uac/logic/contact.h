/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Our own contact in the answer to a REGISTER (RFC 3261 10.2.4): which of the
 * bindings listed is the one we asked for, and how long it lives. */
#ifndef UAX_CONTACT_H
#define UAX_CONTACT_H

#include "kx_scan.h"

/** No lifetime was named. */
#define UAX_UNSET UINT64_MAX

/** One contact of a Contact header; views. */
struct uax_contact
{
	str uri;	 /**< without angle brackets */
	str params;	 /**< header parameters */
	int is_star; /**< Contact: * */
};

/**
 * Take the next contact of a header body: name-addr or addr-spec, with its
 * parameters. What is no contact (no URI, a bracket that does not close) is
 * passed over, so that a foreign one that is broken does not hide ours behind
 * it. Whether the URI is one is for the caller to find out.
 *
 * @param c behind the contact and its comma afterwards
 * @return KX_OK or KX_E_END
 */
int uax_contact_next(struct kx_cursor *c, struct uax_contact *out);

/** How sure a match is; the higher the surer. */
enum uax_match
{
	UAX_MATCH_NONE,
	UAX_MATCH_USER, /**< same user part only: rewritten on the way */
	UAX_MATCH_URI	/**< same by the rules of RFC 3261 19.1.4 */
};

/** What the contacts of an answer say about our binding. */
struct uax_contact_found
{
	enum uax_match match;
	uint64_t expires; /**< of our contact, seconds, or UAX_UNSET */
	int others;		  /**< contacts that are not ours */
};

/**
 * Find our contact in one more Contact header; the surest match of all
 * headers stays. Of several that are equally sure the one that lives longest
 * counts: older ones of ours run out. One that names no lifetime counts
 * before one whose lifetime is 0, and after all others.
 *
 * @param own   URI we registered
 * @param body  body of the header
 * @param found [in, out] all zero with expires = UAX_UNSET to begin
 */
void uax_contact_find(
		const str *own, const str *body, struct uax_contact_found *found);

#endif

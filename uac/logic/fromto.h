/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The address of a From or To header (RFC 3261 20.20, 20.39): split it, and
 * write it with another display name or URI. Tags and parameters are not
 * its business. */
#ifndef UAX_FROMTO_H
#define UAX_FROMTO_H

#include "kx_param.h"

/** The address of a From or To body; views into it. */
struct uax_addr
{
	/** From the display name to the '>', or the bare URI: what is replaced
	 * when the address is. */
	str whole;
	/** As written, with its quotes; empty when there is none. */
	str display;
	str uri;
	/** No angle brackets: what follows a ';' belongs to the header. */
	int is_bare;
	/** Parameters of the header, from their ';' on; may be empty. */
	str params;
};

/**
 * Split the body of a From or To header.
 *
 * @param body borrowed as long as out is used
 * @param out  [out] views into body; untouched on failure
 * @return KX_OK, or KX_E_SYNTAX: empty, a bracket or a quote that is never
 *         closed, no URI, a blank or bracket in a bare one
 */
int uax_addr_parse(const str *body, struct uax_addr *out);

/** The tag among the parameters of the header; empty when there is none. */
str uax_addr_tag(const struct uax_addr *addr);

/** What an address gets: NULL keeps what is there. */
struct uax_addr_new
{
	/** Written as it is, quotes are the caller's; empty: none any more. */
	const str *display;
	/** Empty keeps the old one, too. */
	const str *uri;
};

/**
 * Append an address: the old one with another display name or URI. What is
 * kept is kept byte for byte; angle brackets are added when a bare URI gets
 * a display name, or parameters, which would become the header's.
 *
 * @return KX_OK; KX_E_SYNTAX, nothing is appended: a control byte in one of
 *         them (a line end would let its author write headers), a blank,
 *         quote or angle bracket in the URI, an angle bracket outside of
 *         quotes or a quote that is never closed in the display name;
 *         otherwise as kx_buf_add()
 */
int uax_addr_write(struct kx_buf *b, const struct uax_addr *old,
		const struct uax_addr_new *change);

#endif

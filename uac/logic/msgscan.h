/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The headers of a SIP message as text, for messages that nobody parsed: a
 * stored reply, a request as it was sent. */
#ifndef UAX_MSGSCAN_H
#define UAX_MSGSCAN_H

#include "kx_scan.h"

/** One header; views into the message. */
struct uax_header
{
	str name; /**< empty when the line has no colon */
	str body; /**< trimmed; folding stays in it */
	str line; /**< all of it, its line end included */
};

/**
 * Begin at the first header.
 *
 * @param message a whole message; lines end by CRLF or LF
 * @return KX_OK, or KX_E_SYNTAX when there is no complete start line
 */
int uax_headers_begin(const str *message, struct kx_cursor *c);

/**
 * Take the next header.
 *
 * @param c   at the end stands at the empty line, or at the end of the text
 * @param out [out] the header
 * @return KX_OK, or KX_E_END when no header is left
 */
int uax_header_next(struct kx_cursor *c, struct uax_header *out);

/**
 * What follows the empty line behind the headers; empty when nothing does.
 *
 * @param out [out] view into the message
 */
void uax_message_body(const str *message, str *out);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A cursor over text from the wire: each call reads one thing of RFC 3261's
 * grammar or refuses it, none reads past the end. */
#ifndef KX_SCAN_H
#define KX_SCAN_H

#include "kx_buf.h"

/** Where a reader stands; both ends borrowed from the text. */
struct kx_cursor
{
	const char *p;
	const char *end;
};

/** Begin at the first byte of a view. */
static inline void kx_cur_init(struct kx_cursor *c, const str *text)
{
	c->p = text->s;
	c->end = text->s + (text->len > 0 ? text->len : 0);
}

/** Whether nothing is left. */
static inline int kx_cur_at_end(const struct kx_cursor *c)
{
	return c->p >= c->end;
}

/** The next byte without taking it, or NUL at the end. */
static inline char kx_cur_peek(const struct kx_cursor *c)
{
	return c->p < c->end ? *c->p : '\0';
}

/** Pass blanks, tabs and folded line ends (RFC 3261 25.1 SWS). */
void kx_cur_blanks(struct kx_cursor *c);

/** Take one byte if it is the next; returns whether it was. */
int kx_cur_char(struct kx_cursor *c, char want);

/**
 * Take a token (RFC 3261 25.1).
 *
 * @param out [out] view into the text
 * @return KX_OK, or KX_E_SYNTAX when no token byte is next (nothing taken)
 */
int kx_cur_token(struct kx_cursor *c, str *out);

/**
 * Take a quoted-string (RFC 3261 25.1).
 *
 * @param out [out] what stands between the quotes, quoted-pairs still in it;
 *            kx_unquote() resolves them
 * @return KX_OK, or KX_E_SYNTAX when no quote is next or none closes it
 *         (nothing taken)
 */
int kx_cur_quoted(struct kx_cursor *c, str *out);

/**
 * Take everything up to, not including, the first of the stop bytes outside
 * a quoted-string; to the end when there is none. A quote that never closes
 * runs to the end.
 *
 * @param stops NUL-terminated set of bytes, none of them a letter or digit
 * @param out   [out] view into the text, blanks around it trimmed
 */
void kx_cur_until(struct kx_cursor *c, const char *stops, str *out);

/**
 * Write the text of a quoted-string without its quoted-pairs.
 *
 * @param raw as kx_cur_quoted() gave it
 * @return as kx_buf_add(); a lone backslash at the end is dropped
 */
int kx_unquote(struct kx_buf *b, const str *raw);

/** Whether c may stand in a token (RFC 3261 25.1). */
int kx_is_token_char(char c);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Helpers for Kamailio's counted string: views only, nothing is allocated. */
#ifndef KX_STR_H
#define KX_STR_H

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "core/str.h"
#include "kx_err.h"

/** A view of a string literal, as an initialiser or a value. */
#define KX_STR(lit)                    \
	(str)                              \
	{                                  \
		(char *)(lit), sizeof(lit) - 1 \
	}

/** Whether nothing is in there; a NULL pointer counts as empty. */
static inline int kx_str_is_empty(const str *s)
{
	return s == NULL || s->s == NULL || s->len <= 0;
}

/** Whether two views hold the same bytes. */
static inline int kx_str_eq(const str *a, const str *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->s, b->s, a->len) == 0);
}

/** Whether two views hold the same text, ASCII letters in either case. */
static inline int kx_str_ieq(const str *a, const str *b)
{
	return a->len == b->len
		   && (a->len == 0 || strncasecmp(a->s, b->s, a->len) == 0);
}

/**
 * A view of len bytes at s.
 *
 * @param s   borrowed; the view is valid as long as it is
 * @param end one past the last byte, end >= s
 */
static inline str kx_str_span(const char *s, const char *end)
{
	str v = {(char *)s, (int)(end - s)};
	return v;
}

/** Whether the view holds the literal, ASCII letters in either case. */
#define kx_str_is(v, lit)             \
	((v)->len == (int)sizeof(lit) - 1 \
			&& strncasecmp((v)->s, lit, sizeof(lit) - 1) == 0)

/** Whether the view begins with the literal, letters in either case. */
#define kx_str_has_prefix(v, lit)     \
	((v)->len >= (int)sizeof(lit) - 1 \
			&& strncasecmp((v)->s, lit, sizeof(lit) - 1) == 0)

/** Narrow a view to what is left without blanks, tabs and line ends around
 * it. */
void kx_str_trim(str *s);

/** ASCII lower case of one byte; other bytes stay. */
static inline char kx_lower(char c)
{
	return (c >= 'A' && c <= 'Z') ? (char)(c - 'A' + 'a') : c;
}

/** The value of a hexadecimal digit, or -1. */
int kx_hex_value(char c);

/**
 * Read a whole view as a hexadecimal number of up to eight digits.
 *
 * @param out [out] the number; not touched on failure
 * @return KX_OK, or KX_E_SYNTAX when empty, longer or not all digits
 */
int kx_str_to_hex32(const str *s, uint32_t *out);

/** The same of up to sixteen digits. */
int kx_str_to_hex64(const str *s, uint64_t *out);

/**
 * Read a whole view as a decimal number (RFC 3261 25.1, 1*DIGIT).
 *
 * The grammar sets no limit to the digits, so a number beyond 2^64-1 is not
 * an error: it is read as UINT64_MAX, and the caller clamps it as it clamps
 * other large values.
 *
 * @param out [out] the number
 * @return KX_OK, or KX_E_SYNTAX when empty or not all digits
 */
int kx_str_to_u64(const str *s, uint64_t *out);

/**
 * The first place of c in a view, or NULL.
 */
static inline char *kx_str_chr(const str *s, char c)
{
	return s->len > 0 ? memchr(s->s, c, s->len) : NULL;
}

/** Whether a text stands anywhere in a view, ASCII letters in either case. An
 * empty text does. */
int kx_str_has(const str *s, const str *part);

/** Whether a view is UTF-8 (RFC 3629) without a NUL: what every database takes
 * for text. */
int kx_str_is_utf8(const str *s);

/**
 * A hash of a view (FNV-1a, 32 bits, then mixed), for tables that live as
 * long as the process; never stored or sent.
 *
 * @param seed separates tables from each other
 */
uint32_t kx_str_hash(const str *s, uint32_t seed);

#endif

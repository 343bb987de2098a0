/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * SIP, SIPS and tel URIs (RFC 3261 19.1, RFC 3966): split and compare. */
#ifndef KX_URI_H
#define KX_URI_H

#include "kx_param.h"

enum kx_uri_scheme
{
	KX_URI_SIP,
	KX_URI_SIPS,
	KX_URI_TEL,
	/** Anything else with a scheme; only `name` and `rest` are filled. */
	KX_URI_OTHER
};

/** The parts of a URI; views into its text, escapes not resolved. */
struct kx_uri
{
	enum kx_uri_scheme scheme;
	str name; /**< of the scheme, without the ':' */
	/** sip, sips: the user part; tel: the number. Empty when there is none */
	str user;
	str password;
	int has_user; /**< there is an '@', even with nothing before it */
	/** with the brackets of an IPv6 reference */
	str host;
	uint16_t port; /**< 0: none given */
	str params;	   /**< after the first ';', without it */
	str headers;   /**< after the '?', without it */
	str rest;	   /**< everything after the scheme's ':' */
};

/**
 * Split a URI.
 *
 * @param text one URI, no angle brackets; blanks are not trimmed
 * @param out  [out] views into text
 * @return KX_OK, or KX_E_SYNTAX: no scheme, no host, a bad port, a byte that
 *         no URI may have (blank, control, quote, angle bracket)
 */
int kx_uri_parse(const str *text, struct kx_uri *out);

/**
 * Whether two URIs mean the same (RFC 3261 19.1.4).
 *
 * Scheme, host, parameters and headers compare in either case, user and
 * password exactly, with %-escapes resolved: also those of reserved bytes,
 * which the RFC tells from the bytes themselves and phones do not. A port
 * given on one side only differs, even if it is the default. Of the
 * parameters those on both sides must agree; user, ttl, method, maddr and
 * transport, and gr of RFC 5627, also differ when only one side has them; of
 * a name that stands there twice, which no URI may have, the first counts.
 * Headers must be the same, in any order. Lists of more than 32 parameters or headers compare as
 * text: who sends those does not get to choose how long we compute.
 *
 * Not transitive, as the RFC notes: do not build chains of equals on it.
 *
 * Two tel URIs (RFC 3966 4): the numbers without their visual separators, and
 * the same parameters, in any order. URIs of other schemes: the same text.
 */
int kx_uri_same(const struct kx_uri *a, const struct kx_uri *b);

/**
 * Whether two texts with %-escapes are equal after resolving them.
 *
 * @param any_case also compare ASCII letters in either case
 */
int kx_uri_text_same(const str *a, const str *b, int any_case);

/** Whether a text is another one, once its own %-escapes are resolved. */
int kx_uri_text_is(const str *escaped, const str *plain);

/**
 * Take the next parameter of a URI (RFC 3261 25.1 uri-parameters). Not that
 * of a header: a comma or a quote ends nothing here.
 *
 * @param c   over kx_uri.params
 * @param out [out] the parameter, escapes not resolved
 * @return KX_OK, KX_E_END, or KX_E_SYNTAX for an empty name; the cursor then
 *         stands behind it
 */
int kx_uri_param_next(struct kx_cursor *c, struct kx_param *out);

/**
 * Find a parameter of a URI by name, letters in either case and escapes
 * resolved; the first one counts.
 *
 * @param params kx_uri.params
 * @return KX_OK or KX_E_NONE
 */
int kx_uri_param_find(const str *params, const str *name, struct kx_param *out);

/**
 * Write a text without its %-escapes.
 *
 * @return as kx_buf_add(), or KX_E_SYNTAX for a '%' without two hexadecimal
 *         digits or that stands for a control byte, which no name has
 */
int kx_uri_unescape(struct kx_buf *b, const str *text);

#endif

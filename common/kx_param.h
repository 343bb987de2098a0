/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Walk over ;name=value parameters (RFC 3261 25.1 generic-param). */
#ifndef KX_PARAM_H
#define KX_PARAM_H

#include "kx_scan.h"

/** One parameter; views into the text. */
struct kx_param
{
	str name;
	/** Without the quotes of a quoted-string, with its quoted-pairs. */
	str value;
	int has_value;
	int is_quoted;
};

/**
 * Take the next parameter.
 *
 * A ';' is passed first, if one is next; blanks around every part are
 * passed. A name or value that is no token is taken as it stands, up to the
 * next ';' or ',' outside of quotes: what it means is for the caller to
 * judge.
 *
 * @param c   stands before a ';' or at a name; after the call behind the
 *            parameter
 * @param out [out] the parameter
 * @return KX_OK; KX_E_END at the end or before a ',' (end of the header
 *         item); KX_E_SYNTAX for an empty name (";;", ";=x"), the cursor then
 *         stands behind it, so that the caller can go on
 */
int kx_param_next(struct kx_cursor *c, struct kx_param *out);

/**
 * Find a parameter by name, letters in either case; the first one counts.
 *
 * @param text ";a=b;c" or "a=b;c"
 * @return KX_OK or KX_E_NONE
 */
int kx_param_find(const str *text, const str *name, struct kx_param *out);

#endif

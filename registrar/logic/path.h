/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Path vectors (RFC 3327): what a REGISTER brings, what a lookup uses. */
#ifndef RGR_PATH_H
#define RGR_PATH_H

#include "rgr.h"

/** What is read out of a Path vector; views into it. */
struct rgr_path
{
	str first_uri; /**< URI of the first hop */
	str received;  /**< its `received` parameter, escapes not resolved */
	int has_ob;	   /**< it carries ;ob (RFC 5626 5.1) */
	int count;	   /**< hops */
};

/**
 * Check a Path vector and read its first hop.
 *
 * Every element must be a name-addr with a sip or sips URI (RFC 3327 4: the
 * grammar of Route); header parameters are let pass. The first hop must be a
 * loose router: the request is sent to it as it is.
 *
 * @param vector Path bodies joined by commas, in order
 * @param out    [out] the first hop
 * @return KX_OK, or KX_E_SYNTAX
 */
int rgr_path_read(const str *vector, struct rgr_path *out);

/** Whether a vector is a route set of loose routers only: every URI of it
 * carries ;lr (RFC 3608 5). */
int rgr_path_is_loose(const str *vector);

/**
 * Take the next element of a vector.
 *
 * @param at   where to begin; behind the element and its comma afterwards
 * @param uri  [out] what stands in the angle brackets
 * @param item [out] the element as a whole
 * @return KX_OK, KX_E_END or KX_E_SYNTAX
 */
int rgr_path_next(struct kx_cursor *at, str *uri, str *item);

#endif

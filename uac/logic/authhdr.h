/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes Authorization and Proxy-Authorization (RFC 3261 20.7, 20.28, RFC
 * 7616 3.4). */
#ifndef UAX_AUTHHDR_H
#define UAX_AUTHHDR_H

#include "challenge.h"

/** The request that is answered for; views. */
struct uax_auth_request
{
	str method;
	/** The Request-URI as it will be sent. */
	str uri;
	/** Read when the challenge leaves no choice but auth-int. */
	str body;
	/** Fresh random text for every request; never empty. */
	str cnonce;
	/** How often this nonce has been used, this time included: from 1. */
	uint32_t nc;
};

/**
 * Append one complete header, its name and its line end included:
 * Proxy-Authorization when ch->is_proxy, else Authorization.
 *
 * User and URI are escaped; what came quoted goes back byte for byte;
 * algorithm is sent only if the server named it, cnonce with qop or -sess
 * only, nc with qop only, the user name as a hash when the server asks for
 * it.
 *
 * @param ch usable
 * @return KX_OK; KX_E_RANGE: the credential is for another realm or can't
 *         answer this algorithm; KX_E_SYNTAX: CR, LF or NUL in a field. In
 *         these cases nothing is appended. KX_E_TOO_LONG, KX_E_NOMEM: the
 *         error stays in the buffer
 */
int uax_authhdr_write(struct kx_buf *b, const struct uax_challenge *ch,
		const struct uax_cred *cred, const struct uax_auth_request *req,
		const struct uax_hashes *h);

#endif

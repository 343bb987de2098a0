/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The server's proof that it knows the secret, too: rspauth of
 * Authentication-Info (RFC 7616 3.5), checked against the request as it was
 * sent, so that nothing has to be remembered. */
#ifndef UAX_RSPAUTH_H
#define UAX_RSPAUTH_H

#include "challenge.h"

/** What a 2xx says about its sender. */
enum uax_rspauth
{
	UAX_RSPAUTH_NONE, /**< nothing: no rspauth, or none that can be checked */
	UAX_RSPAUTH_RIGHT,
	UAX_RSPAUTH_WRONG
};

/** What is looked at; views. */
struct uax_rspauth_in
{
	str sent; /**< our request with its credentials, as text */
	/** Whether authinfo is Proxy-Authentication-Info, the answer to
	 * Proxy-Authorization; else Authentication-Info, to Authorization. */
	int is_proxy;
	str authinfo; /**< the header's body */
	str body;	  /**< of the reply, hashed with auth-int */
};

/**
 * Check rspauth.
 *
 * Wrong is one that was not made with our secret, or that tells another
 * cnonce or nc than we sent: a replay.
 *
 * @param cred who answered the challenge
 */
enum uax_rspauth uax_rspauth_check(const struct uax_rspauth_in *in,
		const struct uax_cred *cred, const struct uax_hashes *h);

#endif

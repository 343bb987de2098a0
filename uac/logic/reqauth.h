/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whether a request that was challenged is sent once more: never twice with
 * the same nonce, never for a second realm, never without end. */
#ifndef UAX_REQAUTH_H
#define UAX_REQAUTH_H

#include "challenge.h"

/** Which of the two ends a challenge comes from: index of held. */
enum
{
	UAX_REQAUTH_SERVER,
	UAX_REQAUTH_PROXY,
	UAX_REQAUTH_ENDS
};

/** How often, over all tries of one request, a nonce that went stale is
 * replaced. */
#define UAX_REQAUTH_STALE_MAX 1

/** What a request answers; all unset in the first one. */
struct uax_reqauth
{
	struct uax_challenge held[UAX_REQAUTH_ENDS];
	unsigned char is_held[UAX_REQAUTH_ENDS];
	int stale;
};

/**
 * Decide about the challenges of one reply.
 *
 * The first realm of the server that the credential can answer is the one it
 * is for, from then on; the server's others of this reply and of later ones
 * get nothing. The same holds for a proxy, whose realm is its own. Who was
 * answered and
 * challenges again has refused the credential, unless it says that the nonce
 * was stale and gives another (RFC 3261 22.2, RFC 7616 3.3), and that not
 * more than UAX_REQAUTH_STALE_MAX times.
 *
 * @param st   [in, out] what the request just sent answered; then what the
 *             next one is to answer. Untouched on failure
 * @param list as uax_challenge_collect() made it; borrowed by st
 * @return KX_OK: send again, answering everything held; KX_E_NONE: that was
 *         the last answer
 */
int uax_reqauth_step(struct uax_reqauth *st, const struct uax_challenge *list,
		int n, const struct uax_cred *cred, const struct uax_auth_policy *pol);

#endif

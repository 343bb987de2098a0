/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What was answered before: read from the requests that were sent, so that
 * nothing has to be remembered. */
#ifndef UAX_SENTAUTH_H
#define UAX_SENTAUTH_H

#include "challenge.h"

/**
 * Append our own answers in a request that was sent: its Digest headers that
 * were not in the request as it was received.
 *
 * @param sent     the request, as text
 * @param received what it was made from, as text
 * @param list     room for UAX_CHALLENGES_MAX; each has the realm, nonce,
 *                 opaque, algorithm, qop and userhash of the challenge that
 *                 was answered, and is usable to answer it again. Views into
 *                 sent
 * @param n        [in, out] how many are in the list
 */
void uax_sent_answers(const str *sent, const str *received,
		struct uax_challenge *list, int *n);

/** The first of a list in the same realm, for the same kind of server; or
 * NULL. */
const struct uax_challenge *uax_same_realm(const struct uax_challenge *ch,
		const struct uax_challenge *list, int n);

/**
 * Whether a challenge says that our credential was refused, so that
 * answering again would only repeat it (RFC 3261 22.1, 22.3).
 *
 * A server that calls the nonce stale has not looked at the credential: a
 * second try is due if it brings another nonce. A third is not, or a server
 * that always says so would never be done with.
 *
 * @param answer what the challenged request had in this realm, or NULL
 * @param tries  requests of this transaction that had an answer in it
 */
int uax_is_refusal(const struct uax_challenge *ch,
		const struct uax_challenge *answer, int tries);

#endif

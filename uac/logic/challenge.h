/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * WWW-Authenticate and Proxy-Authenticate (RFC 3261 20.27, 20.44, RFC 7616
 * 3.3): read every challenge of a reply, choose the one to answer, keep it
 * for the next request.
 *
 * How a reply is answered, all realms of it:
 *
 *   n = 0;
 *   for each header: uax_challenge_collect(&body, is_proxy, list, MAX, &n);
 *   for(pos = 0; (i = uax_realm_next(list, n, &pos)) >= 0;) {
 *       cred = the credential for list[i].realm;
 *       i = uax_challenge_choose(list, n, i, cred, &policy);
 *       if(i >= 0)
 *           uax_authhdr_write(b, &list[i], cred, &request, hashes);
 *   }
 */
#ifndef UAX_CHALLENGE_H
#define UAX_CHALLENGE_H

#include "digest.h"
#include "kx_scan.h"

/** Challenges of one reply that are looked at; a peer that sends more gets
 * the first ones answered. */
#define UAX_CHALLENGES_MAX 16

/** Why a challenge can't be answered by anybody. */
enum uax_unusable
{
	UAX_CH_USABLE = 0,
	UAX_CH_SCHEME,	 /**< not Digest: Basic, AKA, junk */
	UAX_CH_NO_REALM, /**< none given; an empty one is fine */
	UAX_CH_NO_NONCE,
	UAX_CH_ALGORITHM, /**< one we don't know */
	UAX_CH_QOP,		  /**< a list with nothing we know in it */
	UAX_CH_BYTES	  /**< CR, LF or NUL in what would be sent back */
};

/** One challenge; views into the header. */
struct uax_challenge
{
	enum uax_unusable unusable;
	str scheme;
	struct uax_text realm;
	struct uax_text nonce;
	struct uax_text opaque;
	struct uax_text domain;
	/** As the server wrote it; not given means MD5. */
	struct uax_text algorithm;
	enum uax_alg alg;
	unsigned char is_sess;
	/** Set of enum uax_qop: what was offered and is known; 0: no qop. */
	unsigned char qops;
	unsigned char is_stale;
	unsigned char is_userhash;
	unsigned char is_utf8; /**< charset=UTF-8 */
	/** From Proxy-Authenticate: answered by Proxy-Authorization. */
	unsigned char is_proxy;
};

/** How to choose between challenges of one realm. */
struct uax_auth_policy
{
	/** Take the topmost that can be answered (RFC 8760 2.4); otherwise the
	 * strongest, and of two equally strong the topmost. */
	int is_topmost;
	/** Nothing weaker is answered; UAX_ALG_UNKNOWN: no minimum. */
	enum uax_alg min_alg;
};

/**
 * Read the next challenge of a header body. Several in one header are
 * separated the way RFC 7235 4.1 tells; unknown parameters are passed, of a
 * parameter given twice the first counts, tokens and quoted-strings are
 * taken for each other. The time for a whole body grows with its length.
 *
 * The body of an Authorization header can be read by it, too: realm, nonce,
 * opaque and algorithm are found the same way.
 *
 * @param c   after the call behind the challenge
 * @param out [out] written whole; look at out->unusable. is_proxy is 0
 * @return KX_OK, or KX_E_END when there is no challenge any more
 */
int uax_challenge_next(struct kx_cursor *c, struct uax_challenge *out);

/**
 * Take the next parameter of a challenge, of credentials or of an
 * Authentication-Info body.
 *
 * @param c   behind the scheme, or at the front of a body without one
 * @param name, value [out] views into the text
 * @return KX_OK; KX_E_END at the end of the text and before the next scheme,
 *         which stays
 */
int uax_auth_param_next(struct kx_cursor *c, str *name, struct uax_text *value);

/**
 * Append the usable challenges of one header to a list.
 *
 * @param body     of the header; borrowed as long as the list is used
 * @param is_proxy whether it is Proxy-Authenticate
 * @param list     room for UAX_CHALLENGES_MAX; what does not fit is left out
 * @param n        [in, out] how many are in the list
 */
void uax_challenge_collect(
		const str *body, int is_proxy, struct uax_challenge *list, int *n);

/**
 * Walk over the realms of a list; the same realm for a proxy and for a
 * server are two.
 *
 * @param pos [in, out] 0 to begin
 * @return index of the first challenge of the next realm, or KX_E_END
 */
int uax_realm_next(const struct uax_challenge *list, int n, int *pos);

/**
 * Choose, among the challenges of one realm, the one to answer.
 *
 * Only one that this credential can answer is chosen, see uax_cred_can(); an
 * HA1 of 64 digits that does not tell its algorithm prefers SHA-256.
 *
 * @param first names the realm: an index of the list
 * @return an index, or KX_E_NONE: the credential is for another realm, or
 *         can answer none, or policy forbids those it could
 */
int uax_challenge_choose(const struct uax_challenge *list, int n, int first,
		const struct uax_cred *cred, const struct uax_auth_policy *pol);

/**
 * Whether a challenge says that the credential was refused, so that answering
 * once more would only repeat it (RFC 3261 22.1, 22.3). It does not when it
 * brings another nonce and the former one was not the server's last word:
 * the server calls it stale, or it was kept from an earlier request and may be
 * forgotten there. How often that is believed is for the caller to limit.
 *
 * @param nonce    the one that was answered in this realm
 * @param was_kept whether it is from an earlier request
 */
int uax_challenge_refuses(const struct uax_challenge *ch,
		const struct uax_text *nonce, int was_kept);

/** The qop an answer uses: auth when offered, else auth-int, else none. */
enum uax_qop uax_challenge_qop(const struct uax_challenge *ch);

/**
 * Bytes that uax_challenge_pack() writes: what a later answer without being
 * asked needs (realm, nonce, opaque, algorithm, qop, userhash, is_proxy).
 */
size_t uax_challenge_pack_len(const struct uax_challenge *ch);

/** Write a usable challenge as one block without pointers, which may be
 * copied and moved.
 *
 * @param mem uax_challenge_pack_len() bytes, any alignment */
void uax_challenge_pack(const struct uax_challenge *ch, void *mem);

/**
 * Read a block back. is_stale and domain are not kept.
 *
 * @param mem borrowed as long as out is used
 * @param len what uax_challenge_pack_len() gave
 * @param out [out] views into mem
 * @return KX_OK, or KX_E_SYNTAX when that is no such block
 */
int uax_challenge_unpack(
		const void *mem, size_t len, struct uax_challenge *out);

/**
 * The nonce to use from now on, of an Authentication-Info (RFC 7616 3.5) or
 * Proxy-Authentication-Info body: put it in the challenge in place of the old
 * one, and count from nc 1 again.
 *
 * @param out [out] view into body
 * @return KX_OK; KX_E_NONE when it has none, or one nobody may send back
 */
int uax_authinfo_nextnonce(const str *body, struct uax_text *out);

#endif

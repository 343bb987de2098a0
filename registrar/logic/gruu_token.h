/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Temporary GRUUs that tell nothing (RFC 5627 3.1.2): binding, AoR and
 * Call-ID encrypted and authenticated under the operator's key. */
#ifndef RGR_GRUU_TOKEN_H
#define RGR_GRUU_TOKEN_H

#include "gruu.h"

enum
{
	RGR_MAC_LEN = 32
};

/** A keyed hash (HMAC-SHA-256) that the host lends. */
struct rgr_mac
{
	void (*mac)(const void *key, const uint8_t *data, size_t len,
			uint8_t out[RGR_MAC_LEN]);
	const void *key;
};

/**
 * Append a temporary GRUU. Two of them for the same binding have nothing in
 * common for who does not have the key, and nobody else can make one.
 *
 * Built as a synthetic-IV cipher: the MAC of the plain text is its IV, the
 * key stream is the MAC of IV and block number. So a nonce that repeats, in
 * another process or after a restart, gives nothing away but that two GRUUs
 * are equal.
 *
 * @param ruid   of the binding, at most 64 bytes
 * @param callid of the registration; the GRUU ends with it
 * @param nonce  another one for every GRUU
 * @return KX_OK, the error of the buffer, or KX_E_RANGE for a longer ruid
 */
int rgr_gruu_token_write(struct kx_buf *b, const struct rgr_gruu_owner *owner,
		const struct rgr_mac *mac, const str *ruid, const str *callid,
		uint64_t nonce);

/** What a token holds. */
struct rgr_gruu_token
{
	uint32_t aor_hash;
	uint64_t callid_tag; /**< see rgr_gruu_callid_tag() */
	str ruid;			 /**< in mem */
	char mem[64];
};

/**
 * Read the user part of a temporary GRUU.
 *
 * @return KX_OK, or KX_E_NONE when it was not made under this key or is
 *         damaged
 */
int rgr_gruu_token_read(
		const struct rgr_mac *mac, const str *user, struct rgr_gruu_token *out);

/** What a token remembers of a Call-ID. */
uint64_t rgr_gruu_callid_tag(const struct rgr_mac *mac, const str *callid);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ChaCha20 (RFC 8439 2.3, 2.4): hides a short text. */
#ifndef UAX_CHACHA_H
#define UAX_CHACHA_H

#include <stdint.h>

#define UAX_CHACHA_KEY_LEN 32
#define UAX_CHACHA_NONCE_LEN 12

/** A key, read from its bytes. */
struct uax_chacha_key
{
	uint32_t k[8];
};

/** Read a key. @param bytes UAX_CHACHA_KEY_LEN of them */
void uax_chacha_key(struct uax_chacha_key *key, const unsigned char *bytes);

/**
 * Hide a text, or show a hidden one.
 *
 * @param nonce UAX_CHACHA_NONCE_LEN bytes, not the same for two texts
 * @param text  [in, out] len bytes
 */
void uax_chacha_xor(const struct uax_chacha_key *key,
		const unsigned char *nonce, unsigned char *text, int len);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * SipHash-2-4 with 128 bits (Aumasson, Bernstein 2012): a keyed hash of short
 * texts, for check values that nobody without the key can make. */
#ifndef UAX_SIPHASH_H
#define UAX_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#define UAX_SIPHASH_LEN 16

/** A key: two numbers, read from 16 bytes with the lowest first. */
struct uax_siphash_key
{
	uint64_t k[2];
};

/** A hash in progress; a plain struct. */
struct uax_siphash
{
	uint64_t v[4];
	uint64_t word; /**< bytes that do not fill a word yet */
	uint64_t len;  /**< bytes so far */
};

/** Read a key. @param bytes 16 of them */
void uax_siphash_key(struct uax_siphash_key *key, const unsigned char *bytes);

/** Begin. */
void uax_siphash_init(struct uax_siphash *h, const struct uax_siphash_key *key);

/** Feed len bytes; zero is fine. */
void uax_siphash_add(struct uax_siphash *h, const void *data, size_t len);

/** End. @param out [out] UAX_SIPHASH_LEN bytes */
void uax_siphash_end(struct uax_siphash *h, unsigned char *out);

#endif

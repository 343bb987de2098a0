/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * SipHash-2-4 with 128 bits. */
#include "siphash.h"

static inline uint64_t turn(uint64_t n, int bits)
{
	return n << bits | n >> (64 - bits);
}

static void rounds(uint64_t *v, int count)
{
	uint64_t a = v[0], b = v[1], c = v[2], d = v[3];

	while(count-- > 0) {
		a += b;
		b = turn(b, 13) ^ a;
		a = turn(a, 32);
		c += d;
		d = turn(d, 16) ^ c;
		a += d;
		d = turn(d, 21) ^ a;
		c += b;
		b = turn(b, 17) ^ c;
		c = turn(c, 32);
	}
	v[0] = a;
	v[1] = b;
	v[2] = c;
	v[3] = d;
}

/* Written out, the compiler makes one load of it. */
static inline uint64_t get_u64(const unsigned char *s)
{
	return (uint64_t)s[0] | (uint64_t)s[1] << 8 | (uint64_t)s[2] << 16
		   | (uint64_t)s[3] << 24 | (uint64_t)s[4] << 32 | (uint64_t)s[5] << 40
		   | (uint64_t)s[6] << 48 | (uint64_t)s[7] << 56;
}

static inline uint32_t get_u32(const unsigned char *s)
{
	return (uint32_t)s[0] | (uint32_t)s[1] << 8 | (uint32_t)s[2] << 16
		   | (uint32_t)s[3] << 24;
}

/* The same of one to seven bytes: two or three reads that may overlap. */
static inline uint64_t get_rest(const unsigned char *s, int len)
{
	int last = len - 1;

	if(len >= 4)
		return get_u32(s) | (uint64_t)get_u32(s + len - 4) << 8 * (len - 4);
	return s[0] | (uint64_t)s[len / 2] << 8 * (len / 2)
		   | (uint64_t)s[last] << 8 * last;
}

static void put_u64(unsigned char *out, uint64_t n)
{
	out[0] = n;
	out[1] = n >> 8;
	out[2] = n >> 16;
	out[3] = n >> 24;
	out[4] = n >> 32;
	out[5] = n >> 40;
	out[6] = n >> 48;
	out[7] = n >> 56;
}

void uax_siphash_key(struct uax_siphash_key *key, const unsigned char *bytes)
{
	key->k[0] = get_u64(bytes);
	key->k[1] = get_u64(bytes + 8);
}

void uax_siphash_init(struct uax_siphash *h, const struct uax_siphash_key *key)
{
	/* "somepseudorandomlygeneratedbytes" */
	h->v[0] = key->k[0] ^ 0x736f6d6570736575;
	h->v[1] = key->k[1] ^ 0x646f72616e646f6d ^ 0xee; /* 128 bits */
	h->v[2] = key->k[0] ^ 0x6c7967656e657261;
	h->v[3] = key->k[1] ^ 0x7465646279746573;
	h->word = 0;
	h->len = 0;
}

static void take(struct uax_siphash *h, uint64_t word)
{
	h->v[3] ^= word;
	rounds(h->v, 2);
	h->v[0] ^= word;
}

void uax_siphash_add(struct uax_siphash *h, const void *data, size_t len)
{
	const unsigned char *s = data, *end = s + len;
	int have = h->len % 8 * 8; /* bits in the word */

	h->len += len;
	for(; end - s >= 8; s += 8) {
		uint64_t next = get_u64(s);

		take(h, h->word | next << have);
		h->word = have > 0 ? next >> (64 - have) : 0;
	}
	if(s < end) {
		uint64_t next = get_rest(s, end - s);

		h->word |= next << have;
		if(have + 8 * (end - s) >= 64) {
			take(h, h->word);
			h->word = have > 0 ? next >> (64 - have) : 0;
		}
	}
}

void uax_siphash_end(struct uax_siphash *h, unsigned char *out)
{
	take(h, h->word | h->len << 56);
	h->v[2] ^= 0xee;
	rounds(h->v, 4);
	put_u64(out, h->v[0] ^ h->v[1] ^ h->v[2] ^ h->v[3]);
	h->v[1] ^= 0xdd;
	rounds(h->v, 4);
	put_u64(out + 8, h->v[0] ^ h->v[1] ^ h->v[2] ^ h->v[3]);
}

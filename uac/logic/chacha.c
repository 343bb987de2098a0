/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ChaCha20. The four quarter rounds of a round go side by side: a row of the
 * state is one vector. */
#include <string.h>

#include "chacha.h"

#define BLOCK_LEN 64

typedef uint32_t row __attribute__((vector_size(16)));

static uint32_t get_u32(const unsigned char *s)
{
	return (uint32_t)s[0] | (uint32_t)s[1] << 8 | (uint32_t)s[2] << 16
		   | (uint32_t)s[3] << 24;
}

/* Each word with its lowest byte first. */
static void put_row(unsigned char *out, row r)
{
	int i;

	if(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) {
		memcpy(out, &r, sizeof(r));
		return;
	}
	for(i = 0; i < 4; i++, out += 4) {
		out[0] = r[i];
		out[1] = r[i] >> 8;
		out[2] = r[i] >> 16;
		out[3] = r[i] >> 24;
	}
}

void uax_chacha_key(struct uax_chacha_key *key, const unsigned char *bytes)
{
	int i;

	for(i = 0; i < 8; i++)
		key->k[i] = get_u32(bytes + 4 * i);
}

static inline row turn(row r, int bits)
{
	return r << bits | r >> (32 - bits);
}

#define QUARTERS(a, b, c, d) \
	do {                     \
		a += b;              \
		d = turn(d ^ a, 16); \
		c += d;              \
		b = turn(b ^ c, 12); \
		a += b;              \
		d = turn(d ^ a, 8);  \
		c += d;              \
		b = turn(b ^ c, 7);  \
	} while(0)

/* The words of a row, moved to the left. */
#define SHIFT_1(r) __builtin_shufflevector(r, r, 1, 2, 3, 0)
#define SHIFT_2(r) __builtin_shufflevector(r, r, 2, 3, 0, 1)
#define SHIFT_3(r) __builtin_shufflevector(r, r, 3, 0, 1, 2)

static void make_block(const row *in, unsigned char *out)
{
	row a = in[0], b = in[1], c = in[2], d = in[3];
	int i;

	for(i = 0; i < 10; i++) {
		QUARTERS(a, b, c, d);
		b = SHIFT_1(b);
		c = SHIFT_2(c);
		d = SHIFT_3(d);
		QUARTERS(a, b, c, d);
		b = SHIFT_3(b);
		c = SHIFT_2(c);
		d = SHIFT_1(d);
	}
	put_row(out, a + in[0]);
	put_row(out + 16, b + in[1]);
	put_row(out + 32, c + in[2]);
	put_row(out + 48, d + in[3]);
}

void uax_chacha_xor(const struct uax_chacha_key *key,
		const unsigned char *nonce, unsigned char *text, int len)
{
	const uint32_t *k = key->k;
	row in[4] = {
			{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}, /* RFC 8439 2.3 */
			{k[0], k[1], k[2], k[3]}, {k[4], k[5], k[6], k[7]},
			{0, get_u32(nonce), get_u32(nonce + 4), get_u32(nonce + 8)}};
	unsigned char block[BLOCK_LEN];
	int at, i;

	for(at = 0; at < len; at += BLOCK_LEN) {
		int part = len - at < BLOCK_LEN ? len - at : BLOCK_LEN;

		make_block(in, block);
		in[3][0]++;
		for(i = 0; i + 8 <= part; i += 8) {
			uint64_t a, b;

			memcpy(&a, text + at + i, 8);
			memcpy(&b, block + i, 8);
			a ^= b;
			memcpy(text + at + i, &a, 8);
		}
		for(; i < part; i++)
			text[at + i] ^= block[i];
	}
}

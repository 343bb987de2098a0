/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Hash functions of the core behind one shape. Not OpenSSL's: the tls module
 * must be the first to touch that in a process. */
#include "core/crypto/md5.h"
#include "core/crypto/sha256.h"

#include "ua_hash.h"

_Static_assert(sizeof(MD5_CTX) <= sizeof(struct uax_hash_state)
					   && sizeof(SHA256_CTX) <= sizeof(struct uax_hash_state)
					   && sizeof(SHA512_CTX) <= sizeof(struct uax_hash_state),
		"a hash in progress fits");

static void md5_init(struct uax_hash_state *state)
{
	MD5Init((MD5_CTX *)state->mem);
}

static void md5_add(struct uax_hash_state *state, const char *s, size_t len)
{
	MD5Update((MD5_CTX *)state->mem, s, len);
}

static void md5_end(struct uax_hash_state *state, unsigned char *out)
{
	MD5Final((char *)out, (MD5_CTX *)state->mem);
}

static void sha256_init(struct uax_hash_state *state)
{
	sr_SHA256_Init((SHA256_CTX *)state->mem);
}

static void sha256_add(struct uax_hash_state *state, const char *s, size_t len)
{
	sr_SHA256_Update((SHA256_CTX *)state->mem, (const uint8_t *)s, len);
}

static void sha256_end(struct uax_hash_state *state, unsigned char *out)
{
	sr_SHA256_Final(out, (SHA256_CTX *)state->mem);
}

/* FIPS 180-4 5.3.6.2: SHA-512 from other initial values, cut to 256 bits. */
static void sha512_256_init(struct uax_hash_state *state)
{
	static const uint64_t initial[8] = {0x22312194FC2BF72CULL,
			0x9F555FA3C84C64C2ULL, 0x2393B86B6F53B151ULL, 0x963877195940EABDULL,
			0x96283EE2A88EFFE3ULL, 0xBE5E1E2553863992ULL, 0x2B0199FC2C85B8AAULL,
			0x0EB72DDC81C52CA2ULL};
	SHA512_CTX *ctx = (SHA512_CTX *)state->mem;

	sr_SHA512_Init(ctx);
	memcpy(ctx->state, initial, sizeof(initial));
}

static void sha512_256_add(
		struct uax_hash_state *state, const char *s, size_t len)
{
	sr_SHA512_Update((SHA512_CTX *)state->mem, (const uint8_t *)s, len);
}

static void sha512_256_end(struct uax_hash_state *state, unsigned char *out)
{
	uint8_t full[SHA512_DIGEST_LENGTH];

	sr_SHA512_Final(full, (SHA512_CTX *)state->mem);
	memcpy(out, full, 32);
}

const struct uax_hashes *ua_hashes(void)
{
	static const struct uax_hashes hashes = {
			.md5 = {md5_init, md5_add, md5_end},
			.sha256 = {sha256_init, sha256_add, sha256_end},
			.sha512_256 = {sha512_256_init, sha512_256_add, sha512_256_end},
	};

	return &hashes;
}

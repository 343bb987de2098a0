/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Hash functions for the tests, from OpenSSL. */
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>

#include "unit.h"
#include "unit_hashes.h"

/* The state holds a pointer to OpenSSL's; what is never ended would leak and
 * be reported by the sanitizer. */
static void begin(struct uax_hash_state *state, const EVP_MD *md)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	ck_assert(ctx != NULL && EVP_DigestInit_ex(ctx, md, NULL) == 1);
	memcpy(state->mem, &ctx, sizeof(ctx));
}

static EVP_MD_CTX *ctx_of(struct uax_hash_state *state)
{
	EVP_MD_CTX *ctx;

	memcpy(&ctx, state->mem, sizeof(ctx));
	return ctx;
}

static void add(struct uax_hash_state *state, const char *s, size_t len)
{
	ck_assert_int_eq(EVP_DigestUpdate(ctx_of(state), s, len), 1);
}

static void end(struct uax_hash_state *state, unsigned char *out)
{
	ck_assert_int_eq(EVP_DigestFinal_ex(ctx_of(state), out, NULL), 1);
	EVP_MD_CTX_free(ctx_of(state));
}

static void begin_md5(struct uax_hash_state *state)
{
	begin(state, EVP_md5());
}

static void begin_sha256(struct uax_hash_state *state)
{
	begin(state, EVP_sha256());
}

static void begin_sha512_256(struct uax_hash_state *state)
{
	begin(state, EVP_sha512_256());
}

const struct uax_hashes unit_hashes = {
		.md5 = {begin_md5, add, end},
		.sha256 = {begin_sha256, add, end},
		.sha512_256 = {begin_sha512_256, add, end},
};

void unit_hash_hex(const char *alg, const char *text, char *out)
{
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned int i, len;

	ck_assert_int_eq(EVP_Digest(text, strlen(text), raw, &len,
							 EVP_get_digestbyname(alg), NULL),
			1);
	for(i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", raw[i]);
}

void unit_hash_fmt(char *out, const char *alg, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ck_assert(len >= 0 && len < (int)sizeof(text));
	unit_hash_hex(alg, text, out);
}

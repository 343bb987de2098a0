/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: the body of a WWW-Authenticate header, read, chosen from,
 * kept, answered; the answer is read again and must say the same. */
#include <stdlib.h>

#include "authhdr.h"

#define MUST(cond)            \
	do {                      \
		if(!(cond))           \
			__builtin_trap(); \
	} while(0)

/* No cryptography is needed to find a byte out of place. */
static void begin(struct uax_hash_state *state)
{
	memset(state->mem, 0, 32);
}

static void add(struct uax_hash_state *state, const char *s, size_t len)
{
	size_t i;

	for(i = 0; i < len; i++)
		state->mem[i % 32] = (unsigned char)(31 * state->mem[i % 32] + s[i]);
}

static void end16(struct uax_hash_state *state, unsigned char *out)
{
	memcpy(out, state->mem, 16);
}

static void end32(struct uax_hash_state *state, unsigned char *out)
{
	memcpy(out, state->mem, 32);
}

static const struct uax_hashes hashes = {
		{begin, add, end16}, {begin, add, end32}, {begin, add, end32}};

/* One header line, whose texts are the challenge's. */
static void check_answer(const str *header, const struct uax_challenge *ch)
{
	str body = *header;
	struct uax_challenge echo;
	struct kx_cursor c;
	char *colon = memchr(header->s, ':', header->len);

	MUST(header->len > 2 && colon != NULL);
	MUST(memcmp(header->s + header->len - 2, "\r\n", 2) == 0);
	MUST(memchr(header->s, '\n', header->len - 1) == NULL);
	MUST(memchr(header->s, '\r', header->len - 2) == NULL);
	MUST(memchr(header->s, '\0', header->len) == NULL);
	body = kx_str_span(colon + 1, header->s + header->len - 2);
	kx_cur_init(&c, &body);
	MUST(uax_challenge_next(&c, &echo) == KX_OK);
	MUST(echo.unusable == UAX_CH_USABLE);
	MUST(uax_text_same(&echo.realm, &ch->realm));
	MUST(uax_text_same(&echo.nonce, &ch->nonce));
	MUST(uax_text_same(&echo.opaque, &ch->opaque));
	MUST(echo.alg == ch->alg && echo.is_sess == ch->is_sess);
	MUST(uax_challenge_next(&c, &echo) == KX_E_END);
}

static void *get(size_t size)
{
	return malloc(size);
}

static const struct kx_alloc heap = {get, free};

static void answer(const struct uax_challenge *ch)
{
	struct uax_cred cred = {.user = KX_STR("a\"b"),
			.realm = KX_STR("*"),
			.secret = KX_STR("p")};
	struct uax_auth_request req = {.method = KX_STR("INVITE"),
			.uri = KX_STR("sip:x"),
			.cnonce = KX_STR("c"),
			.nc = 1};
	struct uax_challenge kept;
	size_t len = uax_challenge_pack_len(ch);
	char *block = malloc(len);
	struct kx_buf b;
	str header = {NULL, 0};

	MUST(block != NULL);
	uax_challenge_pack(ch, block);
	MUST(uax_challenge_unpack(block, len, &kept) == KX_OK);
	kx_buf_init_grow(&b, NULL, 0, &heap, 1 << 20);
	MUST(uax_authhdr_write(&b, &kept, &cred, &req, &hashes) == KX_OK);
	MUST(kx_buf_end(&b, &header) == KX_OK);
	check_answer(&header, ch);
	kx_buf_release(&b);
	free(block);
}

/** Called by the fuzzer for every input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct uax_challenge list[UAX_CHALLENGES_MAX], kept;
	struct uax_auth_policy policy = {0};
	struct uax_cred cred = {.realm = KX_STR("*"), .secret = KX_STR("p")};
	struct uax_text nonce = {{NULL, 0}, 0, 0};
	str body = {(char *)data, (int)size};
	int i, best, n = 0, pos = 0;

	uax_challenge_collect(&body, 0, list, &n);
	while((i = uax_realm_next(list, n, &pos)) >= 0) {
		best = uax_challenge_choose(list, n, i, &cred, &policy);
		MUST(best >= i);
		answer(&list[best]);
	}
	if(uax_authinfo_nextnonce(&body, &nonce) == KX_OK)
		MUST(nonce.is_given && nonce.s.len > 0);
	uax_challenge_unpack(data, size, &kept);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: what was answered before. The input is a request as it was
 * sent, a NUL, and the request as it came; and the whole of it is a challenge,
 * answered and found again. */
#include "authhdr.h"
#include "fuzz.h"
#include "msgscan.h"
#include "rspauth.h"
#include "sentauth.h"

/* Any number that depends on all bytes will do as a hash. */
static void hash_init(struct uax_hash_state *st)
{
	memset(st, 0, sizeof(*st));
}

static void hash_add(struct uax_hash_state *st, const char *s, size_t len)
{
	size_t i;

	for(i = 0; i < len; i++)
		st->mem[i % 32] = st->mem[(i + 7) % 32] * 31 + s[i];
}

static void hash_end_16(struct uax_hash_state *st, unsigned char *out)
{
	memcpy(out, st->mem, 16);
}

static void hash_end_32(struct uax_hash_state *st, unsigned char *out)
{
	memcpy(out, st->mem, 32);
}

static const struct uax_hashes hashes = {{hash_init, hash_add, hash_end_16},
		{hash_init, hash_add, hash_end_32}, {hash_init, hash_add, hash_end_32}};

/* What is found is in the request that was sent, and nobody gave it to us. */
static void two_requests(const str *sent, const str *received)
{
	struct uax_cred cred = {.user = {"u", 1}, .secret = {"p", 1}};
	struct uax_rspauth_in proof = {.sent = *sent};
	struct uax_challenge list[UAX_CHALLENGES_MAX];
	int i, n = 0;

	uax_sent_answers(sent, received, list, &n);
	MUST(n >= 0 && n <= UAX_CHALLENGES_MAX);
	for(i = 0; i < n; i++) {
		MUST(list[i].unusable == UAX_CH_USABLE && !list[i].is_stale);
		MUST(fuzz_is_inside(&list[i].realm.s, sent));
		MUST(fuzz_is_inside(&list[i].nonce.s, sent));
		MUST(fuzz_is_inside(&list[i].opaque.s, sent));
		MUST(uax_same_realm(&list[i], list, n) != NULL);
	}
	/* the second text once more, as the server's proof */
	proof.authinfo = *received;
	MUST(uax_rspauth_check(&proof, &cred, &hashes) != UAX_RSPAUTH_RIGHT
			|| received->len > 32);
	n = 0;
	uax_sent_answers(sent, sent, list, &n);
	MUST(n == 0);
}

/* An answer of ours is found in what was sent, and the same nonce is never
 * answered again, nor another one that does not say that the first was
 * stale. */
static void answered(const struct uax_challenge *ch)
{
	struct uax_cred cred = {.user = {"u", 1}, .secret = {"p", 1}};
	struct uax_auth_request req = {
			{"M", 1}, {"sip:x", 5}, {"", 0}, {"0123456789abcdef", 16}, 1};
	struct uax_challenge list[UAX_CHALLENGES_MAX];
	const struct uax_challenge *found;
	struct uax_rspauth_in proof = {.is_proxy = ch->is_proxy,
			.authinfo = KX_STR("rspauth=\"a guess\"")};
	str received = KX_STR("M sip:x SIP/2.0\r\nTo: x\r\n\r\n"), sent;
	char mem[16384];
	struct kx_buf b;
	int n = 0;

	kx_buf_init(&b, mem, sizeof(mem));
	kx_buf_add(&b, received.s, received.len - 2);
	if(uax_authhdr_write(&b, ch, &cred, &req, &hashes) != KX_OK)
		return;
	kx_buf_lit(&b, "\r\n");
	MUST(kx_buf_end(&b, &sent) == KX_OK);
	uax_sent_answers(&sent, &received, list, &n);
	MUST(n == 1);
	found = uax_same_realm(ch, list, n);
	MUST(found != NULL && uax_text_same(&found->nonce, &ch->nonce));
	MUST(found->alg == ch->alg && found->is_sess == ch->is_sess);
	MUST(uax_challenge_qop(found) == uax_challenge_qop(ch));
	proof.sent = sent;
	MUST(uax_rspauth_check(&proof, &cred, &hashes) != UAX_RSPAUTH_RIGHT);
	MUST(uax_is_refusal(ch, found, 1));
	MUST(!uax_is_refusal(ch, NULL, 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *cut = size > 0 ? memchr(text, '\0', size) : NULL;
	str whole = {(char *)text, (int)size}, sent = whole, received = {"", 0};
	struct uax_challenge list[UAX_CHALLENGES_MAX];
	int i, n = 0;

	if(cut != NULL) {
		sent.len = (int)(cut - text);
		received = kx_str_span(cut + 1, text + size);
	}
	two_requests(&sent, &received);
	uax_challenge_collect(&whole, (int)(size & 1), list, &n);
	for(i = 0; i < n; i++)
		answered(&list[i]);
	return 0;
}

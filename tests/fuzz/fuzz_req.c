/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: values of $uac_req, header lines of scripts, kept requests,
 * and peers that challenge for ever. */
#include <stdlib.h>

#include "fuzz.h"
#include "reqauth.h"
#include "reqspec.h"

static const struct kx_alloc heap = {malloc, free};

/* What goes on the wire is lines, none of them empty. */
static void headers(const str *text)
{
	struct kx_buf b;
	str out;
	int i;

	kx_buf_init_grow(&b, NULL, 0, &heap, 1 << 20);
	if(uax_req_headers(&b, text) == KX_OK) {
		MUST(uax_req_text_check(UAX_REQ_HDRS, text) == KX_OK);
		MUST(kx_buf_end(&b, &out) == KX_OK);
		MUST(out.len == 0 || out.len >= 4);
		for(i = 0; i < out.len; i++) {
			int is_end = out.s[i] == '\n';

			MUST(out.s[i] != '\0');
			MUST(is_end == (i > 0 && out.s[i - 1] == '\r'));
			MUST(!is_end || (i >= 2 && out.s[i - 2] != '\n'));
		}
		MUST(out.len == 0 || out.s[out.len - 1] == '\n');
	}
	kx_buf_release(&b);
}

/* A value is taken whole, or the key is empty and the request refused. */
static void value(int key, const str *text)
{
	struct uax_reqspec spec;
	struct uax_req back;
	str uri;
	size_t len;
	char *mem;

	uax_reqspec_init(&spec, &heap);
	if(uax_reqspec_set_text(&spec, key, text) == KX_OK) {
		MUST(kx_str_eq(&spec.req.text[key], text));
		uri = uax_req_target(text);
		MUST(fuzz_is_inside(&uri, text));
		MUST(key != UAX_REQ_RURI || text->len == 0
				|| (uri.len > 0 && kx_str_chr(&uri, ' ') == NULL));
	} else {
		MUST(spec.req.text[key].len == 0);
		MUST(uax_reqspec_refused(&spec) == key);
	}
	len = uax_req_pack_len(&spec.req);
	mem = malloc(len);
	uax_req_pack(&spec.req, mem);
	MUST(uax_req_unpack(mem, len, &back) == KX_OK);
	MUST(kx_str_eq(&back.text[key], &spec.req.text[key]));
	free(mem);
	uax_reqspec_clear(&spec);
}

/* Anything may be kept in memory that was overwritten. */
static void block(const str *text)
{
	struct uax_req req;
	int i;

	if(uax_req_unpack(text->s, text->len, &req) != KX_OK)
		return;
	for(i = 0; i < UAX_REQ_TEXT_COUNT; i++)
		MUST(fuzz_is_inside(&req.text[i], text));
}

/* Each line is a reply with one challenge: the answers come to an end, and
 * are for one realm of the server and one of the proxy. */
static void challenges(struct fuzz_input in)
{
	struct uax_cred cred = {.user = {"u", 1}, .secret = {"p", 1}};
	struct uax_challenge list[UAX_CHALLENGES_MAX];
	struct uax_auth_policy policy = {0};
	struct uax_reqauth st = {0};
	int answers = 0;

	while(in.left > 0) {
		int i, n = 0, is_proxy = fuzz_byte(&in) & 1;
		str line = fuzz_line(&in);
		struct uax_reqauth before = st;

		uax_challenge_collect(&line, is_proxy, list, &n);
		answers += uax_reqauth_step(&st, list, n, &cred, &policy) == KX_OK;
		for(i = 0; i < UAX_REQAUTH_ENDS; i++)
			MUST(!before.is_held[i]
					|| uax_text_same(&before.held[i].realm, &st.held[i].realm));
	}
	MUST(answers <= UAX_REQAUTH_ENDS + UAX_REQAUTH_STALE_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {(const char *)data, size};
	int key = fuzz_byte(&in) % UAX_REQ_TEXT_COUNT;
	str text = {(char *)in.p, (int)in.left};

	value(key, &text);
	headers(&text);
	block(&text);
	challenges(in);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: two URIs, one a line, split and compared. */
#include "fuzz.h"
#include "kx_uri.h"

static int parse(const str *text, struct kx_uri *u)
{
	if(kx_uri_parse(text, u) != KX_OK)
		return 0;
	MUST(fuzz_is_inside(&u->name, text) && fuzz_is_inside(&u->user, text));
	MUST(fuzz_is_inside(&u->host, text) && fuzz_is_inside(&u->rest, text));
	MUST(fuzz_is_inside(&u->password, text));
	MUST(fuzz_is_inside(&u->params, text));
	MUST(fuzz_is_inside(&u->headers, text));
	MUST(u->scheme == KX_URI_OTHER || u->user.len > 0 || u->host.len > 0);
	MUST(kx_uri_same(u, u));
	return 1;
}

static void unescape(const str *text)
{
	char mem[256];
	struct kx_buf b;
	str plain;

	kx_buf_init(&b, mem, sizeof(mem));
	if(kx_uri_unescape(&b, text) != KX_OK)
		return;
	MUST(kx_buf_end(&b, &plain) == KX_OK && plain.len <= text->len);
	MUST(memchr(plain.s, '\0', plain.len) == NULL);
	MUST(memchr(plain.s, '\n', plain.len) == NULL);
	MUST(kx_uri_text_is(text, &plain));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {(const char *)data, size};
	str a = fuzz_line(&in), b = fuzz_line(&in);
	struct kx_uri u, v;

	MUST(kx_uri_text_same(&a, &b, 0) == kx_uri_text_same(&b, &a, 0));
	MUST(!kx_uri_text_same(&a, &b, 0) || kx_uri_text_same(&a, &b, 1));
	unescape(&a);
	if(parse(&a, &u) && parse(&b, &v))
		MUST(kx_uri_same(&u, &v) == kx_uri_same(&v, &u));
	return 0;
}

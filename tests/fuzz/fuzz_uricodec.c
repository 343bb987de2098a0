/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: Record-Route texts and From bodies from the wire. A text of
 * our own making must come back; any other may only be refused. The hash is
 * a toy, so that the fuzzer can find check values that fit. */
#include <stdlib.h>

#include "fromto.h"
#include "uricodec.h"

static void toy_init(struct uax_hash_state *st)
{
	memset(st->mem, 0, 1);
}

static void toy_add(struct uax_hash_state *st, const char *s, size_t len)
{
	while(len > 0)
		st->mem[0] += (unsigned char)s[--len];
}

static void toy_end(struct uax_hash_state *st, unsigned char *out)
{
	memset(out, st->mem[0] & 7, 32);
}

static void must(int ok)
{
	if(!ok)
		abort();
}

static void read_any(const str *text, const struct uax_key *key)
{
	static char mem[UAX_TOKEN_SCRATCH];
	struct uax_binding to = {0, {"c", 1}, {"f", 1}};
	str other = {"t", 1};
	struct uax_change change;
	struct kx_buf b;

	kx_buf_init(&b, mem, sizeof(mem));
	if(uax_token_read(&b, text, &to, &other, key, &change) < 0)
		return;
	must(change.old_uri.len > 0 && change.new_uri.len > 0);
	must(change.new_uri.s >= mem
			&& change.new_uri.s + change.new_uri.len <= mem + b.len);
}

static void come_back(const str *text, const struct uax_key *key)
{
	static char mem[UAX_TOKEN_SCRATCH], written[UAX_TOKEN_MAX + 1];
	struct uax_binding to = {1, {"c", 1}, {"f", 1}};
	struct uax_change in = {{text->s, text->len / 2},
			{text->s + text->len / 2, text->len - text->len / 2}, 0, {0, 0},
			{0, 0}};
	struct uax_change out;
	struct kx_buf b, w;
	str token;

	if(in.old_uri.len == 0)
		return;
	kx_buf_init(&w, written, sizeof(written));
	if(uax_token_write(&w, &in, &to, key) != KX_OK)
		return;
	must(kx_buf_end(&w, &token) == KX_OK);
	kx_buf_init(&b, mem, sizeof(mem));
	must(uax_token_read(&b, &token, &to, &to.tag, key, &out) == 0);
	must(kx_str_eq(&out.old_uri, &in.old_uri));
	must(kx_str_eq(&out.new_uri, &in.new_uri));
}

static void split_and_write(const str *body)
{
	static char mem[65536];
	struct uax_addr a, again;
	struct uax_addr_new change = {NULL, NULL};
	struct kx_buf b;
	str out;

	if(uax_addr_parse(body, &a) != KX_OK)
		return;
	must(a.whole.s >= body->s
			&& a.whole.s + a.whole.len <= body->s + body->len);
	kx_buf_init(&b, mem, sizeof(mem));
	change.display = &a.display;
	change.uri = &a.uri;
	if(uax_addr_write(&b, &a, &change) != KX_OK)
		return;
	must(kx_buf_end(&b, &out) == KX_OK);
	must(uax_addr_parse(&out, &again) == KX_OK);
	must(kx_str_eq(&a.uri, &again.uri));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct uax_hash toy = {toy_init, toy_add, toy_end};
	str text = {(char *)data, (int)size}, none = {"", 0}, secret = {"k", 1};
	struct uax_key open, hidden;

	if(size > 4096)
		return 0;
	uax_key_init(&open, &none, &toy);
	uax_key_init(&hidden, &secret, &toy);
	read_any(&text, &open);
	read_any(&text, &hidden);
	come_back(&text, &open);
	come_back(&text, &hidden);
	split_and_write(&text);
	return 0;
}

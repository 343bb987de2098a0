/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: the headers of a message as text. */
#include "fuzz.h"
#include "msgscan.h"

static int is_trimmed(const str *s)
{
	str again = *s;

	kx_str_trim(&again);
	return kx_str_eq(&again, s);
}

/* One header lies whole in its line, and lines follow each other. */
static void header(const struct uax_header *h, const char *from)
{
	MUST(h->line.s == from && h->line.len > 0);
	MUST(fuzz_is_inside(&h->name, &h->line));
	MUST(fuzz_is_inside(&h->body, &h->line));
	MUST(kx_str_chr(&h->name, ':') == NULL);
	MUST(is_trimmed(&h->name) && is_trimmed(&h->body));
	MUST((kx_str_chr(&h->line, ':') != NULL) || h->name.len + h->body.len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str text = {(char *)data, (int)size}, body;
	struct kx_cursor c;
	struct uax_header h;
	const char *from;

	uax_message_body(&text, &body);
	MUST(fuzz_is_inside(&body, &text));
	if(uax_headers_begin(&text, &c) != KX_OK) {
		MUST(size == 0 || memchr(data, '\n', size) == NULL);
		MUST(body.len == 0);
		return 0;
	}
	MUST(c.p > text.s && c.p[-1] == '\n');
	for(from = c.p; uax_header_next(&c, &h) == KX_OK; from = c.p) {
		header(&h, from);
		MUST(c.p == h.line.s + h.line.len);
		/* the next one is no continuation of this one */
		MUST(c.p == c.end || c.p[-1] == '\n');
		MUST(c.p == c.end || (*c.p != ' ' && *c.p != '\t'));
	}
	/* at the empty line, or at the end */
	MUST(c.p == c.end || *c.p == '\n' || *c.p == '\r');
	if(body.len > 0)
		MUST(body.s > c.p && body.s + body.len == c.end);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: header parameters and quoted-strings. */
#include "fuzz.h"
#include "kx_param.h"

/* What is read between quotes and quoted again is read as the same. */
static void quote_again(const str *raw)
{
	char mem[4096], plain[2048], again[2048];
	struct kx_buf b, p, q;
	struct kx_cursor c;
	str quoted, back, x, y;

	kx_buf_init(&b, mem, sizeof(mem));
	if(kx_buf_requote(&b, raw) != KX_OK)
		return;
	MUST(kx_buf_end(&b, &quoted) == KX_OK);
	kx_cur_init(&c, &quoted);
	MUST(kx_cur_quoted(&c, &back) == KX_OK && kx_cur_at_end(&c));
	MUST(kx_str_eq(&back, raw));

	kx_buf_init(&p, plain, sizeof(plain));
	if(kx_unquote(&p, raw) != KX_OK || kx_buf_end(&p, &x) != KX_OK)
		return;
	kx_buf_clear(&b);
	if(kx_buf_quoted(&b, &x) != KX_OK)
		return;
	MUST(kx_buf_end(&b, &quoted) == KX_OK);
	kx_cur_init(&c, &quoted);
	MUST(kx_cur_quoted(&c, &back) == KX_OK && kx_cur_at_end(&c));
	kx_buf_init(&q, again, sizeof(again));
	MUST(kx_unquote(&q, &back) == KX_OK && kx_buf_end(&q, &y) == KX_OK);
	MUST(kx_str_eq(&x, &y));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str text = {(char *)data, (int)size};
	struct kx_cursor c;
	struct kx_param p, found;
	const char *before;
	int err;

	kx_cur_init(&c, &text);
	for(before = c.p; (err = kx_param_next(&c, &p)) != KX_E_END; before = c.p) {
		/* every step takes something */
		MUST(c.p > before && c.p <= c.end);
		if(err != KX_OK)
			continue;
		MUST(p.name.len > 0 && fuzz_is_inside(&p.name, &text));
		MUST(fuzz_is_inside(&p.value, &text));
		MUST(p.has_value || (p.value.len == 0 && !p.is_quoted));
		MUST(kx_param_find(&text, &p.name, &found) == KX_OK);
		MUST(found.name.s <= p.name.s);
		if(p.is_quoted)
			quote_again(&p.value);
	}
	MUST(kx_cur_at_end(&c) || kx_cur_peek(&c) == ',');
	return 0;
}

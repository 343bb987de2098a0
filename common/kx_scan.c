/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bounded scanner for SIP's lexical rules (RFC 3261 25.1). */
#include "kx_scan.h"

void kx_cur_blanks(struct kx_cursor *c)
{
	while(c->p < c->end
			&& (*c->p == ' ' || *c->p == '\t' || *c->p == '\r'
					|| *c->p == '\n'))
		c->p++;
}

int kx_cur_char(struct kx_cursor *c, char want)
{
	if(c->p >= c->end || *c->p != want)
		return 0;
	c->p++;
	return 1;
}

enum
{
	TOKEN = 1,
	/* a letter or digit: also a token's byte, and never one to stop at */
	PLAIN = 3
};

static const unsigned char class_of[256] = {
		['a' ... 'z'] = PLAIN,
		['A' ... 'Z'] = PLAIN,
		['0' ... '9'] = PLAIN,
		['-'] = TOKEN,
		['.'] = TOKEN,
		['!'] = TOKEN,
		['%'] = TOKEN,
		['*'] = TOKEN,
		['_'] = TOKEN,
		['+'] = TOKEN,
		['`'] = TOKEN,
		['\''] = TOKEN,
		['~'] = TOKEN,
};

int kx_is_token_char(char c)
{
	return class_of[(unsigned char)c] != 0;
}

int kx_cur_token(struct kx_cursor *c, str *out)
{
	const char *from = c->p;
	const char *p = from;

	while(p < c->end && kx_is_token_char(*p))
		p++;
	if(p == from)
		return KX_E_SYNTAX;
	c->p = p;
	*out = kx_str_span(from, p);
	return KX_OK;
}

/* One past the closing quote of the quoted-string at p, or NULL. */
static const char *quote_end(const char *p, const char *end)
{
	for(p++; p < end; p++) {
		if(*p == '\\')
			p++;
		else if(*p == '"')
			return p + 1;
	}
	return NULL;
}

int kx_cur_quoted(struct kx_cursor *c, str *out)
{
	const char *end;

	if(kx_cur_peek(c) != '"')
		return KX_E_SYNTAX;
	end = quote_end(c->p, c->end);
	if(end == NULL)
		return KX_E_SYNTAX;
	*out = kx_str_span(c->p + 1, end - 1);
	c->p = end;
	return KX_OK;
}

static int is_one_of(char c, const char *set)
{
	while(*set != '\0' && *set != c)
		set++;
	return *set != '\0';
}

void kx_cur_until(struct kx_cursor *c, const char *stops, str *out)
{
	const char *from = c->p;
	const char *p = from;

	while(p < c->end) {
		const char *end = p + 1;

		if(class_of[(unsigned char)*p] != PLAIN) {
			if(is_one_of(*p, stops))
				break;
			if(*p == '"')
				end = quote_end(p, c->end);
		}
		p = end != NULL ? end : c->end;
	}
	c->p = p;
	*out = kx_str_span(from, p);
	kx_str_trim(out);
}

int kx_unquote(struct kx_buf *b, const str *raw)
{
	int i, from = 0;

	for(i = 0; i < raw->len; i++) {
		if(raw->s[i] != '\\')
			continue;
		kx_buf_add(b, raw->s + from, i - from);
		from = ++i;
	}
	if(from < raw->len)
		kx_buf_add(b, raw->s + from, raw->len - from);
	return b->err;
}

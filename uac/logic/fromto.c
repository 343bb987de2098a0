/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The address of a From or To header. */
#include "fromto.h"

static int is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

/* What a URI may not have: control bytes, blank, quote, angle brackets. */
static const unsigned char bad_in_uri[256] = {
		[0 ... ' '] = 1, ['"'] = 1, ['<'] = 1, ['>'] = 1, [0x7f] = 1};

static int uri_is_safe(const str *uri)
{
	const unsigned char *p = (const unsigned char *)uri->s;
	const unsigned char *end = p + uri->len;

	while(p < end && !bad_in_uri[*p])
		p++;
	return p == end;
}

/* Where the first '<' or ';' outside of quotes is; else the end. */
static const char *find_bracket(const char *p, const char *end)
{
	for(; p < end && *p != '<' && *p != ';'; p++) {
		if(*p != '"')
			continue;
		for(p++; p < end && *p != '"'; p++)
			p += *p == '\\';
		if(p >= end)
			return end;
	}
	return p;
}

int uax_addr_parse(const str *body, struct uax_addr *out)
{
	struct uax_addr a = {{0, 0}, {0, 0}, {0, 0}, 0, {0, 0}};
	const char *end = body->s + body->len, *at, *close;
	str rest = *body;

	kx_str_trim(&rest);
	if(rest.len <= 0)
		return KX_E_SYNTAX;
	at = find_bracket(rest.s, end);
	a.whole = kx_str_span(rest.s, at);
	kx_str_trim(&a.whole);
	if(at == end || *at == ';') { /* the URI is what was passed */
		if(a.whole.len == 0 || !uri_is_safe(&a.whole))
			return KX_E_SYNTAX;
		a.uri = a.whole;
		a.is_bare = 1;
		a.params = kx_str_span(at, end);
		*out = a;
		return KX_OK;
	}
	a.display = a.whole;
	close = memchr(at, '>', end - at);
	if(close == NULL)
		return KX_E_SYNTAX;
	a.uri = kx_str_span(at + 1, close);
	kx_str_trim(&a.uri);
	if(a.uri.len == 0)
		return KX_E_SYNTAX;
	a.whole = kx_str_span(rest.s, close + 1);
	a.params = kx_str_span(close + 1, end);
	*out = a;
	return KX_OK;
}

/* A tag that comes first and has no quotes, as nearly all do. */
static int find_plain_tag(const str *params, str *out)
{
	const char *from = params->s + 5, *end = params->s + params->len, *stop;

	if(params->len < 5 || strncasecmp(params->s, ";tag=", 5) != 0)
		return 0;
	stop = memchr(from, ';', end - from);
	*out = kx_str_span(from, stop != NULL ? stop : end);
	kx_str_trim(out);
	return kx_str_chr(out, '"') == NULL && kx_str_chr(out, ',') == NULL;
}

str uax_addr_tag(const struct uax_addr *addr)
{
	const str name = KX_STR("tag");
	struct kx_param tag;
	str plain;

	if(find_plain_tag(&addr->params, &plain))
		return plain;
	if(kx_param_find(&addr->params, &name, &tag) != KX_OK)
		return KX_STR("");
	return tag.value;
}

static int display_is_safe(const str *display)
{
	int i, is_quoted = 0;

	for(i = 0; i < display->len; i++) {
		char c = display->s[i];

		if(is_control(c) && c != '\t')
			return 0;
		if(c == '"')
			is_quoted = !is_quoted;
		else if(c == '\\' && is_quoted && i + 1 < display->len
				&& !is_control(display->s[i + 1]))
			i++;
		else if((c == '<' || c == '>') && !is_quoted)
			return 0;
	}
	return !is_quoted;
}

static int needs_brackets(const str *uri)
{
	return kx_str_chr(uri, ';') != NULL || kx_str_chr(uri, '?') != NULL
		   || kx_str_chr(uri, ',') != NULL;
}

/* Display name, blank, URI in brackets. */
static int write_name_addr(struct kx_buf *b, const str *display, const str *uri)
{
	if(display->len > 0) {
		kx_buf_str(b, display);
		kx_buf_char(b, ' ');
	}
	kx_buf_char(b, '<');
	kx_buf_str(b, uri);
	return kx_buf_char(b, '>');
}

int uax_addr_write(struct kx_buf *b, const struct uax_addr *old,
		const struct uax_addr_new *change)
{
	const str *display = change->display;
	const str *uri = kx_str_is_empty(change->uri) ? &old->uri : change->uri;
	const str none = {"", 0};
	const char *after = old->uri.s + old->uri.len;

	if(display != NULL && kx_str_is_empty(display))
		display = &none;
	if((uri != &old->uri && !uri_is_safe(uri))
			|| (display != NULL && !display_is_safe(display)))
		return KX_E_SYNTAX;

	if(display != NULL && !kx_str_eq(display, &old->display))
		return write_name_addr(b, display, uri);
	if(old->is_bare && needs_brackets(uri))
		return write_name_addr(b, &none, uri);
	kx_buf_add(b, old->whole.s, old->uri.s - old->whole.s);
	kx_buf_str(b, uri);
	return kx_buf_add(b, after, old->whole.s + old->whole.len - after);
}

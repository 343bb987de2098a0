/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * SIP, SIPS and tel URIs (RFC 3261 19.1, RFC 3966). */
#include "kx_uri.h"

enum
{
	HOST_CHAR = 1,
	/* a byte that would end the URI in any header it stands in */
	FOREIGN = 2
};

static const unsigned char class_of[256] = {
		[0 ... ' '] = FOREIGN,
		[0x7f] = FOREIGN,
		['"'] = FOREIGN,
		['<'] = FOREIGN,
		['>'] = FOREIGN,
		['a' ... 'z'] = HOST_CHAR,
		['A' ... 'Z'] = HOST_CHAR,
		['0' ... '9'] = HOST_CHAR,
		['-'] = HOST_CHAR,
		['.'] = HOST_CHAR,
		['_'] = HOST_CHAR,
};

static int is_host_char(char c)
{
	return class_of[(unsigned char)c] == HOST_CHAR;
}

static int has_foreign_byte(const str *text)
{
	int i;

	for(i = 0; i < text->len; i++) {
		if(class_of[(unsigned char)text->s[i]] == FOREIGN)
			return 1;
	}
	return 0;
}

static int take_host(struct kx_cursor *c, str *host)
{
	const char *from = c->p;

	if(kx_cur_char(c, '[')) {
		while(!kx_cur_at_end(c)
				&& (kx_hex_value(*c->p) >= 0 || *c->p == ':' || *c->p == '.'))
			c->p++;
		if(c->p == from + 1 || !kx_cur_char(c, ']'))
			return KX_E_SYNTAX;
	} else {
		while(!kx_cur_at_end(c) && is_host_char(*c->p))
			c->p++;
		if(c->p == from)
			return KX_E_SYNTAX;
	}
	*host = kx_str_span(from, c->p);
	return KX_OK;
}

static int take_port(struct kx_cursor *c, uint16_t *port)
{
	const char *from;
	uint64_t n;
	str digits;

	if(!kx_cur_char(c, ':'))
		return KX_OK;
	from = c->p;
	while(!kx_cur_at_end(c) && *c->p >= '0' && *c->p <= '9')
		c->p++;
	digits = kx_str_span(from, c->p);
	if(kx_str_to_u64(&digits, &n) != KX_OK || n > UINT16_MAX)
		return KX_E_SYNTAX;
	*port = (uint16_t)n;
	return KX_OK;
}

static void take_user(struct kx_cursor *c, struct kx_uri *u)
{
	str all = kx_str_span(c->p, c->end);
	const char *at = kx_str_chr(&all, '@');
	const char *colon;

	if(at == NULL)
		return;
	u->has_user = 1;
	u->user = kx_str_span(c->p, at);
	c->p = at + 1;
	colon = kx_str_chr(&u->user, ':');
	if(colon == NULL)
		return;
	u->password = kx_str_span(colon + 1, at);
	u->user.len = (int)(colon - u->user.s);
}

/* What follows host and port: ;params ?headers */
static int take_tail(struct kx_cursor *c, struct kx_uri *u)
{
	str tail;
	const char *mark;

	if(kx_cur_at_end(c))
		return KX_OK;
	tail = kx_str_span(c->p + 1, c->end);
	switch(*c->p) {
		case '?':
			u->headers = tail;
			return KX_OK;
		case ';':
			u->params = tail;
			mark = kx_str_chr(&tail, '?');
			if(mark != NULL) {
				u->params.len = (int)(mark - tail.s);
				u->headers = kx_str_span(mark + 1, c->end);
			}
			return KX_OK;
		default:
			return KX_E_SYNTAX;
	}
}

static int take_scheme(struct kx_cursor *c, struct kx_uri *u)
{
	const char *from = c->p;

	while(!kx_cur_at_end(c) && kx_is_token_char(*c->p))
		c->p++;
	u->name = kx_str_span(from, c->p);
	if(u->name.len == 0 || !kx_cur_char(c, ':'))
		return KX_E_SYNTAX;
	if(kx_str_is(&u->name, "sip"))
		u->scheme = KX_URI_SIP;
	else if(kx_str_is(&u->name, "sips"))
		u->scheme = KX_URI_SIPS;
	else if(kx_str_is(&u->name, "tel"))
		u->scheme = KX_URI_TEL;
	else
		u->scheme = KX_URI_OTHER;
	u->rest = kx_str_span(c->p, c->end);
	return KX_OK;
}

int kx_uri_parse(const str *text, struct kx_uri *out)
{
	struct kx_uri u;
	struct kx_cursor c;
	int err;

	memset(&u, 0, sizeof(u));
	if(kx_str_is_empty(text) || has_foreign_byte(text))
		return KX_E_SYNTAX;
	kx_cur_init(&c, text);
	err = take_scheme(&c, &u);
	if(err != KX_OK)
		return err;
	if(u.rest.len == 0)
		return KX_E_SYNTAX;

	switch(u.scheme) {
		case KX_URI_SIP:
		case KX_URI_SIPS:
			take_user(&c, &u);
			if(take_host(&c, &u.host) != KX_OK
					|| take_port(&c, &u.port) != KX_OK
					|| take_tail(&c, &u) != KX_OK)
				return KX_E_SYNTAX;
			break;
		case KX_URI_TEL:
			kx_cur_until(&c, ";", &u.user);
			if(u.user.len == 0)
				return KX_E_SYNTAX;
			if(kx_cur_char(&c, ';'))
				u.params = kx_str_span(c.p, c.end);
			break;
		case KX_URI_OTHER:
			break;
	}
	*out = u;
	return KX_OK;
}

/* The next byte of a text with escapes, or -1 at the end; *escaped tells
 * "%3b" from ";". */
static int next_byte(struct kx_cursor *c, int *escaped)
{
	*escaped = 0;
	if(kx_cur_at_end(c))
		return -1;
	if(*c->p == '%' && c->end - c->p >= 3) {
		int high = kx_hex_value(c->p[1]);
		int low = kx_hex_value(c->p[2]);

		if(high >= 0 && low >= 0) {
			c->p += 3;
			*escaped = 1;
			return high * 16 + low;
		}
	}
	return (unsigned char)*c->p++;
}

static int lower_byte(int byte)
{
	return byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte;
}

/* The next byte that is not in a set of bytes to pass over. */
static int next_byte_but(struct kx_cursor *c, const char *passed)
{
	int byte, escaped;

	do {
		byte = next_byte(c, &escaped);
	} while(byte > 0 && strchr(passed, byte) != NULL);
	return byte;
}

static int text_same(
		const str *a, const str *b, int any_case, const char *passed)
{
	struct kx_cursor ca, cb;
	int x, y;

	kx_cur_init(&ca, a);
	kx_cur_init(&cb, b);
	do {
		x = next_byte_but(&ca, passed);
		y = next_byte_but(&cb, passed);
		if(any_case) {
			x = lower_byte(x);
			y = lower_byte(y);
		}
		if(x != y)
			return 0;
	} while(x != -1);
	return 1;
}

int kx_uri_text_same(const str *a, const str *b, int any_case)
{
	return text_same(a, b, any_case, "");
}

int kx_uri_text_is(const str *escaped, const str *plain)
{
	struct kx_cursor c;
	int i, is_escaped;

	kx_cur_init(&c, escaped);
	for(i = 0; i < plain->len; i++) {
		if(next_byte(&c, &is_escaped) != (unsigned char)plain->s[i])
			return 0;
	}
	return kx_cur_at_end(&c);
}

static int is_control(int byte)
{
	return byte < ' ' || byte == 0x7f;
}

/* What can't be taken over as it is. */
static int is_special(char c)
{
	return c == '%' || is_control((unsigned char)c);
}

int kx_uri_unescape(struct kx_buf *b, const str *text)
{
	struct kx_cursor c;

	kx_cur_init(&c, text);
	while(!kx_cur_at_end(&c)) {
		const char *from = c.p;
		int escaped, byte;

		while(!kx_cur_at_end(&c) && !is_special(*c.p))
			c.p++;
		kx_buf_add(b, from, c.p - from);
		if(kx_cur_at_end(&c))
			break;
		byte = next_byte(&c, &escaped);
		if(!escaped || is_control(byte))
			return KX_E_SYNTAX;
		kx_buf_char(b, (char)byte);
	}
	return b->err;
}

int kx_uri_param_next(struct kx_cursor *c, struct kx_param *out)
{
	struct kx_param p = {{0, 0}, {0, 0}, 0, 0};
	const char *from, *end, *equals;

	kx_cur_char(c, ';');
	if(kx_cur_at_end(c))
		return KX_E_END;
	from = c->p;
	p.name = kx_str_span(from, c->end);
	end = kx_str_chr(&p.name, ';');
	c->p = end != NULL ? end : c->end;
	p.name = kx_str_span(from, c->p);
	equals = kx_str_chr(&p.name, '=');
	if(equals != NULL) {
		p.has_value = 1;
		p.name = kx_str_span(from, equals);
		p.value = kx_str_span(equals + 1, c->p);
	}
	if(p.name.len == 0)
		return KX_E_SYNTAX;
	*out = p;
	return KX_OK;
}

int kx_uri_param_find(const str *params, const str *name, struct kx_param *out)
{
	struct kx_cursor c;
	struct kx_param p;
	int err;

	kx_cur_init(&c, params);
	while((err = kx_uri_param_next(&c, &p)) != KX_E_END) {
		if(err == KX_OK && kx_uri_text_same(&p.name, name, 1)) {
			*out = p;
			return KX_OK;
		}
	}
	return KX_E_NONE;
}

/* A list with more parts than this is compared as text: the comparison by
 * parts is quadratic, and a peer chooses the lists. */
enum
{
	MAX_PARTS = 32
};

static int has_many_parts(const str *list, char separator)
{
	int i, n = 1;

	for(i = 0; i < list->len; i++)
		n += list->s[i] == separator;
	return n > MAX_PARTS;
}

/* Parameters that must not stand on one side only. */
static int is_strict_param(enum kx_uri_scheme scheme, const str *name)
{
	return scheme == KX_URI_TEL || kx_str_is(name, "user")
		   || kx_str_is(name, "ttl") || kx_str_is(name, "method")
		   || kx_str_is(name, "maddr") || kx_str_is(name, "transport")
		   || kx_str_is(name, "gr");
}

/* RFC 3966 5.1.1 */
static const char separators[] = "-.()";

static int value_same(
		enum kx_uri_scheme scheme, const str *name, const str *a, const str *b)
{
	int is_number = scheme == KX_URI_TEL
					&& (kx_str_is(name, "ext") || kx_str_has_prefix(a, "+"));

	return text_same(a, b, 1, is_number ? separators : "");
}

/* Whether every parameter of a is in b with the same value, or missing there
 * and allowed to be. */
static int params_agree(enum kx_uri_scheme scheme, const str *a, const str *b)
{
	struct kx_cursor c;
	struct kx_param pa, pb, first = {{0, 0}, {0, 0}, 0, 0};
	int err;

	if(has_many_parts(a, ';') || has_many_parts(b, ';'))
		return kx_str_ieq(a, b);
	kx_cur_init(&c, a);
	while((err = kx_uri_param_next(&c, &pa)) != KX_E_END) {
		if(err != KX_OK)
			continue;
		/* of a name that is there twice the first counts */
		kx_uri_param_find(a, &pa.name, &first);
		if(first.name.s != pa.name.s)
			continue;
		if(kx_uri_param_find(b, &pa.name, &pb) == KX_OK) {
			if(!value_same(scheme, &pa.name, &pa.value, &pb.value))
				return 0;
		} else if(is_strict_param(scheme, &pa.name)) {
			return 0;
		}
	}
	return 1;
}

static int next_header(struct kx_cursor *c, str *out)
{
	if(kx_cur_at_end(c))
		return KX_E_END;
	kx_cur_until(c, "&", out);
	kx_cur_char(c, '&');
	return KX_OK;
}

/* How often one header stands in a list of headers. */
static int header_count(const str *list, const str *header)
{
	struct kx_cursor c;
	str h;
	int n = 0;

	kx_cur_init(&c, list);
	while(next_header(&c, &h) == KX_OK)
		n += kx_uri_text_same(&h, header, 1);
	return n;
}

static int headers_same(const str *a, const str *b)
{
	struct kx_cursor c;
	str h;
	int n = 0, m = 0;

	if(has_many_parts(a, '&') || has_many_parts(b, '&'))
		return kx_str_ieq(a, b);
	kx_cur_init(&c, a);
	while(next_header(&c, &h) == KX_OK) {
		n++;
		if(header_count(a, &h) != header_count(b, &h))
			return 0;
	}
	kx_cur_init(&c, b);
	while(next_header(&c, &h) == KX_OK)
		m++;
	return n == m;
}

int kx_uri_same(const struct kx_uri *a, const struct kx_uri *b)
{
	int is_tel = a->scheme == KX_URI_TEL;

	if(a->scheme != b->scheme)
		return 0;
	if(a->scheme == KX_URI_OTHER)
		return kx_str_ieq(&a->name, &b->name)
			   && kx_uri_text_same(&a->rest, &b->rest, 0);
	return a->port == b->port && a->has_user == b->has_user
		   && kx_str_ieq(&a->host, &b->host)
		   && text_same(&a->user, &b->user, is_tel, is_tel ? separators : "")
		   && kx_uri_text_same(&a->password, &b->password, 0)
		   && params_agree(a->scheme, &a->params, &b->params)
		   && params_agree(a->scheme, &b->params, &a->params)
		   && headers_same(&a->headers, &b->headers);
}

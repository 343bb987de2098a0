/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The headers of a SIP message as text. */
#include "msgscan.h"

/* One past the line end of the line at p, or the end of the text. */
static const char *line_end(const char *p, const char *end)
{
	const char *lf = p < end ? memchr(p, '\n', end - p) : NULL;

	return lf != NULL ? lf + 1 : end;
}

/* Length of the line end at p: 0, 1 or 2. */
static int break_len(const char *p, const char *end)
{
	if(p < end && *p == '\n')
		return 1;
	return end - p >= 2 && p[0] == '\r' && p[1] == '\n' ? 2 : 0;
}

int uax_headers_begin(const str *message, struct kx_cursor *c)
{
	if(kx_str_is_empty(message)
			|| memchr(message->s, '\n', message->len) == NULL)
		return KX_E_SYNTAX;
	kx_cur_init(c, message);
	c->p = line_end(c->p, c->end);
	return KX_OK;
}

int uax_header_next(struct kx_cursor *c, struct uax_header *out)
{
	const char *from = c->p;
	const char *p;
	const char *colon;

	if(from >= c->end || break_len(from, c->end) > 0)
		return KX_E_END;
	/* a line that begins with a blank belongs to the one before */
	p = line_end(from, c->end);
	while(p < c->end && (*p == ' ' || *p == '\t'))
		p = line_end(p, c->end);
	c->p = p;

	memset(out, 0, sizeof(*out));
	out->line = kx_str_span(from, p);
	colon = memchr(from, ':', p - from);
	if(colon == NULL)
		return KX_OK;
	out->name = kx_str_span(from, colon);
	out->body = kx_str_span(colon + 1, p);
	kx_str_trim(&out->name);
	kx_str_trim(&out->body);
	return KX_OK;
}

void uax_message_body(const str *message, str *out)
{
	struct kx_cursor c;
	struct uax_header h;

	*out = (str){NULL, 0};
	if(uax_headers_begin(message, &c) != KX_OK)
		return;
	while(uax_header_next(&c, &h) == KX_OK)
		;
	c.p += break_len(c.p, c.end);
	if(c.p < c.end)
		*out = kx_str_span(c.p, c.end);
}

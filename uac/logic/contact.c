/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Contacts in the answer to a REGISTER. */
#include "contact.h"
#include "kx_uri.h"

/* Move to the first of the stop bytes outside of quotes. A quote that never
 * closes quotes nothing, so that it hides nothing behind it. A backslash
 * before a quote hides that also outside of quotes: the quotes that an open
 * one has passed as escaped begin no search of their own, and a text takes
 * time in proportion to its length. */
static void pass_until(struct kx_cursor *c, const char *stops)
{
	str quoted;

	while(!kx_cur_at_end(c)) {
		char at = *c->p;

		if(at == '\\' && c->end - c->p > 1
				&& (c->p[1] == '"' || c->p[1] == '\\'))
			c->p += 2;
		else if(at == '"' && kx_cur_quoted(c, &quoted) == KX_OK)
			continue;
		else if(at != '\0' && strchr(stops, at) != NULL)
			return;
		else
			c->p++;
	}
}

/* Take a URI in angle brackets; KX_E_SYNTAX when they do not close before
 * the next ones open, the cursor then stands behind the first. */
static int take_bracketed(struct kx_cursor *c, str *uri)
{
	const char *from, *p;

	kx_cur_char(c, '<');
	from = c->p;
	for(p = from; p < c->end && *p != '>' && *p != '<'; p++)
		;
	if(p == c->end || *p == '<')
		return KX_E_SYNTAX;
	*uri = kx_str_span(from, p);
	c->p = p + 1;
	return KX_OK;
}

/* Take one item of the list, its comma included. */
static int take_item(struct kx_cursor *c, struct uax_contact *out)
{
	struct kx_cursor from = *c;
	int err = KX_OK;

	memset(out, 0, sizeof(*out));
	pass_until(c, "<,");
	if(kx_cur_peek(c) == '<') {
		err = take_bracketed(c, &out->uri);
	} else {
		*c = from;
		pass_until(c, ";,");
		out->uri = kx_str_span(from.p, c->p);
		kx_str_trim(&out->uri);
		out->is_star = kx_str_is(&out->uri, "*");
	}
	from = *c;
	pass_until(c, ",");
	out->params = kx_str_span(from.p, c->p);
	kx_cur_char(c, ',');
	kx_str_trim(&out->uri);
	kx_str_trim(&out->params);
	return err == KX_OK && out->uri.len > 0 ? KX_OK : KX_E_SYNTAX;
}

int uax_contact_next(struct kx_cursor *c, struct uax_contact *out)
{
	for(;;) {
		kx_cur_blanks(c);
		if(kx_cur_at_end(c))
			return KX_E_END;
		if(take_item(c, out) == KX_OK)
			return KX_OK;
	}
}

static uint64_t expires_of(const str *params)
{
	struct kx_param p;
	uint64_t n;

	if(kx_param_find(params, &KX_STR("expires"), &p) != KX_OK
			|| kx_str_to_u64(&p.value, &n) != KX_OK)
		return UAX_UNSET;
	/* as long as any; UAX_UNSET is no number */
	return n < UAX_UNSET ? n : UAX_UNSET - 1;
}

/* Whether one lifetime counts before another: a named one before none, none
 * before one that is over. */
static int lives_longer(uint64_t a, uint64_t b)
{
	if(a == UAX_UNSET)
		return b == 0;
	if(b == UAX_UNSET)
		return a > 0;
	return a > b;
}

void uax_contact_find(
		const str *own, const str *body, struct uax_contact_found *found)
{
	struct kx_uri ours, theirs;
	struct uax_contact contact;
	struct kx_cursor c;
	int has_ours = kx_uri_parse(own, &ours) == KX_OK;

	kx_cur_init(&c, body);
	while(uax_contact_next(&c, &contact) == KX_OK) {
		enum uax_match match = UAX_MATCH_NONE;
		uint64_t expires = expires_of(&contact.params);

		if(has_ours && kx_uri_parse(&contact.uri, &theirs) == KX_OK) {
			if(kx_uri_same(&ours, &theirs))
				match = UAX_MATCH_URI;
			else if(ours.user.len > 0
					&& kx_uri_text_same(&ours.user, &theirs.user, 0))
				match = UAX_MATCH_USER;
		}
		if(match == UAX_MATCH_NONE) {
			found->others++;
		} else if(match > found->match
				  || (match == found->match
						  && lives_longer(expires, found->expires))) {
			found->match = match;
			found->expires = expires;
		}
	}
}

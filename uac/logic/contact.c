/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Contacts in the answer to a REGISTER. */
#include "contact.h"
#include "kx_uri.h"

int uax_contact_next(struct kx_cursor *c, struct uax_contact *out)
{
	memset(out, 0, sizeof(*out));
	for(;;) {
		str item, addr;
		struct kx_cursor in;

		kx_cur_blanks(c);
		if(kx_cur_at_end(c))
			return KX_E_END;
		/* commas stand in angle brackets and in quotes as well */
		in = *c;
		kx_cur_until(&in, "<,", &addr);
		if(kx_cur_char(&in, '<')) {
			const char *from = in.p;

			while(!kx_cur_at_end(&in) && *in.p != '>')
				in.p++;
			out->uri = kx_str_span(from, in.p);
			kx_cur_char(&in, '>');
			kx_cur_until(&in, ",", &out->params);
		} else {
			kx_cur_until(c, ";,", &out->uri);
			in = *c;
			kx_cur_until(&in, ",", &out->params);
		}
		kx_cur_char(&in, ',');
		item = kx_str_span(c->p, in.p);
		*c = in;
		kx_str_trim(&out->uri);
		if(out->uri.len > 0 || item.len > 1) {
			out->is_star = kx_str_is(&out->uri, "*");
			return KX_OK;
		}
	}
}

static uint64_t expires_of(const str *params)
{
	struct kx_param p;
	uint64_t n;

	if(kx_param_find(params, &KX_STR("expires"), &p) != KX_OK
			|| kx_str_to_u64(&p.value, &n) != KX_OK)
		return UAX_UNSET;
	return n;
}

/* A lifetime for comparing: none named is longer than none left. */
static int lives_longer(uint64_t a, uint64_t b)
{
	return b == UAX_UNSET ? a != UAX_UNSET && a > 0 : a != UAX_UNSET && a > b;
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

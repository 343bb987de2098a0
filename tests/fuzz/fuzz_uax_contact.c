/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: the body of a Contact header in the answer to our REGISTER;
 * every contact is read, ours is looked for. */
#include "contact.h"

#define MUST(cond)            \
	do {                      \
		if(!(cond))           \
			__builtin_trap(); \
	} while(0)

static int is_inside(const str *part, const str *body)
{
	return part->len == 0
		   || (part->len > 0 && part->s >= body->s
				   && part->s + part->len <= body->s + body->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct uax_contact_found found = {UAX_MATCH_NONE, UAX_UNSET, 0};
	struct uax_contact contact;
	struct kx_cursor c;
	str own = KX_STR("sip:me@h:5070;a=1;transport=udp");
	str body = {(char *)data, (int)size};
	const char *before;
	int n = 0;

	kx_cur_init(&c, &body);
	for(before = c.p; uax_contact_next(&c, &contact) == KX_OK; before = c.p) {
		MUST(c.p > before && c.p <= c.end);
		MUST(contact.uri.len > 0 && is_inside(&contact.uri, &body));
		MUST(is_inside(&contact.params, &body));
		MUST(!contact.is_star || contact.uri.len == 1);
		n++;
	}
	MUST(kx_cur_at_end(&c));

	uax_contact_find(&own, &body, &found);
	MUST(found.others >= 0 && found.others <= n);
	MUST((found.match == UAX_MATCH_NONE) == (found.others == n));
	MUST(found.match != UAX_MATCH_NONE || found.expires == UAX_UNSET);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What was answered before. */
#include "msgscan.h"
#include "sentauth.h"

static int is_answer_header(const struct uax_header *h, int *is_proxy)
{
	*is_proxy = kx_str_is(&h->name, "Proxy-Authorization");
	return *is_proxy || kx_str_is(&h->name, "Authorization");
}

/* Whether a message has this header. */
static int has_header(const str *message, const struct uax_header *want)
{
	struct kx_cursor c;
	struct uax_header h;

	if(uax_headers_begin(message, &c) != KX_OK)
		return 0;
	while(uax_header_next(&c, &h) == KX_OK)
		if(kx_str_ieq(&h.name, &want->name) && kx_str_eq(&h.body, &want->body))
			return 1;
	return 0;
}

void uax_sent_answers(const str *sent, const str *received,
		struct uax_challenge *list, int *n)
{
	struct kx_cursor c;
	struct uax_header h;
	int i, is_proxy, before;

	if(uax_headers_begin(sent, &c) != KX_OK)
		return;
	while(uax_header_next(&c, &h) == KX_OK) {
		if(!is_answer_header(&h, &is_proxy) || has_header(received, &h))
			continue;
		before = *n;
		uax_challenge_collect(&h.body, is_proxy, list, n);
		for(i = before; i < *n; i++)
			list[i].is_stale = 0;
	}
}

const struct uax_challenge *uax_same_realm(
		const struct uax_challenge *ch, const struct uax_challenge *list, int n)
{
	int i;

	for(i = 0; i < n; i++)
		if(list[i].is_proxy == ch->is_proxy
				&& uax_text_same(&list[i].realm, &ch->realm))
			return &list[i];
	return NULL;
}

int uax_is_refusal(const struct uax_challenge *ch,
		const struct uax_challenge *answer, int tries)
{
	if(answer == NULL)
		return 0;
	return uax_challenge_refuses(ch, &answer->nonce, 0) || tries > 1;
}

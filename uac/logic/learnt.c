/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Service-Route, Path and P-Associated-URI of an answer. */
#include "learnt.h"

void uax_learnt_note(
		struct uax_learnt *learnt, const str *name, const str *body)
{
	const str of_kind[UAX_LEARNT_COUNT] = {
			[UAX_LEARNT_SERVICE_ROUTE] = KX_STR("Service-Route"),
			[UAX_LEARNT_PATH] = KX_STR("Path"),
			[UAX_LEARNT_ASSOCIATED] = KX_STR("P-Associated-URI")};
	int i;

	for(i = 0; i < UAX_LEARNT_COUNT; i++) {
		if(!kx_str_ieq(name, &of_kind[i]))
			continue;
		if(body->len > 0 && learnt->n[i] < UAX_LEARNT_PARTS)
			learnt->part[i][learnt->n[i]++] = *body;
		return;
	}
}

static void write_part(struct kx_buf *b, const str *part)
{
	int i;

	for(i = 0; i < part->len; i++) {
		char c = part->s[i];

		kx_buf_char(b, (unsigned char)c < ' ' || c == 0x7f ? ' ' : c);
	}
}

int uax_learnt_write(struct kx_buf *b, const struct uax_learnt *learnt,
		enum uax_learnt_kind kind)
{
	int i;

	for(i = 0; i < learnt->n[kind]; i++) {
		if(i > 0)
			kx_buf_lit(b, ", ");
		write_part(b, &learnt->part[kind][i]);
	}
	return b->err;
}

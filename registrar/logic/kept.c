/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Display name and unknown parameters of a Contact. */
#include "kept.h"

int rgr_kept_is_name(const str *name)
{
	struct kx_cursor c;
	str part;
	int i;

	for(i = 0; i < name->len; i++) {
		unsigned char byte = name->s[i];

		if((byte < ' ' && byte != '\t') || byte == 0x7f)
			return 0;
	}
	kx_cur_init(&c, name);
	if(kx_cur_quoted(&c, &part) == KX_OK)
		return kx_cur_at_end(&c);
	while(kx_cur_token(&c, &part) == KX_OK)
		kx_cur_blanks(&c);
	return name->len > 0 && kx_cur_at_end(&c);
}

void rgr_kept_split(const str *kept, str *name, str *params)
{
	struct kx_cursor c;

	kx_cur_init(&c, kept);
	kx_cur_until(&c, ";", name);
	*params = kx_str_span(c.p, c.end);
}

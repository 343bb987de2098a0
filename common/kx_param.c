/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Iterator over ;name=value parameters. */
#include "kx_param.h"

int kx_param_next(struct kx_cursor *c, struct kx_param *out)
{
	struct kx_param p = {{0, 0}, {0, 0}, 0, 0};
	str rest;

	kx_cur_blanks(c);
	kx_cur_char(c, ';');
	kx_cur_blanks(c);
	if(kx_cur_at_end(c) || kx_cur_peek(c) == ',')
		return KX_E_END;

	kx_cur_until(c, "=;,", &p.name);
	if(kx_cur_char(c, '=')) {
		p.has_value = 1;
		kx_cur_blanks(c);
		if(kx_cur_quoted(c, &p.value) == KX_OK) {
			p.is_quoted = 1;
			kx_cur_until(c, ";,", &rest);
		} else {
			kx_cur_until(c, ";,", &p.value);
		}
	}
	if(p.name.len == 0)
		return KX_E_SYNTAX;
	*out = p;
	return KX_OK;
}

int kx_param_find(const str *text, const str *name, struct kx_param *out)
{
	struct kx_cursor c;
	struct kx_param p;
	int err;

	kx_cur_init(&c, text);
	while((err = kx_param_next(&c, &p)) != KX_E_END) {
		if(err == KX_OK && kx_str_ieq(&p.name, name)) {
			*out = p;
			return KX_OK;
		}
	}
	return KX_E_NONE;
}

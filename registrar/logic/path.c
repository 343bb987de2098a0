/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Path vectors (RFC 3327). */
#include "path.h"
#include "kx_uri.h"

int rgr_path_next(struct kx_cursor *at, str *uri, str *item)
{
	struct kx_cursor c = *at;
	const char *from, *open;
	str skipped;

	kx_cur_blanks(&c);
	if(kx_cur_at_end(&c))
		return KX_E_END;
	from = c.p;
	/* a display name, quoted or not, ends at the angle bracket */
	kx_cur_until(&c, "<,", &skipped);
	if(!kx_cur_char(&c, '<'))
		return KX_E_SYNTAX;
	open = c.p;
	while(!kx_cur_at_end(&c) && *c.p != '>')
		c.p++;
	if(kx_cur_at_end(&c))
		return KX_E_SYNTAX;
	*uri = kx_str_span(open, c.p);
	c.p++;
	kx_cur_until(&c, ",", &skipped);
	if(skipped.len > 0 && skipped.s[0] != ';')
		return KX_E_SYNTAX;
	*item = kx_str_span(from, c.p);
	kx_str_trim(item);
	kx_cur_char(&c, ',');
	*at = c;
	return KX_OK;
}

static int read_first(const str *uri, struct rgr_path *p)
{
	struct kx_param param;
	struct kx_uri u;

	if(kx_uri_parse(uri, &u) != KX_OK
			|| kx_uri_param_find(&u.params, &KX_STR("lr"), &param) != KX_OK)
		return KX_E_SYNTAX;
	p->first_uri = *uri;
	if(kx_uri_param_find(&u.params, &KX_STR("received"), &param) == KX_OK)
		p->received = param.value;
	p->has_ob = kx_uri_param_find(&u.params, &KX_STR("ob"), &param) == KX_OK;
	return KX_OK;
}

int rgr_path_read(const str *vector, struct rgr_path *out)
{
	struct rgr_path p;
	struct kx_cursor at;
	struct kx_uri u;
	str uri, item;
	int err;

	memset(&p, 0, sizeof(p));
	kx_cur_init(&at, vector);
	while((err = rgr_path_next(&at, &uri, &item)) == KX_OK) {
		if(p.count == 0 && read_first(&uri, &p) != KX_OK)
			return KX_E_SYNTAX;
		if(kx_uri_parse(&uri, &u) != KX_OK
				|| (u.scheme != KX_URI_SIP && u.scheme != KX_URI_SIPS))
			return KX_E_SYNTAX;
		p.count++;
	}
	if(err != KX_E_END || p.count == 0)
		return KX_E_SYNTAX;
	*out = p;
	return KX_OK;
}

int rgr_path_is_loose(const str *vector)
{
	struct kx_param lr;
	struct kx_cursor at;
	struct kx_uri u;
	str uri, item;
	int err, n = 0;

	kx_cur_init(&at, vector);
	while((err = rgr_path_next(&at, &uri, &item)) == KX_OK) {
		if(kx_uri_parse(&uri, &u) != KX_OK
				|| (u.scheme != KX_URI_SIP && u.scheme != KX_URI_SIPS)
				|| kx_uri_param_find(&u.params, &KX_STR("lr"), &lr) != KX_OK)
			return 0;
		n++;
	}
	return n > 0 && err == KX_E_END;
}

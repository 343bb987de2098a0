/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * RFC 8599, the registrar's part. */
#include "push.h"
#include "kx_uri.h"
#include "outbound.h"

static const str param_name = STR_STATIC_INIT("pn-provider");

/* The provider a contact names; empty with KX_OK: it asks which there are. */
static int provider_of(const str *uri, str *out)
{
	struct kx_param p;
	struct kx_uri u;

	if(kx_uri_parse(uri, &u) != KX_OK
			|| (u.scheme != KX_URI_SIP && u.scheme != KX_URI_SIPS)
			|| kx_uri_param_find(&u.params, &param_name, &p) != KX_OK)
		return KX_E_NONE;
	*out = p.value;
	return KX_OK;
}

static int is_ours(const str *providers, const str *name)
{
	struct kx_cursor c;
	str one;

	kx_cur_init(&c, providers);
	while(rgr_option_next(&c, &one) == KX_OK) {
		if(kx_str_ieq(&one, name))
			return 1;
	}
	return 0;
}

enum rgr_verdict rgr_push_check(const str *providers, const str *uri)
{
	str name;

	if(providers->len <= 0 || provider_of(uri, &name) != KX_OK || name.len == 0
			|| is_ours(providers, &name))
		return RGR_V_FINE;
	return RGR_V_PUSH_UNKNOWN;
}

/* Whether the answer to a request speaks of a provider. */
static int is_wanted(const struct rgr_request *req, const str *provider)
{
	str name;
	int i;

	for(i = 0; i < req->n_contacts; i++) {
		if(provider_of(&req->contact[i].uri, &name) == KX_OK
				&& (name.len == 0 || kx_str_ieq(&name, provider)))
			return 1;
	}
	return 0;
}

int rgr_push_write(
		struct kx_buf *b, const str *providers, const struct rgr_request *req)
{
	struct kx_cursor c;
	str one;

	kx_cur_init(&c, providers);
	while(rgr_option_next(&c, &one) == KX_OK) {
		if(!is_wanted(req, &one))
			continue;
		kx_buf_lit(b, "Feature-Caps: *;+sip.pns=\"");
		kx_buf_str(b, &one);
		kx_buf_lit(b, "\"\r\n");
	}
	return b->err;
}

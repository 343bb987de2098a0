/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * RFC 5626, the registrar's part. */
#include "outbound.h"

static int client_has_outbound(const struct rgr_request *req)
{
	return req->supports_outbound || req->requires_outbound;
}

int rgr_outbound_is_used(
		const struct rgr_policy *pol, const struct rgr_request *req)
{
	return pol->outbound_mode != RGR_OUTBOUND_NONE && client_has_outbound(req);
}

int rgr_regid_counts(
		const struct rgr_policy *pol, const struct rgr_request *req)
{
	return pol->regid_always || client_has_outbound(req);
}

static int asks_for_flow(const struct rgr_request *req)
{
	int i;

	for(i = 0; i < req->n_contacts; i++) {
		if(req->contact[i].regid_text.len > 0
				&& req->contact[i].instance.len > 0)
			return 1;
	}
	return 0;
}

enum rgr_verdict rgr_outbound_check(
		const struct rgr_policy *pol, const struct rgr_request *req)
{
	if(pol->outbound_mode == RGR_OUTBOUND_NONE)
		return req->requires_outbound ? RGR_V_OUTBOUND_UNSUPPORTED : RGR_V_FINE;
	if(pol->outbound_mode == RGR_OUTBOUND_REQUIRED && !client_has_outbound(req))
		return RGR_V_OUTBOUND_REQUIRED;
	if(client_has_outbound(req) && req->via_count > 1 && !req->path_has_ob
			&& asks_for_flow(req))
		return RGR_V_OUTBOUND_EDGE;
	return RGR_V_FINE;
}

int rgr_option_next(struct kx_cursor *at, str *tag)
{
	str item;

	while(!kx_cur_at_end(at)) {
		kx_cur_until(at, ",", &item);
		kx_cur_char(at, ',');
		if(item.len > 0) {
			struct kx_cursor c;

			kx_cur_init(&c, &item);
			if(kx_cur_token(&c, tag) == KX_OK && kx_cur_at_end(&c))
				return KX_OK;
		}
	}
	return KX_E_END;
}

int rgr_option_is_known(const struct rgr_policy *pol, const str *tag)
{
	if(kx_str_is(tag, "path"))
		return pol->use_path;
	/* with outbound_mode 0 it has a verdict of its own */
	if(kx_str_is(tag, "outbound"))
		return 1;
	return kx_str_is(tag, "gruu") && pol->gruu_enabled;
}

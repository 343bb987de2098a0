/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Matching contacts with bindings (RFC 3261 10.3 step 7, RFC 5626 6). */
#include "match.h"
#include "kx_uri.h"

static str without_brackets(const str *s)
{
	str v = *s;

	if(v.len >= 2 && v.s[0] == '<' && v.s[v.len - 1] == '>') {
		v.s++;
		v.len -= 2;
	}
	return v;
}

int rgr_instance_same(const str *a, const str *b)
{
	str x = without_brackets(a);
	str y = without_brackets(b);

	return kx_str_eq(&x, &y);
}

int rgr_match_uri(const struct rgr_policy *pol, const str *a, const str *b)
{
	struct kx_uri x, y;

	if(kx_str_eq(a, b))
		return 1;
	return pol->compare_uris && kx_uri_parse(a, &x) == KX_OK
		   && kx_uri_parse(b, &y) == KX_OK && kx_uri_same(&x, &y);
}

int rgr_match_promoted(const struct rgr_policy *pol,
		const struct rgr_contact *c, const struct rgr_binding *b)
{
	return pol->compare_uris && c->instance.len > 0 && b->instance.len == 0
		   && rgr_match_uri(pol, &c->uri, &b->uri);
}

int rgr_match(const struct rgr_policy *pol, const struct rgr_request *req,
		const struct rgr_contact *c, const struct rgr_binding *b)
{
	if(c->instance.len > 0)
		return b->instance.len > 0 && c->reg_id == b->reg_id
			   && rgr_instance_same(&c->instance, &b->instance);

	switch(pol->matching) {
		case RGR_MATCH_URI_CALLID:
			return rgr_match_uri(pol, &c->uri, &b->uri)
				   && kx_str_eq(&req->callid, &b->callid);
		case RGR_MATCH_URI_PATH:
			return rgr_match_uri(pol, &c->uri, &b->uri)
				   && (req->path.len == 0 || kx_str_eq(&req->path, &b->path));
		case RGR_MATCH_CALLID:
			return kx_str_eq(&req->callid, &b->callid);
		case RGR_MATCH_URI:
			break;
	}
	return rgr_match_uri(pol, &c->uri, &b->uri);
}

int rgr_match_contacts(const struct rgr_policy *pol,
		const struct rgr_contact *a, const struct rgr_contact *b)
{
	if(a->instance.len > 0 || b->instance.len > 0)
		return a->instance.len > 0 && b->instance.len > 0
			   && a->reg_id == b->reg_id
			   && rgr_instance_same(&a->instance, &b->instance);
	if(pol->matching == RGR_MATCH_CALLID)
		return 1;
	return rgr_match_uri(pol, &a->uri, &b->uri);
}

enum rgr_order rgr_match_order(const struct rgr_policy *pol,
		const struct rgr_request *req, const struct rgr_binding *b)
{
	if(!kx_str_eq(&req->callid, &b->callid) || req->cseq > b->cseq)
		return RGR_ORDER_NEWER;
	if(req->cseq == b->cseq
			&& b->last_modified + (int64_t)pol->cseq_delay_s > req->now)
		return RGR_ORDER_REPEAT;
	return RGR_ORDER_STALE;
}

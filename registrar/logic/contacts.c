/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Contacts of a REGISTER. */
#include "contacts.h"
#include "expires.h"
#include "kx_uri.h"
#include "outbound.h"
#include "push.h"

int rgr_q_read(const str *text, int *out)
{
	int i = 0, whole = 0, part = 0, scale = 100, digits = 0;

	if(text->len == 0) {
		*out = RGR_Q_UNSET;
		return KX_OK;
	}
	for(; i < text->len && text->s[i] != '.'; i++, digits++) {
		if(text->s[i] != '0' && text->s[i] != '1')
			return KX_E_SYNTAX;
		whole = whole * 10 + (text->s[i] - '0');
		if(whole > 1)
			return KX_E_SYNTAX;
	}
	for(i++; i < text->len; i++, digits++) {
		if(text->s[i] < '0' || text->s[i] > '9')
			return KX_E_SYNTAX;
		part += (text->s[i] - '0') * scale;
		scale /= 10;
	}
	if(digits == 0 || (whole == 1 && part > 0))
		return KX_E_SYNTAX;
	*out = whole * 1000 + part;
	return KX_OK;
}

char *rgr_q_put(char *at, int q)
{
	if(q <= 0 || q >= 1000) {
		*at++ = q <= 0 ? '0' : '1';
		return at;
	}
	*at++ = '0';
	*at++ = '.';
	*at++ = (char)('0' + q / 100);
	if(q % 100 != 0)
		*at++ = (char)('0' + q / 10 % 10);
	if(q % 10 != 0)
		*at++ = (char)('0' + q % 10);
	return at;
}

/* Whether a contact's port is one that leads here. */
static int is_own_port(const struct kx_uri *u, const uint16_t own[2])
{
	int standard = u->scheme == KX_URI_SIPS ? 5061 : 5060;
	int port = u->port != 0 ? u->port : standard, i;

	for(i = 0; i < 2; i++) {
		if(port == (own[i] != 0 ? own[i] : standard))
			return 1;
	}
	/* without one, whatever the domain's DNS says: that is here */
	return u->port == 0;
}

static int is_aor(const struct kx_uri *u, const str *aor_user,
		const str *aor_domain, const uint16_t own_port[2])
{
	struct kx_param maddr;

	return u->has_user && aor_user->len > 0 && kx_str_ieq(&u->host, aor_domain)
		   && kx_uri_text_same(&u->user, aor_user, 1)
		   && is_own_port(u, own_port)
		   && kx_uri_param_find(&u->params, &KX_STR("maddr"), &maddr) != KX_OK;
}

enum rgr_verdict rgr_contact_judge(struct rgr_contact *c, const str *aor_user,
		const str *aor_domain, const uint16_t own_port[2])
{
	const struct kx_uri *u = &c->parts;
	struct kx_param gr;

	c->has_parts = kx_uri_parse(&c->uri, &c->parts) == KX_OK;
	if(!c->has_parts)
		return RGR_V_CONTACT_PARSE;
	if(u->scheme != KX_URI_SIP && u->scheme != KX_URI_SIPS)
		return RGR_V_FINE;
	if(kx_uri_param_find(&u->params, &KX_STR("gr"), &gr) == KX_OK)
		return RGR_V_CONTACT_GRUU;
	if(is_aor(u, aor_user, aor_domain, own_port))
		return RGR_V_CONTACT_POLICY;
	return RGR_V_FINE;
}

/* Line ends and other control bytes: no quoted-string may carry them back
 * to the client, and one contact must not spoil the reply of the others. */
static int has_control_byte(const str *text)
{
	int i;

	for(i = 0; i < text->len; i++) {
		unsigned char c = text->s[i];

		if((c < ' ' && c != '\t') || c == 0x7f)
			return 1;
	}
	return 0;
}

/* Fill the second part of one contact from the first. */
static enum rgr_verdict contact_read(const struct rgr_policy *pol,
		const struct rgr_request *req, struct rgr_contact *c)
{
	uint64_t reg_id;

	if(c->uri.len > pol->contact_max_len || c->received.len > RGR_RECEIVED_MAX
			|| c->instance.len > RGR_INSTANCE_MAX)
		return RGR_V_CONTACT_TOO_LONG;
	if(has_control_byte(&c->received) || has_control_byte(&c->instance))
		return RGR_V_CONTACT_PARSE;
	/* an instance that names nothing would have a GRUU that names nothing */
	if(kx_str_is(&c->instance, "<>"))
		c->instance.len = 0;
	/* RFC 3261 20: what has headers must be in angle brackets */
	if(c->is_bare && kx_str_chr(&c->uri, '?') != NULL)
		return RGR_V_CONTACT_PARSE;
	c->expires = rgr_expires_read(&c->expires_text);
	if(rgr_q_read(&c->q_text, &c->q) != KX_OK)
		return RGR_V_BAD_Q;
	if(pol->override_q != RGR_Q_UNSET)
		c->q = pol->override_q;
	else if(c->q == RGR_Q_UNSET)
		c->q = pol->default_q;

	c->reg_id = 0;
	if(c->regid_text.len == 0 || c->instance.len == 0)
		return RGR_V_FINE;
	if(kx_str_to_u64(&c->regid_text, &reg_id) != KX_OK || reg_id == 0
			|| reg_id > RGR_REGID_MAX)
		return RGR_V_BAD_REGID;
	if(rgr_regid_counts(pol, req))
		c->reg_id = (uint32_t)reg_id;
	return RGR_V_FINE;
}

static enum rgr_verdict star_check(const struct rgr_request *req)
{
	if(req->n_contacts > 0)
		return RGR_V_STAR_CONTACTS;
	return req->expires == 0 ? RGR_V_FINE : RGR_V_STAR_EXPIRES;
}

static enum rgr_verdict contacts_check(const struct rgr_policy *pol,
		struct rgr_request *req, const str *aor_user, const str *aor_domain,
		int allow_random, uint32_t rnd)
{
	enum rgr_verdict v;
	int i, flows = 0, living = 0;

	for(i = 0; i < req->n_contacts; i++) {
		struct rgr_contact *c = &req->contact[i];

		v = contact_read(pol, req, c);
		if(v != RGR_V_FINE)
			return v;
		v = rgr_expires_grant(&pol->lifetime, c->expires, req->expires,
				allow_random, rnd + i * 2654435761u, &c->granted);
		if(v != RGR_V_FINE)
			return v;
		v = rgr_contact_judge(c, aor_user, aor_domain, req->own_port);
		/* a removal may name whatever was once let in */
		if(c->granted > 0) {
			if(v == RGR_V_FINE)
				v = rgr_push_check(&pol->push_providers, &c->uri);
			if(v != RGR_V_FINE)
				return v;
			flows += c->reg_id > 0;
			living++;
		}
	}
	/* RFC 5626 6: a flow is registered by a request of its own, when flows
	 * are what the client negotiated */
	if(flows > 0 && living > 1 && rgr_outbound_is_used(pol, req))
		return RGR_V_REGID_MANY;
	return RGR_V_FINE;
}

enum rgr_verdict rgr_request_check(const struct rgr_policy *pol,
		struct rgr_request *req, const str *aor_user, const str *aor_domain,
		int allow_random, uint32_t rnd)
{
	enum rgr_verdict v;

	if(req->callid.len > RGR_CALLID_MAX)
		return RGR_V_CALLID_TOO_LONG;
	if(req->cseq > RGR_CSEQ_MAX)
		return RGR_V_BAD_CSEQ;
	if(req->n_contacts > RGR_CONTACTS_MAX)
		return RGR_V_CONTACTS_MANY;
	if(pol->check_domain && !kx_str_ieq(&req->domain, aor_domain))
		return RGR_V_FOREIGN_DOMAIN;
	if(pol->check_require && req->unknown_tags.len > 0)
		return RGR_V_REQUIRE_UNKNOWN;
	v = rgr_outbound_check(pol, req);
	if(v != RGR_V_FINE)
		return v;
	if(req->has_star)
		return star_check(req);
	if(req->n_contacts == 0)
		return RGR_V_FINE;
	if(req->path.len > 0 && pol->use_path && !req->supports_path
			&& pol->path_mode == RGR_PATH_STRICT)
		return RGR_V_PATH_UNSUPPORTED;
	return contacts_check(pol, req, aor_user, aor_domain, allow_random, rnd);
}

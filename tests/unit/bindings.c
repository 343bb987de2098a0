/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A store of bindings for the tests of registrar/logic. */
#include "bindings.h"

static const str nowhere = {(char *)8, 1 << 20};

void unit_store_read(
		const void *owner, const void *ref, struct rgr_binding *out)
{
	const struct unit_store *st = owner;
	int i;

	for(i = 0; i < st->n; i++) {
		const struct rgr_binding *b = &st->binding[i];

		if(ref != (b->ref != NULL ? b->ref : b))
			continue;
		*out = *b;
		out->ref = ref;
	}
}

const void *unit_store_next(const void *owner, const void *at,
		enum rgr_want want, struct rgr_binding *out)
{
	const struct unit_store *st = owner;
	const struct rgr_binding *b = at;

	b = b == NULL ? st->binding : b + 1;
	if(st->n == 0 || b == st->binding + st->n)
		return NULL;
	*out = *b;
	if(out->ref == NULL)
		out->ref = b;
	if(want == RGR_WANT_NUMBERS)
		out->uri = nowhere;
	if(want == RGR_WANT_NUMBERS || want == RGR_WANT_URI)
		out->instance = out->callid = nowhere;
	if(want != RGR_WANT_ALL && want != RGR_WANT_KEYS)
		out->path = nowhere;
	if(want != RGR_WANT_ALL && want != RGR_WANT_SHOWN)
		out->received = out->ruid = out->params = nowhere;
	if(want != RGR_WANT_ALL)
		out->user_agent = nowhere;
	if(want == RGR_WANT_KEYS || want == RGR_WANT_URI)
		out->q = INT32_MIN;
	if(want != RGR_WANT_ALL && want != RGR_WANT_NUMBERS) {
		out->last_modified = INT64_MIN;
		out->cseq = UINT32_MAX;
		out->methods = out->cflags = 0x5a5a5a5a;
	}
	return b;
}

struct rgr_binding unit_binding(const char *uri)
{
	struct rgr_binding b = {
			.uri = unit_str(uri),
			.callid = unit_str("call"),
			.expires = UNIT_T + 100,
			.last_modified = UNIT_T - 100,
			.q = RGR_Q_UNSET,
			.cseq = 10,
			.methods = UINT32_MAX,
	};
	return b;
}

struct rgr_request unit_request(struct rgr_contact *contact, int n_contacts)
{
	struct rgr_request req = {
			.aor = unit_str("alice"),
			.callid = unit_str("call"),
			.cseq = 11,
			.expires = RGR_UNSET,
			.contact = contact,
			.n_contacts = n_contacts,
			.via_count = 1,
			.now = UNIT_T,
	};
	return req;
}

struct rgr_contact unit_contact(const char *uri)
{
	struct rgr_contact c = {
			.uri = unit_str(uri),
			.methods = UINT32_MAX,
			.expires = RGR_UNSET,
			.q = RGR_Q_UNSET,
			.granted = 3600,
	};
	c.has_parts = kx_uri_parse(&c.uri, &c.parts) == KX_OK;
	return c;
}

struct rgr_policy unit_policy(void)
{
	struct rgr_policy pol = {
			.lifetime = {.default_s = 3600,
					.min_s = 60,
					.override_s = RGR_UNSET},
			.default_q = RGR_Q_UNSET,
			.override_q = RGR_Q_UNSET,
			.contact_max_len = 512,
			.gruu_enabled = 1,
			.path_mode = RGR_PATH_STRICT,
			.cseq_delay_s = 20,
	};
	return pol;
}

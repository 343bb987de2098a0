/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * registered(). */
#include "reg_aor.h"
#include "reg_registered.h"
#include "reg_store.h"
#include "reg_xavp.h"

struct search
{
	/* empty: not compared */
	str callid;
	str received;
	str contact;
	int action;
	int64_t now;
};

static int differs(const str *want, const str *have)
{
	return want->len > 0 && !kx_str_eq(want, have);
}

static int search_locked(struct reg_store *st, void *param)
{
	const struct search *s = param;
	struct rgr_bindings all;
	struct rgr_binding b;
	const void *at = NULL;

	reg_store_bindings(st, &all);
	while((at = all.next(all.owner, at, RGR_WANT_ALL, &b)) != NULL) {
		if(!rgr_binding_is_valid(&b, s->now) || differs(&s->callid, &b.callid)
				|| differs(&s->received, &b.received)
				|| differs(&s->contact, &b.uri))
			continue;
		if(!(s->action & REG_ACTION_NO_RECORD))
			reg_xavp_record(&b, s->now);
		if(s->action & REG_ACTION_XAVP)
			reg_xavp_restore(b.ref);
		return 1;
	}
	return reg_store_is_broken(st) ? -3 : -1;
}

int reg_registered(struct sip_msg *msg, struct udomain *d, const str *uri,
		int match, int action)
{
	struct search s = {.action = action, .now = time(NULL)};
	struct reg_aor who;

	if(reg_aor_of_uri(msg, d, uri, &who) != KX_OK)
		return -1;
	if(match & REG_MATCH_CALLID)
		reg_xavp_str("match_callid", &s.callid);
	if(match & REG_MATCH_RECEIVED)
		reg_xavp_str("match_received", &s.received);
	if(match & REG_MATCH_CONTACT)
		reg_xavp_str("match_contact", &s.contact);
	return reg_store_run(d, &who.aor, search_locked, &s);
}

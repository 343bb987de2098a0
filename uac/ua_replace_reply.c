/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Replies get back the From and To that their request came with. */
#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#include "ua_replace_priv.h"

/* In shared memory, one per changed header of a transaction; freed by tm. */
struct watch
{
	enum ua_side side;
	int len;
	char text[];
};

static void forget(void *watch)
{
	shm_free(watch);
}

/* A script may put another text in the variable while the request is on its
 * way. */
static int avp_text(sip_msg_t *msg, enum ua_side side, str *out)
{
	pv_value_t val;

	if(!ua_rpl.has_avp[side]
			|| pv_get_spec_value(msg, &ua_rpl.avp[side], &val) != 0
			|| (val.flags & PV_VAL_NULL) || !(val.flags & PV_VAL_STR)
			|| val.rs.len <= 0)
		return -1;
	*out = val.rs;
	return 0;
}

/* As an address only, whatever stands around it. */
static int is_address(const str *text)
{
	struct uax_addr addr;

	return uax_addr_parse(text, &addr) == KX_OK && addr.whole.len == text->len;
}

static void on_reply(struct cell *t, int type, struct tmcb_params *p)
{
	const struct watch *w = *p->param;
	sip_msg_t *rpl = p->rpl;
	struct ua_hdr hdr;
	str own = {(char *)w->text, w->len}, text;

	if(rpl == NULL || rpl == FAKED_REPLY)
		return;
	if(ua_hdr_read(rpl, w->side, &hdr) != 0) {
		LM_WARN("reply without a readable %s is passed unchanged\n",
				w->side == UA_FROM ? "From" : "To");
		return;
	}
	if(avp_text(rpl, w->side, &text) != 0 || !is_address(&text))
		text = own;
	if(ua_hdr_change(rpl, &hdr) == NULL && kx_str_eq(&text, &hdr.addr.whole))
		return;
	/* The last one counts: callbacks run in reverse order, so that is the
	 * one registered first, which knows what really came. */
	ua_hdr_set(rpl, &hdr, &text);
}

/* Whether a branch before this one has done it already. */
static int is_watched(const struct cell *t, enum ua_side side, const str *text)
{
	const volatile struct tm_callback *cb;

	if(t == NULL || t == T_UNDEFINED)
		return 0;
	for(cb = t->tmcb_hl.first; cb != NULL; cb = cb->next) {
		const struct watch *w = cb->param;

		if(cb->callback == on_reply && w->side == side && w->len == text->len
				&& memcmp(w->text, text->s, text->len) == 0)
			return 1;
	}
	return 0;
}

static int set_avp(sip_msg_t *msg, enum ua_side side, const str *text)
{
	pv_value_t val = {.rs = *text, .flags = PV_VAL_STR};

	if(!ua_rpl.has_avp[side])
		return 0;
	return pv_set_spec_value(msg, &ua_rpl.avp[side], 0, &val);
}

int ua_reply_watch(sip_msg_t *msg, const struct ua_hdr *hdr)
{
	const str *text = &hdr->addr.whole;
	struct watch *w;

	if(is_watched(ua_rpl.tm.t_gett(), hdr->side, text))
		return 0;
	if(set_avp(msg, hdr->side, text) < 0) {
		LM_ERR("cannot set the variable of restore_%s_avp\n",
				hdr->side == UA_FROM ? "from" : "to");
		return -1;
	}
	w = shm_malloc(sizeof(*w) + text->len);
	if(w == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	w->side = hdr->side;
	w->len = text->len;
	memcpy(w->text, text->s, text->len);
	if(ua_rpl.tm.register_tmcb(msg, NULL, TMCB_RESPONSE_IN, on_reply, w, forget)
			<= 0) {
		shm_free(w);
		LM_ERR("tm does not take a callback\n");
		return -1;
	}
	return 0;
}

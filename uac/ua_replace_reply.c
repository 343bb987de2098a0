/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Replies get back the From and To that their request came with. */
#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#include "ua_replace_priv.h"

/* The addresses that a request came with, in shared memory; freed by tm with
 * the transaction, which lives longer than any reply on its way through.
 * Which of them were changed say the request's flags, see ua_hdr_mark(). */
struct watch
{
	int len[2]; /* by side; 0: not readable */
	char text[];
};

/* The last request that got one before it had a transaction: tm keeps its
 * callbacks for it until then, and nobody can look whether they are there. */
static struct
{
	unsigned int id;
	int pid;
	int sides; /* set of 1 << side: changed so far */
} last;

static str text_of(const struct watch *w, enum ua_side side)
{
	const char *from = w->text + (side == UA_TO ? w->len[UA_FROM] : 0);

	return kx_str_span(from, from + w->len[side]);
}

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

static void restore(sip_msg_t *rpl, enum ua_side side, const str *own)
{
	struct ua_hdr hdr;
	str text;

	ua_hdr_read(rpl, side, &hdr);
	if(!hdr.is_there) {
		LM_WARN("reply without a readable %s is passed unchanged\n",
				side == UA_FROM ? "From" : "To");
		return;
	}
	/* The last one counts: callbacks run in reverse order, so that is the
	 * one registered first, which knows what really came. */
	if(avp_text(rpl, side, &text) == 0 && is_address(&text))
		ua_hdr_set(rpl, &hdr, &text);
	else if(ua_hdr_change(rpl, &hdr) != NULL
			|| !kx_str_eq(own, &hdr.addr.whole))
		ua_hdr_lend(rpl, &hdr, own);
}

static void on_reply(struct cell *t, int type, struct tmcb_params *p)
{
	const struct watch *w = *p->param;
	const sip_msg_t *req = t->uas.request;
	int side;

	if(p->rpl == NULL || p->rpl == FAKED_REPLY || req == NULL)
		return;
	for(side = UA_FROM; side <= UA_TO; side++) {
		str own = text_of(w, side);

		if(own.len > 0 && (req->msg_flags & ua_side_flag(side)))
			restore(p->rpl, side, &own);
	}
}

/* Whether a transaction restores this header already. */
static int is_watched(const struct cell *t, const struct ua_hdr *hdr)
{
	const volatile struct tm_callback *cb;

	for(cb = t->tmcb_hl.first; cb != NULL; cb = cb->next) {
		str text;

		if(cb->callback != on_reply)
			continue;
		text = text_of(cb->param, hdr->side);
		if(kx_str_eq(&text, &hdr->addr.whole))
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

static struct watch *new_watch(const struct ua_request *r)
{
	str text[2];
	struct watch *w;
	int i;

	for(i = 0; i < 2; i++)
		text[i] = r->hdr[i].is_there ? r->hdr[i].addr.whole : KX_STR("");
	w = shm_malloc(sizeof(*w) + text[UA_FROM].len + text[UA_TO].len);
	if(w == NULL) {
		SHM_MEM_ERROR;
		return NULL;
	}
	for(i = 0; i < 2; i++)
		w->len[i] = text[i].len;
	memcpy(w->text, text[UA_FROM].s, text[UA_FROM].len);
	memcpy(w->text + text[UA_FROM].len, text[UA_TO].s, text[UA_TO].len);
	return w;
}

static int watch(const struct ua_request *r)
{
	struct watch *w = new_watch(r);

	if(w == NULL)
		return -1;
	if(ua_rpl.tm.register_tmcb(
			   r->msg, NULL, TMCB_RESPONSE_IN, on_reply, w, forget)
			<= 0) {
		shm_free(w);
		LM_ERR("tm does not take a callback\n");
		return -1;
	}
	return 0;
}

int ua_reply_watch(const struct ua_request *r, const struct ua_hdr *hdr)
{
	const struct cell *t = ua_rpl.tm.t_gett();
	int is_early = t == NULL || t == T_UNDEFINED;
	int is_known = is_early && last.id == r->msg->id && last.pid == r->msg->pid;

	if(is_early ? is_known && (last.sides & 1 << hdr->side)
				: is_watched(t, hdr))
		return 0;
	if(set_avp(r->msg, hdr->side, &hdr->addr.whole) < 0) {
		LM_ERR("cannot set the variable of restore_%s_avp\n",
				hdr->side == UA_FROM ? "from" : "to");
		return -1;
	}
	if(!is_known) {
		if(watch(r) != 0)
			return -1;
		last.id = r->msg->id;
		last.pid = r->msg->pid;
		last.sides = 0;
	}
	last.sides |= 1 << hdr->side;
	return 0;
}

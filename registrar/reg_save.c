/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * save(): from the message to the store and back. */
#include "core/rand/cryptorand.h"
#include "core/rand/kam_rand.h"

#include "answer.h"
#include "contacts.h"
#include "kam/kam_mem.h"
#include "reg_cfg.h"
#include "reg_mac.h"
#include "reg_msg.h"
#include "reg_reply.h"
#include "reg_save.h"
#include "reg_stats.h"
#include "reg_store.h"
#include "reg_xavp.h"

enum
{
	/* the reply of an AoR with a few bindings fits, more is allocated */
	HEADERS_USUAL = 4096,
	/* what is written for a stream; UDP takes less, see can_send() */
	HEADERS_MAX = 1 << 20,
	/* up to here no datagram is too small, whatever else is in the reply */
	HEADERS_SMALL = 16384,
	DATAGRAM_MAX = 65507,
	/* the status line, and what the core and this module add */
	REST_OF_REPLY = 2048
};

/* One save() in work. */
struct save
{
	struct reg_msg m;
	int flags;
	enum rgr_verdict verdict;
	struct rgr_plan plan;
	struct rgr_op op_mem[REG_MSG_CONTACTS * 2];
	struct rgr_met met_mem[REG_MSG_CONTACTS];
	struct kx_buf headers;
	char headers_mem[HEADERS_USUAL];
};

static void entry_of(void *param, int i, struct reg_entry *e)
{
	const struct save *s = param;
	const struct rgr_request *req = &s->m.req;
	const struct rgr_contact *c = &req->contact[i];

	memset(e, 0, sizeof(*e));
	e->b.uri = c->uri;
	e->b.received = c->received;
	e->b.path = req->path;
	e->b.callid = req->callid;
	e->b.instance = c->instance;
	e->b.params = c->params;
	e->b.user_agent = req->user_agent;
	e->b.expires = req->now + c->granted;
	e->b.last_modified = req->now;
	e->b.q = c->q;
	e->b.cseq = req->cseq;
	e->b.reg_id = c->reg_id;
	e->b.methods = c->methods;
	e->b.cflags = s->m.cflags;
	e->sock = s->m.sock;
	e->tcpconn_id = s->m.tcpconn_id;
	e->is_memory_only = (s->flags & REG_SAVE_MEMORY) != 0;
}

static uint64_t nonce(void)
{
	return (uint64_t)cryptorand() << 32 | cryptorand();
}

/* Bytes that a reply takes over from its request. */
static size_t copied_headers(const struct sip_msg *msg)
{
	const struct hdr_field *hdr;
	size_t n = 0;

	for(hdr = msg->headers; hdr != NULL; hdr = hdr->next) {
		switch(hdr->type) {
			case HDR_VIA_T:
			case HDR_FROM_T:
			case HDR_TO_T:
			case HDR_CALLID_T:
			case HDR_CSEQ_T:
			case HDR_RECORDROUTE_T:
				n += hdr->len;
				break;
			default:
				break;
		}
	}
	return n;
}

/* Whether the reply with the headers so far can be sent, if there is one to
 * be sent at all. */
static int can_send(const struct save *s)
{
	const struct sip_msg *msg = s->m.msg;

	if(msg->first_line.type == SIP_REPLY || (s->flags & REG_SAVE_NO_REPLY))
		return 1;
	if(s->headers.err != KX_OK)
		return 0;
	return s->headers.len <= HEADERS_SMALL || msg->rcv.proto != PROTO_UDP
		   || s->headers.len + s->m.req.path.len + copied_headers(msg)
							  + REST_OF_REPLY
					  <= DATAGRAM_MAX;
}

/* The record that xavp_rcd names is of the last binding in the list. */
static void record_last(const struct rgr_bindings *all, int64_t now)
{
	const void *at = NULL, *last = NULL;
	struct rgr_binding b;

	if(reg_cfg.p.xavp_rcd.len <= 0)
		return;
	while((at = all->next(all->owner, at, RGR_WANT_NUMBERS, &b)) != NULL) {
		if(rgr_binding_is_valid(&b, now))
			last = b.ref;
	}
	if(last == NULL)
		return;
	all->read(all->owner, last, &b);
	reg_xavp_only_record(&b, now);
}

/* With the AoR locked: write down what the reply lists. Where the client
 * can't be told what there is, nothing may change (RFC 3261 10.3 step 8). */
static int list_locked(struct reg_store *st, void *param)
{
	struct save *s = param;
	struct rgr_answer_policy show = {
			.received_param = reg_cfg.p.received_param,
			.with_gruu = s->m.pol.gruu_enabled && s->m.req.supports_gruu,
			.owner = {.is_sips = s->m.aor_is_sips,
					.aor_hash = reg_store_aor_hash(st)},
			.mac = reg_mac(),
			.nonce = reg_mac() != NULL && s->m.req.supports_gruu ? nonce() : 0,
			.now = s->m.req.now,
	};
	struct rgr_bindings all;

	if(show.with_gruu)
		rgr_gruu_owner_read(&s->m.req.aor, reg_cfg.use_domain, &s->m.aor_domain,
				&show.owner);
	reg_store_bindings(st, &all);
	rgr_answer_contacts(&s->headers, &show, &all);
	record_last(&all, show.now);
	if(can_send(s))
		return KX_OK;
	kx_buf_clear(&s->headers);
	if(s->verdict != RGR_V_FINE)
		return KX_OK; /* a refusal does as well without */
	s->verdict = RGR_V_ANSWER_TOO_LONG;
	return KX_E_TOO_LONG;
}

/* With the AoR locked: plan, commit, list. */
static int save_locked(struct reg_store *st, void *param)
{
	struct save *s = param;
	struct rgr_bindings all;

	if(reg_store_is_broken(st)) {
		s->verdict = RGR_V_STORAGE;
		return 0;
	}
	if(s->flags & REG_SAVE_MEMORY)
		reg_store_keep_rows(st);
	reg_store_bindings(st, &all);
	s->verdict = rgr_plan_build(&s->m.pol, &s->m.req, &all, &s->plan);
	if(s->verdict != RGR_V_FINE || !s->plan.changes)
		return list_locked(st, s);
	if(reg_store_commit(st, &s->plan, entry_of, list_locked, s) == KX_OK
			|| s->verdict != RGR_V_FINE)
		return 0;
	s->verdict = RGR_V_STORAGE;
	return list_locked(st, s);
}

/* Memory for the plan: a request with many contacts needs more than there
 * is. */
static int get_plan_mem(struct save *s)
{
	size_t n = s->m.req.n_contacts;

	s->plan.op = s->op_mem;
	s->plan.met = s->met_mem;
	if(n <= REG_MSG_CONTACTS)
		return 0;
	s->plan.op =
			pkg_malloc(n * 2 * sizeof(*s->plan.op) + n * sizeof(*s->plan.met));
	if(s->plan.op == NULL) {
		PKG_MEM_ERROR;
		return -1;
	}
	s->plan.met = (struct rgr_met *)(s->plan.op + n * 2);
	return 0;
}

static void save_run(struct save *s, struct udomain *d)
{
	struct reg_msg *m = &s->m;

	s->verdict =
			rgr_request_check(&m->pol, &m->req, &m->aor_user, &m->aor_domain,
					!(s->flags & REG_SAVE_NO_RANDOM), (uint32_t)kam_rand());
	if(s->verdict != RGR_V_FINE)
		return;
	if(get_plan_mem(s) < 0) {
		s->verdict = RGR_V_INTERNAL;
		return;
	}
	reg_store_run(d, &m->req.aor, save_locked, s);
	if(s->plan.op != s->op_mem)
		pkg_free(s->plan.op);
}

static void save_log(const struct save *s)
{
	const struct rgr_answer_line *line = rgr_verdict_line(s->verdict);
	int code = rgr_answer_code(s->verdict, &s->m.pol);
	const str *aor = &s->m.req.aor;

	if(s->verdict == RGR_V_FINE)
		return;
	if(code == 500)
		LM_ERR("AoR '%.*s': %s, answered %d\n", aor->len, ZSW(aor->s),
				line->name, code);
	else
		LM_WARN("AoR '%.*s': %s, answered %d\n", aor->len, ZSW(aor->s),
				line->name, code);
}

/* The Date header (RFC 3261 20.17); the names are SIP's, not the locale's. */
static void write_date(struct kx_buf *b, int64_t now)
{
	static const char day[] = "SunMonTueWedThuFriSat";
	static const char month[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t t = (time_t)now;
	char text[64];
	struct tm tm;

	if(gmtime_r(&t, &tm) == NULL)
		return;
	snprintf(text, sizeof(text),
			"Date: %.3s, %02d %.3s %04d %02d:%02d:%02d GMT\r\n",
			&day[tm.tm_wday * 3], tm.tm_mday, &month[tm.tm_mon * 3],
			tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
	kx_buf_add(b, text, strlen(text));
}

static int save_reply(struct save *s)
{
	struct sip_msg *msg = s->m.msg;
	struct reg_reply r = {.code = rgr_answer_code(s->verdict, &s->m.pol),
			.reason = rgr_answer_reason(s->verdict, &s->m.pol)};

	if(reg_cfg.p.date_header && s->verdict == RGR_V_FINE)
		write_date(&s->headers, s->m.req.now);
	rgr_answer_headers(&s->headers, s->verdict, &s->m.pol, &s->m.req,
			reg_cfg.p.flow_timer, reg_cfg_get(retry_after));
	if(kx_buf_end(&s->headers, &r.headers) != KX_OK) {
		LM_ERR("AoR '%.*s': no memory for the reply's headers\n",
				s->m.req.aor.len, ZSW(s->m.req.aor.s));
		r.code = 500;
		r.reason = rgr_answer_reason(RGR_V_INTERNAL, &s->m.pol);
	}
	if(msg->first_line.type == SIP_REPLY)
		return 0;
	if(!(s->flags & REG_SAVE_NO_REPLY))
		return reg_reply_send(msg, &r);
	if(s->flags & REG_SAVE_PREPARE) {
		if(reg_reply_prepare(msg, &r.headers) < 0)
			return -1;
		r.headers.len = 0; /* they are on the message already */
	}
	return reg_reply_keep(
			msg, &r, r.headers.len > 0 ? kx_buf_take(&s->headers) : NULL);
}

int reg_save(struct sip_msg *msg, struct udomain *d, int flags, const str *uri)
{
	struct save s;
	int sent;

	s.flags = flags;
	kx_buf_init_grow(&s.headers, s.headers_mem, sizeof(s.headers_mem), &kam_pkg,
			HEADERS_MAX);
	s.verdict = reg_msg_read(msg, uri, !!(flags & REG_SAVE_SINGLE), &s.m);
	if(s.verdict == RGR_V_FINE)
		save_run(&s, d);

	save_log(&s);
	reg_stats_count(s.verdict, &s.plan);
	sent = save_reply(&s);
	kx_buf_release(&s.headers);
	reg_msg_release(&s.m);

	if(s.verdict == RGR_V_TOO_MANY)
		return -2;
	if(s.verdict != RGR_V_FINE || sent < 0)
		return -1;
	return s.plan.outcome;
}

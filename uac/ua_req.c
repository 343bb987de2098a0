/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sends the requests of scripts, and hears what became of them.
 *
 * Who owns what: a request that waits for its answer (an event to run, a
 * password to answer with) keeps a copy of its own in shm, made here, handed
 * to tm with the transaction, and freed when tm destroys the transaction; if
 * tm does not take the request, it is freed here. Nobody writes to it but for
 * one flag. An answer to a challenge is another request with a copy of its
 * own, so that no two transactions ever share one. */
#include "core/ip_addr.h"
#include "core/msg_translator.h"
#include "core/parser/parser_f.h"
#include "core/receive.h"
#include "core/socket_info.h"
#include "core/timer_ticks.h"
#include "modules/tm/tm_load.h"

#include "kam/kam_mem.h"
#include "ua_cfg.h"
#include "ua_req.h"
#include "ua_req_auth.h"
#include "ua_req_event.h"

enum
{
	BLOCK_MAGIC = 0x75615271,
	/* tm's own first CSeq, that of every request here as well */
	FIRST_CSEQ = 10
};

/* What is kept of a request until its transaction ends; in shm. */
struct block
{
	/* set once, before tm gets it */
	uint32_t magic; /* wiped when freed */
	size_t len;
	/* atomic: a challenge is answered once, whoever sees it */
	int is_answered;
	char packed[];
};

static struct
{
	struct tm_binds tm;
	struct socket_info *default_sock;
	struct uax_reqspec own;
	struct uax_reqspec *current;
} ctx = {.own = {.alloc = &kam_pkg}, .current = &ctx.own};

static int send_request(const struct uax_req *req, const str *credentials);
static void on_local_request(struct cell *t, int type, struct tmcb_params *ps);

int ua_req_bind(void)
{
	str text = ua_cfg.default_socket;

	if(load_tm_api(&ctx.tm) == -1) {
		LM_ERR("the tm module must be loaded before uac\n");
		return -1;
	}
	if(ctx.tm.register_tmcb(
			   NULL, NULL, TMCB_LOCAL_REQUEST_IN, on_local_request, NULL, NULL)
			<= 0) {
		LM_ERR("tm does not tell of local requests\n");
		return -1;
	}
	if(text.len > 0) {
		ctx.default_sock = lookup_local_socket(&text);
		if(ctx.default_sock == NULL) {
			LM_ERR("default_socket %.*s is not one of our sockets\n", text.len,
					text.s);
			return -1;
		}
	}
	return 0;
}

struct uax_reqspec *ua_req_current(void)
{
	return ctx.current;
}

struct uax_reqspec *ua_req_swap(struct uax_reqspec *spec)
{
	struct uax_reqspec *former = ctx.current;

	ctx.current = spec;
	return former;
}

/* ---- what is kept ---- */

static void free_block(struct block *block)
{
	volatile char *p;
	size_t i;

	if(block == NULL)
		return;
	if(block->magic != BLOCK_MAGIC) {
		LM_BUG("a kept request is freed twice or overwritten\n");
		return;
	}
	block->magic = 0;
	/* a password may be in it */
	p = block->packed;
	for(i = 0; i < block->len; i++)
		p[i] = '\0';
	shm_free(block);
}

/* Only what waits for an answer, or a time of its own, needs one. */
static int needs_block(const struct uax_req *req)
{
	str method = req->text[UAX_REQ_METHOD];

	if(method.len == 3 && memcmp(method.s, "ACK", 3) == 0)
		return 0;
	return uax_req_number(req, UAX_REQ_EVROUTE) != 0
		   || uax_req_number(req, UAX_REQ_FR_TIMEOUT) != 0
		   || uax_req_number(req, UAX_REQ_FR_INV_TIMEOUT) != 0
		   || ua_req_auth_is_possible(req);
}

static struct block *new_block(const struct uax_req *req)
{
	size_t len = uax_req_pack_len(req);
	struct block *block = shm_malloc(sizeof(*block) + len);

	if(block == NULL) {
		SHM_MEM_ERROR;
		return NULL;
	}
	block->magic = BLOCK_MAGIC;
	block->len = len;
	block->is_answered = 0;
	uax_req_pack(req, block->packed);
	return block;
}

/* ---- the answer ---- */

static void answer_challenge(
		struct block *block, const struct uax_req *req, sip_msg_t *rpl)
{
	struct ua_req_answer answer;

	if(ua_req_auth_answer(req, rpl, &answer) != 0)
		return;
	/* the same answer may arrive in two processes */
	if(__atomic_exchange_n(&block->is_answered, 1, __ATOMIC_SEQ_CST) == 0)
		send_request(&answer.req, &answer.headers);
	ua_req_answer_release(&answer);
}

static void handle_reply(
		struct cell *t, struct block *block, sip_msg_t *rpl, int code)
{
	struct uax_req req;
	str sent;

	if(block->magic != BLOCK_MAGIC
			|| uax_req_unpack(block->packed, block->len, &req) != KX_OK) {
		LM_BUG("a kept request is overwritten\n");
		return;
	}
	if(rpl != NULL && code < 300 && ua_req_auth_is_possible(&req)) {
		sent = (str){t->uac[0].request.buffer, t->uac[0].request.buffer_len};
		ua_req_auth_check(&req, &sent, rpl);
	}
	ua_req_event_run(&req, rpl, code);
	if(rpl != NULL && (code == 401 || code == 407)
			&& ua_req_auth_is_possible(&req))
		answer_challenge(block, &req, rpl);
}

/* A reply that tm keeps in shm can't be given to a parser or to a script,
 * which would hang memory of this process into it. */
static void handle_kept_reply(
		struct cell *t, struct block *block, const sip_msg_t *rpl, int code)
{
	sip_msg_t copy;

	if(build_sip_msg_from_buf(&copy, rpl->buf, rpl->len, inc_msg_no()) < 0) {
		LM_ERR("the answer to a request can't be parsed again\n");
		return;
	}
	copy.rcv = rpl->rcv;
	handle_reply(t, block, &copy, code);
	copy.buf = NULL; /* borrowed */
	free_sip_msg(&copy);
}

/* Called by tm, without a lock, for a final answer, and when the transaction
 * is gone. */
static void on_reply(struct cell *t, int type, struct tmcb_params *ps)
{
	struct block *block = *ps->param;

	if(block == NULL)
		return;
	if(type & TMCB_DESTROY) {
		*ps->param = NULL;
		free_block(block);
	} else if(ps->rpl == FAKED_REPLY || ps->rpl == NULL) {
		handle_reply(t, block, NULL, ps->code);
	} else if(ps->rpl->msg_flags & FL_SHM_CLONE) {
		handle_kept_reply(t, block, ps->rpl, ps->code);
	} else {
		handle_reply(t, block, ps->rpl, ps->code);
	}
}

/* ---- sending ---- */

static struct socket_info *choose_socket(const struct uax_req *req)
{
	str text = req->text[UAX_REQ_SOCK];
	struct socket_info *sock;

	if(text.len <= 0)
		return ctx.default_sock;
	sock = lookup_local_socket(&text);
	if(sock == NULL) {
		LM_WARN("not one of our sockets, $uac_req(sock) is ignored: %.*s\n",
				text.len, text.s);
		return ctx.default_sock;
	}
	return sock;
}

/* tm takes what stands between brackets, and does not look whether they are
 * there: its own search must find what ours found. */
static int is_safe_for_tm(const str *uri)
{
	str s = *uri;

	return s.len <= 0 || s.s[s.len - 1] != '>'
		   || find_not_quoted(&s, '<') != NULL;
}

static str text_or(const struct uax_req *req, int key, const str *other)
{
	return req->text[key].len > 0 ? req->text[key] : *other;
}

static dlg_t *new_dialog(const struct uax_req *req)
{
	str ruri = uax_req_target(&req->text[UAX_REQ_RURI]);
	str ouri = uax_req_target(&req->text[UAX_REQ_OURI]);
	str turi = text_or(req, UAX_REQ_TURI, &req->text[UAX_REQ_RURI]);
	str furi = text_or(req, UAX_REQ_FURI, &req->text[UAX_REQ_RURI]);
	str callid = req->text[UAX_REQ_SENT_CALLID];
	str ftag = req->text[UAX_REQ_SENT_FTAG], ttag = req->text[UAX_REQ_TTAG];
	dlg_t *dlg = NULL;

	if(!is_safe_for_tm(&turi)) {
		LM_ERR("a '>' without '<' in $uac_req(turi)\n");
		return NULL;
	}
	/* what it leaves behind when it fails is not ours to free */
	if(ctx.tm.new_dlg_uac(&callid, &ftag,
			   uax_req_number(req, UAX_REQ_SENT_CSEQ), &furi, &turi, &dlg)
			< 0)
		return NULL;
	if(ctx.tm.set_dlg_target(dlg, &ruri, &ouri) < 0
			|| (ttag.len > 0 && shm_str_dup(&dlg->id.rem_tag, &ttag) < 0)) {
		ctx.tm.free_dlg(dlg);
		return NULL;
	}
	dlg->send_sock = choose_socket(req);
	return dlg;
}

static void set_timeout(ticks_t *timeout, int ms)
{
	if(ms > 0)
		*timeout = (ticks_t)MS_TO_TICKS((uint64_t)ms);
}

/* Called by tm for every request that this server makes, before its timers
 * start. Only here, on every release, can the timers of one be set: found by
 * what is kept of it. */
static void on_local_request(struct cell *t, int type, struct tmcb_params *ps)
{
	const volatile struct tm_callback *cb;
	const struct block *block;
	struct uax_req req;

	for(cb = t->tmcb_hl.first; cb != NULL; cb = cb->next) {
		if(cb->callback != on_reply)
			continue;
		block = cb->param;
		if(uax_req_unpack(block->packed, block->len, &req) != KX_OK)
			return;
		set_timeout(&t->fr_timeout, uax_req_number(&req, UAX_REQ_FR_TIMEOUT));
		set_timeout(&t->fr_inv_timeout,
				uax_req_number(&req, UAX_REQ_FR_INV_TIMEOUT));
		return;
	}
}

/* Hand it to tm; the block goes with it, or is freed. */
static int hand_over(const struct uax_req *req, dlg_t *dlg, str *headers,
		struct block *block)
{
	str method = req->text[UAX_REQ_METHOD], body = req->text[UAX_REQ_BODY];
	str sock = req->text[UAX_REQ_SOCK];
	uac_req_t uac_r;
	int ret;

	set_uac_req(&uac_r, &method, headers->len > 0 ? headers : NULL,
			body.len > 0 ? &body : NULL, dlg,
			block != NULL ? TMCB_LOCAL_COMPLETED | TMCB_DESTROY : 0,
			block != NULL ? on_reply : NULL, block);
	if(dlg->send_sock != NULL)
		uac_r.ssock = sock.len > 0 ? &sock : &ua_cfg.default_socket;
	ret = ctx.tm.t_uac(&uac_r);
	/* 0: dropped by event_route[tm:local-request], before tm kept the block */
	if(ret <= 0)
		free_block(block);
	return ret;
}

/* Send a request that has its Call-ID, From tag and CSeq. */
static int send_request(const struct uax_req *req, const str *credentials)
{
	struct block *block = NULL;
	str headers = {0, 0};
	char mem[1024];
	struct kx_buf b;
	dlg_t *dlg;
	int ret = -1;

	kx_buf_init_grow(
			&b, mem, sizeof(mem), &kam_pkg, 2 * (size_t)UAX_REQ_VALUE_MAX);
	if(uax_req_headers(&b, &req->text[UAX_REQ_HDRS]) != KX_OK
			|| kx_buf_str(&b, credentials) != KX_OK
			|| kx_buf_end(&b, &headers) != KX_OK) {
		LM_ERR("$uac_req(hdrs) is not a list of header lines\n");
		goto out;
	}
	if(needs_block(req) && (block = new_block(req)) == NULL)
		goto out;
	dlg = new_dialog(req);
	if(dlg == NULL) {
		free_block(block);
		goto out;
	}
	ret = hand_over(req, dlg, &headers, block);
	ctx.tm.free_dlg(dlg);
out:
	kx_buf_release(&b);
	return ret < 0 ? -1 : 1;
}

int ua_req_send(void)
{
	int bad = uax_reqspec_refused(ctx.current);
	struct uax_req req = ctx.current->req;
	str none = {0, 0};
	int cseq = uax_req_number(&req, UAX_REQ_CSEQNO);

	if(bad >= 0) {
		LM_ERR("$uac_req(%s) got a value it can't take, nothing is sent\n",
				uax_req_key_name(bad));
		return -1;
	}
	if(ctx.tm.t_uac == NULL) {
		LM_ERR("nothing can be sent before the module is set up\n");
		return -1;
	}
	if(req.text[UAX_REQ_METHOD].len <= 0 || req.text[UAX_REQ_RURI].len <= 0) {
		LM_ERR("$uac_req(method) and $uac_req(ruri) must be set\n");
		return -1;
	}
	/* what the answer to a challenge must repeat */
	req.text[UAX_REQ_SENT_CALLID] = req.text[UAX_REQ_CALLID];
	if(req.text[UAX_REQ_CALLID].len <= 0)
		ctx.tm.generate_callid(&req.text[UAX_REQ_SENT_CALLID]);
	req.text[UAX_REQ_SENT_FTAG] = req.text[UAX_REQ_FTAG];
	if(req.text[UAX_REQ_FTAG].len <= 0)
		ctx.tm.generate_fromtag(&req.text[UAX_REQ_SENT_FTAG],
				&req.text[UAX_REQ_SENT_CALLID], &req.text[UAX_REQ_RURI]);
	uax_req_number(&req, UAX_REQ_SENT_CSEQ) = cseq > 0 ? cseq : FIRST_CSEQ;
	return send_request(&req, &none);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * REGISTER transactions (RFC 3261 10.2). A record's attempt may take several
 * requests; each has a transaction of its own, and the answer to one finds
 * the record and compares the generation. */
#include "core/mem/mem.h"
#include "core/mem/shm_mem.h"
#include "core/socket_info.h"
#include "modules/tm/tm_load.h"

#include "authhdr.h"
#include "kam/kam_compat.h"
#include "kam/kam_mem.h"
#include "kam/kam_time.h"
#include "msgscan.h"
#include "reg_reply.h"
#include "reg_run.h"
#include "reg_sched.h"
#include "reg_stats.h"
#include "reg_step.h"
#include "reg_term.h"
#include "saved.h"
#include "ua_auth_nonce.h"
#include "ua_cfg.h"
#include "ua_hash.h"

enum
{
	URI_SIZE = 512,
	HEADERS_USUAL = 2048,
	/* no request is longer than what can be sent */
	HEADERS_MAX = 60000
};

static struct tm_binds tm;

int ua_run_init(void)
{
	if(load_tm_api(&tm) < 0) {
		LM_ERR("can't bind tm, load it before uac\n");
		return -1;
	}
	return 0;
}

static void credential_of(const struct ua_rec *rec, struct uax_cred *cred)
{
	memset(cred, 0, sizeof(*cred));
	cred->user = ua_rec_text(rec, UAX_R_auth_username);
	cred->realm = ua_rec_text(rec, UAX_R_realm);
	cred->secret = ua_rec_text(rec, UAX_R_auth_ha1);
	cred->is_ha1 = cred->secret.len > 0;
	if(!cred->is_ha1)
		cred->secret = ua_rec_text(rec, UAX_R_auth_password);
}

/* Texts of one request, on the stack of who sends it: an allocation costs as
 * much as writing them. */
struct request
{
	str ruri, aor, contact, next_hop, headers;
	char uri_mem[3][URI_SIZE];
	char id_mem[2 * UA_ID_BYTES + 1];
	char tag_mem[2 * UA_TAG_BYTES + 1];
	char headers_mem[HEADERS_USUAL];
	str callid, tag;
	struct kx_buf headers_buf;
};

static int write_authorization(struct request *r, const struct ua_rec *rec,
		const struct ua_nonce *nonce, uint32_t nc)
{
	struct uax_auth_request req = {
			KX_STR("REGISTER"), r->ruri, {NULL, 0}, {NULL, 0}, nc};
	struct uax_challenge challenge;
	struct uax_cred cred;
	char cnonce[UA_AUTH_CNONCE_LEN];

	if(uax_challenge_unpack(nonce->block, nonce->len, &challenge) != KX_OK
			|| ua_auth_cnonce(cnonce, &req.cnonce) != 0)
		return KX_E_BUG;
	credential_of(rec, &cred);
	return uax_authhdr_write(
			&r->headers_buf, &challenge, &cred, &req, ua_hashes());
}

static int write_request(
		struct request *r, const struct ua_rec *rec, const struct ua_shot *shot)
{
	struct kx_buf *h = &r->headers_buf, b[3];
	struct uax_row row;
	int i, err = KX_OK;

	ua_rec_row(rec, &row);
	for(i = 0; i < 3; i++)
		kx_buf_init(&b[i], r->uri_mem[i], sizeof(r->uri_mem[i]));
	uax_row_write_aor(&b[0], &row);
	uax_row_write_contact(&b[1], &row, &ua_cfg.reg_contact_addr);
	if(shot->redirect != NULL)
		kx_buf_add(&b[2], shot->redirect, strlen(shot->redirect));
	else
		uax_row_write_ruri(&b[2], &row);
	if(kx_buf_end(&b[0], &r->aor) != KX_OK
			|| kx_buf_end(&b[1], &r->contact) != KX_OK
			|| kx_buf_end(&b[2], &r->ruri) != KX_OK)
		return KX_E_TOO_LONG;
	/* a redirect names its own way; else the account's proxy, if it has one */
	r->next_hop = row.text[UAX_R_auth_proxy];
	if(shot->redirect != NULL)
		r->next_hop.len = 0;
	r->callid = ua_rec_hex(shot->callid, UA_ID_BYTES, r->id_mem);
	r->tag = ua_rec_hex(shot->tag, UA_TAG_BYTES, r->tag_mem);

	kx_buf_lit(h, "Contact: <");
	kx_buf_str(h, &r->contact);
	kx_buf_lit(h, ">\r\n");
	if(shot->former != NULL)
		uax_former_write(h, shot->former);
	kx_buf_lit(h, "Expires: ");
	kx_buf_u64(h, shot->expires_s);
	kx_buf_lit(h, "\r\n");
	for(i = 0; i < UA_NONCES && err == KX_OK; i++) {
		if(shot->nonce[i] != NULL)
			err = write_authorization(r, rec, shot->nonce[i], shot->nc[i]);
	}
	if(err != KX_OK)
		return err;
	return kx_buf_end(h, &r->headers);
}

static struct socket_info *socket_of(const struct ua_rec *rec)
{
	str name = ua_rec_text(rec, UAX_R_socket), uuid;
	struct socket_info *sock;

	if(name.len == 0)
		name = ua_cfg.default_socket;
	if(name.len == 0)
		return NULL;
	sock = lookup_local_socket(&name);
	if(sock == NULL) {
		uuid = ua_rec_text(rec, UAX_R_l_uuid);
		LM_WARN("account %.*s: not one of our sockets: %.*s\n", uuid.len,
				uuid.s, name.len, name.s);
	}
	return sock;
}

static void on_answer(struct cell *t, int type, struct tmcb_params *p);

/* Hand a request to tm. @return > 0 when its answer will come, by callback;
 * the reference of the record is then tm's */
static int send_request(
		struct request *r, const struct ua_shot *shot, struct ua_rec *rec)
{
	str method = KX_STR("REGISTER");
	uac_req_t req;
	dlg_t dlg;

	/* tm reads it and keeps nothing of it */
	memset(&dlg, 0, sizeof(dlg));
	dlg.id.call_id = r->callid;
	dlg.id.loc_tag = r->tag;
	dlg.loc_seq.value = shot->cseq;
	dlg.loc_seq.is_set = 1;
	dlg.loc_uri = dlg.rem_uri = r->aor;
	dlg.rem_target = r->ruri;
	if(r->next_hop.len > 0)
		dlg.dst_uri = r->next_hop;
	dlg.send_sock = socket_of(rec);
	set_uac_req(&req, &method, &r->headers, NULL, &dlg, TMCB_LOCAL_COMPLETED,
			on_answer, rec);
	return tm.t_uac(&req);
}

/* Send a shot. @return 0, or -1 when no answer will come */
static int fire(struct ua_rec *rec, const struct ua_shot *shot)
{
	str uuid = ua_rec_text(rec, UAX_R_l_uuid);
	struct request r;
	int ret = -1;

	ua_stats_count(UA_STATS_SENT);
	kx_buf_init_grow(&r.headers_buf, r.headers_mem, sizeof(r.headers_mem),
			&kam_pkg, HEADERS_MAX);
	if(write_request(&r, rec, shot) != KX_OK) {
		LM_ERR("account %.*s: the REGISTER can't be built\n", uuid.len, uuid.s);
	} else {
		ua_rec_hold(rec);
		ret = send_request(&r, shot, rec);
		if(ret <= 0) {
			/* 0: event_route[tm:local-request] dropped it */
			LM_WARN("account %.*s: the REGISTER was not sent%s\n", uuid.len,
					uuid.s, ret == 0 ? ", the script dropped it" : "");
			ua_rec_drop(rec);
		}
	}
	kx_buf_release(&r.headers_buf);
	return ret > 0 ? 0 : -1;
}

/* Send a shot; when that fails, tell the record. Its place in the
 * window is given back then. */
static void fire_or_fail(struct ua_rec *rec, const struct ua_shot *shot)
{
	struct ua_step_in in = {
			.gen = rec->sent_gen, .code = 477, .reason = KX_STR("Send failed")};
	struct ua_shot next;
	int64_t began_ms = kam_now_ms(), now_ms;
	int is_sent = fire(rec, shot) == 0;

	now_ms = kam_now_ms();
	ua_hop_took(rec->hop, is_sent, now_ms - began_ms);
	if(is_sent)
		return;
	ua_stats_outcome(UAX_O_UNSENT);
	ua_hop_end(rec->hop, UAX_PACE_LOST, rec->sent_ms, now_ms);
	ua_step_end(rec);
	if(ua_step(rec, UAX_E_UNREACHABLE, &in, now_ms, &next) == 1) {
		LM_BUG("a failure sends at once\n");
		ua_shot_release(&next);
	}
}

void ua_run_start(struct ua_rec *rec, int64_t started_ms)
{
	struct ua_step_in in = {0};
	struct ua_shot shot;

	if(ua_step(rec, UAX_E_DUE, &in, started_ms, &shot) == 1) {
		fire_or_fail(rec, &shot);
		ua_shot_release(&shot);
	} else {
		ua_hop_cancel(rec->hop, started_ms, kam_now_ms());
	}
	ua_rec_drop(rec);
}

int ua_run_farewell(struct ua_rec *rec)
{
	int64_t now_ms = kam_now_ms();
	struct ua_step_in in = {0};
	struct ua_shot shot;
	int is_online, ret;

	if(ua_term_lock(&rec->lock) != 0)
		return 0;
	is_online = rec->is_online && rec->until_ms > now_ms;
	rec->is_farewell = is_online;
	lock_release(&rec->lock);
	if(!is_online || ua_step_plain(rec, UAX_E_UNREGISTER, now_ms) != 0
			|| ua_step(rec, UAX_E_DUE, &in, now_ms, &shot) != 1)
		return 0;
	ret = fire(rec, &shot) == 0;
	ua_shot_release(&shot);
	return ret;
}

/* What the logic must know of the attempt, copied out of the record. */
struct attempt
{
	struct uax_attempt view;
	struct uax_cred cred;
	char contact_mem[UA_URI_SIZE];
	struct ua_nonce *nonce[UA_NONCES]; /* references; NULL: none */
};

static int attempt_read_locked(
		struct ua_rec *rec, unsigned int gen, struct attempt *a)
{
	int i;

	if(rec->is_dead || rec->gen != gen)
		return KX_E_NONE;
	a->view.asked_s = rec->ask_s;
	a->view.is_removal = uax_state_is_removal(rec->state);
	a->view.auth_tries = rec->auth_tries;
	a->view.brief_tries = rec->brief_tries;
	a->view.redirect_tries = rec->redirect_tries;
	for(i = 0; i < UA_NONCES; i++) {
		a->view.used[i].was_kept = rec->nonce_was_kept[i];
		a->nonce[i] = ua_nonce_hold(rec->nonce[i]);
	}
	return KX_OK;
}

static int attempt_read(struct ua_rec *rec, unsigned int gen, struct attempt *a)
{
	struct uax_challenge challenge;
	struct uax_row row;
	int i, err;

	memset(a, 0, sizeof(*a));
	credential_of(rec, &a->cred);
	a->view.cred = &a->cred;
	a->view.longest_s = (uint32_t)ua_cfg.reg_max_expires_accepted;
	ua_rec_row(rec, &row);
	ua_rec_contact(&row, a->contact_mem, &a->view.contact);

	lock_get(&rec->lock);
	err = attempt_read_locked(rec, gen, a);
	lock_release(&rec->lock);
	for(i = 0; i < UA_NONCES; i++) {
		if(a->nonce[i] != NULL
				&& uax_challenge_unpack(
						   a->nonce[i]->block, a->nonce[i]->len, &challenge)
						   == KX_OK)
			a->view.used[i].nonce = challenge.nonce;
	}
	return err;
}

static void attempt_release(struct attempt *a)
{
	int i;

	for(i = 0; i < UA_NONCES; i++)
		ua_nonce_drop(a->nonce[i]);
}

/* Fetch what the step needs in shm. */
static int supply(const struct uax_reply *reply, const struct attempt *a,
		const struct uax_answer *answer, struct ua_step_in *in)
{
	struct uax_challenge challenge;

	if(answer->event == UAX_E_CHALLENGE) {
		in->nonce = ua_nonce_new(&reply->challenge[answer->challenge]);
		in->is_proxy = reply->challenge[answer->challenge].is_proxy;
		return in->nonce != NULL ? KX_OK : KX_E_NOMEM;
	}
	if(answer->event == UAX_E_REDIRECT) {
		in->redirect = shm_malloc(answer->redirect.len + 1);
		if(in->redirect == NULL) {
			SHM_MEM_ERROR;
			return KX_E_NOMEM;
		}
		memcpy(in->redirect, answer->redirect.s, answer->redirect.len);
		in->redirect[answer->redirect.len] = '\0';
		return KX_OK;
	}
	/* without memory the binding counts all the same */
	if(answer->event == UAX_E_OK)
		ua_learnt_new(&reply->learnt, &in->learnt);
	/* Authentication-Info is the registrar's, not a proxy's */
	if(answer->event == UAX_E_OK && answer->nextnonce.is_given
			&& a->nonce[0] != NULL
			&& uax_challenge_unpack(
					   a->nonce[0]->block, a->nonce[0]->len, &challenge)
					   == KX_OK) {
		challenge.nonce = answer->nextnonce;
		in->nonce = ua_nonce_new(&challenge);
	}
	return KX_OK;
}

static void log_answer(const struct ua_rec *rec,
		const struct uax_answer *answer, const struct ua_step_in *in)
{
	str uuid = ua_rec_text(rec, UAX_R_l_uuid);

	switch(answer->event) {
		case UAX_E_REJECTED:
		case UAX_E_REFUSED:
		case UAX_E_BUSY:
		case UAX_E_UNREACHABLE:
			LM_WARN("account %.*s: %s: %d %.*s\n", uuid.len, uuid.s,
					uax_event_name(answer->event), in->code, in->reason.len,
					in->reason.s);
			break;
		default:
			break;
	}
	if(answer->remark != UAX_REMARK_NONE)
		LM_WARN("account %.*s: %s\n", uuid.len, uuid.s,
				uax_remark_text(answer->remark));
}

/* Whether an answer came from where one of the transaction's requests went. */
static int is_from_target(struct cell *t, struct sip_msg *msg)
{
	struct ip_addr to;
	int i;

	for(i = 0; i < (int)t->nr_of_outgoings; i++) {
		su2ip_addr(&to, &t->uac[i].request.dst.to);
		if(ip_addr_cmp(&to, &msg->rcv.src_ip)
				&& su_getport(&t->uac[i].request.dst.to) == msg->rcv.src_port)
			return 1;
	}
	return 0;
}

/* Whether who answered knows the secret, too. */
static void check_rspauth(struct cell *t, const struct ua_rec *rec,
		const struct sip_msg *msg, struct uax_reply *reply)
{
	str text = {msg->buf, (int)msg->len};
	struct uax_rspauth_in in = {.authinfo = reply->authinfo,
			.sent = {t->uac[0].request.buffer, t->uac[0].request.buffer_len}};
	struct uax_cred cred;

	credential_of(rec, &cred);
	uax_message_body(&text, &in.body);
	reply->rspauth = uax_rspauth_check(&in, &cred, ua_hashes());
}

static void on_final(
		struct cell *t, struct ua_rec *rec, struct sip_msg *msg, int code)
{
	int64_t now_ms = kam_now_ms();
	/* a record has one request under way: this one, until ua_step_end() */
	struct ua_step_in in = {.gen = rec->sent_gen, .code = code};
	struct uax_reply reply;
	struct uax_answer answer = {.event = UAX_E_COUNT};
	struct attempt a;
	struct ua_shot shot;
	enum uax_pace_end how = UAX_PACE_ANSWERED;
	int is_going_on = 0;

	ua_stats_count(UA_STATS_ANSWERED);
	ua_reply_read(msg, code, &reply);
	if(!reply.is_local)
		ua_stats_rtt(now_ms - rec->sent_ms);
	in.reason = reply.is_local ? KX_STR("No answer")
							   : msg->first_line.u.reply.reason;
	if(!reply.is_local && reply.n_challenges > 0 && ua_cfg.reg_trusted_only
			&& !is_from_target(t, msg)) {
		LM_WARN("a challenge from an address nothing was sent to is not "
				"answered, see reg_trusted_only\n");
		reply.n_challenges = 0;
	}
	if(!reply.is_local && code < 300 && reply.authinfo.len > 0)
		check_rspauth(t, rec, msg, &reply);
	if(reply.is_local)
		how = UAX_PACE_LOST;
	else if(code == 503)
		how = UAX_PACE_CHOKED;

	ua_hop_end(rec->hop, how, rec->sent_ms, now_ms);
	ua_step_end(rec);
	if(attempt_read(rec, in.gen, &a) == KX_OK) {
		uax_answer_read(&reply, &a.view, &answer);
		if(supply(&reply, &a, &answer, &in) != KX_OK)
			answer.event = UAX_E_UNREACHABLE;
		in.answer = &answer;
		log_answer(rec, &answer, &in);
		is_going_on = ua_step(rec, answer.event, &in, now_ms, &shot) == 1;
	}
	ua_stats_outcome(uax_outcome_of(answer.event, code));
	if(is_going_on) {
		/* what was begun is ended, whether or not the window has room */
		ua_hop_begin(rec->hop, now_ms);
		fire_or_fail(rec, &shot);
		ua_shot_release(&shot);
	}
	attempt_release(&a);
}

/* tm's callback: one final answer per transaction, of the registrar or of tm
 * itself. */
static void on_answer(struct cell *t, int type, struct tmcb_params *p)
{
	struct ua_rec *rec = *p->param;

	if(rec == NULL)
		return;
	*p->param = NULL;
	on_final(t, rec, p->rpl, p->code);
	ua_rec_drop(rec);
}

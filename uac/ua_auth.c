/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Answering challenges: which, as whom, with what. */
#include "core/dprint.h"
#include "modules/tm/tm_load.h"

#include "authhdr.h"
#include "kam/kam_mem.h"
#include "msgscan.h"
#include "sentauth.h"
#include "ua_auth.h"
#include "ua_auth_msg.h"
#include "ua_auth_nonce.h"
#include "ua_cfg.h"
#include "ua_cred.h"
#include "ua_hash.h"

/* All answers of a request together; more fits no datagram. */
#define HEADERS_MAX 60000
#define HEADERS_USUAL 1024
#define CRED_TEXT_MAX 16384

static struct tm_binds tmb;
static struct uax_auth_policy policy;

/* One call of uac_auth(). Large: what a count says is there is all that is
 * ever written or read of a list. */
struct auth_run
{
	struct sip_msg *msg;
	struct cell *t;
	int branch;
	int is_ha1;
	str received; /* the request as text */
	str sent;	  /* as the branch sent it */
	/* of the reply */
	struct uax_challenge asked[UAX_CHALLENGES_MAX];
	int n_asked;
	/* ours, of the branch */
	struct uax_challenge before[UAX_CHALLENGES_MAX];
	int n_before;
	/* what is answered now */
	struct uax_challenge done[2 * UAX_CHALLENGES_MAX];
	int n_done;
	struct uax_auth_request req;
	struct kx_buf headers;
	struct kx_buf cred_text;
};

static int read_policy(void)
{
	const str *prefer = &ua_cfg.auth_prefer, *min = &ua_cfg.auth_min_algorithm;

	policy.is_topmost = kx_str_is(prefer, "topmost");
	if(!policy.is_topmost && !kx_str_is(prefer, "strongest")) {
		LM_ERR("parameter auth_prefer is %.*s, it must be strongest or "
			   "topmost\n",
				prefer->len, prefer->s);
		return -1;
	}
	if(min->len == 0)
		return 0;
	policy.min_alg = uax_alg_of(min, NULL);
	if(policy.min_alg == UAX_ALG_UNKNOWN) {
		LM_ERR("parameter auth_min_algorithm is %.*s, it must be MD5, "
			   "SHA-256 or SHA-512-256\n",
				min->len, min->s);
		return -1;
	}
	return 0;
}

int ua_auth_prepare(void)
{
	if(read_policy() < 0)
		return -1;
	if(load_tm_api(&tmb) < 0) {
		LM_ERR("the tm module must be loaded before this one\n");
		return -1;
	}
	return 0;
}

const struct uax_auth_policy *ua_auth_policy(void)
{
	return &policy;
}

/* The text of the reply that the route is about, or -1 when that is none
 * from the network. */
static int find_reply(struct auth_run *run, str *out)
{
	struct sip_msg *reply;

	run->t = tmb.t_gett();
	if(run->t == NULL || run->t == T_UNDEFINED || run->t->uas.request == NULL) {
		LM_ERR("no transaction: call this in a failure route\n");
		return -1;
	}
	run->branch = tmb.t_get_picked_branch();
	if(run->branch < 0 || run->branch >= run->t->nr_of_outgoings) {
		LM_ERR("no reply was picked: call this in a failure route\n");
		return -1;
	}
	reply = run->t->uac[run->branch].reply;
	if(reply == NULL || reply == FAKED_REPLY) {
		LM_DBG("there is no reply, only a timeout\n");
		return -1;
	}
	if(reply->first_line.u.reply.statuscode != 401
			&& reply->first_line.u.reply.statuscode != 407) {
		LM_ERR("the reply is %d and no challenge: check the status first\n",
				reply->first_line.u.reply.statuscode);
		return -1;
	}
	out->s = reply->buf;
	out->len = reply->len;
	return 0;
}

static str sent_of(const struct cell *t, int branch)
{
	return (str){
			t->uac[branch].request.buffer, t->uac[branch].request.buffer_len};
}

static int collect(struct auth_run *run)
{
	str reply = {NULL, 0};
	struct kx_cursor c;
	struct uax_header h;
	int is_proxy;

	if(find_reply(run, &reply) < 0 || uax_headers_begin(&reply, &c) != KX_OK)
		return -1;
	while(uax_header_next(&c, &h) == KX_OK) {
		is_proxy = kx_str_is(&h.name, "Proxy-Authenticate");
		if(is_proxy || kx_str_is(&h.name, "WWW-Authenticate"))
			uax_challenge_collect(&h.body, is_proxy, run->asked, &run->n_asked);
	}
	if(run->n_asked == 0) {
		LM_WARN("the reply has no challenge that can be answered\n");
		return -1;
	}
	run->received = (str){run->msg->buf, (int)run->msg->len};
	run->sent = sent_of(run->t, run->branch);
	/* the mark of ua_auth_put(): without it this transaction has none of ours */
	if(run->t->uas.request->msg_flags & FL_UAC_AUTH)
		uax_sent_answers(
				&run->sent, &run->received, run->before, &run->n_before);
	return 0;
}

/* How many requests of this transaction had an answer in a realm. */
static int count_tries(struct auth_run *run, const struct uax_challenge *ch)
{
	struct uax_challenge list[UAX_CHALLENGES_MAX];
	int i, n, tries = 0;

	for(i = 0; i < run->t->nr_of_outgoings; i++) {
		str sent = sent_of(run->t, i);

		n = 0;
		uax_sent_answers(&sent, &run->received, list, &n);
		tries += uax_same_realm(ch, list, n) != NULL;
	}
	return tries;
}

static int is_refusal(struct auth_run *run, const struct uax_challenge *ch)
{
	const struct uax_challenge *answer =
			uax_same_realm(ch, run->before, run->n_before);

	return answer != NULL && uax_is_refusal(ch, answer, count_tries(run, ch));
}

/* Append the answer to one challenge; -1 leaves the headers useless. */
static int write_answer(struct auth_run *run, const struct uax_challenge *ch,
		const struct uax_cred *cred)
{
	int err;

	if(uax_challenge_qop(ch) != UAX_QOP_NONE)
		run->req.nc = ua_auth_nonce_use(&ch->realm.s, &ch->nonce.s);
	if(uax_challenge_qop(ch) == UAX_QOP_AUTH_INT)
		uax_message_body(&run->sent, &run->req.body);
	err = uax_authhdr_write(&run->headers, ch, cred, &run->req, ua_hashes());
	if(err != KX_OK) {
		LM_ERR("no answer for realm %.*s can be written (%d)\n",
				ch->realm.s.len, ch->realm.s.s, err);
		return -1;
	}
	run->done[run->n_done++] = *ch;
	return 0;
}

/* Answer the realm that asked[first] begins: 1 done, 0 nobody to answer as,
 * -1 not to be answered. */
static int answer_realm(struct auth_run *run, int first)
{
	const struct uax_challenge *ch = &run->asked[first];
	struct uax_cred cred;
	int i;

	if(ua_cred_find(run->msg, &ch->realm, run->is_ha1, &run->cred_text, &cred)
			< 0) {
		LM_DBG("no credential for realm %.*s\n", ch->realm.s.len,
				ch->realm.s.s);
		return 0;
	}
	i = uax_challenge_choose(run->asked, run->n_asked, first, &cred, &policy);
	if(i < 0) {
		LM_WARN("no algorithm that realm %.*s offers fits the credential\n",
				ch->realm.s.len, ch->realm.s.s);
		return 0;
	}
	if(is_refusal(run, &run->asked[i])) {
		LM_WARN("realm %.*s has refused our credential\n", ch->realm.s.len,
				ch->realm.s.s);
		return -1;
	}
	return write_answer(run, &run->asked[i], &cred) < 0 ? -1 : 1;
}

static int answer_realms(struct auth_run *run)
{
	int first, got, pos = 0;

	while((first = uax_realm_next(run->asked, run->n_asked, &pos)) >= 0) {
		got = answer_realm(run, first);
		if(got < 0)
			return -1;
	}
	return run->n_done > 0 ? 0 : -1;
}

/* The branch had passed other realms on its way: they want their answer
 * again, one use of the nonce later. */
static int answer_again(struct auth_run *run)
{
	struct uax_cred cred;
	int i, first, pos = 0;

	while((first = uax_realm_next(run->before, run->n_before, &pos)) >= 0) {
		const struct uax_challenge *ch = &run->before[first];

		if(uax_same_realm(ch, run->asked, run->n_asked) != NULL
				|| ua_cred_find(run->msg, &ch->realm, run->is_ha1,
						   &run->cred_text, &cred)
						   < 0)
			continue;
		i = uax_challenge_choose(
				run->before, run->n_before, first, &cred, &policy);
		if(i >= 0 && write_answer(run, &run->before[i], &cred) < 0)
			return -1;
	}
	return 0;
}

int ua_auth_answer(struct sip_msg *msg, int mode)
{
	struct auth_run run;
	char cnonce[UA_AUTH_CNONCE_LEN], text[256], headers[HEADERS_USUAL];
	str lines = {NULL, 0};
	int ret = -1;

	run.msg = msg;
	run.is_ha1 = (mode & UA_AUTH_HA1) != 0;
	run.n_asked = run.n_before = run.n_done = 0;
	memset(&run.req, 0, sizeof(run.req));
	kx_buf_init_grow(
			&run.headers, headers, sizeof(headers), &kam_pkg, HEADERS_MAX);
	kx_buf_init_grow(
			&run.cred_text, text, sizeof(text), &kam_pkg, CRED_TEXT_MAX);
	if(collect(&run) < 0 || ua_auth_cnonce(cnonce, &run.req.cnonce) < 0)
		goto out;
	run.req.method = msg->first_line.u.request.method;
	run.req.uri = run.t->uac[run.branch].uri;
	if(answer_realms(&run) < 0 || answer_again(&run) < 0
			|| kx_buf_end(&run.headers, &lines) != KX_OK
			|| ua_auth_put(
					   msg, run.t, &run.req.uri, &lines, run.done, run.n_done)
					   < 0)
		goto out;
	ret = 1;
out:
	kx_buf_release(&run.headers);
	kx_buf_release(&run.cred_text);
	explicit_bzero(text, sizeof(text));
	return ret;
}

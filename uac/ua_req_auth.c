/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Answers the challenges to requests of scripts. */
#include "core/parser/hf.h"
#include "core/parser/msg_parser.h"

#include "authhdr.h"
#include "kam/kam_mem.h"
#include "msgscan.h"
#include "reqauth.h"
#include "rspauth.h"
#include "ua_auth.h"
#include "ua_auth_nonce.h"
#include "ua_hash.h"
#include "ua_req_auth.h"

enum
{
	ANSWER_MAX = 64 * 1024
};

static const int held_key[UAX_REQAUTH_ENDS] = {
		UAX_REQ_HELD_SERVER, UAX_REQ_HELD_PROXY};

int ua_req_auth_is_possible(const struct uax_req *req)
{
	return req->text[UAX_REQ_AUSER].len > 0
		   && req->text[UAX_REQ_APASSWD].len > 0;
}

/* What the request that was challenged answered already. */
static void read_state(const struct uax_req *req, struct uax_reqauth *st)
{
	int i;

	memset(st, 0, sizeof(*st));
	st->stale = uax_req_number(req, UAX_REQ_STALE);
	for(i = 0; i < UAX_REQAUTH_ENDS; i++) {
		const str *held = &req->text[held_key[i]];

		if(held->len > 0
				&& uax_challenge_unpack(held->s, held->len, &st->held[i])
						   == KX_OK)
			st->is_held[i] = 1;
	}
}

static int collect(sip_msg_t *rpl, struct uax_challenge *list)
{
	struct hdr_field *hdr;
	int n = 0;

	if(parse_headers(rpl, HDR_EOH_F, 0) < 0) {
		LM_WARN("the headers of a challenge can't be parsed\n");
		return 0;
	}
	for(hdr = rpl->headers; hdr != NULL; hdr = hdr->next) {
		if(hdr->type == HDR_WWW_AUTHENTICATE_T)
			uax_challenge_collect(&hdr->body, 0, list, &n);
		else if(hdr->type == HDR_PROXY_AUTHENTICATE_T)
			uax_challenge_collect(&hdr->body, 1, list, &n);
	}
	return n;
}

static int write_answer(const struct uax_challenge *ch,
		const struct uax_cred *cred, const struct uax_req *req,
		struct kx_buf *b)
{
	struct uax_auth_request what = {
			.method = req->text[UAX_REQ_METHOD],
			.uri = uax_req_target(&req->text[UAX_REQ_RURI]),
			.body = req->text[UAX_REQ_BODY],
	};
	char mem[UA_AUTH_CNONCE_LEN];

	if(ua_auth_cnonce(mem, &what.cnonce) != 0)
		return KX_E_NONE;
	what.nc = ua_auth_nonce_use(&ch->realm.s, &ch->nonce.s);
	return uax_authhdr_write(b, ch, cred, &what, ua_hashes());
}

/* Keep what is answered with the next request. */
static int keep_challenge(
		struct ua_req_answer *out, int end, const struct uax_challenge *ch)
{
	size_t len = uax_challenge_pack_len(ch);
	char *mem = pkg_malloc(len);

	if(mem == NULL) {
		PKG_MEM_ERROR;
		return KX_E_NOMEM;
	}
	uax_challenge_pack(ch, mem);
	out->held[end] = mem;
	out->req.text[held_key[end]].s = mem;
	out->req.text[held_key[end]].len = (int)len;
	return KX_OK;
}

static int write_request(struct ua_req_answer *out,
		const struct uax_reqauth *st, const struct uax_cred *cred)
{
	int i, err = KX_OK;

	uax_req_number(&out->req, UAX_REQ_SENT_CSEQ)++;
	uax_req_number(&out->req, UAX_REQ_STALE) = st->stale;
	for(i = 0; i < UAX_REQAUTH_ENDS && err == KX_OK; i++) {
		if(!st->is_held[i])
			continue;
		err = keep_challenge(out, i, &st->held[i]);
		if(err == KX_OK)
			err = write_answer(&st->held[i], cred, &out->req, &out->text);
	}
	return err == KX_OK ? kx_buf_end(&out->text, &out->headers) : err;
}

static struct uax_cred cred_of(const struct uax_req *req)
{
	return (struct uax_cred){
			.user = req->text[UAX_REQ_AUSER],
			.secret = req->text[UAX_REQ_APASSWD],
			.is_ha1 = uax_req_number(req, UAX_REQ_FLAGS) & UAX_REQ_F_HA1,
	};
}

void ua_req_auth_check(
		const struct uax_req *req, const str *sent, sip_msg_t *rpl)
{
	struct uax_rspauth_in in = {.sent = *sent};
	struct uax_cred cred = cred_of(req);
	str text = {rpl->buf, (int)rpl->len}, ruri = req->text[UAX_REQ_RURI];
	struct kx_cursor c;
	struct uax_header h;

	if(uax_headers_begin(&text, &c) != KX_OK)
		return;
	uax_message_body(&text, &in.body);
	while(uax_header_next(&c, &h) == KX_OK) {
		in.is_proxy = kx_str_is(&h.name, "Proxy-Authentication-Info");
		if(!in.is_proxy && !kx_str_is(&h.name, "Authentication-Info"))
			continue;
		in.authinfo = h.body;
		if(uax_rspauth_check(&in, &cred, ua_hashes()) == UAX_RSPAUTH_WRONG)
			LM_WARN("request to %.*s: the answer's rspauth is wrong: who sent "
					"it may not know the password\n",
					ruri.len, ruri.s);
	}
}

int ua_req_auth_answer(
		const struct uax_req *req, sip_msg_t *rpl, struct ua_req_answer *out)
{
	struct uax_challenge list[UAX_CHALLENGES_MAX];
	struct uax_cred cred = cred_of(req);
	struct uax_reqauth st;
	str ruri = req->text[UAX_REQ_RURI];
	int n = collect(rpl, list);

	read_state(req, &st);
	if(uax_req_number(req, UAX_REQ_SENT_CSEQ) == INT32_MAX
			|| uax_reqauth_step(&st, list, n, &cred, ua_auth_policy())
					   != KX_OK) {
		LM_INFO("request to %.*s: the challenge refuses the credentials, or "
				"they can't answer it\n",
				ruri.len, ruri.s);
		return -1;
	}
	memset(out, 0, sizeof(*out));
	out->req = *req;
	kx_buf_init_grow(&out->text, NULL, 0, &kam_pkg, ANSWER_MAX);
	if(write_request(out, &st, &cred) != KX_OK) {
		LM_ERR("request to %.*s: the answer to its challenge can't be "
			   "written\n",
				ruri.len, ruri.s);
		ua_req_answer_release(out);
		return -1;
	}
	return 0;
}

void ua_req_answer_release(struct ua_req_answer *answer)
{
	int i;

	for(i = 0; i < UAX_REQAUTH_ENDS; i++) {
		if(answer->held[i] != NULL)
			pkg_free(answer->held[i]);
		answer->held[i] = NULL;
	}
	kx_buf_release(&answer->text);
}

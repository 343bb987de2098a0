/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes Authorization and Proxy-Authorization. */
#include "authhdr.h"

/* Whether a text would end the header it is put into. */
static int is_unsafe(const str *s)
{
	return kx_str_chr(s, '\r') != NULL || kx_str_chr(s, '\n') != NULL
		   || kx_str_chr(s, '\0') != NULL;
}

static int is_any_unsafe(const struct uax_challenge *ch,
		const struct uax_cred *cred, const struct uax_auth_request *req)
{
	return is_unsafe(&cred->user) || is_unsafe(&req->uri)
		   || is_unsafe(&req->cnonce) || is_unsafe(&ch->realm.s)
		   || is_unsafe(&ch->nonce.s) || is_unsafe(&ch->opaque.s)
		   || is_unsafe(&ch->algorithm.s);
}

static void write_user(struct kx_buf *b, const struct uax_challenge *ch,
		const str *user, const struct uax_hashes *h)
{
	char hex[UAX_HEX_SIZE];
	str hashed = {hex, uax_alg_hex_len(ch->alg)};

	if(!ch->is_userhash) {
		kx_buf_quoted(b, user);
		return;
	}
	uax_digest_userhash(user, &ch->realm, ch->alg, h, hex);
	kx_buf_quoted(b, &hashed);
}

/* What depends on the quality of protection. */
static void write_qop(struct kx_buf *b, const struct uax_digest *d)
{
	if(d->qop == UAX_QOP_AUTH)
		kx_buf_lit(b, ", qop=auth, nc=");
	else if(d->qop == UAX_QOP_AUTH_INT)
		kx_buf_lit(b, ", qop=auth-int, nc=");
	if(d->qop != UAX_QOP_NONE)
		kx_buf_hex(b, d->nc, 8);
	if(d->qop != UAX_QOP_NONE || d->is_sess) {
		kx_buf_lit(b, ", cnonce=");
		kx_buf_quoted(b, &d->cnonce);
	}
}

/* What the server only wants to see again. */
static void write_echoes(struct kx_buf *b, const struct uax_challenge *ch)
{
	if(ch->opaque.is_given) {
		kx_buf_lit(b, ", opaque=");
		uax_text_echo(b, &ch->opaque);
	}
	if(ch->algorithm.is_given) {
		kx_buf_lit(b, ", algorithm=");
		kx_buf_str(b, &ch->algorithm.s);
	}
	if(ch->is_userhash)
		kx_buf_lit(b, ", userhash=true");
}

int uax_authhdr_write(struct kx_buf *b, const struct uax_challenge *ch,
		const struct uax_cred *cred, const struct uax_auth_request *req,
		const struct uax_hashes *h)
{
	struct uax_digest d = {.alg = ch->alg,
			.is_sess = ch->is_sess,
			.qop = uax_challenge_qop(ch),
			.realm = ch->realm,
			.nonce = ch->nonce,
			.method = req->method,
			.uri = req->uri,
			.body = req->body,
			.cnonce = req->cnonce,
			.nc = req->nc};
	char response[UAX_HEX_SIZE];
	int err;

	if(!uax_cred_covers(cred, &ch->realm))
		return KX_E_RANGE;
	if(is_any_unsafe(ch, cred, req))
		return KX_E_SYNTAX;
	err = uax_digest_response(&d, cred, h, response);
	if(err != KX_OK)
		return err;

	if(ch->is_proxy)
		kx_buf_lit(b, "Proxy-");
	kx_buf_lit(b, "Authorization: Digest username=");
	write_user(b, ch, &cred->user, h);
	kx_buf_lit(b, ", realm=");
	uax_text_echo(b, &ch->realm);
	kx_buf_lit(b, ", nonce=");
	uax_text_echo(b, &ch->nonce);
	kx_buf_lit(b, ", uri=");
	kx_buf_quoted(b, &req->uri);
	write_qop(b, &d);
	kx_buf_lit(b, ", response=\"");
	kx_buf_add(b, response, uax_alg_hex_len(ch->alg));
	kx_buf_lit(b, "\"");
	write_echoes(b, ch);
	return kx_buf_lit(b, "\r\n");
}

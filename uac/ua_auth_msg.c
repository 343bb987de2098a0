/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Puts answers to challenges into a request. */
#include "core/data_lump.h"
#include "core/dprint.h"
#include "core/dset.h"
#include "core/mem/mem.h"
#include "core/parser/hf.h"
#include "core/srapi.h"

#include "sentauth.h"
#include "ua_auth_msg.h"

/* Whether a lump adds what an earlier call in the same route has put in. */
static int is_ours(const struct lump *l)
{
	str text;

	if(l->op != LUMP_NOP || l->type != HDR_AUTHORIZATION_T
			|| (l->flags & LUMPFLAG_SHMEM) || l->before == NULL
			|| l->before->op != LUMP_ADD)
		return 0;
	text = (str){l->before->u.value, l->before->len};
	return kx_str_has_prefix(&text, "Authorization: Digest ")
		   || kx_str_has_prefix(&text, "Proxy-Authorization: Digest ");
}

static void drop_ours(struct sip_msg *msg)
{
	struct lump *l, *next;

	for(l = msg->add_rm; l != NULL; l = next) {
		next = l->next;
		if(is_ours(l))
			remove_lump(msg, l);
	}
}

static int is_deleted(const struct sip_msg *msg, int offset)
{
	const struct lump *l;

	for(l = msg->add_rm; l != NULL; l = l->next)
		if(l->op == LUMP_DEL && l->u.offset <= offset
				&& offset < l->u.offset + l->len)
			return 1;
	return 0;
}

/* Whether a header answers one of these realms. */
static int is_superseded(
		const struct hdr_field *hdr, const struct uax_challenge *done, int n)
{
	struct kx_cursor c;
	struct uax_challenge ch;

	kx_cur_init(&c, &hdr->body);
	if(uax_challenge_next(&c, &ch) != KX_OK || ch.unusable == UAX_CH_SCHEME)
		return 0;
	ch.is_proxy = hdr->type == HDR_PROXYAUTH_T;
	return uax_same_realm(&ch, done, n) != NULL;
}

/* Take the headers of these realms out. @return 0, or -1 without memory */
static int delete_superseded(
		struct sip_msg *msg, const struct uax_challenge *done, int n)
{
	const struct hdr_field *hdr;
	int offset;

	for(hdr = msg->headers; hdr != NULL; hdr = hdr->next) {
		if(hdr->type != HDR_AUTHORIZATION_T && hdr->type != HDR_PROXYAUTH_T)
			continue;
		offset = (int)(hdr->name.s - msg->buf);
		if(is_deleted(msg, offset) || !is_superseded(hdr, done, n))
			continue;
		if(del_lump(msg, offset, hdr->len, HDR_AUTHORIZATION_T) == NULL)
			return -1;
	}
	return 0;
}

/* Put header lines behind the last header. */
static int add_headers(struct sip_msg *msg, const str *headers)
{
	char *copy = pkg_malloc(headers->len);
	struct lump *anchor;

	if(copy == NULL)
		return -1;
	memcpy(copy, headers->s, headers->len);
	anchor = anchor_lump(msg, msg->eoh - msg->buf, 0, HDR_AUTHORIZATION_T);
	if(anchor == NULL
			|| insert_new_lump_before(
					   anchor, copy, headers->len, HDR_AUTHORIZATION_T)
					   == NULL) {
		pkg_free(copy);
		return -1;
	}
	return 0;
}

/* Point the request there; the next relay takes it for a new target even if
 * it is the old one. */
static int set_target(struct sip_msg *msg, str *uri)
{
	if(!kx_str_eq(GET_RURI(msg), uri))
		return rewrite_uri(msg, uri);
	ruri_mark_new();
	return 0;
}

/* The dialog module, where it tracks CSeq, raises the number here and, from
 * then on, in the other messages of the dialog. */
static void raise_cseq(struct sip_msg *msg, struct cell *t)
{
	sr_cfgenv_t *env = sr_cfgenv_get();

	msg->msg_flags |= FL_UAC_AUTH;
	t->uas.request->msg_flags |= FL_UAC_AUTH;
	if(env->cb_cseq_update != NULL && env->cb_cseq_update(msg) < 0)
		LM_WARN("the dialog module has not raised the CSeq\n");
}

int ua_auth_put(struct sip_msg *msg, struct cell *t, str *uri,
		const str *headers, const struct uax_challenge *done, int n)
{
	drop_ours(msg);
	/* a request of a transaction has all its headers parsed already */
	if(parse_headers(msg, HDR_EOH_F, 0) < 0 || msg->eoh == NULL
			|| delete_superseded(msg, done, n) < 0
			|| add_headers(msg, headers) < 0) {
		LM_ERR("the answer can't be put into the request\n");
		return -1;
	}
	if(set_target(msg, uri) < 0)
		return -1;
	raise_cseq(msg, t);
	return 0;
}

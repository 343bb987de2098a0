/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Puts answers to challenges into a request. */
#include "core/data_lump.h"
#include "core/dprint.h"
#include "core/dset.h"
#include "core/srapi.h"

#include "msgscan.h"
#include "sentauth.h"
#include "ua_auth_msg.h"

static int is_answer_name(const str *name)
{
	return kx_str_is(name, "Authorization")
		   || kx_str_is(name, "Proxy-Authorization");
}

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
		const struct uax_header *h, const struct uax_challenge *done, int n)
{
	struct kx_cursor c;
	struct uax_challenge ch;

	kx_cur_init(&c, &h->body);
	if(uax_challenge_next(&c, &ch) != KX_OK || ch.unusable == UAX_CH_SCHEME)
		return 0;
	ch.is_proxy = kx_str_is(&h->name, "Proxy-Authorization");
	return uax_same_realm(&ch, done, n) != NULL;
}

/* Take the headers of these realms out; the offset of the empty line after
 * the last header, or -1. */
static int delete_superseded(
		struct sip_msg *msg, const struct uax_challenge *done, int n)
{
	str text = {msg->buf, (int)msg->len};
	struct kx_cursor c;
	struct uax_header h;
	int offset;

	if(uax_headers_begin(&text, &c) != KX_OK)
		return -1;
	while(uax_header_next(&c, &h) == KX_OK) {
		offset = (int)(h.line.s - msg->buf);
		if(!is_answer_name(&h.name) || is_deleted(msg, offset)
				|| !is_superseded(&h, done, n))
			continue;
		if(del_lump(msg, offset, h.line.len, HDR_AUTHORIZATION_T) == NULL)
			return -1;
	}
	return (int)(c.p - msg->buf);
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
		struct kx_buf *headers, const struct uax_challenge *done, int n)
{
	struct lump *anchor;
	int end;

	drop_ours(msg);
	end = delete_superseded(msg, done, n);
	anchor = end > 0 ? anchor_lump(msg, end, 0, HDR_AUTHORIZATION_T) : NULL;
	if(anchor == NULL
			|| insert_new_lump_before(
					   anchor, headers->s, headers->len, HDR_AUTHORIZATION_T)
					   == NULL) {
		LM_ERR("the answer can't be put into the request\n");
		return -1;
	}
	headers->is_owned = 0; /* the lump has it */
	if(rewrite_uri(msg, uri) < 0)
		return -1;
	raise_cseq(msg, t);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From and To of a message: read, and changed by lumps. */
#include "core/dprint.h"
#include "core/mem/mem.h"

#include "kam/kam_compat.h"
#include "ua_replace_priv.h"

void ua_hdr_read(sip_msg_t *msg, enum ua_side side, struct ua_hdr *out)
{
	struct hdr_field **hdr = side == UA_FROM ? &msg->from : &msg->to;

	out->side = side;
	if(*hdr == NULL)
		parse_headers(msg, side == UA_FROM ? HDR_FROM_F : HDR_TO_F, 0);
	out->is_there =
			*hdr != NULL && uax_addr_parse(&(*hdr)->body, &out->addr) == KX_OK;
}

int ua_request_read(sip_msg_t *msg, struct ua_request *out)
{
	int side;

	out->msg = msg;
	out->params = KX_STR("");
	out->dlg = NULL;
	for(side = UA_FROM; side <= UA_TO; side++) {
		ua_hdr_read(msg, side, &out->hdr[side]);
		out->tag[side] = out->hdr[side].is_there
								 ? uax_addr_tag(&out->hdr[side].addr)
								 : KX_STR("");
	}
	if(msg->callid == NULL)
		parse_headers(msg, HDR_CALLID_F, 0);
	if(msg->callid == NULL)
		return -1;
	out->callid = msg->callid->body;
	kx_str_trim(&out->callid);
	return 0;
}

static enum _hdr_types_t type_of(enum ua_side side)
{
	return side == UA_FROM ? HDR_FROM_T : HDR_TO_T;
}

struct lump *ua_hdr_change(sip_msg_t *msg, const struct ua_hdr *hdr)
{
	int offset = hdr->is_there ? hdr->addr.whole.s - msg->buf : -1;
	struct lump *l;

	for(l = msg->add_rm; l != NULL; l = l->next) {
		if(l->op == LUMP_DEL && l->type == type_of(hdr->side)
				&& l->u.offset == offset)
			return l;
	}
	return NULL;
}

/* A deletion, and the text after it; the lump takes the text on success. */
static struct lump *put_text(sip_msg_t *msg, const struct ua_hdr *hdr,
		char *text, int len, enum lump_flag flag)
{
	struct lump *add, *del = del_lump(msg, hdr->addr.whole.s - msg->buf,
							  hdr->addr.whole.len, type_of(hdr->side));

	if(del == NULL)
		return NULL;
	add = insert_new_lump_after(del, text, len, 0);
	if(add == NULL) {
		/* a deletion without an insertion must never stay */
		remove_lump(msg, del);
		return NULL;
	}
	add->flags |= flag;
	return del;
}

static struct lump *replace(sip_msg_t *msg, const struct ua_hdr *hdr,
		char *text, int len, enum lump_flag flag)
{
	struct lump *old = ua_hdr_change(msg, hdr);
	struct lump *change = put_text(msg, hdr, text, len, flag);

	if(change == NULL)
		LM_ERR("no memory for the new %s\n",
				hdr->side == UA_FROM ? "From" : "To");
	else if(old != NULL)
		remove_lump(msg, old);
	return change;
}

struct lump *ua_hdr_set(
		sip_msg_t *msg, const struct ua_hdr *hdr, const str *text)
{
	char *copy = pkg_malloc(text->len);
	struct lump *change;

	if(copy == NULL) {
		PKG_MEM_ERROR;
		return NULL;
	}
	memcpy(copy, text->s, text->len);
	change = replace(msg, hdr, copy, text->len, LUMPFLAG_NONE);
	if(change == NULL)
		pkg_free(copy);
	return change;
}

void ua_hdr_lend(sip_msg_t *msg, const struct ua_hdr *hdr, const str *text)
{
	/* the core's mark of a text that is not the lump's own */
	replace(msg, hdr, text->s, text->len, LUMPFLAG_DUPED);
}

void ua_hdr_mark(sip_msg_t *msg, enum ua_side side)
{
	struct cell *t = ua_rpl.tm.t_gett();
	msg_flags_t flag = ua_side_flag(side);

	msg->msg_flags |= flag;
	if(t != NULL && t != T_UNDEFINED && t->uas.request != NULL)
		t->uas.request->msg_flags |= flag;
}

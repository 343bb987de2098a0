/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From and To of a message: read, and changed by lumps. */
#include "core/dprint.h"
#include "core/mem/mem.h"
#include "core/parser/parse_addr_spec.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"

#include "kam/kam_compat.h"
#include "ua_replace_priv.h"

/* The parsed header, or NULL. */
static struct hdr_field *parsed(sip_msg_t *msg, enum ua_side side)
{
	struct hdr_field *hdr = side == UA_FROM ? msg->from : msg->to;

	if(hdr != NULL && hdr->parsed != NULL)
		return hdr;
	if((side == UA_FROM ? parse_from_header(msg) : parse_to_header(msg)) != 0)
		return NULL;
	hdr = side == UA_FROM ? msg->from : msg->to;
	return hdr != NULL && hdr->parsed != NULL ? hdr : NULL;
}

static str tag_of(const struct hdr_field *hdr)
{
	return ((const struct to_body *)hdr->parsed)->tag_value;
}

int ua_hdr_read(sip_msg_t *msg, enum ua_side side, struct ua_hdr *out)
{
	struct hdr_field *hdr = parsed(msg, side);

	if(hdr == NULL || uax_addr_parse(&hdr->body, &out->addr) != KX_OK) {
		LM_DBG("no readable %s\n", side == UA_FROM ? "From" : "To");
		return -1;
	}
	out->side = side;
	out->tag = tag_of(hdr);
	return 0;
}

str ua_hdr_tag(sip_msg_t *msg, enum ua_side side)
{
	struct hdr_field *hdr = parsed(msg, side);

	return hdr != NULL ? tag_of(hdr) : KX_STR("");
}

static enum _hdr_types_t type_of(enum ua_side side)
{
	return side == UA_FROM ? HDR_FROM_T : HDR_TO_T;
}

struct lump *ua_hdr_change(sip_msg_t *msg, const struct ua_hdr *hdr)
{
	int offset = hdr->addr.whole.s - msg->buf;
	struct lump *l;

	for(l = msg->add_rm; l != NULL; l = l->next) {
		if(l->op == LUMP_DEL && l->type == type_of(hdr->side)
				&& l->u.offset == offset)
			return l;
	}
	return NULL;
}

struct lump *ua_hdr_set(
		sip_msg_t *msg, const struct ua_hdr *hdr, const str *text)
{
	struct lump *old = ua_hdr_change(msg, hdr), *del = NULL;
	char *copy = pkg_malloc(text->len);

	if(copy == NULL) {
		PKG_MEM_ERROR;
		return NULL;
	}
	memcpy(copy, text->s, text->len);
	del = del_lump(msg, hdr->addr.whole.s - msg->buf, hdr->addr.whole.len,
			type_of(hdr->side));
	if(del == NULL)
		goto fail;
	/* From here on the lump owns the copy; and a deletion without an
	 * insertion must never stay. */
	if(insert_new_lump_after(del, copy, text->len, 0) == NULL) {
		remove_lump(msg, del);
		goto fail;
	}
	if(old != NULL)
		remove_lump(msg, old);
	return del;
fail:
	pkg_free(copy);
	LM_ERR("no memory for the new %s\n", hdr->side == UA_FROM ? "From" : "To");
	return NULL;
}

void ua_hdr_mark(sip_msg_t *msg, enum ua_side side)
{
	struct cell *t = ua_rpl.tm.t_gett();
	msg_flags_t flag = side == UA_FROM ? FL_USE_UAC_FROM : FL_USE_UAC_TO;

	msg->msg_flags |= flag;
	if(t != NULL && t != T_UNDEFINED && t->uas.request != NULL)
		t->uas.request->msg_flags |= flag;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Use cases of From and To: replace, restore, and restore by itself. */
#include "core/dprint.h"
#include "core/ut.h"

#include "kam/kam_compat.h"
#include "kam/kam_mem.h"
#include "ua_replace_priv.h"

/* Longer ones come from nobody but a script that builds them. */
#define ADDR_MAX 16384

/* The text of the new address, in b. */
static int write_new(struct kx_buf *b, const struct ua_hdr *hdr,
		const struct uax_addr_new *change, str *out)
{
	int err = uax_addr_write(b, &hdr->addr, change);

	if(err == KX_OK)
		err = kx_buf_end(b, out);
	if(err == KX_OK)
		return 0;
	LM_ERR("%s %s\n",
			err == KX_E_SYNTAX ? "this cannot stand in"
							   : "no room for the new address in",
			hdr->side == UA_FROM ? "From" : "To");
	return -1;
}

static int needs_answer(const sip_msg_t *msg)
{
	return ua_rpl.mode != UA_RESTORE_NONE && msg->REQ_METHOD != METHOD_ACK;
}

/* The replies first, for it is the part that can't be taken back, and does
 * no harm when the rest fails: they get what they carry already. */
static int replace_with(
		sip_msg_t *msg, const struct ua_hdr *hdr, const str *text)
{
	if(needs_answer(msg) && ua_reply_watch(msg, hdr) != 0)
		return -1;
	if(ua_hdr_set(msg, hdr, text) == NULL)
		return -1;
	ua_hdr_mark(msg, hdr->side);
	return 0;
}

static int keep_change(
		sip_msg_t *msg, const struct ua_hdr *hdr, const str *text)
{
	struct uax_change c = {.old_uri = hdr->addr.uri};
	struct uax_addr now;

	if(msg->REQ_METHOD == METHOD_CANCEL || !needs_answer(msg))
		return 0;
	if(uax_addr_parse(text, &now) != KX_OK) {
		LM_BUG("an address of our own is not readable\n");
		return -1;
	}
	c.new_uri = now.uri;
	if(!kx_str_eq(&hdr->addr.display, &now.display)) {
		c.has_display = 1;
		c.old_display = hdr->addr.display;
		c.new_display = now.display;
	}
	return ua_keep(msg, hdr->side, &c);
}

static int replace_kept(
		sip_msg_t *msg, const struct ua_hdr *hdr, const str *text)
{
	struct lump *change;

	if(replace_with(msg, hdr, text) != 0)
		return -1;
	if(keep_change(msg, hdr, text) == 0)
		return 0;
	change = ua_hdr_change(msg, hdr);
	if(change != NULL)
		remove_lump(msg, change);
	return -1;
}

int ua_replace(
		sip_msg_t *msg, enum ua_side side, const struct uax_addr_new *change)
{
	char mem[512];
	struct ua_hdr hdr;
	struct kx_buf b;
	str text;
	int err = -1;

	if(msg->first_line.type != SIP_REQUEST
			|| ua_hdr_read(msg, side, &hdr) != 0) {
		LM_ERR("no request with a readable %s\n",
				side == UA_FROM ? "From" : "To");
		return -1;
	}
	if(ua_hdr_change(msg, &hdr) != NULL) {
		LM_ERR("%s of this request is changed already\n",
				side == UA_FROM ? "From" : "To");
		return -1;
	}
	kx_buf_init_grow(&b, mem, sizeof(mem), &kam_pkg, ADDR_MAX);
	if(write_new(&b, &hdr, change, &text) != 0)
		goto out;
	if(kx_str_eq(&text, &hdr.addr.whole))
		err = 0;
	else
		err = replace_kept(msg, &hdr, &text);
out:
	kx_buf_release(&b);
	return err;
}

/* Give a header of a request what its receiver must see. */
static int apply(sip_msg_t *msg, enum ua_side side, const struct ua_kept *kept)
{
	const struct uax_change *c = &kept->change;
	struct uax_addr_new new = {NULL, NULL};
	char mem[512];
	struct ua_hdr hdr;
	struct kx_buf b;
	str text;
	int err = -1;

	if(ua_hdr_read(msg, side, &hdr) != 0)
		return -1;
	if(ua_hdr_change(msg, &hdr) != NULL)
		return 0;
	new.uri = kept->is_upstream ? &c->old_uri : &c->new_uri;
	if(c->has_display)
		new.display = kept->is_upstream ? &c->old_display : &c->new_display;
	kx_buf_init_grow(&b, mem, sizeof(mem), &kam_pkg, ADDR_MAX);
	if(write_new(&b, &hdr, &new, &text) == 0)
		err = kx_str_eq(&text, &hdr.addr.whole)
					  ? 0
					  : replace_with(msg, &hdr, &text);
	kx_buf_release(&b);
	return err;
}

static enum ua_side other(enum ua_side side)
{
	return side == UA_FROM ? UA_TO : UA_FROM;
}

void ua_restore_both(sip_msg_t *msg, const struct ua_source *src)
{
	static const enum ua_side sides[] = {UA_FROM, UA_TO};
	struct ua_kept kept;
	int i;

	for(i = 0; i < 2; i++) {
		if(ua_kept_find(msg, src, sides[i], &kept) == 0)
			apply(msg, kept.is_upstream ? other(sides[i]) : sides[i], &kept);
		ua_kept_release(&kept);
	}
}

/* From of a request that goes upstream is the To of the first one. */
static int restore_from(sip_msg_t *msg, const struct ua_source *src,
		enum ua_side side, int is_upstream)
{
	struct ua_kept kept;
	int err = -1;

	if(ua_kept_find(msg, src, is_upstream ? other(side) : side, &kept) == 0
			&& kept.is_upstream == is_upstream)
		err = apply(msg, side, &kept);
	ua_kept_release(&kept);
	return err;
}

/* From a parameter that is there to the end of the parameters. */
static int route_params(sip_msg_t *msg, enum ua_side side, str *out)
{
	str *name = &ua_rpl.rr_name[side];
	str value = {0, 0};
	const char *from, *end;

	if(ua_rpl.rr.get_route_param(msg, name, &value) != 0 || value.s == NULL)
		return -1;
	from = q_memrchr(msg->buf, ';', value.s - msg->buf);
	end = value.s + value.len;
	if(from == NULL)
		return -1;
	*out = kx_str_span(from, end);
	return 0;
}

int ua_restore(sip_msg_t *msg, enum ua_side side)
{
	struct ua_source src = {{0, 0}, NULL};
	int is_upstream, err = -1;

	if(ua_rpl.mode == UA_RESTORE_NONE || msg->first_line.type != SIP_REQUEST)
		return -1;
	src.dlg = ua_dlg_get(msg);
	for(is_upstream = 0; is_upstream < 2 && err != 0; is_upstream++) {
		if(route_params(msg, is_upstream ? other(side) : side, &src.params)
				!= 0)
			src.params.len = 0;
		err = restore_from(msg, &src, side, is_upstream);
	}
	ua_dlg_put(src.dlg);
	return err;
}

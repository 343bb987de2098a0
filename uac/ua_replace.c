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

/* A header of a request and what it becomes. */
struct edit
{
	const struct ua_hdr *hdr;
	struct kx_buf b;
	char mem[512];
	str text; /* in b */
	struct lump *change;
};

/* @return 0, also when it stays as it is; -1 logged. Release in any case. */
static int edit_begin(struct edit *e, const struct ua_hdr *hdr,
		const struct uax_addr_new *change)
{
	e->hdr = hdr;
	e->change = NULL;
	kx_buf_init_grow(&e->b, e->mem, sizeof(e->mem), &kam_pkg, ADDR_MAX);
	return write_new(&e->b, hdr, change, &e->text);
}

static int edit_is_change(const struct edit *e)
{
	return !kx_str_eq(&e->text, &e->hdr->addr.whole);
}

/* The replies first, for it is the part that can't be taken back, and does
 * no harm when the rest fails: they get what they carry already. */
static int edit_apply(const struct ua_request *r, struct edit *e)
{
	if(needs_answer(r->msg) && ua_reply_watch(r, e->hdr) != 0)
		return -1;
	e->change = ua_hdr_set(r->msg, e->hdr, &e->text);
	if(e->change == NULL)
		return -1;
	ua_hdr_mark(r->msg, e->hdr->side);
	return 0;
}

static int keep_change(const struct ua_request *r, const struct edit *e)
{
	const struct uax_addr *old = &e->hdr->addr;
	struct uax_change c = {.old_uri = old->uri};
	struct uax_addr now;

	if(r->msg->REQ_METHOD == METHOD_CANCEL || !needs_answer(r->msg))
		return 0;
	if(uax_addr_parse(&e->text, &now) != KX_OK) {
		LM_BUG("an address of our own is not readable\n");
		return -1;
	}
	c.new_uri = now.uri;
	if(!kx_str_eq(&old->display, &now.display)) {
		c.has_display = 1;
		c.old_display = old->display;
		c.new_display = now.display;
	}
	return ua_keep(r, e->hdr->side, &c);
}

static int replace_kept(const struct ua_request *r, struct edit *e)
{
	if(edit_apply(r, e) != 0)
		return -1;
	if(keep_change(r, e) == 0)
		return 0;
	remove_lump(r->msg, e->change);
	return -1;
}

int ua_replace(
		sip_msg_t *msg, enum ua_side side, const struct uax_addr_new *change)
{
	struct ua_request r;
	struct edit e;
	int err;

	if(msg->first_line.type != SIP_REQUEST || ua_request_read(msg, &r) != 0
			|| !r.hdr[side].is_there) {
		LM_ERR("no request with a readable %s\n",
				side == UA_FROM ? "From" : "To");
		return -1;
	}
	if(ua_hdr_change(msg, &r.hdr[side]) != NULL) {
		LM_ERR("%s of this request is changed already\n",
				side == UA_FROM ? "From" : "To");
		return -1;
	}
	err = edit_begin(&e, &r.hdr[side], change);
	if(err == 0 && edit_is_change(&e))
		err = replace_kept(&r, &e);
	kx_buf_release(&e.b);
	return err;
}

/* Give a header of a request within a dialog what it must have. */
static int apply(const struct ua_request *r, enum ua_side side,
		const struct ua_kept *kept)
{
	struct edit e;
	int err;

	if(!r->hdr[side].is_there)
		return -1;
	if(ua_hdr_change(r->msg, &r->hdr[side]) != NULL)
		return 0;
	err = edit_begin(&e, &r->hdr[side], &kept->now);
	if(err == 0 && edit_is_change(&e))
		err = edit_apply(r, &e);
	kx_buf_release(&e.b);
	return err;
}

/* Give one header what was kept of a header of the first request: the same
 * one, or the other one in a request that goes up.
 *
 * @return 0, or -1: nothing, or logged */
static int restore_kept(const struct ua_request *r, enum ua_side side)
{
	struct ua_kept kept;
	int err = ua_kept_find(r, side, &kept);

	if(err == 0)
		err = apply(r, ua_kept_side(&kept, side), &kept);
	ua_kept_release(&kept);
	return err < 0 ? -1 : 0;
}

void ua_restore_both(const struct ua_request *r)
{
	restore_kept(r, UA_FROM);
	restore_kept(r, UA_TO);
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
	struct ua_request r;
	int err;

	if(ua_rpl.mode == UA_RESTORE_NONE || msg->first_line.type != SIP_REQUEST
			|| ua_request_read(msg, &r) != 0)
		return -1;
	r.dlg = ua_dlg_get(msg);
	if(route_params(msg, side, &r.params) != 0)
		r.params.len = 0;
	err = restore_kept(&r, side);
	ua_dlg_put(r.dlg);
	return err;
}

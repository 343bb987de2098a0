/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What was changed is kept in the dialog, or in a parameter of our
 * Record-Route, which comes back in the Route of every later request. */
#include "core/dprint.h"

#include "kam/kam_mem.h"
#include "ua_replace_priv.h"

/* What a text of a request belongs to. */
static struct uax_binding binding_of(
		const struct ua_request *r, enum ua_side side)
{
	return (struct uax_binding){side == UA_TO, r->callid, r->tag[UA_FROM]};
}

static int keep_in_route(const struct ua_request *r, enum ua_side side,
		const struct uax_change *change)
{
	char mem[UAX_TOKEN_MAX + 128];
	struct uax_binding to = binding_of(r, side);
	struct kx_buf b;
	str param;

	kx_buf_init(&b, mem, sizeof(mem));
	kx_buf_char(&b, ';');
	kx_buf_str(&b, &ua_rpl.rr_name[side]);
	kx_buf_char(&b, '=');
	if(uax_token_write(&b, change, &to, &ua_rpl.key) != KX_OK
			|| kx_buf_end(&b, &param) != KX_OK
			|| ua_rpl.rr.add_rr_param(r->msg, &param) != 0) {
		LM_ERR("%s and its replacement are too long to be kept in a "
			   "Record-Route\n",
				side == UA_FROM ? "From" : "To");
		return -1;
	}
	return 0;
}

int ua_keep(const struct ua_request *r, enum ua_side side,
		const struct uax_change *change)
{
	int err = ua_dlg_keep(r, side, change);

	if(err <= 0)
		return err;
	/* Only the request that begins a dialog makes its routes. */
	if(r->tag[UA_TO].len > 0)
		return 0;
	return keep_in_route(r, side, change);
}

static int find_in_route(
		const struct ua_request *r, enum ua_side side, struct ua_kept *out)
{
	struct uax_binding to = binding_of(r, side);
	struct uax_change c;
	str token;
	int way;

	if(kx_str_is_empty(&r->params)
			|| uax_token_find(&r->params, &ua_rpl.rr_name[side], &token)
					   != KX_OK)
		return -1;
	way = uax_token_read(&out->b, &token, &to, &r->tag[UA_TO], &ua_rpl.key, &c);
	if(way < 0) {
		LM_WARN("Route parameter %.*s of %.*s is not one of ours for this "
				"dialog: %s is passed unchanged\n",
				ua_rpl.rr_name[side].len, ua_rpl.rr_name[side].s, to.callid.len,
				to.callid.s,
				side == UA_FROM ? "the caller's address"
								: "the callee's address");
		return -1;
	}
	out->is_upstream = way;
	out->uri = way ? c.old_uri : c.new_uri;
	out->display = way ? c.old_display : c.new_display;
	out->has_display = c.has_display;
	return 0;
}

int ua_kept_find(
		const struct ua_request *r, enum ua_side side, struct ua_kept *out)
{
	int err = -1;

	out->has_display = 0; /* when nothing is found */
	kx_buf_init_grow(&out->b, out->mem, sizeof(out->mem), &kam_pkg, 65536);
	if(r->dlg != NULL)
		err = ua_dlg_find(r, side, out);
	if(err < 0)
		err = find_in_route(r, side, out);
	out->now.uri = &out->uri;
	out->now.display = out->has_display ? &out->display : NULL;
	return err;
}

void ua_kept_release(struct ua_kept *kept)
{
	kx_buf_release(&kept->b);
}

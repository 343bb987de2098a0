/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What was changed is kept in the dialog, or in a parameter of our
 * Record-Route, which comes back in the Route of every later request. */
#include "core/dprint.h"
#include "core/mem/mem.h"

#include "ua_replace_priv.h"

/* What a text of a request belongs to. */
static int bind_to(sip_msg_t *msg, enum ua_side side, struct uax_binding *out)
{
	if((msg->callid == NULL && parse_headers(msg, HDR_CALLID_F, 0) < 0)
			|| msg->callid == NULL)
		return -1;
	out->is_to = side == UA_TO;
	out->callid = msg->callid->body;
	kx_str_trim(&out->callid);
	out->tag = ua_hdr_tag(msg, UA_FROM);
	return 0;
}

static int keep_in_route(
		sip_msg_t *msg, enum ua_side side, const struct uax_change *change)
{
	char mem[UAX_TOKEN_MAX + 128];
	struct uax_binding to;
	struct kx_buf b;
	str param;

	if(bind_to(msg, side, &to) != 0)
		return -1;
	kx_buf_init(&b, mem, sizeof(mem));
	kx_buf_char(&b, ';');
	kx_buf_str(&b, &ua_rpl.rr_name[side]);
	kx_buf_char(&b, '=');
	if(uax_token_write(&b, change, &to, &ua_rpl.key) != KX_OK
			|| kx_buf_end(&b, &param) != KX_OK
			|| ua_rpl.rr.add_rr_param(msg, &param) != 0) {
		LM_ERR("%s and its replacement are too long to be kept in a "
			   "Record-Route\n",
				side == UA_FROM ? "From" : "To");
		return -1;
	}
	return 0;
}

int ua_keep(sip_msg_t *msg, enum ua_side side, const struct uax_change *change)
{
	int err = ua_dlg_keep(msg, side, change);

	if(err <= 0)
		return err;
	/* Only the request that begins a dialog makes its routes. */
	if(ua_hdr_tag(msg, UA_TO).len > 0)
		return 0;
	return keep_in_route(msg, side, change);
}

static int find_in_route(sip_msg_t *msg, const str *params, enum ua_side side,
		struct ua_kept *out)
{
	struct uax_binding to;
	struct kx_buf mem;
	str other_tag, token;
	int way;

	if(kx_str_is_empty(params)
			|| uax_token_find(params, &ua_rpl.rr_name[side], &token) != KX_OK)
		return -1;
	if(bind_to(msg, side, &to) != 0)
		return -1;
	other_tag = ua_hdr_tag(msg, UA_TO);
	kx_buf_init(&mem, out->mem, sizeof(out->mem));
	way = uax_token_read(
			&mem, &token, &to, &other_tag, &ua_rpl.key, &out->change);
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
	return 0;
}

int ua_kept_find(sip_msg_t *msg, const struct ua_source *src, enum ua_side side,
		struct ua_kept *out)
{
	memset(out->text, 0, sizeof(out->text));
	if(src->dlg != NULL && ua_dlg_find(msg, src->dlg, side, out) == 0)
		return 0;
	return find_in_route(msg, &src->params, side, out);
}

void ua_kept_release(struct ua_kept *kept)
{
	int i;

	for(i = 0; i < 4; i++) {
		if(kept->text[i].s != NULL)
			pkg_free(kept->text[i].s);
		kept->text[i].s = NULL;
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Settings of From and To replacement, and the modules it needs. */
#include "core/dprint.h"

#include "ua_cfg.h"
#include "ua_hash.h"
#include "ua_replace_priv.h"

struct ua_replace_ctx ua_rpl;

static int read_mode(void)
{
	if(kx_str_is(&ua_cfg.restore_mode, "none"))
		ua_rpl.mode = UA_RESTORE_NONE;
	else if(kx_str_is(&ua_cfg.restore_mode, "manual"))
		ua_rpl.mode = UA_RESTORE_MANUAL;
	else if(kx_str_is(&ua_cfg.restore_mode, "auto"))
		ua_rpl.mode = UA_RESTORE_AUTO;
	else {
		LM_ERR("restore_mode is '%.*s', it must be none, manual or auto\n",
				ua_cfg.restore_mode.len, ua_cfg.restore_mode.s);
		return -1;
	}
	return 0;
}

/* The two names stand in the same Route header. */
static int read_names(void)
{
	str *name = ua_rpl.rr_name;
	struct kx_cursor c;
	str token;
	int i;

	name[UA_FROM] = ua_cfg.rr_from_store_param;
	name[UA_TO] = ua_cfg.rr_to_store_param;
	for(i = UA_FROM; i <= UA_TO; i++) {
		kx_cur_init(&c, &name[i]);
		if(name[i].len > 64 || kx_cur_token(&c, &token) != KX_OK
				|| !kx_cur_at_end(&c)) {
			LM_ERR("rr_%s_store_param '%.*s' is no parameter name of at most "
				   "64 bytes\n",
					i == UA_FROM ? "from" : "to", name[i].len, name[i].s);
			return -1;
		}
	}
	if(kx_str_ieq(&name[UA_FROM], &name[UA_TO]))
		LM_WARN("rr_from_store_param and rr_to_store_param are the same: "
				"of a request that has both changed, one is not restored\n");
	return 0;
}

static int read_avp(enum ua_side side, str *name)
{
	if(kx_str_is_empty(name))
		return 0;
	if(pv_parse_spec(name, &ua_rpl.avp[side]) == NULL
			|| ua_rpl.avp[side].type != PVT_AVP) {
		LM_ERR("restore_%s_avp '%.*s' is no AVP\n",
				side == UA_FROM ? "from" : "to", name->len, name->s);
		return -1;
	}
	ua_rpl.has_avp[side] = 1;
	return 0;
}

/* A request came by a Route of ours, which may carry what was kept. */
static void on_route(sip_msg_t *msg, str *params, void *unused)
{
	struct ua_request r;

	if(ua_request_read(msg, &r) != 0 || r.tag[UA_TO].len == 0
			|| (ua_hdr_change(msg, &r.hdr[UA_FROM]) != NULL
					&& ua_hdr_change(msg, &r.hdr[UA_TO]) != NULL))
		return;
	r.params = *params;
	r.dlg = ua_dlg_get(msg);
	ua_restore_both(&r);
	ua_dlg_put(r.dlg);
}

static int bind_rr(void)
{
	if(load_rr_api(&ua_rpl.rr) != 0) {
		LM_ERR("the rr module is not loaded; only restore_mode none works "
			   "without\n");
		return -1;
	}
	if(ua_rpl.mode == UA_RESTORE_AUTO
			&& ua_rpl.rr.register_rrcb(on_route, NULL) != 0) {
		LM_ERR("the rr module does not take a callback\n");
		return -1;
	}
	return 0;
}

int ua_replace_setup(void)
{
	if(read_mode() != 0)
		return -1;
	if(load_tm_api(&ua_rpl.tm) != 0) {
		LM_ERR("the tm module is not loaded\n");
		return -1;
	}
	if(ua_rpl.mode == UA_RESTORE_NONE)
		return 0;
	if(read_names() != 0 || bind_rr() != 0
			|| read_avp(UA_FROM, &ua_cfg.restore_from_avp) != 0
			|| read_avp(UA_TO, &ua_cfg.restore_to_avp) != 0)
		return -1;
	uax_key_init(&ua_rpl.key, &ua_cfg.restore_passwd, &ua_hashes()->sha256);
	return ua_dlg_setup();
}

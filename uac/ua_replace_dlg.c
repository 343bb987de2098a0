/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Changed addresses kept in dialog variables; the only file of this area
 * that knows the dialog module. The variables have the stock module's
 * names, so dialogs that a database carries over an upgrade go on. */
#include "core/dprint.h"
#include "core/mem/mem.h"
#include "modules/dialog/dlg_hash.h"

#include "ua_cfg.h"
#include "ua_replace_priv.h"

enum var
{
	VAR_OLD_URI,
	VAR_NEW_URI,
	VAR_OLD_DISPLAY,
	VAR_NEW_DISPLAY,
	VAR_COUNT
};

static str var_name[2][VAR_COUNT] = {
		{str_init("_uac_fu"), str_init("_uac_funew"), str_init("_uac_fdp"),
				str_init("_uac_fdpnew")},
		{str_init("_uac_to"), str_init("_uac_tonew"), str_init("_uac_tdp"),
				str_init("_uac_tdpnew")}};

static void on_request(
		struct dlg_cell *dlg, int type, struct dlg_cb_params *params)
{
	struct ua_source src = {{0, 0}, dlg};

	if(params->req != NULL && params->req != FAKED_REPLY)
		ua_restore_both(params->req, &src);
}

/* Requests also come here when no Route header led them to us, and the
 * script calls dlg_manage(). */
static int follow(struct dlg_cell *dlg)
{
	return ua_rpl.dlg.register_dlgcb(dlg,
			DLGCB_REQ_WITHIN | DLGCB_CONFIRMED | DLGCB_TERMINATED, on_request,
			NULL, NULL);
}

static void on_loaded(
		struct dlg_cell *dlg, int type, struct dlg_cb_params *params)
{
	if(follow(dlg) != 0)
		LM_ERR("cannot follow a dialog from the database\n");
}

int ua_dlg_setup(void)
{
	if(ua_cfg.restore_dlg == 0 || ua_rpl.mode != UA_RESTORE_AUTO)
		return 0;
	if(load_dlg_api(&ua_rpl.dlg) != 0) {
		LM_ERR("restore_dlg is set and the dialog module is not loaded\n");
		return -1;
	}
	if(ua_rpl.dlg.register_dlgcb(NULL, DLGCB_LOADED, on_loaded, NULL, NULL)
			!= 0) {
		LM_ERR("the dialog module does not take a callback\n");
		return -1;
	}
	ua_rpl.has_dlg = 1;
	return 0;
}

struct dlg_cell *ua_dlg_get(sip_msg_t *msg)
{
	return ua_rpl.has_dlg ? ua_rpl.dlg.get_dlg(msg) : NULL;
}

void ua_dlg_put(struct dlg_cell *dlg)
{
	if(dlg != NULL)
		ua_rpl.dlg.release_dlg(dlg);
}

static int is_downstream(sip_msg_t *msg, const struct dlg_cell *dlg)
{
	str tag = ua_hdr_tag(msg, UA_FROM);

	return kx_str_eq(&tag, &dlg->tag[DLG_CALLER_LEG]);
}

static void clear_var(struct dlg_cell *dlg, str *name)
{
	if(ua_rpl.dlg.get_dlg_varstatus(dlg, name)) /* NULL removes it */
		ua_rpl.dlg.set_dlg_var(dlg, name, NULL);
}

static int set_vars(struct dlg_cell *dlg, enum ua_side side,
		const struct uax_change *change)
{
	str val[VAR_COUNT] = {change->old_uri, change->new_uri, change->old_display,
			change->new_display};
	int count = change->has_display ? VAR_COUNT : VAR_OLD_DISPLAY;
	int i;

	for(i = 0; i < count; i++) {
		if(val[i].s == NULL)
			val[i] = KX_STR("");
		if(ua_rpl.dlg.set_dlg_var(dlg, &var_name[side][i], &val[i]) != 0)
			break;
	}
	if(i == count) {
		for(; i < VAR_COUNT; i++)
			clear_var(dlg, &var_name[side][i]);
		return 0;
	}
	LM_ERR("cannot keep %s in dialog variables\n",
			side == UA_FROM ? "From" : "To");
	while(--i >= 0)
		clear_var(dlg, &var_name[side][i]);
	return -1;
}

static int is_kept(struct dlg_cell *dlg, enum ua_side side)
{
	return ua_rpl.dlg.get_dlg_varstatus(dlg, &var_name[side][VAR_OLD_URI]);
}

int ua_dlg_keep(
		sip_msg_t *msg, enum ua_side side, const struct uax_change *change)
{
	struct dlg_cell *dlg = ua_dlg_get(msg);
	int err = 0;

	if(dlg == NULL)
		return 1;
	/* What the dialog began with stays what it is about. */
	if(!is_downstream(msg, dlg)
			|| (is_kept(dlg, side) && ua_hdr_tag(msg, UA_TO).len > 0))
		goto out;
	if(!is_kept(dlg, UA_FROM) && !is_kept(dlg, UA_TO) && follow(dlg) != 0) {
		LM_ERR("the dialog module does not take a callback\n");
		err = -1;
		goto out;
	}
	err = set_vars(dlg, side, change);
out:
	ua_dlg_put(dlg);
	return err;
}

int ua_dlg_find(sip_msg_t *msg, struct dlg_cell *dlg, enum ua_side side,
		struct ua_kept *out)
{
	str *val = out->text;
	struct uax_change *c = &out->change;
	int i;

	if(!is_kept(dlg, side))
		return -1;
	for(i = 0; i < VAR_COUNT; i++) {
		if(ua_rpl.dlg.get_dlg_varstatus(dlg, &var_name[side][i])
				&& ua_rpl.dlg.get_dlg_vardup(dlg, &var_name[side][i], &val[i])
						   != 0) {
			PKG_MEM_ERROR; /* half of it would be wrong */
			return -1;
		}
	}
	if(kx_str_is_empty(&val[VAR_OLD_URI]) || kx_str_is_empty(&val[VAR_NEW_URI]))
		return -1;
	c->old_uri = val[VAR_OLD_URI];
	c->new_uri = val[VAR_NEW_URI];
	c->old_display = val[VAR_OLD_DISPLAY];
	c->new_display = val[VAR_NEW_DISPLAY];
	c->has_display = !kx_str_eq(&c->old_display, &c->new_display);
	out->is_upstream = !is_downstream(msg, dlg);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Changed addresses kept in dialog variables; the only file of this area
 * that knows the dialog module. The variables have the stock module's
 * names, so dialogs that a database carries over an upgrade go on. */
#include "core/dprint.h"
#include "core/mem/mem.h"
#include "core/pvapi.h"
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
	struct ua_request r;

	if(params->req == NULL || params->req == FAKED_REPLY
			|| ua_request_read(params->req, &r) != 0)
		return;
	r.dlg = dlg;
	ua_restore_both(&r);
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

static int is_downstream(const struct ua_request *r, const struct dlg_cell *dlg)
{
	return kx_str_eq(&r->tag[UA_FROM], &dlg->tag[DLG_CALLER_LEG]);
}

static int is_set(struct dlg_cell *dlg, enum ua_side side, enum var var)
{
	return ua_rpl.dlg.get_dlg_varstatus(dlg, &var_name[side][var]);
}

static void clear_var(struct dlg_cell *dlg, enum ua_side side, enum var var)
{
	if(is_set(dlg, side, var)) /* NULL removes it */
		ua_rpl.dlg.set_dlg_var(dlg, &var_name[side][var], NULL);
}

/* What is read again goes through a buffer of the core. */
static int is_too_long(const str *val)
{
	return val->len >= pv_get_buffer_size();
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
		if(is_too_long(&val[i])
				|| ua_rpl.dlg.set_dlg_var(dlg, &var_name[side][i], &val[i])
						   != 0)
			break;
	}
	if(i == count)
		return 0;
	LM_ERR("cannot keep %s in dialog variables\n",
			side == UA_FROM ? "From" : "To");
	while(--i >= 0)
		clear_var(dlg, side, i);
	return -1;
}

static int keep(struct dlg_cell *dlg, enum ua_side side,
		const struct uax_change *change)
{
	if(is_set(dlg, side, VAR_OLD_URI)) {
		clear_var(dlg, side, VAR_OLD_DISPLAY);
		clear_var(dlg, side, VAR_NEW_DISPLAY);
	} else if(!is_set(dlg, !side, VAR_OLD_URI) && follow(dlg) != 0) {
		LM_ERR("the dialog module does not take a callback\n");
		return -1;
	}
	return set_vars(dlg, side, change);
}

int ua_dlg_keep(const struct ua_request *r, enum ua_side side,
		const struct uax_change *change)
{
	struct dlg_cell *dlg = ua_dlg_get(r->msg);
	int err = 0;

	if(dlg == NULL)
		return 1;
	/* What the dialog began with stays what it is about. */
	if(is_downstream(r, dlg)
			&& (r->tag[UA_TO].len == 0 || !is_set(dlg, side, VAR_OLD_URI)))
		err = keep(dlg, side, change);
	ua_dlg_put(dlg);
	return err;
}

/* Append a variable. @return its length, -1 when it is not set */
static int read_var(
		struct kx_buf *b, struct dlg_cell *dlg, enum ua_side side, enum var var)
{
	str val;

	if(ua_rpl.dlg.get_dlg_varval(dlg, &var_name[side][var], &val) != 0)
		return -1;
	kx_buf_str(b, &val);
	return val.len;
}

static str cut(const char **p, int len)
{
	str text = kx_str_span(*p, *p + (len > 0 ? len : 0));

	*p += text.len;
	return text;
}

int ua_dlg_find(
		const struct ua_request *r, enum ua_side side, struct ua_kept *out)
{
	const char *p;
	int uri, display, former;
	str other;

	out->is_upstream = !is_downstream(r, r->dlg);
	if(ua_hdr_change(r->msg, &r->hdr[ua_kept_side(out, side)]) != NULL)
		return 1;
	uri = read_var(&out->b, r->dlg, side,
			out->is_upstream ? VAR_OLD_URI : VAR_NEW_URI);
	if(uri <= 0)
		return -1;
	display = read_var(&out->b, r->dlg, side,
			out->is_upstream ? VAR_OLD_DISPLAY : VAR_NEW_DISPLAY);
	former = read_var(&out->b, r->dlg, side,
			out->is_upstream ? VAR_NEW_DISPLAY : VAR_OLD_DISPLAY);
	if(out->b.err != KX_OK) {
		PKG_MEM_ERROR; /* half of it would be wrong */
		return -1;
	}
	p = out->b.s;
	out->uri = cut(&p, uri);
	out->display = cut(&p, display);
	other = cut(&p, former);
	out->has_display = !kx_str_eq(&out->display, &other);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Script entries of remote registrations. */
#include "core/action.h"
#include "core/dset.h"
#include "core/mod_fix.h"
#include "core/pvar.h"

#include "kam/kam_compat.h"
#include "kam/kam_time.h"
#include "reg_cluster.h"
#include "reg_db.h"
#include "reg_event.h"
#include "reg_load.h"
#include "reg_ops.h"
#include "reg_rejected.h"
#include "reg_rpc.h"
#include "reg_run.h"
#include "reg_sched.h"
#include "reg_state.h"
#include "reg_stats.h"
#include "reg_step.h"
#include "reg_table.h"
#include "reg_term.h"
#include "reg_timer.h"
#include "reg_unregister.h"
#include "ua_cfg.h"
#include "ua_reg_script.h"

enum
{
	URI_SIZE = 512,
	/* mode of uac_reg_request_to */
	MODE_BY_USER = 1,
	MODE_HA1 = 2
};

static int is_enabled(void)
{
	return ua_cfg.reg_db_url.len > 0;
}

/* What the configuration must say when there are registrations. */
static int check_params(void)
{
	if(ua_cfg.reg_contact_addr.len == 0) {
		LM_ERR("parameter reg_db_url needs reg_contact_addr: the host part of "
			   "the Contact that is registered\n");
		return -1;
	}
	if(kx_str_has_prefix(&ua_cfg.reg_contact_addr, "sip:")
			|| kx_str_has_prefix(&ua_cfg.reg_contact_addr, "sips:")) {
		LM_ERR("parameter reg_contact_addr is %.*s, it must be a host, without "
			   "sip:\n",
				ua_cfg.reg_contact_addr.len, ua_cfg.reg_contact_addr.s);
		return -1;
	}
	if(ua_cfg.reg_retry_max > 0
			&& ua_cfg.reg_retry_max < ua_cfg.reg_retry_interval) {
		LM_ERR("parameter reg_retry_max is %d, less than reg_retry_interval "
			   "%d\n",
				ua_cfg.reg_retry_max, ua_cfg.reg_retry_interval);
		return -1;
	}
	return 0;
}

int ua_reg_init(void)
{
	if(!is_enabled())
		return 0;
	if(check_params() != 0 || ua_run_init() != 0 || ua_db_init() != 0)
		return -1;
	if(ua_unregister_init() != 0 || ua_rejected_init() != 0
			|| ua_reg_event_init() != 0)
		return -1;
	if(ua_totals_init() != 0 || ua_table_init(ua_cfg.reg_hash_size) != 0
			|| ua_sched_init(ua_cfg.reg_rate, kam_now_ms()) != 0
			|| ua_load_init() != 0 || ua_state_init() != 0
			|| ua_cluster_init() != 0 || ua_timer_init() != 0
			|| ua_term_init() != 0)
		return -1;
	return ua_stats_init() != 0 || ua_rpc_init() != 0 ? -1 : 0;
}

int ua_reg_init_child(int rank)
{
	if(!is_enabled())
		return 0;
	/* before the workers are there, so that the first call finds its account;
	 * a database that is down is asked again by the uac process */
	if(rank == PROC_INIT) {
		if(ua_load_all(0, kam_now_ms()) != UA_LOAD_OK)
			LM_ERR("no accounts loaded yet, trying again while running\n");
		else if(ua_state_is_on())
			ua_state_restore();
	}
	if(rank == PROC_MAIN && ua_reg_event_fork() != 0)
		return -1;
	if(rank == PROC_MAIN)
		return ua_timer_fork();
	return 0;
}

int ua_reg_fixup_lookup(void **param, int no)
{
	if(no == 1)
		return fixup_spve_null(param, 1);
	if(fixup_pvar_null(param, 1) != 0)
		return -1;
	if(((pv_spec_t *)*param)->setf == NULL) {
		LM_ERR("the second argument must be a variable that can be set\n");
		return -1;
	}
	return 0;
}

int ua_reg_fixup_free_lookup(void **param, int no)
{
	return no == 1 ? fixup_free_spve_null(param, 1)
				   : fixup_free_pvar_null(param, 1);
}

int ua_reg_fixup_request_to(void **param, int no)
{
	return no == 1 ? fixup_spve_null(param, 1) : fixup_igp_null(param, 1);
}

int ua_reg_fixup_free_request_to(void **param, int no)
{
	return no == 1 ? fixup_free_spve_null(param, 1)
				   : fixup_free_igp_null(param, 1);
}

/* The text of a script argument. */
static int text_of(sip_msg_t *msg, char *param, str *out)
{
	if(fixup_get_svalue(msg, (gparam_t *)param, out) == 0 && out->len > 0)
		return 0;
	LM_ERR("can't get the value of an argument\n");
	return -1;
}

static int set_variable(sip_msg_t *msg, pv_spec_t *spec, const str *text)
{
	pv_value_t value;

	memset(&value, 0, sizeof(value));
	value.flags = PV_VAL_STR;
	value.rs = *text;
	if(spec->setf(msg, &spec->pvp, 0, &value) == 0)
		return 0;
	LM_ERR("can't set a variable\n");
	return -1;
}

/* The local URI of an account into a variable. */
static int lookup(sip_msg_t *msg, const str *uuid, pv_spec_t *dst)
{
	struct ua_rec *rec;
	char mem[URI_SIZE];
	struct kx_buf b;
	str uri;
	int ret = UA_OPS_NONE;

	if(!is_enabled())
		return UA_OPS_NONE;
	rec = ua_table_find(UA_KEY_UUID, uuid);
	if(rec == NULL) {
		LM_DBG("no account %.*s\n", uuid->len, uuid->s);
		return UA_OPS_NONE;
	}
	kx_buf_init(&b, mem, sizeof(mem));
	ua_ops_write_local(&b, rec);
	if(kx_buf_end(&b, &uri) == KX_OK && set_variable(msg, dst, &uri) == 0)
		ret = UA_OPS_OK;
	ua_rec_drop(rec);
	return ret;
}

/* The l_uuid of the account of a local URI into a variable. */
static int lookup_uri(sip_msg_t *msg, const str *uri, pv_spec_t *dst)
{
	struct ua_rec *rec;
	str uuid;
	int ret = UA_OPS_NONE;

	if(!is_enabled())
		return UA_OPS_NONE;
	rec = ua_ops_find_uri(uri);
	if(rec == NULL)
		return UA_OPS_NONE;
	uuid = ua_rec_text(rec, UAX_R_l_uuid);
	if(set_variable(msg, dst, &uuid) == 0)
		ret = UA_OPS_OK;
	ua_rec_drop(rec);
	return ret;
}

int ua_reg_w_lookup(sip_msg_t *msg, char *uuid, char *dst)
{
	str text;

	return text_of(msg, uuid, &text) < 0 ? UA_OPS_NONE
										 : lookup(msg, &text, (pv_spec_t *)dst);
}

int ua_reg_w_lookup_uri(sip_msg_t *msg, char *uri, char *dst)
{
	str text;

	return text_of(msg, uri, &text) < 0
				   ? UA_OPS_NONE
				   : lookup_uri(msg, &text, (pv_spec_t *)dst);
}

/* A variable by its name, for KEMI. */
static pv_spec_t *variable_of(str *name)
{
	pv_spec_t *spec = pv_cache_get(name);

	if(spec != NULL && spec->setf != NULL)
		return spec;
	LM_ERR("no variable that can be set: %.*s\n", name->len, name->s);
	return NULL;
}

int ua_reg_ki_lookup(sip_msg_t *msg, str *uuid, str *dst)
{
	pv_spec_t *spec = variable_of(dst);

	return spec == NULL ? UA_OPS_NONE : lookup(msg, uuid, spec);
}

int ua_reg_ki_lookup_uri(sip_msg_t *msg, str *uri, str *dst)
{
	pv_spec_t *spec = variable_of(dst);

	return spec == NULL ? UA_OPS_NONE : lookup_uri(msg, uri, spec);
}

int ua_reg_ki_status(sip_msg_t *msg, str *who)
{
	struct ua_rec *rec;
	int ret;

	if(!is_enabled())
		return UA_OPS_NONE;
	if(kx_str_has_prefix(who, "sip:") || kx_str_has_prefix(who, "sips:"))
		rec = ua_ops_find_uri(who);
	else
		rec = ua_table_find(UA_KEY_UUID, who);
	if(rec == NULL)
		return UA_OPS_NONE;
	ret = ua_ops_status(rec);
	ua_rec_drop(rec);
	return ret;
}

int ua_reg_w_status(sip_msg_t *msg, char *who, char *none)
{
	str text;

	return text_of(msg, who, &text) < 0 ? UA_OPS_NONE
										: ua_reg_ki_status(msg, &text);
}

/* Put the account's credentials into the variables uac_auth() reads. */
static int set_credentials(sip_msg_t *msg, const struct ua_rec *rec, int is_ha1)
{
	const struct
	{
		str *name;
		enum uax_row_text column;
	} put[] = {{&ua_cfg.auth_realm_avp, UAX_R_realm},
			{&ua_cfg.auth_username_avp, UAX_R_auth_username},
			{&ua_cfg.auth_password_avp,
					is_ha1 ? UAX_R_auth_ha1 : UAX_R_auth_password}};
	unsigned int i;

	for(i = 0; i < sizeof(put) / sizeof(put[0]); i++) {
		str text = ua_rec_text(rec, put[i].column);
		pv_spec_t *spec;

		if(put[i].name->len == 0) {
			LM_ERR("uac_reg_request_to needs the three parameters "
				   "auth_..._avp\n");
			return -1;
		}
		spec = variable_of(put[i].name);
		if(spec == NULL || set_variable(msg, spec, &text) != 0)
			return -1;
	}
	return 0;
}

int ua_reg_ki_request_to(sip_msg_t *msg, str *user, int mode)
{
	struct ua_rec *rec;
	struct uax_row row;
	struct kx_buf b;
	char mem[URI_SIZE];
	str uri;
	int ret = UA_OPS_NONE;

	if(!is_enabled() || mode < 0 || mode > (MODE_BY_USER | MODE_HA1)) {
		LM_ERR("no registrations, or a mode other than 0 to 3: %d\n", mode);
		return UA_OPS_NONE;
	}
	rec = ua_table_find(
			(mode & MODE_BY_USER) ? UA_KEY_USER : UA_KEY_UUID, user);
	if(rec == NULL)
		return UA_OPS_NONE;
	ua_rec_row(rec, &row);
	kx_buf_init(&b, mem, sizeof(mem));
	uax_row_write_aor(&b, &row);
	/* the variables first: when they fail the request is as it was */
	if(kx_buf_end(&b, &uri) == KX_OK
			&& set_credentials(msg, rec, (mode & MODE_HA1) != 0) == 0
			&& rewrite_uri(msg, &uri) >= 0) {
		ret = UA_OPS_OK;
		if(row.text[UAX_R_auth_proxy].len > 0
				&& set_dst_uri(msg, &row.text[UAX_R_auth_proxy]) < 0)
			ret = UA_OPS_NONE;
	}
	ua_rec_drop(rec);
	return ret;
}

int ua_reg_w_request_to(sip_msg_t *msg, char *user, char *mode)
{
	str text;
	int n;

	if(text_of(msg, user, &text) < 0
			|| fixup_get_ivalue(msg, (gparam_t *)mode, &n) != 0)
		return UA_OPS_NONE;
	return ua_reg_ki_request_to(msg, &text, n);
}

/* Tell the account a filter names to do something. */
static int tell(const str *attr, const str *value, enum uax_event event)
{
	struct ua_rec *rec = NULL;
	int ret;

	if(!is_enabled())
		return -1;
	ret = ua_ops_find(attr, value, &rec);
	if(ret == UA_OPS_NO_ATTR) {
		LM_ERR("no such attribute: %.*s\n", attr->len, attr->s);
		return -3;
	}
	if(ret != UA_OPS_OK)
		return -2;
	ua_ops_tell(rec, event);
	ua_rec_drop(rec);
	return 1;
}

static int w_tell(sip_msg_t *msg, char *attr, char *value, enum uax_event event)
{
	str a, v;

	if(text_of(msg, attr, &a) < 0 || text_of(msg, value, &v) < 0)
		return -1;
	return tell(&a, &v, event);
}

#define TELL(what, event)                                        \
	int ua_reg_w_##what(sip_msg_t *msg, char *attr, char *value) \
	{                                                            \
		return w_tell(msg, attr, value, event);                  \
	}                                                            \
                                                                 \
	int ua_reg_ki_##what(sip_msg_t *msg, str *attr, str *value)  \
	{                                                            \
		return tell(attr, value, event);                         \
	}

TELL(enable, UAX_E_ENABLE)
TELL(disable, UAX_E_DISABLE)
TELL(register, UAX_E_REGISTER)
TELL(unregister, UAX_E_UNREGISTER)
#undef TELL

int ua_reg_ki_refresh(sip_msg_t *msg, str *uuid)
{
	if(!is_enabled())
		return UA_OPS_NONE;
	return ua_load_one(uuid, kam_now_ms()) == UA_LOAD_OK ? UA_OPS_OK
														 : UA_OPS_NONE;
}

int ua_reg_w_refresh(sip_msg_t *msg, char *uuid, char *none)
{
	str text;

	return text_of(msg, uuid, &text) < 0 ? UA_OPS_NONE
										 : ua_reg_ki_refresh(msg, &text);
}

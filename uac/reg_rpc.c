/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * RPC commands of remote registrations: arguments in, use case, result or
 * fault out. The names, fields and faults are the stock module's. */
#include "core/dprint.h"
#include "core/rpc.h"
#include "core/rpc_lookup.h"

#include "kam/kam_compat.h"
#include "kam/kam_time.h"
#include "reg_cluster.h"
#include "reg_load.h"
#include "reg_move.h"
#include "reg_ops.h"
#include "reg_rejected.h"
#include "reg_rpc.h"
#include "reg_rpc_show.h"
#include "reg_table.h"
#include "reg_timer.h"
#include "ua_cfg.h"

enum
{
	WALK_MAX = 64
};

static void fault_of(rpc_t *rpc, void *ctx, int result)
{
	if(result == UA_OPS_NO_ATTR)
		rpc->fault(ctx, 400, "Unsupported filter attribute");
	else
		rpc->fault(ctx, 404, "Record not found");
}

/* The account two arguments, attribute and value, name; or a fault. */
static struct ua_rec *scan_filter(rpc_t *rpc, void *ctx)
{
	struct ua_rec *rec = NULL;
	str attr = {NULL, 0}, value = {NULL, 0};
	int ret;

	/* a number is a fine user name, here and in all commands: "." lets it be
	 * read as text */
	if(rpc->scan(ctx, "S.S", &attr, &value) < 2) {
		rpc->fault(ctx, 400, "Invalid Parameters");
		return NULL;
	}
	if(attr.len == 0 || value.len == 0) {
		rpc->fault(ctx, 400, "Invalid Parameter Values");
		return NULL;
	}
	ret = ua_ops_find(&attr, &value, &rec);
	if(ret != UA_OPS_OK)
		fault_of(rpc, ctx, ret);
	return rec;
}

static void on_info(rpc_t *rpc, void *ctx)
{
	struct ua_rec *rec = scan_filter(rpc, ctx);

	if(rec == NULL)
		return;
	ua_rpc_show(rpc, ctx, rec);
	ua_rec_drop(rec);
}

static void tell(rpc_t *rpc, void *ctx, enum uax_event event)
{
	struct ua_rec *rec = scan_filter(rpc, ctx);

	if(rec == NULL)
		return;
	ua_ops_tell(rec, event); /* in that state already is fine */
	ua_rec_drop(rec);
}

static void on_enable(rpc_t *rpc, void *ctx)
{
	tell(rpc, ctx, UAX_E_ENABLE);
}

static void on_disable(rpc_t *rpc, void *ctx)
{
	tell(rpc, ctx, UAX_E_DISABLE);
}

static void on_register(rpc_t *rpc, void *ctx)
{
	tell(rpc, ctx, UAX_E_REGISTER);
}

static void on_unregister(rpc_t *rpc, void *ctx)
{
	tell(rpc, ctx, UAX_E_UNREGISTER);
}

static void on_dump(rpc_t *rpc, void *ctx)
{
	struct ua_walk walk = {0};
	struct ua_rec *rec[WALK_MAX];
	int i, n, is_full = 0;

	while(!is_full && (n = ua_table_walk(&walk, rec, WALK_MAX)) > 0) {
		for(i = 0; i < n; i++) {
			if(!is_full && ua_rpc_show(rpc, ctx, rec[i]) < 0)
				is_full = 1;
			ua_rec_drop(rec[i]);
		}
	}
	if(is_full)
		rpc->fault(ctx, 500,
				"The result does not fit, use uac.reg_list with a limit");
}

static void on_list(rpc_t *rpc, void *ctx)
{
	struct ua_list_wish wish = {.limit = 50};
	char *state = NULL;
	int n;

	n = rpc->scan(ctx, "*sdd.S", &state, &wish.offset, &wish.limit, &wish.text);
	if(n < 0)
		n = -n;
	/* the ctl module writes texts of its own where there are none */
	if(n == 0)
		state = NULL;
	if(n < 4)
		wish.text.len = 0;
	if(wish.offset < 0 || wish.limit < 0
			|| ua_rpc_list_state(state, &wish.state) < 0) {
		rpc->fault(ctx, 400, "Invalid Parameters");
		return;
	}
	ua_rpc_list(rpc, ctx, &wish);
}

static void on_due(rpc_t *rpc, void *ctx)
{
	int step_s = 10, slots = 60;

	rpc->scan(ctx, "*dd", &step_s, &slots);
	if(step_s < 1 || slots < 1 || slots > UA_DUE_SLOTS)
		rpc->fault(ctx, 400, "Invalid Parameters");
	else
		ua_rpc_due(rpc, ctx, step_s, slots);
}

/* A result of rejected rows in work. */
struct rejected_result
{
	rpc_t *rpc;
	void *list;
};

static void show_rejected(
		void *param, const str *uuid, const char *column, const char *why)
{
	struct rejected_result *r = param;
	str copy = *uuid;
	void *th;

	if(r->rpc->array_add(r->list, "{", &th) == 0)
		r->rpc->struct_add(
				th, "Sss", "l_uuid", &copy, "column", column, "reason", why);
}

static void on_rejected(rpc_t *rpc, void *ctx)
{
	struct rejected_result r = {rpc, NULL};
	void *th;

	if(rpc->add(ctx, "{", &th) < 0
			|| rpc->struct_add(th, "[", "rows", &r.list) < 0)
		return;
	rpc->struct_add(th, "d", "total", ua_rejected_each(show_rejected, &r));
}

static void fault_of_load(rpc_t *rpc, void *ctx, int result)
{
	switch(result) {
		case UA_LOAD_OK:
			break;
		case UA_LOAD_BUSY:
			rpc->fault(ctx, 500, "Another load is under way");
			break;
		case UA_LOAD_EARLY:
			rpc->fault(ctx, 500,
					"Too soon after the last reload, see reload_delta");
			break;
		case UA_LOAD_NONE:
			rpc->fault(ctx, 404, "Record not found");
			break;
		default:
			rpc->fault(ctx, 500, "Failed to load - check log messages");
			break;
	}
}

static void on_reload(rpc_t *rpc, void *ctx)
{
	fault_of_load(rpc, ctx, ua_load_all(1, kam_now_ms()));
}

static void on_refresh(rpc_t *rpc, void *ctx)
{
	str uuid = {NULL, 0};

	if(rpc->scan(ctx, ".S", &uuid) < 1) {
		rpc->fault(ctx, 400, "Invalid Parameters");
		return;
	}
	fault_of_load(rpc, ctx, ua_load_one(&uuid, kam_now_ms()));
}

static void on_remove(rpc_t *rpc, void *ctx)
{
	struct ua_rec *rec;
	str uuid = {NULL, 0};

	if(rpc->scan(ctx, ".S", &uuid) < 1) {
		rpc->fault(ctx, 400, "Invalid Parameters");
		return;
	}
	rec = ua_table_find(UA_KEY_UUID, &uuid);
	if(rec == NULL) {
		rpc->fault(ctx, 404, "Record not found");
		return;
	}
	ua_load_remove(rec, 0);
	ua_rec_drop(rec);
}

static void on_add(rpc_t *rpc, void *ctx)
{
	struct uax_row row;
	struct ua_rec *rec;
	int numbers[3] = {0, 0, 0}, where = 0, i;
	enum uax_row_fault fault;
	str *t = row.text;

	memset(&row, 0, sizeof(row));
	i = rpc->scan(ctx, ".S.S.S.S.S.S.S.S.S.Sddd.S.S*.S", &t[UAX_R_l_uuid],
			&t[UAX_R_l_username], &t[UAX_R_l_domain], &t[UAX_R_r_username],
			&t[UAX_R_r_domain], &t[UAX_R_realm], &t[UAX_R_auth_username],
			&t[UAX_R_auth_password], &t[UAX_R_auth_ha1], &t[UAX_R_auth_proxy],
			&numbers[0], &numbers[1], &numbers[2], &t[UAX_R_socket],
			&t[UAX_R_contact_addr], &t[UAX_R_contact_user]);
	if(i < 15 && i > -15) {
		rpc->fault(ctx, 400, "Invalid Parameters");
		return;
	}
	if(i < 16) /* the ctl module writes a text of its own there */
		t[UAX_R_contact_user] = (str){NULL, 0};
	/* a dot stands for nothing */
	for(i = 0; i < UAX_R_COUNT; i++) {
		if(t[i].len == 1 && t[i].s[0] == '.')
			t[i].len = 0;
	}
	row.expires_s = numbers[0] < 0 ? 0 : numbers[0];
	row.is_disabled = numbers[1] & 1;
	row.reg_delay_s = numbers[2] < 0 ? 0 : numbers[2];
	fault = uax_row_check(&row, &ua_cfg.reg_contact_addr, &where);
	if(fault != UAX_ROW_GOOD) {
		rpc->fault(ctx, 400, "%s %s",
				where < UAX_R_COUNT ? uax_row_text_name(where) : "expires",
				uax_row_fault_text(fault));
		return;
	}
	rec = ua_table_find(UA_KEY_UUID, &t[UAX_R_l_uuid]);
	if(rec != NULL) {
		ua_rec_drop(rec);
		rpc->fault(ctx, 409, "uuid already exists");
		return;
	}
	if(ua_load_put(&row, 0, kam_now_ms()) != UA_LOAD_OK)
		rpc->fault(ctx, 500, "Failed to add - check log messages");
}

static void on_active(rpc_t *rpc, void *ctx)
{
	int was = ua_timer_is_active(), is;
	void *th;

	if(rpc->scan(ctx, "d", &is) < 1) {
		rpc->fault(ctx, 500, "Missing parameter");
		return;
	}
	ua_timer_set_active(is);
	if(rpc->add(ctx, "{", &th) < 0)
		return;
	rpc->struct_add(th, "dd", "omode", was, "nmode", is);
}

static void on_cluster(rpc_t *rpc, void *ctx)
{
	int owned[UAX_NODES_MAX];

	if(!ua_cluster_is_on()) {
		rpc->fault(ctx, 500, "No cluster, see reg_cluster");
		return;
	}
	ua_move_count(owned);
	ua_cluster_show(rpc, ctx, owned);
}

static void set_leaving(rpc_t *rpc, void *ctx, int is_leaving)
{
	if(ua_cluster_set_leaving(is_leaving) != 0)
		rpc->fault(ctx, 500, "No cluster, see reg_cluster");
}

static void on_cluster_leave(rpc_t *rpc, void *ctx)
{
	set_leaving(rpc, ctx, 1);
}

static void on_cluster_join(rpc_t *rpc, void *ctx)
{
	set_leaving(rpc, ctx, 0);
}

#define DOC(name, text) static const char *name##_doc[] = {text, NULL}
DOC(on_dump, "Show all remote registrations");
DOC(on_list, "Count remote registrations by state and show some of them: "
			 "[state [offset [limit [text]]]]");
DOC(on_due, "Count remote registrations by when they are due: [step [slots]]");
DOC(on_rejected, "Show the rows of the last load that can't be used");
DOC(on_info, "Show one remote registration: attribute value");
DOC(on_enable, "Enable a remote registration: attribute value");
DOC(on_disable, "Disable a remote registration: attribute value");
DOC(on_register, "Register at once: attribute value");
DOC(on_unregister, "Unregister: attribute value");
DOC(on_reload, "Read the table of accounts again");
DOC(on_refresh, "Read one account again: l_uuid");
DOC(on_remove, "Take an account out of memory: l_uuid");
DOC(on_add, "Put an account in memory: l_uuid l_username l_domain "
			"r_username r_domain realm auth_username auth_password auth_ha1 "
			"auth_proxy expires flags reg_delay socket contact_addr "
			"[contact_user]; a dot is an empty value");
DOC(on_cluster, "Show the servers that share the accounts");
DOC(on_cluster_leave, "Give all accounts to the other servers");
DOC(on_cluster_join, "Take part again after uac.cluster_leave");
DOC(on_active, "Switch the sending of REGISTERs: 0 or 1");
#undef DOC

static rpc_export_t commands[] = {
		{"uac.reg_dump", on_dump, on_dump_doc, RPC_RET_ARRAY},
		{"uac.reg_list", on_list, on_list_doc, 0},
		{"uac.reg_due", on_due, on_due_doc, 0},
		{"uac.reg_rejected", on_rejected, on_rejected_doc, 0},
		{"uac.reg_info", on_info, on_info_doc, 0},
		{"uac.reg_enable", on_enable, on_enable_doc, 0},
		{"uac.reg_disable", on_disable, on_disable_doc, 0},
		{"uac.reg_register", on_register, on_register_doc, 0},
		{"uac.reg_unregister", on_unregister, on_unregister_doc, 0},
		{"uac.reg_reload", on_reload, on_reload_doc, 0},
		{"uac.reg_refresh", on_refresh, on_refresh_doc, 0},
		{"uac.reg_remove", on_remove, on_remove_doc, 0},
		{"uac.reg_add", on_add, on_add_doc, 0},
		{"uac.cluster", on_cluster, on_cluster_doc, 0},
		{"uac.cluster_leave", on_cluster_leave, on_cluster_leave_doc, 0},
		{"uac.cluster_join", on_cluster_join, on_cluster_join_doc, 0},
		{"uac.reg_active", on_active, on_active_doc, 0}, {NULL, NULL, NULL, 0}};

int ua_rpc_init(void)
{
	if(rpc_register_array(commands) != 0) {
		LM_ERR("can't register the RPC commands\n");
		return -1;
	}
	return 0;
}

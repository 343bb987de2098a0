/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * RPC output of remote registrations. */
#include "core/rpc_lookup.h"

#include "kam/kam_time.h"
#include "reg_cluster.h"
#include "reg_ops.h"
#include "reg_rpc_show.h"
#include "reg_sched.h"
#include "reg_stats.h"
#include "reg_step.h"
#include "reg_table.h"
#include "schedule.h"
#include "ua_cfg.h"

enum
{
	WALK_MAX = 64
};

static str secret(const struct ua_rec *rec, enum uax_row_text which)
{
	str s = ua_rec_text(rec, which);

	if(s.len == 0)
		return KX_STR("none");
	return ua_cfg.reg_dump_secrets ? s : KX_STR("***");
}

static str or_none(const struct ua_rec *rec, enum uax_row_text which)
{
	str s = ua_rec_text(rec, which);

	return s.len > 0 ? s : KX_STR("none");
}

int ua_rpc_show(rpc_t *rpc, void *ctx, struct ua_rec *rec)
{
	static const enum uax_row_text plain[] = {UAX_R_l_uuid, UAX_R_l_username,
			UAX_R_l_domain, UAX_R_r_username, UAX_R_r_domain};
	str s, none = {NULL, 0};
	struct ua_view v;
	unsigned int i;
	int timer_s, left_s;
	void *th;

	if(rpc->add(ctx, "{", &th) < 0)
		return -1;
	for(i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		s = ua_rec_text(rec, plain[i]);
		if(rpc->struct_add(th, "S", uax_row_text_name(plain[i]), &s) < 0)
			return -1;
	}
	s = or_none(rec, UAX_R_realm);
	rpc->struct_add(th, "S", "realm", &s);
	s = ua_rec_text(rec, UAX_R_auth_username);
	rpc->struct_add(th, "S", "auth_username", &s);
	s = secret(rec, UAX_R_auth_password);
	rpc->struct_add(th, "S", "auth_password", &s);
	s = secret(rec, UAX_R_auth_ha1);
	rpc->struct_add(th, "S", "auth_ha1", &s);
	s = or_none(rec, UAX_R_auth_proxy);
	rpc->struct_add(th, "S", "auth_proxy", &s);

	ua_ops_view(rec, &v);
	timer_s = v.until_ms > 0 ? (int)kam_epoch_s(v.until_ms) : 0;
	left_s = v.until_ms > 0 ? uax_left_s(v.until_ms, kam_now_ms())
							: -(int)time(NULL);
	rpc->struct_add(th, "dddddd", "expires", (int)rec->expires_s, "flags",
			v.flags, "diff_expires", left_s, "timer_expires", timer_s,
			"reg_init", (int)kam_epoch_s(rec->made_ms), "reg_delay",
			(int)rec->reg_delay_s);
	s = ua_rec_text(rec, UAX_R_contact_addr);
	if(s.len == 0)
		s = ua_cfg.reg_contact_addr;
	rpc->struct_add(th, "S", "contact_addr", &s);
	s = ua_rec_text(rec, UAX_R_socket);
	if(rpc->struct_add(th, "S", "socket", s.len > 0 ? &s : &none) < 0)
		return -1;
	s = ua_rec_text(rec, UAX_R_contact_user);
	if(s.len > 0)
		rpc->struct_add(th, "S", "contact_user", &s);
	return 0;
}

int ua_rpc_list_state(const char *name, int *out)
{
	int i;

	*out = UA_LIST_ALL;
	if(name == NULL || *name == '\0' || strcasecmp(name, "all") == 0)
		return 0;
	*out = UA_LIST_FAILING;
	if(strcasecmp(name, "failing") == 0)
		return 0;
	for(i = 0; i < UAX_S_COUNT; i++) {
		if(strcasecmp(name, uax_state_name(i)) == 0) {
			*out = i;
			return 0;
		}
	}
	return -1;
}

/* One line of a list: what an operator looks for first. */
static int show_line(rpc_t *rpc, void *list, struct ua_rec *rec)
{
	str uuid = ua_rec_text(rec, UAX_R_l_uuid);
	str local = ua_rec_text(rec, UAX_R_l_username);
	str user = ua_rec_text(rec, UAX_R_r_username);
	str domain = ua_rec_text(rec, UAX_R_r_domain);
	char mem[UAX_BEAT_NODE_MAX];
	int64_t now_ms = kam_now_ms();
	struct ua_view v;
	str owner;
	void *th;

	ua_ops_view(rec, &v);
	if(rpc->array_add(list, "{", &th) < 0)
		return -1;
	owner = ua_cluster_node(v.owner, mem);
	if(ua_cluster_is_on() && rpc->struct_add(th, "S", "owner", &owner) < 0)
		return -1;
	return rpc->struct_add(th, "SSSSsddddSd", "l_uuid", &uuid, "l_username",
			&local, "r_username", &user, "r_domain", &domain, "state",
			uax_state_name(v.state), "online", v.is_online, "expires_in",
			v.is_online ? uax_left_s(v.until_ms, now_ms) : 0, "next_in",
			v.due_ms > now_ms ? uax_left_s(v.due_ms, now_ms) : 0, "code",
			v.last_code, "reason", &v.reason, "failures", (int)v.failures);
}

/* Numbers of all accounts. */
struct summary
{
	int state[UAX_S_COUNT];
	int code[700];
	int failing;
};

static void note(struct summary *sum, const struct ua_view *v)
{
	sum->state[v->state]++;
	sum->failing += v->failures > 0;
	if(v->last_code > 0 && v->last_code < 700)
		sum->code[v->last_code]++;
}

static void show_summary(rpc_t *rpc, void *th, const struct summary *sum)
{
	struct ua_sched_view sched;
	void *states, *codes;
	char name[8];
	int i;

	ua_sched_view(&sched);
	rpc->struct_add(th, "ddddddddd{", "total", ua_table_count(), "online",
			atomic_get(&ua_totals()->active), "disabled",
			atomic_get(&ua_totals()->state[UAX_S_OFF]), "failing", sum->failing,
			"sent", (int)ua_stats_read(UA_STATS_SENT), "answered",
			(int)ua_stats_read(UA_STATS_ANSWERED), "next_hops", (int)sched.hops,
			"under_way", (int)sched.inflight, "held_back", (int)sched.waiting,
			"states", &states);
	for(i = 0; i < UAX_S_COUNT; i++) {
		if(sum->state[i] > 0)
			rpc->struct_add(states, "d", uax_state_name(i), sum->state[i]);
	}
	rpc->struct_add(th, "{", "last_codes", &codes);
	for(i = 0; i < 700; i++) {
		if(sum->code[i] == 0)
			continue;
		snprintf(name, sizeof(name), "%d", i);
		rpc->struct_add(codes, "d", name, sum->code[i]);
	}
}

static int is_wished(const struct ua_list_wish *wish, const struct ua_rec *rec,
		const struct ua_view *v)
{
	static const enum uax_row_text searched[] = {
			UAX_R_l_uuid, UAX_R_l_username, UAX_R_r_username, UAX_R_r_domain};
	unsigned int i;
	str s;

	if(wish->state == UA_LIST_FAILING
					? v->failures == 0
					: wish->state >= 0 && wish->state != (int)v->state)
		return 0;
	for(i = 0; i < sizeof(searched) / sizeof(searched[0]); i++) {
		s = ua_rec_text(rec, searched[i]);
		if(kx_str_has(&s, &wish->text))
			return 1;
	}
	return 0;
}

void ua_rpc_list(rpc_t *rpc, void *ctx, const struct ua_list_wish *wish)
{
	struct ua_walk walk = {0};
	struct ua_rec *rec[WALK_MAX];
	struct summary sum;
	struct ua_view v;
	void *th, *list;
	int i, n, matching = 0, shown = 0, is_full = 0;

	memset(&sum, 0, sizeof(sum));
	if(rpc->add(ctx, "{", &th) < 0
			|| rpc->struct_add(th, "[", "accounts", &list) < 0)
		return;
	while((n = ua_table_walk(&walk, rec, WALK_MAX)) > 0) {
		for(i = 0; i < n; i++) {
			ua_ops_view(rec[i], &v);
			note(&sum, &v);
			if(is_wished(wish, rec[i], &v) && matching++ >= wish->offset
					&& shown < wish->limit && !is_full) {
				if(show_line(rpc, list, rec[i]) < 0)
					is_full = 1;
				else
					shown++;
			}
			ua_rec_drop(rec[i]);
		}
	}
	rpc->struct_add(th, "ddd", "matching", matching, "shown", shown,
			"cut_short", is_full);
	show_summary(rpc, th, &sum);
}

void ua_rpc_due(rpc_t *rpc, void *ctx, int step_s, int slots)
{
	struct ua_walk walk = {0};
	struct ua_rec *rec[WALK_MAX];
	int count[UA_DUE_SLOTS + 1] = {0};
	int64_t now_ms = kam_now_ms();
	struct ua_view v;
	void *th, *list;
	int i, n, none = 0;

	while((n = ua_table_walk(&walk, rec, WALK_MAX)) > 0) {
		for(i = 0; i < n; i++) {
			ua_ops_view(rec[i], &v);
			if(v.due_ms == 0)
				none++;
			else
				count[uax_due_slot(v.due_ms, now_ms, step_s, slots)]++;
			ua_rec_drop(rec[i]);
		}
	}
	if(rpc->add(ctx, "{", &th) < 0
			|| rpc->struct_add(th, "ddd[", "step", step_s, "later",
					   count[slots], "none", none, "due", &list)
					   < 0)
		return;
	for(i = 0; i < slots; i++)
		rpc->array_add(list, "d", count[i]);
}

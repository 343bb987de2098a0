/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What this server knows of the cluster. */
#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/rpc_lookup.h"

#include "kam/kam_time.h"
#include "reg_cluster.h"
#include "reg_cluster_priv.h"
#include "reg_stats.h"
#include "reg_term.h"
#include "reg_totals.h"
#include "ua_cfg.h"

struct ua_cluster *ua_cluster;

int ua_cluster_is_on(void)
{
	return ua_cluster != NULL;
}

const str *ua_cluster_name(void)
{
	return ua_cluster_msg_name();
}

static int check_params(void)
{
	if(ua_cfg.reg_state_table.len == 0) {
		LM_ERR("reg_cluster needs reg_state_table: servers read there where "
			   "another one left off\n");
		return -1;
	}
	if(ua_cfg.reg_cluster_timeout < 2 * ua_cfg.reg_cluster_heartbeat) {
		LM_ERR("reg_cluster_timeout is %d, it must be at least twice "
			   "reg_cluster_heartbeat, %d\n",
				ua_cfg.reg_cluster_timeout, ua_cfg.reg_cluster_heartbeat);
		return -1;
	}
	return 0;
}

int ua_cluster_init(void)
{
	struct timespec now;

	if(ua_cfg.reg_cluster.len == 0)
		return 0;
	if(check_params() != 0 || ua_cluster_msg_init() != 0)
		return -1;
	ua_cluster = shm_mallocxz(sizeof(*ua_cluster));
	if(ua_cluster == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	lock_init(&ua_cluster->lock);
	clock_gettime(CLOCK_REALTIME, &now);
	uax_members_init(&ua_cluster->members, ua_cluster_msg_name(),
			(uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000,
			0 /* until its accounts are loaded */,
			ua_cfg.reg_cluster_timeout * 1000LL, kam_now_ms());
	return 0;
}

int ua_cluster_has_others(void)
{
	int n;

	if(ua_cluster == NULL || ua_term_lock(&ua_cluster->lock) != 0)
		return 0;
	n = uax_members_others(&ua_cluster->members);
	lock_release(&ua_cluster->lock);
	return n > 0;
}

void ua_cluster_view(struct ua_cluster_view *out)
{
	memset(out, 0, sizeof(*out));
	if(ua_cluster == NULL)
		return;
	lock_get(&ua_cluster->lock);
	out->no = ua_cluster->members.view_no;
	out->n = uax_members_shares(&ua_cluster->members, out->share, out->index);
	out->is_taken = out->no != 0 && ua_cluster->taken_no == out->no;
	out->may_claim = uax_members_may_claim(&ua_cluster->members, kam_now_ms());
	lock_release(&ua_cluster->lock);
}

unsigned int ua_cluster_view_no(void)
{
	unsigned int no;

	if(ua_cluster == NULL)
		return 0;
	lock_get(&ua_cluster->lock);
	no = ua_cluster->members.view_no;
	lock_release(&ua_cluster->lock);
	return no;
}

void ua_cluster_settled(unsigned int view_no)
{
	lock_get(&ua_cluster->lock);
	uax_members_settle(&ua_cluster->members, view_no);
	ua_cluster->is_urgent = 1;
	lock_release(&ua_cluster->lock);
}

void ua_cluster_taken(unsigned int view_no)
{
	lock_get(&ua_cluster->lock);
	ua_cluster->taken_no = view_no;
	uax_members_claimed(&ua_cluster->members);
	lock_release(&ua_cluster->lock);
}

void ua_cluster_saved(void)
{
	if(ua_cluster == NULL || ua_term_lock(&ua_cluster->lock) != 0)
		return;
	ua_cluster->is_saved = 1;
	lock_release(&ua_cluster->lock);
}

int ua_cluster_set_leaving(int is_leaving)
{
	if(ua_cluster == NULL)
		return -1;
	lock_get(&ua_cluster->lock);
	uax_members_leave(&ua_cluster->members, is_leaving);
	lock_release(&ua_cluster->lock);
	return 0;
}

str ua_cluster_node(int index, char *mem)
{
	str name = {mem, 0};

	if(ua_cluster == NULL)
		return name;
	lock_get(&ua_cluster->lock);
	if(index >= 0 && index < ua_cluster->members.n) {
		str known = uax_member_name(&ua_cluster->members.node[index]);

		memcpy(mem, known.s, known.len);
		name.len = known.len;
	}
	lock_release(&ua_cluster->lock);
	return name;
}

int ua_cluster_is_live(const str *name)
{
	int i, is_live = 0;

	if(ua_cluster == NULL)
		return 0;
	lock_get(&ua_cluster->lock);
	for(i = 0; i < ua_cluster->members.n; i++) {
		str known = uax_member_name(&ua_cluster->members.node[i]);

		if(kx_str_eq(&known, name))
			is_live = ua_cluster->members.node[i].is_live;
	}
	lock_release(&ua_cluster->lock);
	return is_live;
}

/* One server of the list. */
static void show_node(
		rpc_t *rpc, void *list, const struct uax_members *m, int i, int owned)
{
	const struct uax_member *node = &m->node[i];
	str name = uax_member_name(node);
	int64_t age = i == 0 ? 0 : kam_now_ms() - node->heard_ms;
	void *th;

	if(rpc->array_add(list, "{", &th) < 0)
		return;
	rpc->struct_add(th, "Sdsddddd", "node", &name, "self", i == 0, "state",
			!node->is_live	   ? "gone"
			: node->is_leaving ? "leaving"
							   : "live",
			"weight", (int)node->weight, "accounts", owned, "started",
			(int)(node->boot / 1000), "heard_ms_ago",
			node->heard_ms == 0 && i > 0 ? -1 : (int)age, "settled",
			node->is_settled && node->view == m->node[0].view);
}

void ua_cluster_show(rpc_t *rpc, void *ctx, const int *owned)
{
	struct uax_members copy;
	void *th, *list;
	int i;

	lock_get(&ua_cluster->lock);
	copy = ua_cluster->members;
	lock_release(&ua_cluster->lock);
	if(rpc->add(ctx, "{", &th) < 0)
		return;
	rpc->struct_add(th, "Sddddddd[", "cluster", &ua_cfg.reg_cluster, "view",
			(int)copy.view_no, "live", uax_members_others(&copy) + 1,
			"view_ms_ago", (int)(kam_now_ms() - copy.view_ms), "ending",
			atomic_get(&ua_totals()->ending), "sent",
			(int)ua_stats_read(UA_STATS_BEATS), "heard",
			(int)ua_stats_read(UA_STATS_HEARD), "refused",
			(int)ua_stats_read(UA_STATS_REFUSED), "nodes", &list);
	for(i = 0; i < copy.n; i++)
		show_node(rpc, list, &copy, i, owned[i]);
}

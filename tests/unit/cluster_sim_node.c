/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The nodes in the simulated day of a cluster: how they find each other, and
 * what they give up and take when who shares has changed. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster_sim_priv.h"

enum
{
	/* state rows that a node reads, and all of them from their database */
	ROWS_NODE_PER_S = 10000,
	ROWS_ALL_PER_S = 40000,
	/* it takes to save what changed lately of what it gives up */
	SAVE_MS = 200
};

static void heap_add(struct heap *heap, uint32_t n)
{
	if(heap->n == heap->size) {
		heap->size = heap->size > 0 ? heap->size * 2 : 1024;
		heap->at = realloc(heap->at, heap->size * sizeof(*heap->at));
		if(heap->at == NULL)
			abort();
	}
	heap->at[heap->n++] = n;
}

void sim_node_start(struct sim *s, int i)
{
	struct node *node = &s->node[i];
	str name = {node->name, 0};
	int r;

	name.len = snprintf(
			node->name, sizeof(node->name), "sip:10.0.0.%d:5060", i + 1);
	node->share = (struct uax_share){uax_owner_key(&name), 100};
	uax_members_init(&node->members, &name, 1790000000000 + s->now_ms, 100,
			SIM_TIMEOUT_MS, s->now_ms);
	node->is_up = 1;
	node->beat_ms = s->now_ms;
	node->saves = node->gave = node->owned = 0;
	node->give.n = node->claim.n = node->claimed = 0;
	for(r = 0; r < s->plan.registrars; r++)
		uax_pace_init(&hop_of(s, i, r)->pace, s->now_ms);
	s->moved_at_ms = s->now_ms;
}

void sim_node_stop(struct sim *s, int i)
{
	int r;

	s->node[i].is_up = 0;
	s->node[i].down_ms = s->now_ms;
	s->moved_at_ms = s->now_ms;
	for(r = 0; r < s->plan.registrars; r++) {
		struct uax_node *node;

		while((node = uax_list_take(&hop_of(s, i, r)->ready)) != NULL)
			((struct account *)((char *)node - offsetof(struct account, node)))
					->flags &= ~IN_READY;
	}
}

void sim_node_speak(struct sim *s, int from)
{
	struct node *node = &s->node[from];
	struct uax_beat beat;
	int i, is_urgent;

	uax_members_speak(&node->members, UAX_BEAT_ALIVE, s->now_ms, &beat);
	node->beat_ms = s->now_ms + SIM_BEAT_MS;
	for(i = 0; i < s->plan.nodes; i++) {
		if(i == from || !s->node[i].is_up)
			continue;
		s->out->messages++;
		if(uax_members_hear(&s->node[i].members, &beat, s->now_ms, &is_urgent)
				!= UAX_HEAR_OK)
			abort();
		if(is_urgent)
			s->node[i].beat_ms = s->now_ms;
	}
}

static int number_of(const struct sim *s, uint64_t key)
{
	int i = 0;

	while(s->node[i].share.key != key)
		i++;
	return i;
}

/* How many have the view of a node. */
static int supporters(const struct sim *s, uint64_t view)
{
	int i, n = 0;

	for(i = 0; i < s->plan.nodes; i++)
		n += s->node[i].is_up && s->node[i].members.node[0].view == view;
	return n;
}

static int owner_among(const uint64_t account, const struct uax_share *share,
		const uint8_t *number, int n)
{
	int i = uax_owner_of(account, share, n);

	return i >= 0 ? number[i] : NONE;
}

/* Who shares has changed: find whose each account is now, and who has to give
 * it up and take it. */
static void share_out(struct sim *s, const struct uax_share *share,
		const uint8_t *number, int n)
{
	unsigned char is_sharing[SIM_NODES_MAX] = {0};
	uint8_t added[SIM_NODES_MAX];
	int64_t i;
	int j, n_added = 0;

	for(j = 0; j < n; j++) {
		is_sharing[number[j]] = 1;
		if(!s->is_sharing[number[j]])
			added[n_added++] = number[j];
	}
	for(j = 0; j < s->plan.nodes; j++)
		s->node[j].give.n = s->node[j].claim.n = s->node[j].claimed = 0;
	memcpy(s->is_sharing, is_sharing, sizeof(is_sharing));
	for(i = 0; i < s->plan.accounts; i++) {
		struct account *a = &s->account[i];
		int before = a->want;

		if(before == NONE || !is_sharing[before]) {
			a->want = owner_among(a->key, share, number, n);
		} else {
			for(j = 0; j < n_added; j++) {
				if(uax_owner_prefers(a->key, &s->node[added[j]].share,
						   &s->node[a->want].share))
					a->want = added[j];
			}
		}
		seen(s)->moved += a->want != before;
		if(a->holder == a->want)
			continue;
		if(sim_account_has_owner(s, a))
			heap_add(&s->node[a->holder].give, (uint32_t)i);
		if(a->want != NONE)
			heap_add(&s->node[a->want].claim, (uint32_t)i);
	}
}

/* A node changed its view: whether that is now what most have. */
static void look_at_views(struct sim *s, int by)
{
	struct uax_share share[UAX_NODES_MAX];
	uint8_t number[UAX_NODES_MAX];
	int index[UAX_NODES_MAX], i, n, up = 0, is_other = 0;
	uint64_t view = s->node[by].members.node[0].view;

	for(i = 0; i < s->plan.nodes; i++)
		up += s->node[i].is_up;
	if(view == s->view || supporters(s, view) * 2 <= up)
		return;
	s->view = view;
	n = uax_members_shares(&s->node[by].members, share, index);
	for(i = 0; i < n; i++) {
		number[i] = number_of(s, share[i].key);
		is_other |= !s->is_sharing[number[i]];
	}
	for(i = 0; i < s->plan.nodes; i++)
		is_other |= s->is_sharing[i] && !memchr(number, i, n);
	if(is_other)
		share_out(s, share, number, n);
}

static void give_all(struct sim *s, struct node *node)
{
	int i;

	for(i = 0; i < node->give.n; i++) {
		struct account *a = &s->account[node->give.at[i]];

		if(a->holder == node - s->node)
			sim_account_give_up(s, a);
	}
	node->give.n = 0;
	node->gave = s->view;
	uax_members_settle(&node->members, node->members.view_no);
}

/* @return how many rows were read for that */
static int claim_some(struct sim *s, struct node *node, int most)
{
	int self = (int)(node - s->node), left = most;

	for(; left > 0 && node->claimed < node->claim.n; left--) {
		struct account *a = &s->account[node->claim.at[node->claimed++]];

		if(a->holder == self)
			continue;
		if(sim_account_has_owner(s, a)) {
			s->out->taken_early++;
			sim_account_give_up(s, a);
		}
		sim_account_take_over(s, a, self);
	}
	if(node->claimed == node->claim.n && node->owned != s->view) {
		node->owned = s->view;
		uax_members_claimed(&node->members);
	}
	return most - left;
}

/* In this tick the database gives so many rows, to one node after the other
 * and each time to another one first. */
static void claim_all(struct sim *s)
{
	int rows = ROWS_ALL_PER_S * NODE_TICK_MS / 1000, most, i;
	int first = s->now_ms / NODE_TICK_MS % s->plan.nodes;

	for(i = 0; i < s->plan.nodes; i++) {
		struct node *node = &s->node[(first + i) % s->plan.nodes];

		if(!node->is_up || node->members.node[0].view != s->view
				|| !uax_members_may_claim(&node->members, s->now_ms))
			continue;
		most = ROWS_NODE_PER_S * NODE_TICK_MS / 1000;
		rows -= claim_some(s, node, rows < most ? rows : most);
	}
}

void sim_run_nodes(struct sim *s)
{
	int i;

	for(i = 0; i < s->plan.nodes; i++) {
		struct node *node = &s->node[i];

		if(node->is_up && uax_members_tick(&node->members, s->now_ms)) {
			node->beat_ms = s->now_ms;
			look_at_views(s, i);
		}
	}
	for(i = 0; i < s->plan.nodes; i++) {
		struct node *node = &s->node[i];

		if(!node->is_up || node->members.node[0].view != s->view
				|| node->gave == s->view)
			continue;
		if(node->saves != s->view) {
			node->saves = s->view;
			node->save_ms = s->now_ms;
		} else if(s->now_ms - node->save_ms >= SAVE_MS) {
			give_all(s, node);
			node->beat_ms = s->now_ms;
		}
	}
	claim_all(s);
	for(i = 0; i < s->plan.nodes; i++) {
		if(s->node[i].is_up && s->node[i].beat_ms <= s->now_ms)
			sim_node_speak(s, i);
	}
}

int sim_is_settled(const struct sim *s)
{
	int i;

	for(i = 0; i < s->plan.nodes; i++) {
		const struct node *node = &s->node[i];

		if(node->is_up
				&& (node->members.node[0].view != s->view
						|| node->owned != s->view))
			return 0;
	}
	return s->open_moves == 0;
}

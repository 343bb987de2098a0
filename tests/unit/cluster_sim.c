/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A day of a cluster.
 *
 * Simplified: a message between nodes arrives at once; nodes act only in the
 * view that most of them have, so that one column of owners is enough (there
 * is no partition on that day); an account that is given up while its request
 * is under way leaves it behind; a registrar remembers its nonce for ever. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "cluster_sim.h"
#include "fsm.h"
#include "members.h"
#include "owner.h"
#include "pacing.h"
#include "schedule.h"
#include "wheel.h"

enum
{
	STEP_MS = 50,		/* of the clock */
	NODE_TICK_MS = 200, /* a node looks at the others */
	DAY_S = 86400,
	DUE_TICK_MS = 100,
	TRANSACTION_MS = 32000,
	/* state rows that a node reads, and all of them from their database */
	ROWS_NODE_PER_S = 10000,
	ROWS_ALL_PER_S = 40000,
	/* it takes to save what changed lately of what it gives up */
	SAVE_MS = 200,
	NONE = 255,
	/* a planned restart: how long it stays at most before it stops, is away,
	 * and has to itself after it is back */
	LINGER_MS = 60000,
	AWAY_MS = 20000,
	BACK_MS = 30000
};

static const int begins_s[SIM_PHASE_COUNT] = {[SIM_CRASH] = 2 * 3600,
		[SIM_JOIN] = 4 * 3600,
		[SIM_CRASH_MANY] = 6 * 3600,
		[SIM_JOIN_MANY] = 8 * 3600,
		[SIM_OUTAGE] = 10 * 3600,
		[SIM_ROLLING] = 13 * 3600,
		[SIM_EVENING] = 20 * 3600};

enum flags
{
	IN_READY = 1, /* waits for room at its registrar */
	IS_MOVING = 2 /* has a new owner that has not registered it yet */
};

struct account
{
	struct uax_node node; /* in the wheel, or in a list of ready ones */
	uint64_t key;
	uint32_t until_ms; /* what its owner knows of the binding */
	uint32_t sent_ms;
	uint8_t registrar;
	uint8_t holder; /* who has it, or NONE */
	uint8_t want;	/* whose it is */
	uint8_t at;		/* whose contact is registered */
	uint8_t state;
	uint8_t answer; /* that is on its way */
	uint8_t failures;
	uint8_t flags;
};

/* What a node has for a registrar. */
struct hop
{
	struct uax_pace pace;
	struct uax_list ready;
	int is_active; /* in the list of those with ready ones */
};

/* Accounts, by number. */
struct heap
{
	uint32_t *at;
	int n, size;
};

struct node
{
	struct uax_members members;
	struct uax_share share;
	char name[32];
	int is_up;
	int64_t down_ms; /* since when not */
	int64_t beat_ms; /* when it speaks next */
	struct heap give, claim;
	int claimed;	 /* of claim, so many are done */
	uint64_t saves;	 /* the view in which it gives up what is not its own */
	int64_t save_ms; /* since when */
	uint64_t gave;	 /* the view in which it has */
	uint64_t owned;	 /* the view in which it took all */
};

struct sim
{
	struct sim_plan plan;
	struct sim_result *out;
	struct account *account;
	struct node node[SIM_NODES_MAX];
	struct hop *hop; /* [node][registrar] */
	int *active;	 /* hops with ready ones */
	int n_active;
	struct uax_wheel wheel;
	int64_t now_ms;
	uint64_t random;
	int64_t free_us[SIM_REGISTRARS_MAX]; /* when it has served all it has */
	/* the view that most have, and who shares in it */
	uint64_t view;
	unsigned char is_sharing[SIM_NODES_MAX];
	/* where the day is */
	enum sim_phase phase;
	int rolling;		 /* node that restarts */
	int rolling_step;	 /* how far it is */
	int64_t rolling_ms;	 /* since when */
	int64_t moved_at_ms; /* last crash, start or stop */
	int64_t open_moves;	 /* taken, not registered yet */
	/* this second */
	int sent, sent_to[SIM_REGISTRARS_MAX], sent_by[SIM_NODES_MAX];
};

static const char *const phase_text[] = {
#define TEXT(name, text) text,
		SIM_PHASES(TEXT)
#undef TEXT
};

const char *sim_phase_text(enum sim_phase phase)
{
	return phase < SIM_PHASE_COUNT ? phase_text[phase] : "invalid";
}

static uint32_t next_random(struct sim *s)
{
	uint64_t z = s->random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ z >> 31) >> 32);
}

static struct sim_seen *seen(struct sim *s)
{
	return &s->out->phase[s->phase];
}

static void larger(int64_t *most, int64_t n)
{
	if(*most < n)
		*most = n;
}

static struct hop *hop_of(struct sim *s, int node, int registrar)
{
	return &s->hop[node * s->plan.registrars + registrar];
}

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

/* --- one account --- */

static void set_due(struct sim *s, struct account *a, int64_t at_ms)
{
	at_ms = (at_ms + DUE_TICK_MS - 1) / DUE_TICK_MS * DUE_TICK_MS;
	uax_wheel_add(&s->wheel, &a->node, at_ms / STEP_MS);
}

static void set_ready(struct sim *s, struct account *a)
{
	struct hop *hop = hop_of(s, a->holder, a->registrar);

	a->flags |= IN_READY;
	uax_list_add(&hop->ready, &a->node);
	if(!hop->is_active) {
		hop->is_active = 1;
		s->active[s->n_active++] = (int)(hop - s->hop);
	}
}

static int is_silent(const struct sim *s, int registrar)
{
	return registrar == 0 && s->phase == SIM_OUTAGE
		   && s->now_ms < (begins_s[SIM_OUTAGE] + SIM_OUTAGE_S) * (int64_t)1000;
}

/* The registrar gets a request: which answer comes, and when. */
static void serve(struct sim *s, struct account *a)
{
	int64_t delay_ms = 5 + next_random(s) % 45, *free_us;
	int64_t resend_ms;

	s->sent++;
	s->sent_to[a->registrar]++;
	s->sent_by[a->holder]++;
	seen(s)->requests++;
	seen(s)->move_requests += (a->flags & IS_MOVING) != 0;
	a->sent_ms = (uint32_t)s->now_ms;
	if(is_silent(s, a->registrar)) {
		a->answer = UAX_E_UNREACHABLE;
		delay_ms = TRANSACTION_MS;
	} else {
		free_us = &s->free_us[a->registrar];
		if(*free_us < s->now_ms * 1000)
			*free_us = s->now_ms * 1000;
		*free_us += 1000000 / s->plan.served_per_s;
		/* one packet of a hundred is lost and sent again */
		for(resend_ms = 500;
				next_random(s) % 100 == 0 && delay_ms < TRANSACTION_MS / 2;
				resend_ms *= 2)
			delay_ms += resend_ms;
		delay_ms += *free_us / 1000 - s->now_ms;
		larger(&seen(s)->wait_ms, *free_us / 1000 - s->now_ms);
		a->answer = UAX_E_OK;
	}
	uax_wheel_add(&s->wheel, &a->node,
			(s->now_ms + delay_ms + STEP_MS - 1) / STEP_MS);
}

static void granted(struct sim *s, struct account *a)
{
	const struct node *before = &s->node[a->at];

	if(a->until_ms < s->now_ms) {
		seen(s)->lapses++;
		larger(&seen(s)->lapse_ms, s->now_ms - a->until_ms);
	} else if(!before->is_up && !s->plan.is_shared) {
		seen(s)->strays++;
		larger(&seen(s)->stray_ms, s->now_ms - before->down_ms);
	}
	if(a->flags & IS_MOVING) {
		a->flags &= ~IS_MOVING;
		s->open_moves--;
		larger(&seen(s)->settled_ms, s->now_ms - s->moved_at_ms);
	}
	a->at = a->holder;
	a->until_ms = a->sent_ms + SIM_GRANT_S * 1000;
	a->failures = 0;
}

/* An event of an account, and what follows from it. */
static void step(struct sim *s, struct account *a, enum uax_event event)
{
	uint32_t rnd = next_random(s);
	struct uax_step step;

	if(uax_fsm_step(a->state, event, 1, &step) != KX_OK)
		abort();
	a->state = step.next;
	if(event == UAX_E_OK)
		granted(s, a);
	else if(event == UAX_E_UNREACHABLE && a->failures < 255)
		a->failures++;
	if(step.action == UAX_A_SEND)
		serve(s, a);
	else if(step.timer == UAX_T_REFRESH)
		set_due(s, a,
				a->sent_ms
						+ uax_refresh_ms(SIM_GRANT_S, s->plan.interval_s, rnd));
	else if(step.timer == UAX_T_RETRY)
		set_due(s, a,
				s->now_ms + uax_retry_ms(SIM_RETRY_S, 0, a->failures, rnd));
}

/* What a new owner makes of a row whose request was under way. */
static void forget_request(struct sim *s, struct account *a)
{
	if(!uax_state_is_ongoing(a->state))
		return;
	uax_node_unlink(&a->node);
	if(a->holder != NONE && s->node[a->holder].is_up)
		uax_pace_cancel(&hop_of(s, a->holder, a->registrar)->pace, a->sent_ms,
				s->now_ms);
	a->state = a->until_ms > s->now_ms ? UAX_S_ONLINE : UAX_S_INIT;
}

static void take_off(struct account *a)
{
	if(a->flags & IN_READY)
		uax_node_unlink(&a->node);
	a->flags &= ~IN_READY;
}

static void give_up(struct sim *s, struct account *a)
{
	forget_request(s, a);
	take_off(a);
	a->holder = NONE;
}

/* With an address of its own the new owner registers at once; so it does
 * where the time of the refresh is over. */
static void take_over(struct sim *s, struct account *a, int node)
{
	forget_request(s, a);
	take_off(a);
	a->holder = node;
	if(s->plan.is_shared && uax_node_is_linked(&a->node))
		return;
	uax_node_unlink(&a->node);
	if(!(a->flags & IS_MOVING))
		s->open_moves++;
	a->flags |= IS_MOVING;
	seen(s)->moves_sent++;
	set_ready(s, a);
}

static int has_owner(const struct sim *s, const struct account *a)
{
	return a->holder != NONE && s->node[a->holder].is_up;
}

/* Answers that come, and accounts whose time it is. What nobody has stays out
 * of the wheel. */
static void take_due(struct sim *s)
{
	struct uax_node *node;

	while((node = uax_wheel_take(&s->wheel, s->now_ms / STEP_MS)) != NULL) {
		struct account *a =
				(struct account *)((char *)node
								   - offsetof(struct account, node));

		if(!has_owner(s, a))
			continue;
		if(!uax_state_is_ongoing(a->state)) {
			set_ready(s, a);
			continue;
		}
		uax_pace_end(&hop_of(s, a->holder, a->registrar)->pace,
				a->answer == UAX_E_OK ? UAX_PACE_ANSWERED : UAX_PACE_LOST,
				a->sent_ms, s->now_ms);
		seen(s)->timeouts += a->answer == UAX_E_UNREACHABLE;
		step(s, a, a->answer);
	}
}

static void start_attempts(struct sim *s)
{
	int i, n = s->n_active;

	s->n_active = 0;
	for(i = 0; i < n; i++) {
		struct hop *hop = &s->hop[s->active[i]];

		while(!uax_list_is_empty(&hop->ready)
				&& uax_pace_is_open(&hop->pace, s->now_ms)) {
			struct uax_node *node = uax_list_take(&hop->ready);
			struct account *a =
					(struct account *)((char *)node
									   - offsetof(struct account, node));

			a->flags &= ~IN_READY;
			uax_pace_start(&hop->pace, s->now_ms);
			step(s, a, UAX_E_DUE);
		}
		hop->is_active = !uax_list_is_empty(&hop->ready);
		if(hop->is_active)
			s->active[s->n_active++] = s->active[i];
	}
}

/* --- the nodes --- */

static void start_node(struct sim *s, int i)
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

/* What it has stays where it is: nobody does anything about it. */
static void stop_node(struct sim *s, int i)
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

/* Tell all others; who is not heard by one of them is answered at once. */
static void speak(struct sim *s, int from)
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
		if(has_owner(s, a))
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
			give_up(s, a);
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
		if(has_owner(s, a)) {
			s->out->taken_early++;
			give_up(s, a);
		}
		take_over(s, a, self);
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

static void run_nodes(struct sim *s)
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
			speak(s, i);
	}
}

/* Whether all that changed owner is with it, and registered. */
static int is_settled(const struct sim *s)
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

/* --- the day --- */

/* A planned restart: say so, hand over, stop, come back, take back. */
static void roll(struct sim *s)
{
	struct node *node = &s->node[s->rolling];
	int64_t past_ms = s->now_ms - s->rolling_ms;

	switch(s->rolling_step) {
		case 0:
			uax_members_leave(&node->members, 1);
			s->moved_at_ms = s->now_ms;
			break;
		case 1:
			if(past_ms < 2000 || (!is_settled(s) && past_ms < LINGER_MS))
				return;
			node->members.node[0].is_gone = 1;
			speak(s, s->rolling);
			stop_node(s, s->rolling);
			break;
		case 2:
			if(past_ms < AWAY_MS)
				return;
			start_node(s, s->rolling);
			break;
		default:
			if(past_ms < BACK_MS || !is_settled(s))
				return;
			s->rolling++;
			s->rolling_step = -1;
	}
	s->rolling_step++;
	s->rolling_ms = s->now_ms;
}

static int tenth(const struct sim *s)
{
	return (s->plan.nodes + 9) / 10;
}

/* What should move when so many of n nodes with the same weight come or go. */
static double ideal(const struct sim *s, int nodes)
{
	return (double)s->plan.accounts * nodes / s->plan.nodes;
}

static void begin_phase(struct sim *s, enum sim_phase phase)
{
	int i;

	seen(s)->ended_s = begins_s[phase];
	s->phase = phase;
	seen(s)->began_s = begins_s[phase];
	seen(s)->ended_s = DAY_S;
	switch(phase) {
		case SIM_CRASH:
			stop_node(s, 1);
			seen(s)->ideal = ideal(s, 1);
			break;
		case SIM_JOIN:
			start_node(s, 1);
			seen(s)->ideal = ideal(s, 1);
			break;
		case SIM_CRASH_MANY:
			for(i = 0; i < tenth(s); i++)
				stop_node(s, i + 2);
			seen(s)->ideal = ideal(s, tenth(s));
			break;
		case SIM_JOIN_MANY:
			for(i = 0; i < tenth(s); i++)
				start_node(s, i + 2);
			seen(s)->ideal = ideal(s, tenth(s));
			break;
		case SIM_ROLLING:
			seen(s)->ideal = 2 * ideal(s, s->plan.nodes);
			break;
		default:
			break;
	}
}

static void end_second(struct sim *s)
{
	struct sim_seen *now = seen(s);
	int i;

	now->busiest = s->sent > now->busiest ? s->sent : now->busiest;
	for(i = 0; i < s->plan.registrars; i++) {
		if(s->sent_to[i] > now->busiest_registrar)
			now->busiest_registrar = s->sent_to[i];
	}
	for(i = 0; i < s->plan.nodes; i++) {
		if(s->sent_by[i] > now->busiest_node)
			now->busiest_node = s->sent_by[i];
	}
	s->sent = 0;
	memset(s->sent_to, 0, sizeof(s->sent_to));
	memset(s->sent_by, 0, sizeof(s->sent_by));
}

/* All have been there for long: every account is registered by its owner, and
 * the refreshes are spread over the whole time. */
static void begin_day(struct sim *s)
{
	struct uax_share share[SIM_NODES_MAX];
	int64_t i, count[SIM_NODES_MAX] = {0};
	int window_ms = (SIM_GRANT_S - s->plan.interval_s) * 1000;

	for(i = 0; i < s->plan.nodes * s->plan.registrars; i++)
		uax_list_init(&s->hop[i].ready);
	for(i = 0; i < s->plan.nodes; i++) {
		start_node(s, (int)i);
		share[i] = s->node[i].share;
		s->is_sharing[i] = 1;
	}
	for(i = 0; i < s->plan.accounts; i++) {
		struct account *a = &s->account[i];
		char uuid[32];
		str text = {uuid, 0};
		int due_ms = (int)((uint64_t)next_random(s) * window_ms >> 32);

		text.len = snprintf(uuid, sizeof(uuid), "trunk-%lld", (long long)i);
		a->key = uax_owner_key(&text);
		a->registrar = i % s->plan.registrars;
		a->want = uax_owner_of(a->key, share, s->plan.nodes);
		a->holder = a->at = a->want;
		a->state = UAX_S_ONLINE;
		a->until_ms = due_ms + s->plan.interval_s * 1000;
		set_due(s, a, due_ms);
		count[a->want]++;
	}
	s->out->least = 1e9;
	for(i = 0; i < s->plan.nodes; i++) {
		double share_of = count[i] / ideal(s, 1);

		if(share_of > s->out->most)
			s->out->most = share_of;
		if(share_of < s->out->least)
			s->out->least = share_of;
	}
}

static void live(struct sim *s)
{
	const int64_t day_ms = DAY_S * (int64_t)1000;

	for(; s->now_ms < day_ms; s->now_ms += STEP_MS) {
		if(s->phase + 1 < SIM_PHASE_COUNT
				&& s->now_ms >= begins_s[s->phase + 1] * (int64_t)1000)
			begin_phase(s, s->phase + 1);
		if(s->phase == SIM_ROLLING && s->rolling < s->plan.nodes)
			roll(s);
		if(s->now_ms % NODE_TICK_MS == 0)
			run_nodes(s);
		take_due(s);
		start_attempts(s);
		if(s->now_ms % 1000 == 1000 - STEP_MS)
			end_second(s);
	}
}

static void count_lost(struct sim *s)
{
	int64_t i;

	for(i = 0; i < s->plan.accounts; i++) {
		const struct account *a = &s->account[i];

		s->out->lost += a->until_ms < s->now_ms || !has_owner(s, a)
						|| a->holder != a->want || !s->node[a->at].is_up;
	}
	/* the rolling restart has to be over */
	s->out->lost += s->rolling < s->plan.nodes;
}

int sim_run(const struct sim_plan *plan, struct sim_result *out)
{
	struct sim *s;
	int hops = plan->nodes * plan->registrars, i;

	memset(out, 0, sizeof(*out));
	if(plan->nodes < 4 || plan->nodes > SIM_NODES_MAX || plan->registrars < 1
			|| plan->registrars > SIM_REGISTRARS_MAX || plan->served_per_s < 1
			|| plan->interval_s < 83 || plan->interval_s > SIM_GRANT_S / 2)
		return -1;
	s = calloc(1, sizeof(*s));
	if(s == NULL)
		return -1;
	s->plan = *plan;
	s->out = out;
	s->random = 42;
	s->account = calloc(plan->accounts, sizeof(*s->account));
	s->hop = calloc(hops, sizeof(*s->hop));
	s->active = calloc(hops, sizeof(*s->active));
	out->bytes = sizeof(*s) + plan->accounts * (int64_t)sizeof(*s->account)
				 + hops * (int64_t)sizeof(*s->hop);
	if(s->account != NULL && s->hop != NULL && s->active != NULL) {
		uax_wheel_init(&s->wheel, 0);
		begin_day(s);
		live(s);
		count_lost(s);
	} else {
		out->bytes = 0;
	}
	for(i = 0; i < plan->nodes; i++) {
		free(s->node[i].give.at);
		free(s->node[i].claim.at);
	}
	free(s->active);
	free(s->hop);
	free(s->account);
	free(s);
	return out->bytes > 0 ? 0 : -1;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A day of a cluster.
 *
 * Simplified: a message between nodes arrives at once; nodes act only in the
 * view that most of them have, so that one column of owners is enough (there
 * is no partition on that day); an account that is given up while its request
 * is under way leaves it behind; a registrar remembers its nonce for ever. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster_sim_priv.h"

enum
{
	DAY_S = 86400,
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

static const char *const phase_text[] = {
#define TEXT(name, text) text,
		SIM_PHASES(TEXT)
#undef TEXT
};

const char *sim_phase_text(enum sim_phase phase)
{
	return phase < SIM_PHASE_COUNT ? phase_text[phase] : "invalid";
}

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
			if(past_ms < 2000 || (!sim_is_settled(s) && past_ms < LINGER_MS))
				return;
			node->members.node[0].is_gone = 1;
			sim_node_speak(s, s->rolling);
			sim_node_stop(s, s->rolling);
			break;
		case 2:
			if(past_ms < AWAY_MS)
				return;
			sim_node_start(s, s->rolling);
			break;
		default:
			if(past_ms < BACK_MS || !sim_is_settled(s))
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
			sim_node_stop(s, 1);
			seen(s)->ideal = ideal(s, 1);
			break;
		case SIM_JOIN:
			sim_node_start(s, 1);
			seen(s)->ideal = ideal(s, 1);
			break;
		case SIM_CRASH_MANY:
			for(i = 0; i < tenth(s); i++)
				sim_node_stop(s, i + 2);
			seen(s)->ideal = ideal(s, tenth(s));
			break;
		case SIM_JOIN_MANY:
			for(i = 0; i < tenth(s); i++)
				sim_node_start(s, i + 2);
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
		sim_node_start(s, (int)i);
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
		sim_account_due(s, a, due_ms);
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
			sim_run_nodes(s);
		sim_take_due(s);
		sim_start_attempts(s);
		if(s->now_ms % 1000 == 1000 - STEP_MS)
			end_second(s);
	}
}

static void count_lost(struct sim *s)
{
	int64_t i;

	for(i = 0; i < s->plan.accounts; i++) {
		const struct account *a = &s->account[i];

		s->out->lost += a->until_ms < s->now_ms || !sim_account_has_owner(s, a)
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

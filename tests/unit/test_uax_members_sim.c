/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Members of a cluster whose network and servers fail, in simulated time. */
#include <stdio.h>
#include <stdlib.h>

#include "membership.h"

enum
{
	SIM_NODES = 7,
	SIM_STEP_MS = 50,
	SIM_BEAT_MS = 2000,
	SIM_FLIGHT = 4096, /* messages under way */
	/* from when messages flow again */
	SIM_SETTLED_MS = UNIT_TIMEOUT_MS + 2 * SIM_BEAT_MS
};

struct sim_node
{
	struct uax_members m;
	int is_up;
	uint64_t boot;
	int side; /* of a partition */
	int64_t last_ms;
	int is_urgent;
	int64_t settles_ms; /* 0: has */
	int64_t began_ms;
	int has_claimed;
	int was_never_with_others;
};

struct sim_message
{
	int64_t due_ms; /* 0: a free place */
	int from, to;
	struct uax_beat beat;
	char name[UAX_BEAT_NODE_MAX];
};

struct sim
{
	struct sim_node node[SIM_NODES];
	struct sim_message *flight;
	uint64_t random, boots;
	int64_t now_ms;
	int loss_pct, delay_ms, is_split;
	/* last time a message of this boot was delivered, by receiver, sender */
	int64_t got_ms[SIM_NODES][SIM_NODES];
	uint64_t got_boot[SIM_NODES][SIM_NODES];
	uint64_t got_heard[SIM_NODES][SIM_NODES]; /* boot it heard of us, 0: none */
	uint32_t got_seq[SIM_NODES][SIM_NODES];	  /* the last of that life */
	/* when a life said last that it hears us as we are, and which */
	int64_t knew_ms[SIM_NODES][SIM_NODES]; /* 0: none did */
	uint64_t knew_boot[SIM_NODES][SIM_NODES];
};

static int sim_below(struct sim *s, int n)
{
	return (int)(unit_random(&s->random) % (uint32_t)n);
}

static str sim_name(int i, char *mem)
{
	str name = {mem, 0};

	name.len = snprintf(mem, 64, "sip:192.0.2.%d:5060", i + 1);
	return name;
}

static void sim_boot(struct sim *s, int i)
{
	struct sim_node *node = &s->node[i];
	char mem[64];
	str name = sim_name(i, mem);

	memset(s->knew_ms[i], 0, sizeof(s->knew_ms[i]));
	node->is_up = 1;
	node->boot = ++s->boots;
	node->began_ms = s->now_ms;
	node->last_ms = 0;
	node->settles_ms = 0;
	node->has_claimed = 0;
	node->was_never_with_others = 1;
	uax_members_init(&node->m, &name, node->boot, 100 + (uint32_t)i,
			UNIT_TIMEOUT_MS, s->now_ms);
}

static void sim_send(struct sim *s, int from, const struct uax_beat *beat)
{
	int to, i;

	for(to = 0; to < SIM_NODES; to++) {
		struct sim_message *msg = NULL;

		if(to == from || !s->node[to].is_up
				|| (s->is_split && s->node[to].side != s->node[from].side)
				|| sim_below(s, 100) < s->loss_pct)
			continue;
		for(i = 0; i < SIM_FLIGHT && msg == NULL; i++) {
			if(s->flight[i].due_ms == 0)
				msg = &s->flight[i];
		}
		ck_assert(msg != NULL);
		msg->due_ms = s->now_ms + 1 + sim_below(s, s->delay_ms + 1);
		msg->from = from;
		msg->to = to;
		msg->beat = *beat;
		memcpy(msg->name, beat->node.s, beat->node.len);
		msg->beat.node.s = msg->name;
	}
}

static void sim_note(struct sim *s, const struct sim_message *msg)
{
	struct sim_node *to = &s->node[msg->to];
	int i, k;

	if(msg->beat.boot < s->got_boot[msg->to][msg->from]
			|| (msg->beat.boot == s->got_boot[msg->to][msg->from]
					&& msg->beat.seq < s->got_seq[msg->to][msg->from]))
		return;
	s->got_seq[msg->to][msg->from] = msg->beat.seq;
	s->got_ms[msg->to][msg->from] = s->now_ms;
	s->got_boot[msg->to][msg->from] = msg->beat.boot;
	for(i = k = 0; i < msg->beat.n_heard; i++) {
		if(msg->beat.heard[i].key == to->m.node[0].key)
			k = (int)msg->beat.heard[i].boot;
	}
	s->got_heard[msg->to][msg->from] = (uint64_t)k;
	if((uint64_t)k == to->boot) {
		s->knew_ms[msg->to][msg->from] = s->now_ms;
		s->knew_boot[msg->to][msg->from] = msg->beat.boot;
	}
}

static void sim_deliver(struct sim *s)
{
	int i, is_urgent;

	for(i = 0; i < SIM_FLIGHT; i++) {
		struct sim_message *msg = &s->flight[i];
		struct sim_node *to;

		if(msg->due_ms == 0 || msg->due_ms > s->now_ms)
			continue;
		msg->due_ms = 0;
		to = &s->node[msg->to];
		if(!to->is_up || (s->is_split && to->side != s->node[msg->from].side))
			continue;
		uax_members_hear(&to->m, &msg->beat, s->now_ms, &is_urgent);
		to->is_urgent |= is_urgent;
		sim_note(s, msg);
	}
}

/* Whether one that does not hear us may be live: it started anew, and its
 * former life would not have been missed. */
static int sim_is_awaited(const struct sim *s, int i, int k)
{
	return s->knew_ms[i][k] > 0 && s->knew_boot[i][k] != s->got_boot[i][k]
		   && s->now_ms - s->knew_ms[i][k] < UNIT_TIMEOUT_MS;
}

/* Never does a server count as live that did not hear us as we are, or that
 * has been silent for a timeout. */
static void sim_check_live(struct sim *s, int i)
{
	const struct sim_node *node = &s->node[i];
	char mem[64];
	int j, k;

	for(j = 1; j < node->m.n; j++) {
		const struct uax_member *member = &node->m.node[j];

		if(!member->is_live)
			continue;
		for(k = 0; k < SIM_NODES; k++) {
			str name = sim_name(k, mem), known = uax_member_name(member);

			if(kx_str_eq(&name, &known))
				break;
		}
		ck_often(k < SIM_NODES && k != i, "a stranger is live");
		ck_often(s->now_ms - s->got_ms[i][k] < UNIT_TIMEOUT_MS,
				"%d is live for %d, silent since %lld", k, i,
				(long long)s->got_ms[i][k]);
		ck_often(s->got_boot[i][k] == member->boot, "a former life is live");
		ck_often(s->got_heard[i][k] == node->boot || sim_is_awaited(s, i, k),
				"%d is live for %d, and has not heard it", k, i);
	}
}

static void sim_claim(struct sim *s, int i)
{
	struct sim_node *node = &s->node[i];

	if(uax_members_others(&node->m) > 0)
		node->was_never_with_others = 0;
	if(!uax_members_may_claim(&node->m, s->now_ms))
		return;
	if(node->was_never_with_others && !node->has_claimed)
		ck_often(s->now_ms - node->began_ms >= UNIT_TIMEOUT_MS,
				"%d took all after %lld ms", i,
				(long long)(s->now_ms - node->began_ms));
	uax_members_claimed(&node->m);
	node->has_claimed = 1;
}

/* What the process of a server does every 50 ms. */
static void sim_turn(struct sim *s, int i)
{
	struct sim_node *node = &s->node[i];
	struct uax_beat beat;

	if(!node->is_up)
		return;
	if(uax_members_tick(&node->m, s->now_ms)) {
		node->is_urgent = 1;
		node->settles_ms = s->now_ms + sim_below(s, 300);
	}
	if(node->settles_ms > 0 && s->now_ms >= node->settles_ms) {
		uax_members_settle(&node->m, node->m.view_no);
		node->settles_ms = 0;
		node->is_urgent = 1;
	}
	sim_check_live(s, i);
	sim_claim(s, i);
	if(!node->is_urgent && s->now_ms - node->last_ms < SIM_BEAT_MS)
		return;
	node->is_urgent = 0;
	node->last_ms = s->now_ms;
	uax_members_speak(&node->m, UAX_BEAT_ALIVE, s->now_ms, &beat);
	sim_send(s, i, &beat);
}

static void sim_pass(struct sim *s)
{
	int i;

	s->now_ms += SIM_STEP_MS;
	sim_deliver(s);
	for(i = 0; i < SIM_NODES; i++)
		sim_turn(s, i);
}

/* Something breaks, or comes back. */
static void sim_trouble(struct sim *s)
{
	struct uax_beat beat;
	int i = sim_below(s, SIM_NODES);
	struct sim_node *node = &s->node[i];

	switch(sim_below(s, 6)) {
		case 0: /* crashes, or starts */
			if(node->is_up)
				node->is_up = 0;
			else
				sim_boot(s, i);
			break;
		case 1: /* restarts within a moment */
			sim_boot(s, i);
			break;
		case 2: /* stops and says so */
			if(!node->is_up)
				break;
			uax_members_speak(&node->m, UAX_BEAT_ALIVE, s->now_ms, &beat);
			beat.is_gone = 1;
			sim_send(s, i, &beat);
			node->is_up = 0;
			break;
		case 3: /* the network falls apart, or together */
			s->is_split = !s->is_split;
			for(i = 0; i < SIM_NODES; i++)
				s->node[i].side = sim_below(s, 2);
			break;
		case 4:
			s->loss_pct = sim_below(s, 4) * 20;
			break;
		case 5:
			s->delay_ms = sim_below(s, 3) * 1000;
			break;
	}
}

/* All that are up agree, and all of them may take what is theirs. */
static void sim_check_agreed(struct sim *s, int round)
{
	uint64_t view = 0;
	int i, up = 0;

	for(i = 0; i < SIM_NODES; i++)
		up += s->node[i].is_up;
	for(i = 0; i < SIM_NODES; i++) {
		struct sim_node *node = &s->node[i];

		if(!node->is_up)
			continue;
		ck_often(uax_members_others(&node->m) == up - 1,
				"round %d: %d sees %d others of %d", round, i,
				uax_members_others(&node->m), up - 1);
		ck_often(view == 0 || view == node->m.node[0].view,
				"round %d: %d sees otherwise", round, i);
		view = node->m.node[0].view;
		ck_often(uax_members_may_claim(&node->m, s->now_ms),
				"round %d: %d may not", round, i);
	}
}

START_TEST(a_cluster_finds_together_whatever_happened)
{
	static struct sim s;
	int round, step, i;

	memset(&s, 0, sizeof(s));
	s.flight = calloc(SIM_FLIGHT, sizeof(*s.flight));
	ck_assert_ptr_nonnull(s.flight);
	s.random = 1000 + (uint64_t)_i;
	s.now_ms = UNIT_BEGAN_MS;
	for(i = 0; i < SIM_NODES; i++)
		sim_boot(&s, i);
	for(round = 0; round < 40; round++) {
		int steps = 20 + sim_below(&s, 400);

		for(step = 0; step < steps; step++) {
			if(sim_below(&s, 40) == 0)
				sim_trouble(&s);
			sim_pass(&s);
		}
		s.loss_pct = s.is_split = 0;
		s.delay_ms = 20;
		for(step = 0; step < SIM_SETTLED_MS / SIM_STEP_MS; step++)
			sim_pass(&s);
		sim_check_agreed(&s, round);
	}
	free(s.flight);
}
END_TEST

Suite *suite_uax_members_sim(void)
{
	Suite *s = suite_create("uax_members_sim");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, a_cluster_finds_together_whatever_happened, 0, 8);
	suite_add_tcase(s, t);
	return s;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Members of a cluster: what messages and silence do, and clusters whose
 * network and servers fail, in simulated time. */
#include <stdio.h>
#include <stdlib.h>

#include "members.h"
#include "unit.h"

enum
{
	TIMEOUT_MS = 6000,
	BEGAN_MS = 1000000,
	OWN_BOOT = 500
};

#define SELF "sip:192.0.2.1:5060"
#define OTHER "sip:192.0.2.2:5060"

static struct uax_members alone(void)
{
	struct uax_members m;
	str name = unit_str(SELF);

	uax_members_init(&m, &name, OWN_BOOT, 100, TIMEOUT_MS, BEGAN_MS);
	return m;
}

/* A heartbeat that hears us. */
static struct uax_beat beat_of(const char *name, uint64_t boot, uint32_t seq)
{
	str own = unit_str(SELF);
	struct uax_beat beat = {.type = UAX_BEAT_ALIVE,
			.node = unit_str(name),
			.boot = boot,
			.seq = seq,
			.weight = 100,
			.heard = {{uax_owner_key(&own), OWN_BOOT}},
			.n_heard = 1};

	return beat;
}

static enum uax_hearing hear(
		struct uax_members *m, const struct uax_beat *beat, int64_t now_ms)
{
	int is_urgent;

	return uax_members_hear(m, beat, now_ms, &is_urgent);
}

START_TEST(begins_alone)
{
	struct uax_members m = alone();
	struct uax_share share[UAX_NODES_MAX];
	int index[UAX_NODES_MAX];
	str name = unit_str(SELF);

	ck_str_is(uax_member_name(&m.node[0]), SELF);
	ck_assert_int_eq(uax_members_others(&m), 0);
	ck_assert_int_eq(uax_members_shares(&m, share, index), 1);
	ck_assert(share[0].key == uax_owner_key(&name) && share[0].weight == 100);
	ck_assert_int_eq(index[0], 0);
	/* not before it has looked around */
	ck_assert_int_eq(uax_members_may_claim(&m, BEGAN_MS + 10 * TIMEOUT_MS), 0);
	ck_assert_int_eq(uax_members_tick(&m, BEGAN_MS), 1);
	ck_assert_int_eq(m.view_no, 1);
	ck_assert_int_eq(uax_members_tick(&m, BEGAN_MS + 50), 0);
}
END_TEST

START_TEST(who_is_alone_waits_for_others_once)
{
	struct uax_members m = alone();

	uax_members_tick(&m, BEGAN_MS);
	uax_members_settle(&m, m.view_no);
	ck_assert_int_eq(uax_members_may_claim(&m, BEGAN_MS), 0);
	ck_assert_int_eq(uax_members_may_claim(&m, BEGAN_MS + TIMEOUT_MS - 1), 0);
	ck_assert_int_eq(uax_members_may_claim(&m, BEGAN_MS + TIMEOUT_MS), 1);
	uax_members_claimed(&m);
	/* alone again, later: whoever was there has been waited for */
	ck_assert_int_eq(uax_members_may_claim(&m, BEGAN_MS + 1), 1);
}
END_TEST

/* One message to a server that has heard OTHER of boot 20, number 5, alive. */
static const struct
{
	const char *sentence;
	const char *name;
	enum uax_beat_type type;
	uint64_t boot;
	uint32_t seq;
	enum uax_hearing want;
} hearings[] = {
		{"the next", OTHER, UAX_BEAT_ALIVE, 20, 6, UAX_HEAR_OK},
		{"one that was overtaken", OTHER, UAX_BEAT_ALIVE, 20, 4, UAX_HEAR_OK},
		{"the same again", OTHER, UAX_BEAT_ALIVE, 20, 5, UAX_HEAR_REPLAY},
		{"number 0", OTHER, UAX_BEAT_ALIVE, 20, 0, UAX_HEAR_REPLAY},
		{"of its former life", OTHER, UAX_BEAT_ALIVE, 19, 99, UAX_HEAR_OLD},
		{"of its next life", OTHER, UAX_BEAT_ALIVE, 21, 5, UAX_HEAR_OK},
		{"somebody else", "sip:192.0.2.3:5060", UAX_BEAT_ALIVE, 1, 1,
				UAX_HEAR_OK},
		{"our own name", SELF, UAX_BEAT_ALIVE, 900, 1, UAX_HEAR_SELF},
		{"our own name, a command", SELF, UAX_BEAT_TELL, 900, 1, UAX_HEAR_SELF},
		{"its first command", OTHER, UAX_BEAT_TELL, 20, 1, UAX_HEAR_OK},
		/* numbers of commands are their own */
		{"a command with a number heard before", OTHER, UAX_BEAT_TELL, 20, 5,
				UAX_HEAR_OK},
		{"a command of its former life", OTHER, UAX_BEAT_TELL, 19, 1,
				UAX_HEAR_STRANGER},
		{"a command of a life not heard of", OTHER, UAX_BEAT_TELL, 21, 1,
				UAX_HEAR_STRANGER},
		{"a command of somebody else", "sip:192.0.2.3:5060", UAX_BEAT_TELL, 1,
				1, UAX_HEAR_STRANGER},
};

START_TEST(a_message_is_good_or_changes_nothing)
{
	struct uax_members m = alone(), before;
	struct uax_beat beat = beat_of(OTHER, 20, 5);

	uax_members_tick(&m, BEGAN_MS);
	ck_assert_int_eq(hear(&m, &beat, BEGAN_MS), UAX_HEAR_OK);
	uax_members_tick(&m, BEGAN_MS);
	ck_assert_int_eq(uax_members_others(&m), 1);
	before = m;
	beat = beat_of(hearings[_i].name, hearings[_i].boot, hearings[_i].seq);
	beat.type = hearings[_i].type;
	ck_row(hear(&m, &beat, BEGAN_MS + 10) == hearings[_i].want,
			hearings[_i].sentence);
	if(hearings[_i].want != UAX_HEAR_OK)
		ck_row(memcmp(&m, &before, sizeof(m)) == 0, hearings[_i].sentence);
	/* twice is never good */
	ck_row(hear(&m, &beat, BEGAN_MS + 20) != UAX_HEAR_OK,
			hearings[_i].sentence);
}
END_TEST

/* Late news are no news. */
START_TEST(what_was_overtaken_says_nothing_new)
{
	struct uax_members m = alone();
	struct uax_beat beat = beat_of(OTHER, 20, 5), late = beat_of(OTHER, 20, 4);

	ck_assert_int_eq(hear(&m, &beat, BEGAN_MS), UAX_HEAR_OK);
	uax_members_tick(&m, BEGAN_MS);
	late.weight = 7;
	late.is_gone = late.is_leaving = 1;
	late.n_heard = 0;
	ck_assert_int_eq(hear(&m, &late, BEGAN_MS + 100), UAX_HEAR_OK);
	ck_assert_int_eq(uax_members_tick(&m, BEGAN_MS + 100), 0);
	ck_assert_int_eq(uax_members_others(&m), 1);
	ck_assert_int_eq(m.node[1].weight, 100);
	/* nor is the server heard by it */
	ck_assert_int_eq(uax_members_tick(&m, BEGAN_MS + TIMEOUT_MS), 1);
	ck_assert_int_eq(uax_members_others(&m), 0);
}
END_TEST

START_TEST(hearings_have_words)
{
	int i;

	for(i = 0; i < UAX_HEAR_COUNT; i++)
		ck_assert_int_ge(strlen(uax_hearing_text(i)), 4);
}
END_TEST

/* Who hears whom: live is who is heard and hears us as we are. */
START_TEST(live_is_who_hears_us)
{
	static const struct
	{
		const char *sentence;
		int key_of_us, n_heard;
		uint64_t boot;
		int is_gone, is_live;
	} row[] = {
			{"it hears us", 1, 1, OWN_BOOT, 0, 1},
			{"it hears nobody", 1, 0, OWN_BOOT, 0, 0},
			{"it hears somebody else", 0, 1, OWN_BOOT, 0, 0},
			{"it heard our former life", 1, 1, OWN_BOOT - 1, 0, 0},
			{"it heard a life of ours that is to come", 1, 1, OWN_BOOT + 1, 0,
					0},
			{"it hears us and says goodbye", 1, 1, OWN_BOOT, 1, 0},
	};
	struct uax_members m = alone();
	struct uax_beat beat = beat_of(OTHER, 20, 1);
	int is_urgent;

	beat.n_heard = row[_i].n_heard;
	beat.heard[0].boot = row[_i].boot;
	if(!row[_i].key_of_us)
		beat.heard[0].key++;
	beat.is_gone = (unsigned char)row[_i].is_gone;
	ck_assert_int_eq(
			uax_members_hear(&m, &beat, BEGAN_MS, &is_urgent), UAX_HEAR_OK);
	/* who does not hear us should, soon; who is gone needs not */
	ck_row(is_urgent == (!row[_i].is_live && !row[_i].is_gone),
			row[_i].sentence);
	uax_members_tick(&m, BEGAN_MS + 1);
	ck_row(uax_members_others(&m) == row[_i].is_live, row[_i].sentence);
	/* silence ends it */
	uax_members_tick(&m, BEGAN_MS + TIMEOUT_MS - 1);
	ck_row(uax_members_others(&m) == row[_i].is_live, row[_i].sentence);
	uax_members_tick(&m, BEGAN_MS + TIMEOUT_MS);
	ck_row(uax_members_others(&m) == 0, row[_i].sentence);
}
END_TEST

START_TEST(a_server_born_again_is_another)
{
	struct uax_members m = alone();
	struct uax_beat beat = beat_of(OTHER, 20, 70), tell = beat;
	uint64_t view;

	beat.is_settled = 1;
	hear(&m, &beat, BEGAN_MS);
	uax_members_tick(&m, BEGAN_MS);
	view = m.node[0].view;
	uax_members_settle(&m, m.view_no);
	ck_assert_int_eq(m.node[0].is_settled, 1);
	tell.type = UAX_BEAT_TELL;
	ck_assert_int_eq(hear(&m, &tell, BEGAN_MS), UAX_HEAR_OK);
	/* its numbers begin anew, and it does not hear us yet */
	beat = beat_of(OTHER, 21, 1);
	beat.n_heard = 0;
	ck_assert_int_eq(hear(&m, &beat, BEGAN_MS + 100), UAX_HEAR_OK);
	ck_assert_int_eq(m.node[1].is_settled, 0);
	ck_assert_int_eq(uax_members_tick(&m, BEGAN_MS + 100), 1);
	ck_assert_int_eq(uax_members_others(&m), 0);
	ck_assert_int_eq(m.node[0].is_settled, 0);
	tell = beat_of(OTHER, 21, 70);
	tell.type = UAX_BEAT_TELL;
	ck_assert_int_eq(hear(&m, &tell, BEGAN_MS + 100), UAX_HEAR_STRANGER);
	beat = beat_of(OTHER, 21, 2);
	hear(&m, &beat, BEGAN_MS + 200);
	ck_assert_int_eq(uax_members_tick(&m, BEGAN_MS + 200), 1);
	/* the same names, and not the same view */
	ck_assert(m.node[0].view != view);
	ck_assert_int_eq(m.n, 2);
	ck_assert_int_eq(hear(&m, &tell, BEGAN_MS + 200), UAX_HEAR_OK);
}
END_TEST

START_TEST(gone_is_gone_until_it_speaks_again)
{
	struct uax_members m = alone();
	struct uax_beat beat = beat_of(OTHER, 20, 1);
	int unsigned view_no;

	hear(&m, &beat, BEGAN_MS);
	ck_assert_int_eq(uax_members_tick(&m, BEGAN_MS), 1);
	view_no = m.view_no;
	uax_members_lose(&m, 1);
	ck_assert_int_eq(uax_members_tick(&m, BEGAN_MS + 1), 1);
	ck_assert_int_eq(uax_members_others(&m), 0);
	ck_assert_int_eq(m.view_no, view_no + 1);
	beat = beat_of(OTHER, 20, 2);
	hear(&m, &beat, BEGAN_MS + 2);
	ck_assert_int_eq(uax_members_tick(&m, BEGAN_MS + 2), 1);
	ck_assert_int_eq(uax_members_others(&m), 1);
	/* its own goodbye does the same */
	beat = beat_of(OTHER, 20, 3);
	beat.is_gone = 1;
	hear(&m, &beat, BEGAN_MS + 3);
	ck_assert_int_eq(uax_members_tick(&m, BEGAN_MS + 3), 1);
	ck_assert_int_eq(uax_members_others(&m), 0);
	/* a heartbeat that its goodbye overtook brings it back for a while; its
	 * next life is another one */
	beat = beat_of(OTHER, 20, 3);
	ck_assert_int_eq(hear(&m, &beat, BEGAN_MS + 4), UAX_HEAR_REPLAY);
	ck_assert_int_eq(uax_members_tick(&m, BEGAN_MS + 4), 0);
}
END_TEST

/* What a view is made of: each changes it, and is seen by all. */
START_TEST(a_view_changes_with_what_shares_depend_on)
{
	static const struct
	{
		const char *sentence;
		uint32_t weight;
		int is_leaving, is_settled, is_other;
	} row[] = {
			{"nothing", 100, 0, 0, 0},
			{"that it has settled", 100, 0, 1, 0},
			{"weight", 101, 0, 0, 1},
			{"no weight", 0, 0, 0, 1},
			{"it leaves", 100, 1, 0, 1},
	};
	struct uax_members m = alone();
	struct uax_share share[UAX_NODES_MAX];
	int index[UAX_NODES_MAX], n;
	struct uax_beat beat = beat_of(OTHER, 20, 1);

	hear(&m, &beat, BEGAN_MS);
	uax_members_tick(&m, BEGAN_MS);
	uax_members_settle(&m, m.view_no);
	beat = beat_of(OTHER, 20, 2);
	beat.weight = row[_i].weight;
	beat.is_leaving = (unsigned char)row[_i].is_leaving;
	beat.is_settled = (unsigned char)row[_i].is_settled;
	hear(&m, &beat, BEGAN_MS + 1);
	ck_row(uax_members_tick(&m, BEGAN_MS + 1) == row[_i].is_other,
			row[_i].sentence);
	ck_row(m.node[0].is_settled == !row[_i].is_other, row[_i].sentence);
	/* it is there, whatever it owns */
	ck_row(uax_members_others(&m) == 1, row[_i].sentence);
	n = uax_members_shares(&m, share, index);
	ck_row(n == 1 + (row[_i].weight > 0 && !row[_i].is_leaving),
			row[_i].sentence);
	if(n == 2)
		ck_row(index[1] == 1 && share[1].weight == row[_i].weight,
				row[_i].sentence);
}
END_TEST

START_TEST(who_leaves_owns_nothing_and_comes_back)
{
	struct uax_members m = alone();
	struct uax_share share[UAX_NODES_MAX];
	int index[UAX_NODES_MAX];
	struct uax_beat beat = beat_of(OTHER, 20, 1);

	hear(&m, &beat, BEGAN_MS);
	uax_members_tick(&m, BEGAN_MS);
	uax_members_leave(&m, 7);
	ck_assert_int_eq(uax_members_tick(&m, BEGAN_MS), 1);
	ck_assert_int_eq(uax_members_shares(&m, share, index), 1);
	ck_assert_int_eq(index[0], 1);
	uax_members_speak(&m, UAX_BEAT_ALIVE, BEGAN_MS, &beat);
	ck_assert_int_eq(beat.is_leaving, 1);
	/* nobody else is there: all that leave share again */
	beat = beat_of(OTHER, 20, 2);
	beat.is_leaving = 1;
	hear(&m, &beat, BEGAN_MS);
	ck_assert_int_eq(uax_members_tick(&m, BEGAN_MS), 1);
	ck_assert_int_eq(uax_members_shares(&m, share, index), 2);
	uax_members_lose(&m, 1);
	uax_members_tick(&m, BEGAN_MS);
	ck_assert_int_eq(uax_members_shares(&m, share, index), 1);
	uax_members_leave(&m, 0);
	ck_assert_int_eq(uax_members_tick(&m, BEGAN_MS), 1);
	ck_assert_int_eq(uax_members_shares(&m, share, index), 1);
	ck_assert_int_eq(index[0], 0);
}
END_TEST

/* What became ours may be taken when all have given away what they lost. */
START_TEST(who_claims_waits_for_the_others)
{
	static const struct
	{
		const char *sentence;
		int have_we, same_view, is_settled, after_ms, may;
	} row[] = {
			{"both have settled in our view", 1, 1, 1, 0, 1},
			{"it has not settled", 1, 1, 0, 0, 0},
			{"we have not", 0, 1, 1, 0, 0},
			{"nor for nearly a timeout", 0, 1, 1, TIMEOUT_MS - 1, 0},
			{"nor for a timeout", 0, 1, 1, TIMEOUT_MS, 1},
			{"it has settled in another view", 1, 0, 1, 0, 0},
			{"nearly as long as a timeout", 1, 0, 0, TIMEOUT_MS - 1, 0},
			{"for a timeout it did not", 1, 0, 0, TIMEOUT_MS, 1},
	};
	struct uax_members m = alone();
	struct uax_beat beat = beat_of(OTHER, 20, 1);
	int64_t at = BEGAN_MS + 100;
	int joined;

	hear(&m, &beat, at);
	ck_assert_int_eq(uax_members_tick(&m, at), 1);
	beat = beat_of(OTHER, 20, 2);
	beat.is_settled = (unsigned char)row[_i].is_settled;
	beat.view = m.node[0].view + !row[_i].same_view;
	hear(&m, &beat, at);
	ck_assert_int_eq(uax_members_tick(&m, at), 0);
	if(row[_i].have_we)
		uax_members_settle(&m, m.view_no);
	for(joined = 0; joined < 2; joined++) {
		m.was_joined = (unsigned char)joined;
		ck_row(uax_members_may_claim(&m, at + row[_i].after_ms) == row[_i].may,
				row[_i].sentence);
	}
}
END_TEST

START_TEST(an_old_view_can_not_be_settled_in)
{
	struct uax_members m = alone();
	struct uax_beat beat = beat_of(OTHER, 20, 1);
	unsigned int old;

	uax_members_tick(&m, BEGAN_MS);
	old = m.view_no;
	hear(&m, &beat, BEGAN_MS);
	ck_assert_int_eq(uax_members_tick(&m, BEGAN_MS), 1);
	uax_members_settle(&m, old);
	ck_assert_int_eq(m.node[0].is_settled, 0);
	uax_members_settle(&m, m.view_no);
	ck_assert_int_eq(m.node[0].is_settled, 1);
}
END_TEST

/* Views are numbered past the end of numbers, but never 0. */
START_TEST(no_view_has_number_zero)
{
	struct uax_members m = alone();

	uax_members_tick(&m, BEGAN_MS);
	m.view_no = UINT32_MAX;
	uax_members_leave(&m, 1);
	ck_assert_int_eq(uax_members_tick(&m, BEGAN_MS), 1);
	ck_assert_int_eq(m.view_no, 1);
	m.seq[UAX_BEAT_ALIVE] = UINT32_MAX;
	{
		struct uax_beat beat;

		uax_members_speak(&m, UAX_BEAT_ALIVE, BEGAN_MS, &beat);
		ck_assert_int_eq(beat.seq, 1);
	}
}
END_TEST

START_TEST(more_than_can_be_known)
{
	struct uax_members m = alone();
	struct uax_beat beat;
	char name[64];
	int i;

	for(i = 1; i < UAX_NODES_MAX; i++) {
		snprintf(name, sizeof(name), "sip:192.0.2.9:%d", i);
		beat = beat_of(name, 20, 1);
		ck_assert_int_eq(hear(&m, &beat, BEGAN_MS + i), UAX_HEAR_OK);
	}
	uax_members_tick(&m, BEGAN_MS + 200);
	ck_assert_int_eq(uax_members_others(&m), UAX_NODES_MAX - 1);
	beat = beat_of(OTHER, 20, 1);
	ck_assert_int_eq(hear(&m, &beat, BEGAN_MS + 200), UAX_HEAR_FULL);
	/* whose silence is the longest makes room, once it is not live */
	uax_members_tick(&m, BEGAN_MS + TIMEOUT_MS + 2);
	ck_assert_int_eq(uax_members_others(&m), UAX_NODES_MAX - 3);
	ck_assert_int_eq(hear(&m, &beat, BEGAN_MS + TIMEOUT_MS + 2), UAX_HEAR_OK);
	ck_str_is(uax_member_name(&m.node[1]), OTHER);
	ck_str_is(uax_member_name(&m.node[2]), "sip:192.0.2.9:2");
	ck_assert_int_eq(m.n, UAX_NODES_MAX);
	uax_members_tick(&m, BEGAN_MS + TIMEOUT_MS + 2);
	ck_assert_int_eq(m.node[1].is_live, 1);
}
END_TEST

START_TEST(says_who_is_heard_and_what_it_is)
{
	struct uax_members m = alone();
	struct uax_beat beat = beat_of(OTHER, 20, 1);
	str other = unit_str(OTHER);

	beat.n_heard = 0; /* is heard, though not live */
	hear(&m, &beat, BEGAN_MS);
	beat = beat_of("sip:192.0.2.3:5060", 30, 1);
	beat.is_gone = 1;
	hear(&m, &beat, BEGAN_MS);
	uax_members_tick(&m, BEGAN_MS);
	uax_members_settle(&m, m.view_no);
	uax_members_speak(&m, UAX_BEAT_ALIVE, BEGAN_MS + TIMEOUT_MS - 1, &beat);
	ck_assert_int_eq(beat.type, UAX_BEAT_ALIVE);
	ck_str_is(beat.node, SELF);
	ck_assert_int_eq(beat.boot, OWN_BOOT);
	ck_assert_int_eq(beat.seq, 1);
	ck_assert_int_eq(beat.weight, 100);
	ck_assert_int_eq(beat.is_settled, 1);
	ck_assert_int_eq(beat.is_gone, 0);
	ck_assert(beat.view == m.node[0].view);
	ck_assert_int_eq(beat.n_heard, 1);
	ck_assert(beat.heard[0].key == uax_owner_key(&other));
	ck_assert_int_eq(beat.heard[0].boot, 20);
	uax_members_speak(&m, UAX_BEAT_ALIVE, BEGAN_MS + TIMEOUT_MS, &beat);
	ck_assert_int_eq(beat.seq, 2);
	ck_assert_int_eq(beat.n_heard, 0);
	uax_members_speak(&m, UAX_BEAT_TELL, BEGAN_MS, &beat);
	ck_assert_int_eq(beat.type, UAX_BEAT_TELL);
	ck_assert_int_eq(beat.seq, 1);
	ck_assert_int_eq(beat.weight, 0);
	ck_assert(beat.view == 0);
}
END_TEST

/* ---- a cluster in simulated time ---- */

enum
{
	SIM_NODES = 7,
	SIM_STEP_MS = 50,
	SIM_BEAT_MS = 2000,
	SIM_FLIGHT = 4096, /* messages under way */
	/* from when messages flow again */
	SIM_SETTLED_MS = TIMEOUT_MS + 2 * SIM_BEAT_MS
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

	node->is_up = 1;
	node->boot = ++s->boots;
	node->began_ms = s->now_ms;
	node->last_ms = 0;
	node->settles_ms = 0;
	node->has_claimed = 0;
	node->was_never_with_others = 1;
	uax_members_init(&node->m, &name, node->boot, 100 + (uint32_t)i, TIMEOUT_MS,
			s->now_ms);
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
		ck_often(s->now_ms - s->got_ms[i][k] < TIMEOUT_MS,
				"%d is live for %d, silent since %lld", k, i,
				(long long)s->got_ms[i][k]);
		ck_often(s->got_boot[i][k] == member->boot, "a former life is live");
		ck_often(s->got_heard[i][k] == node->boot,
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
		ck_often(s->now_ms - node->began_ms >= TIMEOUT_MS,
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
	s.now_ms = BEGAN_MS;
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

Suite *suite_uax_members(void)
{
	Suite *s = suite_create("uax_members");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, begins_alone);
	tcase_add_test(t, who_is_alone_waits_for_others_once);
	tcase_add_loop_test(
			t, a_message_is_good_or_changes_nothing, 0, UNIT_ROWS(hearings));
	tcase_add_test(t, what_was_overtaken_says_nothing_new);
	tcase_add_test(t, hearings_have_words);
	tcase_add_loop_test(t, live_is_who_hears_us, 0, 6);
	tcase_add_test(t, a_server_born_again_is_another);
	tcase_add_test(t, gone_is_gone_until_it_speaks_again);
	tcase_add_loop_test(t, a_view_changes_with_what_shares_depend_on, 0, 5);
	tcase_add_test(t, who_leaves_owns_nothing_and_comes_back);
	tcase_add_loop_test(t, who_claims_waits_for_the_others, 0, 8);
	tcase_add_test(t, an_old_view_can_not_be_settled_in);
	tcase_add_test(t, no_view_has_number_zero);
	tcase_add_test(t, more_than_can_be_known);
	tcase_add_test(t, says_who_is_heard_and_what_it_is);
	tcase_add_loop_test(t, a_cluster_finds_together_whatever_happened, 0, 8);
	suite_add_tcase(s, t);
	return s;
}

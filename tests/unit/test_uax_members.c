/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Members of a cluster: what messages and silence do, and what a server says
 * of itself. */
#include <stdio.h>

#include "membership.h"

START_TEST(begins_alone)
{
	struct uax_members m = unit_alone();
	struct uax_share share[UAX_NODES_MAX];
	int index[UAX_NODES_MAX];
	str name = unit_str(UNIT_SELF);

	ck_str_is(uax_member_name(&m.node[0]), UNIT_SELF);
	ck_assert_int_eq(uax_members_others(&m), 0);
	ck_assert_int_eq(uax_members_shares(&m, share, index), 1);
	ck_assert(share[0].key == uax_owner_key(&name) && share[0].weight == 100);
	ck_assert_int_eq(index[0], 0);
	/* not before it has looked around */
	ck_assert_int_eq(
			uax_members_may_claim(&m, UNIT_BEGAN_MS + 10 * UNIT_TIMEOUT_MS), 0);
	ck_assert_int_eq(uax_members_tick(&m, UNIT_BEGAN_MS), 1);
	ck_assert_int_eq(m.view_no, 1);
	ck_assert_int_eq(uax_members_tick(&m, UNIT_BEGAN_MS + 50), 0);
}
END_TEST

/* One message to a server that has heard UNIT_OTHER of boot 20, number 5,
 * alive. */
static const struct
{
	const char *sentence;
	const char *name;
	enum uax_beat_type type;
	uint64_t boot;
	uint32_t seq;
	enum uax_hearing want;
} hearings[] = {
		{"the next", UNIT_OTHER, UAX_BEAT_ALIVE, 20, 6, UAX_HEAR_OK},
		{"one that was overtaken", UNIT_OTHER, UAX_BEAT_ALIVE, 20, 4,
				UAX_HEAR_OK},
		{"the same again", UNIT_OTHER, UAX_BEAT_ALIVE, 20, 5, UAX_HEAR_REPLAY},
		{"number 0", UNIT_OTHER, UAX_BEAT_ALIVE, 20, 0, UAX_HEAR_REPLAY},
		{"of its former life", UNIT_OTHER, UAX_BEAT_ALIVE, 19, 99,
				UAX_HEAR_OLD},
		{"of its next life", UNIT_OTHER, UAX_BEAT_ALIVE, 21, 5, UAX_HEAR_OK},
		{"somebody else", "sip:192.0.2.3:5060", UAX_BEAT_ALIVE, 1, 1,
				UAX_HEAR_OK},
		{"our own name", UNIT_SELF, UAX_BEAT_ALIVE, 900, 1, UAX_HEAR_SELF},
		{"our own name, a command", UNIT_SELF, UAX_BEAT_TELL, 900, 1,
				UAX_HEAR_SELF},
		{"its first command", UNIT_OTHER, UAX_BEAT_TELL, 20, 1, UAX_HEAR_OK},
		/* numbers of commands are their own */
		{"a command with a number heard before", UNIT_OTHER, UAX_BEAT_TELL, 20,
				5, UAX_HEAR_OK},
		{"a command of its former life", UNIT_OTHER, UAX_BEAT_TELL, 19, 1,
				UAX_HEAR_STRANGER},
		{"a command of a life not heard of", UNIT_OTHER, UAX_BEAT_TELL, 21, 1,
				UAX_HEAR_STRANGER},
		{"a command of somebody else", "sip:192.0.2.3:5060", UAX_BEAT_TELL, 1,
				1, UAX_HEAR_STRANGER},
};

START_TEST(a_message_is_good_or_changes_nothing)
{
	struct uax_members m = unit_alone(), before;
	struct uax_beat beat = unit_beat_of(UNIT_OTHER, 20, 5);

	uax_members_tick(&m, UNIT_BEGAN_MS);
	ck_assert_int_eq(unit_hear(&m, &beat, UNIT_BEGAN_MS), UAX_HEAR_OK);
	uax_members_tick(&m, UNIT_BEGAN_MS);
	ck_assert_int_eq(uax_members_others(&m), 1);
	before = m;
	beat = unit_beat_of(hearings[_i].name, hearings[_i].boot, hearings[_i].seq);
	beat.type = hearings[_i].type;
	ck_row(unit_hear(&m, &beat, UNIT_BEGAN_MS + 10) == hearings[_i].want,
			hearings[_i].sentence);
	if(hearings[_i].want != UAX_HEAR_OK)
		ck_row(memcmp(&m, &before, sizeof(m)) == 0, hearings[_i].sentence);
	/* twice is never good */
	ck_row(unit_hear(&m, &beat, UNIT_BEGAN_MS + 20) != UAX_HEAR_OK,
			hearings[_i].sentence);
}
END_TEST

/* Late news are no news. */
START_TEST(what_was_overtaken_says_nothing_new)
{
	struct uax_members m = unit_alone();
	struct uax_beat beat = unit_beat_of(UNIT_OTHER, 20, 5),
					late = unit_beat_of(UNIT_OTHER, 20, 4);

	ck_assert_int_eq(unit_hear(&m, &beat, UNIT_BEGAN_MS), UAX_HEAR_OK);
	uax_members_tick(&m, UNIT_BEGAN_MS);
	late.weight = 7;
	late.is_gone = late.is_leaving = 1;
	late.n_heard = 0;
	ck_assert_int_eq(unit_hear(&m, &late, UNIT_BEGAN_MS + 100), UAX_HEAR_OK);
	ck_assert_int_eq(uax_members_tick(&m, UNIT_BEGAN_MS + 100), 0);
	ck_assert_int_eq(uax_members_others(&m), 1);
	ck_assert_int_eq(m.node[1].weight, 100);
	/* nor is the server heard by it */
	ck_assert_int_eq(uax_members_tick(&m, UNIT_BEGAN_MS + UNIT_TIMEOUT_MS), 1);
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
			{"it hears us", 1, 1, UNIT_OWN_BOOT, 0, 1},
			{"it hears nobody", 1, 0, UNIT_OWN_BOOT, 0, 0},
			{"it hears somebody else", 0, 1, UNIT_OWN_BOOT, 0, 0},
			{"it heard our former life", 1, 1, UNIT_OWN_BOOT - 1, 0, 0},
			{"it heard a life of ours that is to come", 1, 1, UNIT_OWN_BOOT + 1,
					0, 0},
			{"it hears us and says goodbye", 1, 1, UNIT_OWN_BOOT, 1, 0},
	};
	struct uax_members m = unit_alone();
	struct uax_beat beat = unit_beat_of(UNIT_OTHER, 20, 1);
	int is_urgent;

	beat.n_heard = row[_i].n_heard;
	beat.heard[0].boot = row[_i].boot;
	if(!row[_i].key_of_us)
		beat.heard[0].key++;
	beat.is_gone = (unsigned char)row[_i].is_gone;
	ck_assert_int_eq(uax_members_hear(&m, &beat, UNIT_BEGAN_MS, &is_urgent),
			UAX_HEAR_OK);
	/* who does not hear us should, soon; who is gone needs not */
	ck_row(is_urgent == (!row[_i].is_live && !row[_i].is_gone),
			row[_i].sentence);
	uax_members_tick(&m, UNIT_BEGAN_MS + 1);
	ck_row(uax_members_others(&m) == row[_i].is_live, row[_i].sentence);
	/* silence ends it */
	uax_members_tick(&m, UNIT_BEGAN_MS + UNIT_TIMEOUT_MS - 1);
	ck_row(uax_members_others(&m) == row[_i].is_live, row[_i].sentence);
	uax_members_tick(&m, UNIT_BEGAN_MS + UNIT_TIMEOUT_MS);
	ck_row(uax_members_others(&m) == 0, row[_i].sentence);
}
END_TEST

START_TEST(a_server_born_again_is_another)
{
	struct uax_members m = unit_alone();
	struct uax_beat beat = unit_beat_of(UNIT_OTHER, 20, 70), tell = beat;
	uint64_t view;

	beat.is_settled = 1;
	unit_hear(&m, &beat, UNIT_BEGAN_MS);
	uax_members_tick(&m, UNIT_BEGAN_MS);
	view = m.node[0].view;
	uax_members_settle(&m, m.view_no);
	ck_assert_int_eq(m.node[0].is_settled, 1);
	tell.type = UAX_BEAT_TELL;
	ck_assert_int_eq(unit_hear(&m, &tell, UNIT_BEGAN_MS), UAX_HEAR_OK);
	/* its numbers begin anew, and it does not hear us yet: it is another one,
	 * and waited for */
	beat = unit_beat_of(UNIT_OTHER, 21, 1);
	beat.n_heard = 0;
	ck_assert_int_eq(unit_hear(&m, &beat, UNIT_BEGAN_MS + 100), UAX_HEAR_OK);
	ck_assert_int_eq(m.node[1].is_settled, 0);
	ck_assert_int_eq(uax_members_tick(&m, UNIT_BEGAN_MS + 100), 1);
	ck_assert_int_eq(uax_members_others(&m), 1);
	ck_assert_int_eq(m.node[0].is_settled, 0);
	tell = unit_beat_of(UNIT_OTHER, 21, 70);
	tell.type = UAX_BEAT_TELL;
	ck_assert_int_eq(
			unit_hear(&m, &tell, UNIT_BEGAN_MS + 100), UAX_HEAR_STRANGER);
	beat = unit_beat_of(UNIT_OTHER, 21, 2);
	unit_hear(&m, &beat, UNIT_BEGAN_MS + 200);
	ck_assert_int_eq(uax_members_tick(&m, UNIT_BEGAN_MS + 200), 0);
	/* the same names, and not the same view */
	ck_assert(m.node[0].view != view);
	ck_assert_int_eq(m.n, 2);
	ck_assert_int_eq(unit_hear(&m, &tell, UNIT_BEGAN_MS + 200), UAX_HEAR_OK);
}
END_TEST

START_TEST(gone_is_gone_until_it_speaks_again)
{
	struct uax_members m = unit_alone();
	struct uax_beat beat = unit_beat_of(UNIT_OTHER, 20, 1);
	int unsigned view_no;

	unit_hear(&m, &beat, UNIT_BEGAN_MS);
	ck_assert_int_eq(uax_members_tick(&m, UNIT_BEGAN_MS), 1);
	view_no = m.view_no;
	uax_members_lose(&m, 1);
	ck_assert_int_eq(uax_members_tick(&m, UNIT_BEGAN_MS + 1), 1);
	ck_assert_int_eq(uax_members_others(&m), 0);
	ck_assert_int_eq(m.view_no, view_no + 1);
	beat = unit_beat_of(UNIT_OTHER, 20, 2);
	unit_hear(&m, &beat, UNIT_BEGAN_MS + 2);
	ck_assert_int_eq(uax_members_tick(&m, UNIT_BEGAN_MS + 2), 1);
	ck_assert_int_eq(uax_members_others(&m), 1);
	/* its own goodbye does the same */
	beat = unit_beat_of(UNIT_OTHER, 20, 3);
	beat.is_gone = 1;
	unit_hear(&m, &beat, UNIT_BEGAN_MS + 3);
	ck_assert_int_eq(uax_members_tick(&m, UNIT_BEGAN_MS + 3), 1);
	ck_assert_int_eq(uax_members_others(&m), 0);
	/* a heartbeat that its goodbye overtook brings it back for a while; its
	 * next life is another one */
	beat = unit_beat_of(UNIT_OTHER, 20, 3);
	ck_assert_int_eq(unit_hear(&m, &beat, UNIT_BEGAN_MS + 4), UAX_HEAR_REPLAY);
	ck_assert_int_eq(uax_members_tick(&m, UNIT_BEGAN_MS + 4), 0);
}
END_TEST

START_TEST(more_than_can_be_known)
{
	struct uax_members m = unit_alone();
	struct uax_beat beat;
	char name[64];
	int i;

	for(i = 1; i < UAX_NODES_MAX; i++) {
		snprintf(name, sizeof(name), "sip:192.0.2.9:%d", i);
		beat = unit_beat_of(name, 20, 1);
		ck_assert_int_eq(unit_hear(&m, &beat, UNIT_BEGAN_MS + i), UAX_HEAR_OK);
	}
	uax_members_tick(&m, UNIT_BEGAN_MS + 200);
	ck_assert_int_eq(uax_members_others(&m), UAX_NODES_MAX - 1);
	beat = unit_beat_of(UNIT_OTHER, 20, 1);
	ck_assert_int_eq(unit_hear(&m, &beat, UNIT_BEGAN_MS + 200), UAX_HEAR_FULL);
	/* whose silence is the longest makes room, once it is not live */
	uax_members_tick(&m, UNIT_BEGAN_MS + UNIT_TIMEOUT_MS + 2);
	ck_assert_int_eq(uax_members_others(&m), UAX_NODES_MAX - 3);
	ck_assert_int_eq(unit_hear(&m, &beat, UNIT_BEGAN_MS + UNIT_TIMEOUT_MS + 2),
			UAX_HEAR_OK);
	ck_str_is(uax_member_name(&m.node[1]), UNIT_OTHER);
	ck_str_is(uax_member_name(&m.node[2]), "sip:192.0.2.9:2");
	ck_assert_int_eq(m.n, UAX_NODES_MAX);
	uax_members_tick(&m, UNIT_BEGAN_MS + UNIT_TIMEOUT_MS + 2);
	ck_assert_int_eq(m.node[1].is_live, 1);
}
END_TEST

START_TEST(says_who_is_heard_and_what_it_is)
{
	struct uax_members m = unit_alone();
	struct uax_beat beat = unit_beat_of(UNIT_OTHER, 20, 1);
	str other = unit_str(UNIT_OTHER);

	beat.n_heard = 0; /* is heard, though not live */
	unit_hear(&m, &beat, UNIT_BEGAN_MS);
	beat = unit_beat_of("sip:192.0.2.3:5060", 30, 1);
	beat.is_gone = 1;
	unit_hear(&m, &beat, UNIT_BEGAN_MS);
	uax_members_tick(&m, UNIT_BEGAN_MS);
	uax_members_settle(&m, m.view_no);
	uax_members_speak(
			&m, UAX_BEAT_ALIVE, UNIT_BEGAN_MS + UNIT_TIMEOUT_MS - 1, &beat);
	ck_assert_int_eq(beat.type, UAX_BEAT_ALIVE);
	ck_str_is(beat.node, UNIT_SELF);
	ck_assert_int_eq(beat.boot, UNIT_OWN_BOOT);
	ck_assert_int_eq(beat.seq, 1);
	ck_assert_int_eq(beat.weight, 100);
	ck_assert_int_eq(beat.is_settled, 1);
	ck_assert_int_eq(beat.is_gone, 0);
	ck_assert(beat.view == m.node[0].view);
	ck_assert_int_eq(beat.n_heard, 1);
	ck_assert(beat.heard[0].key == uax_owner_key(&other));
	ck_assert_int_eq(beat.heard[0].boot, 20);
	uax_members_speak(
			&m, UAX_BEAT_ALIVE, UNIT_BEGAN_MS + UNIT_TIMEOUT_MS, &beat);
	ck_assert_int_eq(beat.seq, 2);
	ck_assert_int_eq(beat.n_heard, 0);
	uax_members_speak(&m, UAX_BEAT_TELL, UNIT_BEGAN_MS, &beat);
	ck_assert_int_eq(beat.type, UAX_BEAT_TELL);
	ck_assert_int_eq(beat.seq, 1);
	ck_assert_int_eq(beat.weight, 0);
	ck_assert(beat.view == 0);
}
END_TEST

Suite *suite_uax_members(void)
{
	Suite *s = suite_create("uax_members");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, begins_alone);
	tcase_add_loop_test(
			t, a_message_is_good_or_changes_nothing, 0, UNIT_ROWS(hearings));
	tcase_add_test(t, what_was_overtaken_says_nothing_new);
	tcase_add_test(t, hearings_have_words);
	tcase_add_loop_test(t, live_is_who_hears_us, 0, 6);
	tcase_add_test(t, a_server_born_again_is_another);
	tcase_add_test(t, gone_is_gone_until_it_speaks_again);
	tcase_add_test(t, more_than_can_be_known);
	tcase_add_test(t, says_who_is_heard_and_what_it_is);
	suite_add_tcase(s, t);
	return s;
}

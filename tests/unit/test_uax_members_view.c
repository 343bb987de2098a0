/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Members of a cluster: what the view of a server depends on, who shares in
 * it, and when a server may take what became its own. */
#include "membership.h"

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
	struct uax_members m = unit_alone();
	struct uax_share share[UAX_NODES_MAX];
	int index[UAX_NODES_MAX], n;
	struct uax_beat beat = unit_beat_of(UNIT_OTHER, 20, 1);

	unit_hear(&m, &beat, UNIT_BEGAN_MS);
	uax_members_tick(&m, UNIT_BEGAN_MS);
	uax_members_settle(&m, m.view_no);
	beat = unit_beat_of(UNIT_OTHER, 20, 2);
	beat.weight = row[_i].weight;
	beat.is_leaving = (unsigned char)row[_i].is_leaving;
	beat.is_settled = (unsigned char)row[_i].is_settled;
	unit_hear(&m, &beat, UNIT_BEGAN_MS + 1);
	ck_row(uax_members_tick(&m, UNIT_BEGAN_MS + 1) == row[_i].is_other,
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
	struct uax_members m = unit_alone();
	struct uax_share share[UAX_NODES_MAX];
	int index[UAX_NODES_MAX];
	struct uax_beat beat = unit_beat_of(UNIT_OTHER, 20, 1);

	unit_hear(&m, &beat, UNIT_BEGAN_MS);
	uax_members_tick(&m, UNIT_BEGAN_MS);
	uax_members_leave(&m, 7);
	ck_assert_int_eq(uax_members_tick(&m, UNIT_BEGAN_MS), 1);
	ck_assert_int_eq(uax_members_shares(&m, share, index), 1);
	ck_assert_int_eq(index[0], 1);
	uax_members_speak(&m, UAX_BEAT_ALIVE, UNIT_BEGAN_MS, &beat);
	ck_assert_int_eq(beat.is_leaving, 1);
	/* nobody else is there: all that leave share again */
	beat = unit_beat_of(UNIT_OTHER, 20, 2);
	beat.is_leaving = 1;
	unit_hear(&m, &beat, UNIT_BEGAN_MS);
	ck_assert_int_eq(uax_members_tick(&m, UNIT_BEGAN_MS), 1);
	ck_assert_int_eq(uax_members_shares(&m, share, index), 2);
	uax_members_lose(&m, 1);
	uax_members_tick(&m, UNIT_BEGAN_MS);
	ck_assert_int_eq(uax_members_shares(&m, share, index), 1);
	uax_members_leave(&m, 0);
	ck_assert_int_eq(uax_members_tick(&m, UNIT_BEGAN_MS), 1);
	ck_assert_int_eq(uax_members_shares(&m, share, index), 1);
	ck_assert_int_eq(index[0], 0);
}
END_TEST

START_TEST(an_old_view_can_not_be_settled_in)
{
	struct uax_members m = unit_alone();
	struct uax_beat beat = unit_beat_of(UNIT_OTHER, 20, 1);
	unsigned int old;

	uax_members_tick(&m, UNIT_BEGAN_MS);
	old = m.view_no;
	unit_hear(&m, &beat, UNIT_BEGAN_MS);
	ck_assert_int_eq(uax_members_tick(&m, UNIT_BEGAN_MS), 1);
	uax_members_settle(&m, old);
	ck_assert_int_eq(m.node[0].is_settled, 0);
	uax_members_settle(&m, m.view_no);
	ck_assert_int_eq(m.node[0].is_settled, 1);
}
END_TEST

/* Views are numbered past the end of numbers, but never 0. */
START_TEST(no_view_has_number_zero)
{
	struct uax_members m = unit_alone();

	uax_members_tick(&m, UNIT_BEGAN_MS);
	m.view_no = UINT32_MAX;
	uax_members_leave(&m, 1);
	ck_assert_int_eq(uax_members_tick(&m, UNIT_BEGAN_MS), 1);
	ck_assert_int_eq(m.view_no, 1);
	m.seq[UAX_BEAT_ALIVE] = UINT32_MAX;
	{
		struct uax_beat beat;

		uax_members_speak(&m, UAX_BEAT_ALIVE, UNIT_BEGAN_MS, &beat);
		ck_assert_int_eq(beat.seq, 1);
	}
}
END_TEST

START_TEST(who_is_alone_waits_for_others_once)
{
	struct uax_members m = unit_alone();

	uax_members_tick(&m, UNIT_BEGAN_MS);
	uax_members_settle(&m, m.view_no);
	ck_assert_int_eq(uax_members_may_claim(&m, UNIT_BEGAN_MS), 0);
	ck_assert_int_eq(
			uax_members_may_claim(&m, UNIT_BEGAN_MS + UNIT_TIMEOUT_MS - 1), 0);
	ck_assert_int_eq(
			uax_members_may_claim(&m, UNIT_BEGAN_MS + UNIT_TIMEOUT_MS), 1);
	uax_members_claimed(&m);
	/* alone again, later: whoever was there has been waited for */
	ck_assert_int_eq(uax_members_may_claim(&m, UNIT_BEGAN_MS + 1), 1);
}
END_TEST

/* A server that was killed and is there again has its accounts still, as long
 * as it would not have been missed. */
START_TEST(who_starts_anew_is_waited_for)
{
	static const struct
	{
		const char *sentence;
		int former_hears, former_is_gone, lives, new_hears, after_ms, is_live;
	} row[] = {
			{"it has not heard us yet", 1, 0, 1, 0, 1, 1},
			{"nor for long", 1, 0, 1, 0, UNIT_TIMEOUT_MS - 1, 1},
			{"it would have been missed", 1, 0, 1, 0, UNIT_TIMEOUT_MS, 0},
			{"once more does not make it longer", 1, 0, 2, 0,
					UNIT_TIMEOUT_MS - 1, 1},
			{"nor this", 1, 0, 2, 0, UNIT_TIMEOUT_MS, 0},
			{"it hears us", 1, 0, 1, 1, UNIT_TIMEOUT_MS, 1},
			{"it had not heard us before", 0, 0, 1, 0, 1, 0},
			{"it had said that it goes", 1, 1, 1, 0, 1, 0},
	};
	struct uax_members m = unit_alone();
	struct uax_beat beat = unit_beat_of(UNIT_OTHER, 20, 1);
	int life;

	if(!row[_i].former_hears)
		beat.n_heard = 0;
	beat.is_gone = (unsigned char)row[_i].former_is_gone;
	unit_hear(&m, &beat, UNIT_BEGAN_MS);
	uax_members_tick(&m, UNIT_BEGAN_MS);
	for(life = 1; life <= row[_i].lives; life++) {
		beat = unit_beat_of(UNIT_OTHER, 20 + (uint64_t)life, 1);
		if(!row[_i].new_hears)
			beat.n_heard = 0;
		unit_hear(&m, &beat, UNIT_BEGAN_MS + 1);
		uax_members_tick(&m, UNIT_BEGAN_MS + 1);
	}
	uax_members_tick(&m, UNIT_BEGAN_MS + row[_i].after_ms);
	ck_row(uax_members_others(&m) == row[_i].is_live, row[_i].sentence);
	ck_row(m.node[1].boot == 20 + (uint64_t)row[_i].lives, row[_i].sentence);
}
END_TEST

/* One that has heard us since is waited for no more. */
START_TEST(who_hears_us_no_more_is_not_waited_for)
{
	struct uax_members m = unit_alone();
	uint32_t seq;

	for(seq = 1; seq <= 4; seq++) {
		struct uax_beat beat = unit_beat_of(UNIT_OTHER, seq > 1 ? 21 : 20, seq);

		if(seq % 2 == 0)
			beat.n_heard = 0;
		unit_hear(&m, &beat, UNIT_BEGAN_MS + seq);
		uax_members_tick(&m, UNIT_BEGAN_MS + seq);
		ck_assert_int_eq(uax_members_others(&m), seq < 4);
	}
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
			{"nor for nearly a timeout", 0, 1, 1, UNIT_TIMEOUT_MS - 1, 0},
			{"nor for a timeout", 0, 1, 1, UNIT_TIMEOUT_MS, 1},
			{"it has settled in another view", 1, 0, 1, 0, 0},
			{"nearly as long as a timeout", 1, 0, 0, UNIT_TIMEOUT_MS - 1, 0},
			{"for a timeout it did not", 1, 0, 0, UNIT_TIMEOUT_MS, 1},
	};
	struct uax_members m = unit_alone();
	struct uax_beat beat = unit_beat_of(UNIT_OTHER, 20, 1);
	int64_t at = UNIT_BEGAN_MS + 100;
	int joined;

	unit_hear(&m, &beat, at);
	ck_assert_int_eq(uax_members_tick(&m, at), 1);
	beat = unit_beat_of(UNIT_OTHER, 20, 2);
	beat.is_settled = (unsigned char)row[_i].is_settled;
	beat.view = m.node[0].view + !row[_i].same_view;
	unit_hear(&m, &beat, at);
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

Suite *suite_uax_members_view(void)
{
	Suite *s = suite_create("uax_members_view");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, who_is_alone_waits_for_others_once);
	tcase_add_loop_test(t, a_view_changes_with_what_shares_depend_on, 0, 5);
	tcase_add_test(t, who_leaves_owns_nothing_and_comes_back);
	tcase_add_loop_test(t, who_claims_waits_for_the_others, 0, 8);
	tcase_add_test(t, an_old_view_can_not_be_settled_in);
	tcase_add_test(t, no_view_has_number_zero);
	tcase_add_loop_test(t, who_starts_anew_is_waited_for, 0, 8);
	tcase_add_test(t, who_hears_us_no_more_is_not_waited_for);
	suite_add_tcase(s, t);
	return s;
}

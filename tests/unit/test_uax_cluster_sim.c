/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A day of a small cluster: what has to hold for a large one, too. The numbers
 * of a large one are measured by tests/bench/bench_cluster.py. */
#include "cluster_sim.h"
#include "unit.h"

enum
{
	ACCOUNTS = 20000,
	NODES = 10,
	REGISTRARS = 4,
	SERVED_PER_S = 100,
	/* asked for: after a crash all is registered anew in so long */
	TAKE_OVER_MS = SIM_TIMEOUT_MS + 10000
};

/* Both days are lived once. */
static const struct sim_result *day(int is_shared)
{
	static struct sim_result result[2];
	static int is_done[2];
	struct sim_plan plan = {
			ACCOUNTS, NODES, REGISTRARS, SERVED_PER_S, 90, is_shared};

	if(!is_done[is_shared])
		ck_assert_int_eq(sim_run(&plan, &result[is_shared]), 0);
	is_done[is_shared] = 1;
	return &result[is_shared];
}

START_TEST(shares_are_even)
{
	ck_assert_msg(day(_i)->most < 1.1, "largest %.3f", day(_i)->most);
	ck_assert_msg(day(_i)->least > 0.9, "smallest %.3f", day(_i)->least);
}
END_TEST

START_TEST(who_comes_or_goes_moves_its_share)
{
	int p;

	for(p = 0; p < SIM_PHASE_COUNT; p++) {
		const struct sim_seen *seen = &day(_i)->phase[p];

		ck_assert_msg(seen->moved >= seen->ideal * 0.9
							  && seen->moved <= seen->ideal * 1.1,
				"%s: %lld moved, not %.0f", sim_phase_text(p),
				(long long)seen->moved, seen->ideal);
	}
}
END_TEST

START_TEST(each_account_has_one_owner)
{
	ck_assert_int_eq(day(_i)->taken_early, 0);
	ck_assert_int_eq(day(_i)->lost, 0);
}
END_TEST

/* Only a registrar that is silent costs a binding; and what is lost then is
 * back soon after: a request under way, its retry, and the queue. */
START_TEST(nobody_is_unregistered)
{
	int p;

	for(p = 0; p < SIM_PHASE_COUNT; p++) {
		const struct sim_seen *seen = &day(_i)->phase[p];

		if(p != SIM_OUTAGE)
			ck_assert_msg(seen->lapses == 0, "%s: %lld, for %lld ms",
					sim_phase_text(p), (long long)seen->lapses,
					(long long)seen->lapse_ms);
	}
	ck_assert(day(_i)->phase[SIM_OUTAGE].lapses > 0);
	ck_assert(day(_i)->phase[SIM_OUTAGE].timeouts > 0);
	ck_assert(day(_i)->phase[SIM_OUTAGE].lapse_ms <= SIM_OUTAGE_S * 1000);
}
END_TEST

/* With addresses of their own calls reach nobody from a crash until the new
 * owner has registered; a planned restart costs none. */
START_TEST(crashes_are_short_and_planned_restarts_free)
{
	const struct sim_result *got = day(0);
	int p;

	for(p = 0; p < SIM_PHASE_COUNT; p++) {
		const struct sim_seen *seen = &got->phase[p];

		if(p == SIM_CRASH || p == SIM_CRASH_MANY) {
			ck_assert(seen->strays > 0);
			ck_assert_msg(seen->stray_ms <= TAKE_OVER_MS, "%s: %lld ms",
					sim_phase_text(p), (long long)seen->stray_ms);
		} else {
			ck_assert_msg(seen->strays == 0, "%s: %lld", sim_phase_text(p),
					(long long)seen->strays);
		}
		ck_assert_msg(seen->settled_ms <= TAKE_OVER_MS, "%s: %lld ms",
				sim_phase_text(p), (long long)seen->settled_ms);
		/* one request each: the challenge is known, from the state */
		ck_assert_int_eq(seen->move_requests, seen->moves_sent);
		ck_assert_int_eq(seen->moves_sent, seen->moved);
	}
}
END_TEST

/* With one address nobody sends anything because of a move, but for what is
 * due just then. */
START_TEST(a_shared_address_sends_what_is_due)
{
	int p;

	for(p = 0; p < SIM_PHASE_COUNT; p++) {
		const struct sim_seen *seen = &day(1)->phase[p];

		ck_assert_msg(seen->moves_sent <= seen->moved / 50 + 10, "%s: %lld",
				sim_phase_text(p), (long long)seen->moves_sent);
		ck_assert_int_eq(seen->strays, 0);
	}
}
END_TEST

/* Two thousand accounts that move at once are 500 requests for each registrar:
 * pacing spreads them over the seconds it needs. And the day takes the
 * refreshes and a request for each move. */
START_TEST(rates_are_bounded)
{
	int64_t all = 0, moves = 0, refreshes;
	int p;

	for(p = 0; p < SIM_PHASE_COUNT; p++) {
		const struct sim_seen *seen = &day(_i)->phase[p];

		ck_assert_msg(seen->busiest_registrar <= SERVED_PER_S * 5 / 2, "%s: %d",
				sim_phase_text(p), seen->busiest_registrar);
		all += seen->requests - seen->timeouts;
		moves += seen->moves_sent;
	}
	/* refreshed between 3,507 and 3,533 s */
	refreshes = (int64_t)ACCOUNTS * 86400 / 3507;
	ck_assert_msg(all <= refreshes + moves, "%lld", (long long)all);
	ck_assert_msg(all >= refreshes - refreshes / 50, "%lld", (long long)all);
}
END_TEST

START_TEST(plans_out_of_range)
{
	static const struct sim_plan row[] = {{10, 3, 1, 1, 90, 0},
			{10, SIM_NODES_MAX + 1, 1, 1, 90, 0}, {10, 4, 0, 1, 90, 0},
			{10, 4, SIM_REGISTRARS_MAX + 1, 1, 90, 0}, {10, 4, 1, 0, 90, 0},
			{10, 4, 1, 1, 82, 0}, {10, 4, 1, 1, 1801, 0}};
	struct sim_result got;

	ck_assert_int_eq(sim_run(&row[_i], &got), -1);
	ck_assert_str_eq(sim_phase_text(SIM_PHASE_COUNT), "invalid");
}
END_TEST

Suite *suite_uax_cluster_sim(void)
{
	Suite *s = suite_create("uax_cluster_sim");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, shares_are_even, 0, 2);
	tcase_add_loop_test(t, who_comes_or_goes_moves_its_share, 0, 2);
	tcase_add_loop_test(t, each_account_has_one_owner, 0, 2);
	tcase_add_loop_test(t, nobody_is_unregistered, 0, 2);
	tcase_add_test(t, crashes_are_short_and_planned_restarts_free);
	tcase_add_test(t, a_shared_address_sends_what_is_due);
	tcase_add_loop_test(t, rates_are_bounded, 0, 2);
	tcase_add_loop_test(t, plans_out_of_range, 0, 7);
	suite_add_tcase(s, t);
	return s;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Due times: what is promised for every grant, interval and random number.
 */
#include <limits.h>

#include "schedule.h"
#include "unit.h"

static const uint32_t randoms[] = {
		0, 1, 0x40000000u, 0x7fffffffu, 0x80000000u, 0xfffffffeu, 0xffffffffu};

enum
{
	TEN_YEARS_S = 315360000
};

/* All short grants, then coarser and coarser up to ten years. */
static uint32_t next_grant(uint32_t granted_s)
{
	return granted_s < 400 ? granted_s + 1 : granted_s + granted_s / 7;
}

static uint32_t next_interval(uint32_t interval_s)
{
	return interval_s < 100 ? interval_s + 9 : interval_s + interval_s / 3;
}

/* What the header promises, once more and in another way: is this moment, in
 * ms after the grant, allowed? */
static int is_allowed(uint32_t granted_s, uint32_t interval_s, uint64_t at_ms)
{
	uint64_t window_s = interval_s + 3 > 83 ? (uint64_t)interval_s + 3 : 83;
	int64_t left_ms = (int64_t)granted_s * 1000 - (int64_t)at_ms;

	if(at_ms < 250 || left_ms <= 0)
		return 0;
	/* later than can be said: spread over as much time before that */
	if((int64_t)granted_s * 1000 - 67000 > UINT32_MAX
			&& (granted_s > 2 * window_s || granted_s * 850LL > UINT32_MAX)) {
		int64_t spread_ms = granted_s > 2 * window_s
									? (int64_t)(window_s - 67) * 1000
									: granted_s * 350LL;

		return (int64_t)at_ms >= UINT32_MAX - spread_ms;
	}
	if(granted_s > 2 * window_s)
		return left_ms <= (int64_t)window_s * 1000 && left_ms >= 67000;
	if(at_ms < granted_s * 500ULL || at_ms > granted_s * 850ULL)
		return 0;
	if(granted_s >= 168)
		return left_ms >= 67000;
	return granted_s < 88 || left_ms >= 35000;
}

START_TEST(w_u8_every_refresh_leaves_the_room_it_promises)
{
	uint32_t granted_s, interval_s;
	size_t i;

	for(granted_s = 1; granted_s <= TEN_YEARS_S;
			granted_s = next_grant(granted_s))
		for(interval_s = 1; interval_s <= 86400;
				interval_s = next_interval(interval_s))
			for(i = 0; i < UNIT_ROWS(randoms); i++) {
				uint32_t at = uax_refresh_ms(granted_s, interval_s, randoms[i]);

				ck_often(is_allowed(granted_s, interval_s, at),
						"granted %u, interval %u: at %u ms", granted_s,
						interval_s, at);
			}
}
END_TEST

START_TEST(refreshes_at_the_moments_of_the_table)
{
	static const struct
	{
		const char *name;
		uint32_t granted_s, interval_s, first_ms, last_ms;
	} row[] = {
			{"an hour by default: from 93 s to 67 s before the end", 3600, 90,
					3507000, 3533000},
			{"an interval too short to spread over: from 83 s", 3600, 1,
					3517000, 3533000},
			{"an interval as long as the grant: 50 to 85 %", 3600, 3600,
					1800000, 3060000},
			{"three minutes leave room for two timeouts", 180, 90, 90000,
					113000},
			{"two minutes leave room for one", 120, 90, 60000, 85000},
			{"W-U8: a minute with a tick of 90 s does not lapse", 60, 90, 30000,
					51000},
			{"ten seconds", 10, 90, 5000, 8500},
			{"the shortest there is", 1, 90, 500, 850},
			{"W-U26: an absurd interval overflows nothing", 3600, UINT32_MAX,
					1800000, 3060000},
			{"an absurd grant is refreshed as late as can be said, spread",
					UINT32_MAX, 90, UINT32_MAX - 26000, UINT32_MAX},
			{"an absurd grant with an absurd interval", UINT32_MAX, UINT32_MAX,
					250, UINT32_MAX},
	};
	uint32_t first, last, r;

	first = uax_refresh_ms(row[_i].granted_s, row[_i].interval_s, 0);
	last = uax_refresh_ms(row[_i].granted_s, row[_i].interval_s, UINT32_MAX);
	ck_assert_msg(first == row[_i].first_ms && last == row[_i].last_ms,
			"%s: %u to %u", row[_i].name, first, last);
	/* and the random number spreads evenly in between */
	r = uax_refresh_ms(row[_i].granted_s, row[_i].interval_s, 0x80000000u);
	ck_row(r - first >= (last - first) / 2 - 1
					&& r - first <= (last - first) / 2 + 1,
			row[_i].name);
}
END_TEST

START_TEST(a_grant_of_nothing_is_survived)
{
	ck_assert_uint_eq(uax_refresh_ms(0, 90, UINT32_MAX), 250);
}
END_TEST

START_TEST(retries_after_about_the_interval_and_backs_off_when_allowed)
{
	static const struct
	{
		const char *name;
		uint32_t interval_s, max_s;
		unsigned failures;
		uint32_t first_ms, last_ms;
	} row[] = {
			{"N: after N seconds, up to a tenth less", 60, 0, 1, 54000, 60000},
			{"no ceiling, no back-off", 60, 0, 50, 54000, 60000},
			{"a ceiling at the interval is none", 60, 60, 50, 54000, 60000},
			{"a ceiling below it neither", 60, 30, 50, 54000, 60000},
			{"the first failure does not double", 60, 3600, 1, 54000, 60000},
			{"no failure counts as one", 60, 3600, 0, 54000, 60000},
			{"the second does", 60, 3600, 2, 108000, 120000},
			{"the third again", 60, 3600, 3, 216000, 240000},
			{"up to the ceiling", 60, 3600, 7, 3240000, 3600000},
			{"and never beyond", 60, 3600, UINT32_MAX, 3240000, 3600000},
			{"a ceiling that is no power", 60, 100, 2, 90000, 100000},
			{"a second", 1, 0, 1, 900, 1000},
			{"an interval beyond 49 days is one of 49 days", 5000000, 0, 1,
					UINT32_MAX - UINT32_MAX / 10, UINT32_MAX},
			{"so is a ceiling", 4000000, 5000000, 2,
					UINT32_MAX - UINT32_MAX / 10, UINT32_MAX},
	};
	uint32_t first = uax_retry_ms(
			row[_i].interval_s, row[_i].max_s, row[_i].failures, 0);
	uint32_t last = uax_retry_ms(
			row[_i].interval_s, row[_i].max_s, row[_i].failures, UINT32_MAX);

	ck_assert_msg(first == row[_i].first_ms && last == row[_i].last_ms,
			"%s: %u to %u", row[_i].name, first, last);
}
END_TEST

START_TEST(retry_after_is_clamped_and_spread_upwards)
{
	static const struct
	{
		const char *name;
		uint32_t after_s, first_ms, last_ms;
	} row[] = {
			{"never before the registrar said", 120, 120000, 132000},
			{"0 is a second", 0, 1000, 1100},
			{"an hour is the longest", 3600, 3600000, 3960000},
			{"more is an hour", 3601, 3600000, 3960000},
			{"so is the largest number", UINT32_MAX, 3600000, 3960000},
	};
	uint32_t first = uax_retry_after_ms(row[_i].after_s, 0);
	uint32_t last = uax_retry_after_ms(row[_i].after_s, UINT32_MAX);

	ck_assert_msg(first == row[_i].first_ms && last == row[_i].last_ms,
			"%s: %u to %u", row[_i].name, first, last);
}
END_TEST

START_TEST(the_first_register_waits_its_own_delay_or_a_random_one)
{
	static const struct
	{
		const char *name;
		uint32_t delay_s, random_s, first_ms, last_ms;
	} row[] = {
			{"at once", 0, 0, 0, 0},
			{"spread", 0, 60, 0, 60000},
			{"a delay of its own is not spread", 7, 60, 7000, 7000},
			{"a day at most", 86401, 0, 86400000, 86400000},
			{"a day is allowed", 86400, 0, 86400000, 86400000},
			{"an absurd spread is a day, too", 0, UINT32_MAX, 0, 86400000},
	};
	uint32_t first = uax_first_ms(row[_i].delay_s, row[_i].random_s, 0);
	uint32_t last = uax_first_ms(row[_i].delay_s, row[_i].random_s, UINT32_MAX);

	ck_assert_msg(first == row[_i].first_ms && last == row[_i].last_ms,
			"%s: %u to %u", row[_i].name, first, last);
}
END_TEST

/* W-U14: no second of the window gets more than its share. */
START_TEST(w_u14_refreshes_granted_together_are_spread_over_the_window)
{
	enum
	{
		ACCOUNTS = 26000,
		WINDOW_S = 26
	};
	int count[WINDOW_S + 1] = {0}, i;
	uint64_t random = 3;

	for(i = 0; i < ACCOUNTS; i++)
		count[(uax_refresh_ms(3600, 90, unit_random(&random)) - 3507000)
				/ 1000]++;
	for(i = 0; i < WINDOW_S; i++)
		ck_assert_msg(count[i] > 800 && count[i] < 1200, "second %d: %d", i,
				count[i]);
}
END_TEST

START_TEST(what_is_left_is_told_in_whole_seconds)
{
	static const struct
	{
		const char *name;
		int64_t moment_ms, now_ms;
		int left_s;
	} row[] = {
			{"what was granted, at once", 600777, 777, 600},
			{"a moment later the same", 600777, 778, 600},
			{"a second later one less", 600777, 1777, 599},
			{"the last millisecond is a second", 1000, 999, 1},
			{"now is nothing", 1000, 1000, 0},
			{"just over is nothing, too", 1000, 1999, 0},
			{"over", 1000, 2000, -1},
			{"further than an int", INT64_MAX, 0, INT_MAX},
			{"longer ago than an int", 0, INT64_MAX, INT_MIN},
	};

	ck_assert_msg(
			uax_left_s(row[_i].moment_ms, row[_i].now_ms) == row[_i].left_s,
			"%s: %d", row[_i].name,
			uax_left_s(row[_i].moment_ms, row[_i].now_ms));
}
END_TEST

Suite *suite_uax_schedule(void)
{
	Suite *s = suite_create("uax_schedule");
	TCase *t = tcase_create("all");

	tcase_add_test(t, w_u8_every_refresh_leaves_the_room_it_promises);
	tcase_add_loop_test(t, refreshes_at_the_moments_of_the_table, 0, 11);
	tcase_add_test(t, a_grant_of_nothing_is_survived);
	tcase_add_loop_test(t,
			retries_after_about_the_interval_and_backs_off_when_allowed, 0, 14);
	tcase_add_loop_test(t, retry_after_is_clamped_and_spread_upwards, 0, 5);
	tcase_add_loop_test(
			t, the_first_register_waits_its_own_delay_or_a_random_one, 0, 6);
	tcase_add_test(
			t, w_u14_refreshes_granted_together_are_spread_over_the_window);
	tcase_add_loop_test(t, what_is_left_is_told_in_whole_seconds, 0, 9);
	suite_add_tcase(s, t);
	return s;
}

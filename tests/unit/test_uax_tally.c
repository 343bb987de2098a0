/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How REGISTERs are counted: by their end, and by the time it took. */
#include "tally.h"
#include "unit.h"

static const struct
{
	enum uax_event event;
	int code;
	enum uax_outcome want;
} ends[] = {{UAX_E_OK, 200, UAX_O_ACCEPTED},
		{UAX_E_CHALLENGE, 401, UAX_O_CHALLENGED},
		{UAX_E_CHALLENGE, 407, UAX_O_CHALLENGED},
		{UAX_E_TOO_BRIEF, 423, UAX_O_TOO_BRIEF},
		{UAX_E_REDIRECT, 302, UAX_O_REDIRECTED}, {UAX_E_BUSY, 503, UAX_O_BUSY},
		{UAX_E_REJECTED, 401, UAX_O_REJECTED},
		/* that was one 423 too many, or a 2xx that keeps nothing */
		{UAX_E_REFUSED, 423, UAX_O_REFUSED},
		{UAX_E_REFUSED, 200, UAX_O_REFUSED},
		/* of tm, or of a proxy that waited for the registrar */
		{UAX_E_UNREACHABLE, 408, UAX_O_NO_ANSWER},
		{UAX_E_UNREACHABLE, 477, UAX_O_UNSENT},
		{UAX_E_UNREACHABLE, 503, UAX_O_UNSENT},
		/* challenged, but there was no memory to keep the nonce in */
		{UAX_E_UNREACHABLE, 401, UAX_O_UNSENT},
		/* no event of an answer */
		{UAX_E_DUE, 0, UAX_O_OUTDATED}, {UAX_E_DISABLE, 200, UAX_O_OUTDATED}};

START_TEST(every_end_is_counted_once)
{
	ck_assert_int_eq(
			uax_outcome_of(ends[_i].event, ends[_i].code), ends[_i].want);
}
END_TEST

static const struct
{
	int64_t ms;
	enum uax_rtt_bucket want;
} times[] = {{INT64_MIN, UAX_RTT_LE_5}, {-1, UAX_RTT_LE_5}, {0, UAX_RTT_LE_5},
		{5, UAX_RTT_LE_5}, {6, UAX_RTT_LE_10}, {10, UAX_RTT_LE_10},
		{11, UAX_RTT_LE_20}, {50, UAX_RTT_LE_50}, {51, UAX_RTT_LE_100},
		{200, UAX_RTT_LE_200}, {201, UAX_RTT_LE_500}, {1000, UAX_RTT_LE_1000},
		{1001, UAX_RTT_LE_2000}, {5000, UAX_RTT_LE_5000},
		{10000, UAX_RTT_LE_10000}, {10001, UAX_RTT_LONGER},
		{INT64_MAX, UAX_RTT_LONGER}};

START_TEST(a_time_is_in_the_first_bucket_that_has_room_for_it)
{
	ck_assert_int_eq(uax_rtt_bucket(times[_i].ms), times[_i].want);
}
END_TEST

static const struct
{
	int64_t due_ms, now_ms;
	uint32_t step_s;
	int slots, want;
} dues[] = {{1, 1, 10, 60, 0}, {1, 90000, 10, 60, 0}, {9999, 0, 10, 60, 0},
		{10000, 0, 10, 60, 1}, {599999, 0, 10, 60, 59}, {600000, 0, 10, 60, 60},
		{INT64_MAX, 1, 1, 60, 60}, {11000, 10000, 1, 1, 1},
		{10999, 10000, 1, 1, 0}};

START_TEST(an_attempt_has_one_place_on_the_time_line)
{
	ck_assert_int_eq(uax_due_slot(dues[_i].due_ms, dues[_i].now_ms,
							 dues[_i].step_s, dues[_i].slots),
			dues[_i].want);
}
END_TEST

Suite *suite_uax_tally(void)
{
	Suite *s = suite_create("uax_tally");
	TCase *tc = tcase_create("tally");

	tcase_add_loop_test(
			tc, every_end_is_counted_once, 0, sizeof(ends) / sizeof(ends[0]));
	tcase_add_loop_test(tc, a_time_is_in_the_first_bucket_that_has_room_for_it,
			0, sizeof(times) / sizeof(times[0]));
	tcase_add_loop_test(tc, an_attempt_has_one_place_on_the_time_line, 0,
			sizeof(dues) / sizeof(dues[0]));
	suite_add_tcase(s, tc);
	return s;
}

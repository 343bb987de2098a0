/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Pacing: the window of a hop and the cap of the instance. */
#include "pacing.h"
#include "unit.h"

/* Attempts that may be under way. */
static uint32_t width(const struct uax_pace *p)
{
	return p->window / 256;
}

/* Fill the window, then end all that is under way the same way. */
static void round_trip(struct uax_pace *p, enum uax_pace_end how,
		uint32_t rtt_ms, int64_t now_ms)
{
	uint32_t n = 0;

	while(uax_pace_is_open(p)) {
		uax_pace_start(p);
		n++;
	}
	while(n-- > 0)
		uax_pace_end(p, how, rtt_ms, now_ms);
}

START_TEST(a_window_nobody_has_used_lets_sixteen_start)
{
	struct uax_pace p;
	int n = 0;

	uax_pace_init(&p);
	while(uax_pace_is_open(&p)) {
		uax_pace_start(&p);
		n++;
	}
	ck_assert_int_eq(n, UAX_PACE_START);
	ck_assert_uint_eq(p.inflight, UAX_PACE_START);
	uax_pace_end(&p, UAX_PACE_ANSWERED, 10, 100);
	ck_assert_uint_eq(p.inflight, UAX_PACE_START - 1);
	ck_assert(uax_pace_is_open(&p));
}
END_TEST

START_TEST(a_window_doubles_per_round_trip_up_to_its_maximum)
{
	struct uax_pace p;
	uint32_t want = UAX_PACE_START;
	int i;

	uax_pace_init(&p);
	for(i = 0; i < 10; i++) {
		round_trip(&p, UAX_PACE_ANSWERED, UAX_PACE_SLOW_MS - 1, i * 100);
		want = want * 2 < UAX_PACE_MAX ? want * 2 : UAX_PACE_MAX;
		ck_assert_uint_eq(width(&p), want);
		ck_assert_uint_eq(p.inflight, 0);
	}
}
END_TEST

/* Each of these is a sign of too much. */
START_TEST(a_window_halves_once_for_all_that_was_under_way)
{
	static const struct
	{
		const char *name;
		enum uax_pace_end how;
		uint32_t rtt_ms;
	} row[] = {
			{"no answer", UAX_PACE_LOST, 32000},
			{"no answer, at once", UAX_PACE_LOST, 0},
			{"503", UAX_PACE_CHOKED, 5},
			{"asked for twice", UAX_PACE_ANSWERED, UAX_PACE_SLOW_MS},
			{"very late", UAX_PACE_ANSWERED, UINT32_MAX},
	};
	struct uax_pace p;
	uint32_t before;
	int64_t now_ms = 5000;

	uax_pace_init(&p);
	round_trip(&p, UAX_PACE_ANSWERED, 1, now_ms);
	before = width(&p);
	/* 32 ends of the same time: one halving */
	round_trip(&p, row[_i].how, row[_i].rtt_ms, now_ms);
	ck_row(width(&p) == before / 2, row[_i].name);
	ck_row(p.inflight == 0, row[_i].name);
	/* held until a second is over */
	round_trip(&p, row[_i].how, row[_i].rtt_ms, now_ms + UAX_PACE_HOLD_MS - 1);
	ck_row(width(&p) == before / 2, row[_i].name);
	round_trip(&p, row[_i].how, row[_i].rtt_ms, now_ms + UAX_PACE_HOLD_MS);
	ck_row(width(&p) == before / 4, row[_i].name);
}
END_TEST

/* The clock may stand at anything when a hop is seen first. */
START_TEST(the_very_first_end_may_halve)
{
	struct uax_pace p;

	uax_pace_init(&p);
	uax_pace_start(&p);
	uax_pace_end(&p, UAX_PACE_LOST, 0, 0);
	ck_assert_uint_eq(width(&p), UAX_PACE_START / 2);
}
END_TEST

START_TEST(never_shuts_whatever_is_lost)
{
	struct uax_pace p;
	int i;

	uax_pace_init(&p);
	for(i = 0; i < 20; i++) {
		round_trip(&p, UAX_PACE_LOST, 32000, i * 32000);
		ck_assert_uint_ge(width(&p), UAX_PACE_MIN);
		ck_assert(uax_pace_is_open(&p));
	}
	ck_assert_uint_eq(width(&p), UAX_PACE_MIN);
}
END_TEST

/* Above what choked it last, one or two more per round trip. */
START_TEST(a_window_that_choked_opens_slowly_from_there)
{
	struct uax_pace p;
	uint32_t before;
	int64_t now_ms = 10000;
	int i;

	uax_pace_init(&p);
	for(i = 0; i < 4; i++)
		round_trip(&p, UAX_PACE_ANSWERED, 1, now_ms);
	ck_assert_uint_eq(width(&p), UAX_PACE_MAX);
	round_trip(&p, UAX_PACE_CHOKED, 1, now_ms);
	ck_assert_uint_eq(p.threshold, UAX_PACE_MAX / 2);
	for(i = 0; i < 1000 && width(&p) < UAX_PACE_MAX - 2; i++) {
		before = p.window;
		round_trip(&p, UAX_PACE_ANSWERED, 1, now_ms);
		ck_assert_uint_ge(p.window - before, 256 - 1);
		ck_assert_uint_le(p.window - before, 2 * 256 + 2);
	}
	ck_assert_uint_ge(width(&p), UAX_PACE_MAX - 2);
	ck_assert_int_gt(i, UAX_PACE_MAX / 4);
}
END_TEST

START_TEST(an_end_too_many_leaves_nothing_negative)
{
	struct uax_pace p;

	uax_pace_init(&p);
	uax_pace_end(&p, UAX_PACE_ANSWERED, 1, 1);
	uax_pace_end(&p, UAX_PACE_LOST, 1, 1);
	ck_assert_uint_eq(p.inflight, 0);
	ck_assert(uax_pace_is_open(&p));
}
END_TEST

START_TEST(an_attempt_that_did_not_come_to_be_leaves_no_trace)
{
	struct uax_pace p, before;

	uax_pace_init(&p);
	uax_pace_start(&p);
	before = p;
	uax_pace_start(&p);
	uax_pace_cancel(&p);
	ck_assert_uint_eq(p.inflight, before.inflight);
	ck_assert_uint_eq(p.window, before.window);
	uax_pace_cancel(&p);
	uax_pace_cancel(&p);
	ck_assert_uint_eq(p.inflight, 0);
}
END_TEST

START_TEST(holds_its_bounds_in_any_order_of_events)
{
	struct uax_pace p;
	uint64_t random = 23;
	int64_t now_ms = 0, halved = -UAX_PACE_HOLD_MS;
	uint32_t inflight = 0;
	int i;

	uax_pace_init(&p);
	for(i = 0; i < 300000; i++) {
		uint32_t before = p.window;

		if(i % 2000 == 0)
			now_ms += 600000;
		now_ms += unit_random(&random) % 50;
		if(uax_pace_is_open(&p) && unit_random(&random) % 2) {
			uax_pace_start(&p);
			inflight++;
		} else if(inflight > 0) {
			uint32_t r = unit_random(&random) % 1000;

			uax_pace_end(&p,
					r < 4 ? UAX_PACE_LOST
						  : (r < 8 ? UAX_PACE_CHOKED : UAX_PACE_ANSWERED),
					r % 502, now_ms);
			inflight--;
		}
		ck_often(p.inflight == inflight, "%u under way", p.inflight);
		ck_often(width(&p) >= UAX_PACE_MIN && width(&p) <= UAX_PACE_MAX,
				"%u wide", width(&p));
		ck_often(p.window >= before || now_ms - halved >= UAX_PACE_HOLD_MS,
				"halved twice in %d ms", (int)(now_ms - halved));
		ck_often(p.window * 2 + 1 >= before, "more than halved");
		if(p.window < before)
			halved = now_ms;
	}
}
END_TEST

/* As many as there are in a simulated time, asked for every millisecond. */
static int take_all(struct uax_rate *r, int64_t from_ms, int64_t to_ms)
{
	int n = 0;

	for(; from_ms < to_ms; from_ms++)
		while(n < 1000000 && uax_rate_take(r, from_ms))
			n++;
	return n;
}

START_TEST(the_rate_holds_in_every_second)
{
	static const uint32_t rates[] = {
			1, 2, 7, 9, 10, 11, 15, 99, 100, 333, 1000, 5000, 20000};
	uint32_t per_s = rates[_i], bucket = per_s < 10 ? 1 : per_s / 10;
	struct uax_rate r;
	int64_t at;
	int n, all;

	uax_rate_init(&r, per_s, 777);
	/* the first second: the bucket, and what comes in */
	all = n = take_all(&r, 777, 1777);
	ck_assert_int_le(n, per_s + bucket);
	ck_assert_int_ge(n, per_s);
	for(at = 1777; at < 20777; at += 1000) {
		n = take_all(&r, at, at + 1000);
		all += n;
		ck_assert_int_ge(n, per_s - 1);
		ck_assert_int_le(n, per_s + 1);
	}
	/* what does not fit into a bucket of one is lost, never more */
	ck_assert_int_ge(all, (int)(20 * per_s * 99 / 100));
	ck_assert_int_le(all, (int)(20 * per_s + bucket));
	/* a long rest saves no more than the bucket */
	n = take_all(&r, at + 3600000, at + 3600000 + 1);
	ck_assert_int_eq(n, bucket);
	/* the same when nobody has asked for a year */
	n = take_all(&r, at + 31536000000LL, at + 31536000000LL + 1);
	ck_assert_int_eq(n, bucket);
}
END_TEST

START_TEST(the_rate_without_a_cap_never_says_no)
{
	struct uax_rate r;
	int i;

	uax_rate_init(&r, 0, 5);
	for(i = 0; i < 1000; i++)
		ck_assert(uax_rate_take(&r, 5));
}
END_TEST

START_TEST(a_clock_that_stands_or_goes_back_gives_nothing)
{
	struct uax_rate r;

	uax_rate_init(&r, 10, 1000);
	ck_assert(uax_rate_take(&r, 1000));
	ck_assert(!uax_rate_take(&r, 1000));
	ck_assert(!uax_rate_take(&r, 1));
	ck_assert(!uax_rate_take(&r, 1099));
	ck_assert(uax_rate_take(&r, 1100));
}
END_TEST

START_TEST(the_largest_rate_overflows_nothing)
{
	struct uax_rate r;

	uax_rate_init(&r, UINT32_MAX, 0);
	ck_assert(uax_rate_take(&r, INT64_MAX));
	ck_assert_int_gt(r.tokens, 0);
}
END_TEST

Suite *suite_uax_pacing(void)
{
	Suite *s = suite_create("uax_pacing");
	TCase *t = tcase_create("all");

	tcase_add_test(t, a_window_nobody_has_used_lets_sixteen_start);
	tcase_add_test(t, a_window_doubles_per_round_trip_up_to_its_maximum);
	tcase_add_loop_test(
			t, a_window_halves_once_for_all_that_was_under_way, 0, 5);
	tcase_add_test(t, the_very_first_end_may_halve);
	tcase_add_test(t, never_shuts_whatever_is_lost);
	tcase_add_test(t, a_window_that_choked_opens_slowly_from_there);
	tcase_add_test(t, an_end_too_many_leaves_nothing_negative);
	tcase_add_test(t, an_attempt_that_did_not_come_to_be_leaves_no_trace);
	tcase_add_test(t, holds_its_bounds_in_any_order_of_events);
	tcase_add_loop_test(t, the_rate_holds_in_every_second, 0, 13);
	tcase_add_test(t, the_rate_without_a_cap_never_says_no);
	tcase_add_test(t, a_clock_that_stands_or_goes_back_gives_nothing);
	tcase_add_test(t, the_largest_rate_overflows_nothing);
	suite_add_tcase(s, t);
	return s;
}

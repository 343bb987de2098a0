/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Pacing: the window of a hop and the cap of the instance. */
#include "pacing.h"
#include "unit.h"

/* Requests that may be under way. */
static uint32_t width(const struct uax_pace *p)
{
	return p->window / 256;
}

/* Fill the window, then end all that is under way the same way, after so long
 * a time. @return the time then */
static int64_t round_trip(struct uax_pace *p, enum uax_pace_end how,
		uint32_t rtt_ms, int64_t now_ms)
{
	uint32_t n = 0;

	while(uax_pace_is_open(p, now_ms)) {
		uax_pace_start(p, now_ms);
		n++;
	}
	while(n-- > 0)
		uax_pace_end(p, how, now_ms, now_ms + rtt_ms);
	return now_ms + rtt_ms;
}

START_TEST(a_window_nobody_has_used_lets_sixteen_start)
{
	struct uax_pace p;
	int n = 0;

	uax_pace_init(&p, 0);
	while(uax_pace_is_open(&p, 0)) {
		uax_pace_start(&p, 0);
		n++;
	}
	ck_assert_int_eq(n, UAX_PACE_START);
	ck_assert_uint_eq(p.inflight, UAX_PACE_START);
	uax_pace_end(&p, UAX_PACE_ANSWERED, 0, 10);
	ck_assert_uint_eq(p.inflight, UAX_PACE_START - 1);
	ck_assert(uax_pace_is_open(&p, 10));
}
END_TEST

START_TEST(a_window_opens_per_round_trip_up_to_its_maximum)
{
	struct uax_pace p;
	uint32_t before;
	int64_t now_ms = 0;
	int i;

	uax_pace_init(&p, 0);
	for(i = 0; i < 12; i++) {
		before = width(&p);
		now_ms =
				round_trip(&p, UAX_PACE_ANSWERED, UAX_PACE_SLOW_MS - 1, now_ms);
		/* the half that was in use opens it */
		ck_assert(
				width(&p) == UAX_PACE_MAX || width(&p) >= before + before / 4);
		ck_assert_uint_eq(p.inflight, 0);
	}
	ck_assert_uint_eq(width(&p), UAX_PACE_MAX);
}
END_TEST

START_TEST(a_window_that_is_not_used_does_not_open)
{
	struct uax_pace p;
	int i;

	uax_pace_init(&p, 0);
	for(i = 0; i < 1000; i++) {
		uax_pace_start(&p, i * 100);
		uax_pace_end(&p, UAX_PACE_ANSWERED, i * 100, i * 100 + 5);
	}
	ck_assert_uint_eq(width(&p), UAX_PACE_START);
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
			{"no answer of anybody", UAX_PACE_LOST, 0},
			{"503", UAX_PACE_CHOKED, 5},
			{"all asked for twice", UAX_PACE_ANSWERED, UAX_PACE_SLOW_MS},
			{"all very late", UAX_PACE_ANSWERED, 3000},
	};
	struct uax_pace p;
	int64_t now_ms = 5000, halved;

	uax_pace_init(&p, now_ms);
	halved = now_ms = round_trip(&p, row[_i].how, row[_i].rtt_ms, now_ms);
	ck_row(width(&p) == UAX_PACE_START / 2, row[_i].name);
	ck_row(p.inflight == 0, row[_i].name);
	if(row[_i].rtt_ms < UAX_PACE_HOLD_MS / 2) {
		/* held until a second is over */
		now_ms = round_trip(&p, row[_i].how, row[_i].rtt_ms, now_ms);
		ck_row(width(&p) == UAX_PACE_START / 2, row[_i].name);
	}
	round_trip(&p, row[_i].how, row[_i].rtt_ms, halved + UAX_PACE_HOLD_MS);
	ck_row(width(&p) == UAX_PACE_START / 4, row[_i].name);
}
END_TEST

/* One packet of a hundred is lost: its answer is late, the hop is well. */
START_TEST(a_lost_packet_now_and_then_halves_nothing)
{
	struct uax_pace p;
	int64_t now_ms = 0;
	int i, n;

	uax_pace_init(&p, 0);
	for(i = 0; i < 300; i++) {
		for(n = 0; uax_pace_is_open(&p, now_ms); n++)
			uax_pace_start(&p, now_ms);
		while(n-- > 0)
			uax_pace_end(&p, UAX_PACE_ANSWERED, now_ms,
					now_ms + (n == 0 && i > 4 ? 510 : 20));
		now_ms += 530;
	}
	ck_assert_uint_eq(width(&p), UAX_PACE_MAX);
}
END_TEST

/* The registrar never answers for some users: they stop nobody else. */
START_TEST(requests_without_an_answer_give_their_room_back)
{
	struct uax_pace p;
	int64_t now_ms = 0;
	int i, n, started = 0;

	uax_pace_init(&p, 0);
	/* one of three is never answered; all of the last 32 s are stuck */
	for(i = 0; i < 600; i++, now_ms += 50) {
		for(n = 0; uax_pace_is_open(&p, now_ms) && n < 9; n++) {
			uax_pace_start(&p, now_ms);
			started++;
			if(n % 3 != 0)
				uax_pace_end(&p, UAX_PACE_ANSWERED, now_ms, now_ms + 20);
		}
		ck_often(p.inflight <= width(&p), "%u under way", p.inflight);
	}
	ck_assert_int_gt(started, 1000);
	ck_assert_uint_gt(p.stuck, UAX_PACE_START);
	/* their end, much later, is no sign of anything */
	n = (int)width(&p);
	for(i = 0; i < 100; i++)
		uax_pace_end(&p, UAX_PACE_LOST, i * 50, now_ms);
	ck_assert_uint_eq(width(&p), n);
}
END_TEST

/* Nobody answers: what is tried becomes less, though its room comes back. */
START_TEST(a_dead_hop_is_asked_less_and_less)
{
	struct uax_pace p;
	int64_t now_ms = 0;
	int started = 0, late = 0;

	uax_pace_init(&p, 0);
	for(; now_ms < 60000; now_ms += 100) {
		while(uax_pace_is_open(&p, now_ms)) {
			uax_pace_start(&p, now_ms);
			started++;
			late += now_ms >= 30000;
		}
	}
	ck_assert_uint_eq(width(&p), UAX_PACE_MIN);
	ck_assert_int_le(late, 30 / (UAX_PACE_STUCK_S - 1) * UAX_PACE_MIN);
	ck_assert_int_gt(late, 0);
	ck_assert_int_lt(started, 80);
}
END_TEST

START_TEST(never_shuts_whatever_is_lost)
{
	struct uax_pace p;
	int64_t now_ms = 0;
	int i;

	uax_pace_init(&p, 0);
	for(i = 0; i < 20; i++) {
		now_ms = round_trip(&p, UAX_PACE_LOST, 32000, now_ms);
		ck_assert_uint_ge(width(&p), UAX_PACE_MIN);
		ck_assert(uax_pace_is_open(&p, now_ms));
		ck_assert_uint_eq(p.stuck, 0);
	}
	ck_assert_uint_eq(width(&p), UAX_PACE_MIN);
}
END_TEST

/* Above what choked it last, a few more per round trip. */
START_TEST(a_window_that_choked_opens_slowly_from_there)
{
	struct uax_pace p;
	uint32_t before;
	int64_t now_ms = 10000;
	int i;

	uax_pace_init(&p, now_ms);
	for(i = 0; i < 20; i++)
		now_ms = round_trip(&p, UAX_PACE_ANSWERED, 1, now_ms);
	ck_assert_uint_eq(width(&p), UAX_PACE_MAX);
	now_ms = round_trip(&p, UAX_PACE_CHOKED, 1, now_ms);
	ck_assert_uint_eq(p.threshold, UAX_PACE_MAX / 2);
	for(i = 0; i < 1000 && width(&p) < UAX_PACE_MAX - 2; i++) {
		before = p.window;
		now_ms = round_trip(&p, UAX_PACE_ANSWERED, 1, now_ms);
		ck_assert_uint_gt(p.window, before);
		ck_assert_uint_le(p.window - before, 2 * 256 + 2);
	}
	ck_assert_uint_ge(width(&p), UAX_PACE_MAX - 2);
	ck_assert_int_gt(i, UAX_PACE_MAX / 4);
}
END_TEST

START_TEST(an_end_too_many_leaves_nothing_negative)
{
	struct uax_pace p;

	uax_pace_init(&p, 0);
	uax_pace_end(&p, UAX_PACE_ANSWERED, 0, 1);
	uax_pace_end(&p, UAX_PACE_LOST, 0, 100000);
	ck_assert_uint_eq(p.inflight, 0);
	ck_assert_uint_eq(p.stuck, 0);
	ck_assert(uax_pace_is_open(&p, 100000));
}
END_TEST

START_TEST(a_request_that_was_not_sent_leaves_no_trace)
{
	struct uax_pace p, before;

	uax_pace_init(&p, 0);
	uax_pace_start(&p, 0);
	before = p;
	uax_pace_start(&p, 700);
	uax_pace_cancel(&p, 700, 800);
	ck_assert_int_eq(memcmp(&p, &before, sizeof(p)), 0);
	uax_pace_cancel(&p, 0, 900);
	uax_pace_cancel(&p, 0, 900);
	ck_assert_uint_eq(p.inflight, 0);
}
END_TEST

START_TEST(holds_its_bounds_in_any_order_of_events)
{
	struct uax_pace p;
	int64_t started[UAX_PACE_MAX * 4];
	uint64_t random = 23;
	int64_t now_ms = 0, halved = -UAX_PACE_HOLD_MS;
	uint32_t n = 0;
	int i;

	uax_pace_init(&p, 0);
	for(i = 0; i < 300000; i++) {
		uint32_t before = p.window;

		if(i % 2000 == 0)
			now_ms += 600000;
		now_ms += unit_random(&random) % 50;
		if(uax_pace_is_open(&p, now_ms) && n < UAX_PACE_MAX * 4
				&& unit_random(&random) % 2) {
			uax_pace_start(&p, now_ms);
			started[n++] = now_ms;
		} else if(n > 0) {
			uint32_t r = unit_random(&random) % 1000;
			uint32_t which = unit_random(&random) % n;

			uax_pace_end(&p,
					r < 4 ? UAX_PACE_LOST
						  : (r < 8 ? UAX_PACE_CHOKED : UAX_PACE_ANSWERED),
					started[which], now_ms);
			started[which] = started[--n];
		}
		ck_often(p.inflight + p.stuck == n, "%u under way", p.inflight);
		ck_often(width(&p) >= UAX_PACE_MIN && width(&p) <= UAX_PACE_MAX,
				"%u wide", width(&p));
		ck_often(p.window >= before || now_ms - halved >= UAX_PACE_HOLD_MS,
				"halved twice in %d ms", (int)(now_ms - halved));
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

START_TEST(what_cannot_wait_is_made_up_for_later)
{
	struct uax_rate r;
	int i;

	uax_rate_init(&r, 10, 1000); /* one send in the bucket */
	uax_rate_force(&r, 1000);
	uax_rate_force(&r, 1000);
	ck_assert(!uax_rate_take(&r, 1100));
	ck_assert(uax_rate_take(&r, 1200));
	/* a flood is made up for within about a second */
	for(i = 0; i < 1000; i++)
		uax_rate_force(&r, 1200);
	ck_assert(!uax_rate_take(&r, 2200));
	ck_assert(uax_rate_take(&r, 2300));
	/* no cap, nothing to make up for */
	uax_rate_init(&r, 0, 1000);
	uax_rate_force(&r, 1000);
	ck_assert(uax_rate_take(&r, 1000));
}
END_TEST

/* Memory for so many transactions, and what stays of it. */
START_TEST(transactions_leave_a_quarter_of_the_memory)
{
	static const int fits[] = {4000, 400, 40, 0};
	struct uax_room room;
	int64_t now;
	int sent[60] = {0}, all = 0, held = 0;

	uax_room_init(&room, 0);
	for(now = 0; now < 20000; now += 10) {
		int s = (int)(now / 1000);
		long left;

		if(now % 1000 == 0 && s >= UAX_ROOM_HELD_S)
			held -= sent[s - UAX_ROOM_HELD_S];
		left = (long)fits[_i] - held;
		uax_room_set(
				&room, left < 0 ? 0 : (uint64_t)left * UAX_ROOM_BYTES, now);
		while(uax_room_take(&room, now)) {
			sent[s]++;
			held++;
			all++;
			if(all % 2 == 0) {
				uax_room_force(&room, now);
				sent[s]++;
				held++;
			}
		}
		if(fits[_i] > 0)
			ck_assert_int_le(held, fits[_i] * 85 / 100 + 2);
	}
	/* and they use what is theirs */
	ck_assert_int_ge(all, fits[_i] > 0 ? fits[_i] * 3 / 2 : 10);
}
END_TEST

START_TEST(memory_that_is_not_known_limits_nothing)
{
	struct uax_room room;
	int i;

	uax_room_init(&room, 0);
	uax_room_set(&room, 0, 0);
	ck_assert(uax_room_take(&room, 0));
	ck_assert(!uax_room_take(&room, 0));
	uax_room_set(&room, UINT64_MAX, 0);
	for(i = 0; i < 100000; i++)
		ck_assert(uax_room_take(&room, 5));
	/* after a long pause nothing is held */
	uax_room_set(&room, 0, INT64_MAX);
	ck_assert_uint_eq(room.rate.per_s, 1);
}
END_TEST

Suite *suite_uax_pacing(void)
{
	Suite *s = suite_create("uax_pacing");
	TCase *t = tcase_create("all");

	tcase_add_test(t, a_window_nobody_has_used_lets_sixteen_start);
	tcase_add_test(t, a_window_opens_per_round_trip_up_to_its_maximum);
	tcase_add_test(t, a_window_that_is_not_used_does_not_open);
	tcase_add_loop_test(
			t, a_window_halves_once_for_all_that_was_under_way, 0, 4);
	tcase_add_test(t, a_lost_packet_now_and_then_halves_nothing);
	tcase_add_test(t, requests_without_an_answer_give_their_room_back);
	tcase_add_test(t, a_dead_hop_is_asked_less_and_less);
	tcase_add_test(t, never_shuts_whatever_is_lost);
	tcase_add_test(t, a_window_that_choked_opens_slowly_from_there);
	tcase_add_test(t, an_end_too_many_leaves_nothing_negative);
	tcase_add_test(t, a_request_that_was_not_sent_leaves_no_trace);
	tcase_add_test(t, holds_its_bounds_in_any_order_of_events);
	tcase_add_loop_test(t, the_rate_holds_in_every_second, 0, 13);
	tcase_add_test(t, the_rate_without_a_cap_never_says_no);
	tcase_add_test(t, a_clock_that_stands_or_goes_back_gives_nothing);
	tcase_add_test(t, the_largest_rate_overflows_nothing);
	tcase_add_test(t, what_cannot_wait_is_made_up_for_later);
	tcase_add_loop_test(t, transactions_leave_a_quarter_of_the_memory, 0, 4);
	tcase_add_test(t, memory_that_is_not_known_limits_nothing);
	suite_add_tcase(s, t);
	return s;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The timing wheel, against a plain array that is searched from end to end.
 */
#include <stdlib.h>

#include "unit.h"
#include "wheel.h"

/* On the heap, so that the sanitizer guards its ends. */
static struct uax_wheel *wheel_at(uint64_t now)
{
	struct uax_wheel *w = malloc(sizeof(*w));

	ck_assert_ptr_nonnull(w);
	uax_wheel_init(w, now);
	return w;
}

START_TEST(a_list_gives_back_in_order)
{
	struct uax_list list;
	struct uax_node node[4] = {{0}};
	int i;

	uax_list_init(&list);
	ck_assert(uax_list_is_empty(&list));
	ck_assert_ptr_null(uax_list_take(&list));
	for(i = 0; i < 4; i++) {
		ck_assert(!uax_node_is_linked(&node[i]));
		uax_list_add(&list, &node[i]);
		ck_assert(uax_node_is_linked(&node[i]));
	}
	ck_assert(!uax_list_is_empty(&list));
	uax_node_unlink(&node[1]);
	ck_assert(!uax_node_is_linked(&node[1]));
	uax_node_unlink(&node[1]);
	ck_assert_ptr_eq(uax_list_take(&list), &node[0]);
	ck_assert(!uax_node_is_linked(&node[0]));
	ck_assert_ptr_eq(uax_list_take(&list), &node[2]);
	uax_node_unlink(&node[3]);
	ck_assert(uax_list_is_empty(&list));
	ck_assert_ptr_null(uax_list_take(&list));
}
END_TEST

/* Each alone: taken at its tick, not at the one before. */
START_TEST(a_timer_is_due_at_its_tick)
{
	static const uint64_t start[] = {0, 1, 255, 256, 65535, 65536,
			(1ULL << 24) - 1, 1ULL << 24, (1ULL << 32) - 1, 1ULL << 32,
			(1ULL << 40) + 77};
	static const uint64_t delay[] = {1, 2, 254, 255, 256, 257, 511, 512, 513,
			65279, 65280, 65281, 65535, 65536, 65537, 131071, 131072};
	struct uax_wheel *w = malloc(sizeof(*w));
	size_t i, j;

	for(i = 0; i < UNIT_ROWS(start); i++)
		for(j = 0; j < UNIT_ROWS(delay); j++) {
			struct uax_node node = {0};
			uint64_t due = start[i] + delay[j];

			uax_wheel_init(w, start[i]);
			uax_wheel_add(w, &node, due);
			ck_assert_uint_eq(node.due, due);
			ck_assert_ptr_null(uax_wheel_take(w, start[i]));
			ck_assert_ptr_null(uax_wheel_take(w, due - 1));
			ck_assert(uax_node_is_linked(&node));
			ck_assert_ptr_eq(uax_wheel_take(w, due), &node);
			ck_assert(!uax_node_is_linked(&node));
			ck_assert_ptr_null(uax_wheel_take(w, due + 1000));
		}
	free(w);
}
END_TEST

START_TEST(what_is_over_is_due_at_the_next_advance)
{
	struct uax_wheel *w = wheel_at(1000);
	struct uax_node now = {0}, past = {0}, zero = {0};

	uax_wheel_add(w, &now, 1000);
	uax_wheel_add(w, &past, 999);
	uax_wheel_add(w, &zero, 0);
	uax_node_unlink(&past);
	ck_assert_ptr_eq(uax_wheel_take(w, 1000), &now);
	ck_assert_ptr_eq(uax_wheel_take(w, 1000), &zero);
	ck_assert_ptr_null(uax_wheel_take(w, 1000));
	/* a clock that goes back changes nothing */
	uax_wheel_add(w, &past, 1001);
	ck_assert_ptr_null(uax_wheel_take(w, 500));
	ck_assert_uint_eq(w->now, 1000);
	ck_assert_ptr_eq(uax_wheel_take(w, 1001), &past);
	free(w);
}
END_TEST

/* The wheel reaches 2^32 ticks, what is due later is looked at then. That
 * far it can't be turned in a test; but it may be put just before the next
 * slot of its slowest level, since nothing else is in it. */
START_TEST(a_timer_beyond_the_reach_waits_until_it_is_due)
{
	static const uint64_t start[] = {
			0, 5, (1ULL << 24) + 3, (1ULL << 32) - 2, 7ULL << 36};
	static const uint64_t far[] = {(1ULL << 32) - 1, 1ULL << 32,
			(1ULL << 32) + 1, 255ULL << 24, (255ULL << 24) - 1,
			(255ULL << 24) + 1, 256ULL << 24, 257ULL << 24, 3ULL << 32,
			(1ULL << 36) + 300};
	struct uax_wheel *w = malloc(sizeof(*w));
	size_t i, j;

	for(i = 0; i < UNIT_ROWS(start); i++)
		for(j = 0; j < UNIT_ROWS(far); j++) {
			struct uax_node node = {0};
			/* near the beginning of a slot, to be turned there in no time */
			uint64_t due = ((start[i] + far[j]) >> 24 << 24) + 300, at;

			uax_wheel_init(w, start[i]);
			uax_wheel_add(w, &node, due);
			for(at = ((start[i] >> 24) + 1) << 24; at < due; at += 1 << 24) {
				w->now = at - 1;
				ck_assert_ptr_null(uax_wheel_take(w, at));
			}
			ck_assert_ptr_null(uax_wheel_take(w, due - 1));
			ck_assert_ptr_eq(uax_wheel_take(w, due), &node);
		}
	free(w);
}
END_TEST

/* All from one tick on, taken in the order they are due. */
START_TEST(a_big_jump_gives_all_in_order_and_can_be_stopped)
{
	enum
	{
		N = 2000
	};
	struct uax_wheel *w = wheel_at(123456);
	struct uax_node *node = calloc(N, sizeof(*node)), *got;
	uint64_t random = 5, before = 0;
	int i;

	for(i = 0; i < N; i++)
		uax_wheel_add(w, &node[i], 123457 + unit_random(&random) % 3000000);
	for(i = 0; i < N / 2; i++) {
		got = uax_wheel_take(w, 123456 + 3000000);
		ck_assert_uint_ge(got->due, before);
		before = got->due;
	}
	/* stopped here: the wheel stands where it was, nothing is lost, and a
	 * new timer takes its place among the others */
	ck_assert_uint_eq(w->now, before);
	uax_wheel_add(w, got, before + 1);
	while((got = uax_wheel_take(w, 123456 + 3000000)) != NULL) {
		ck_assert_uint_ge(got->due, before);
		before = got->due;
		i++;
	}
	ck_assert_int_eq(i, N + 1);
	ck_assert_uint_eq(w->now, 123456 + 3000000);
	free(node);
	free(w);
}
END_TEST

enum
{
	TIMERS = 300
};

/* A delay of every size, often just beside a border of a level. */
static uint64_t some_delay(uint64_t *random)
{
	uint32_t r = unit_random(random);

	switch(r % 8) {
		case 0:
			return unit_random(random) % 4;
		case 1:
		case 2:
			return unit_random(random) % 300;
		case 3:
			return 254 + unit_random(random) % 5;
		case 4:
			return 65534 + unit_random(random) % 5;
		case 5:
		case 6:
			return unit_random(random) % 70000;
		default:
			return unit_random(random) % (1 << 24);
	}
}

struct model
{
	struct uax_wheel *w;
	struct uax_node *node;
	uint64_t due[TIMERS];
	int is_set[TIMERS];
	uint64_t now;
	uint64_t random;
	int taken;
};

static void change(struct model *m)
{
	int i = unit_random(&m->random) % TIMERS;

	ck_often(uax_node_is_linked(&m->node[i]) == m->is_set[i], "%d", i);
	/* set, moved or stopped */
	uax_node_unlink(&m->node[i]);
	m->is_set[i] = unit_random(&m->random) % 4 != 0;
	if(!m->is_set[i])
		return;
	m->due[i] = m->now + some_delay(&m->random);
	if(unit_random(&m->random) % 32 == 0 && m->now > 1000)
		m->due[i] = m->now - unit_random(&m->random) % 1000;
	uax_wheel_add(m->w, &m->node[i], m->due[i]);
}

static void advance(struct model *m)
{
	struct uax_node *got;
	int i;

	m->now += unit_random(&m->random) % 16 == 0
					  ? some_delay(&m->random) % 100000
					  : unit_random(&m->random) % 600;
	while((got = uax_wheel_take(m->w, m->now)) != NULL) {
		i = (int)(got - m->node);
		ck_often(m->is_set[i], "%d came twice", i);
		ck_often(m->due[i] <= m->now, "%d came early", i);
		ck_often(got->due == m->due[i], "%d has another due", i);
		m->is_set[i] = 0;
		m->taken++;
	}
	for(i = 0; i < TIMERS; i++)
		ck_often(!m->is_set[i] || m->due[i] > m->now, "%d is late", i);
}

START_TEST(is_never_early_never_late_and_never_twice)
{
	static const uint64_t start[] = {
			0, (1ULL << 32) - 200000, (1ULL << 24) - 7, 0x123456789abcULL};
	struct model m = {.random = 17 + _i, .now = start[_i]};
	int i, j;

	m.w = wheel_at(m.now);
	m.node = calloc(TIMERS, sizeof(*m.node));
	for(i = 0; i < 4000; i++) {
		for(j = unit_random(&m.random) % 8; j > 0; j--)
			change(&m);
		advance(&m);
	}
	ck_assert_int_gt(m.taken, 5000);
	free(m.node);
	free(m.w);
}
END_TEST

START_TEST(says_how_long_nothing_is_due)
{
	static const struct
	{
		uint64_t now, due;
		unsigned int without, with; /* that timer */
	} row[] = {
			{1000, 1001, 5, 1},
			{1000, 1003, 5, 3},
			{1000, 1004, 5, 4},
			{1000, 1005, 5, 5},
			{1000, 1006, 5, 5},
			{1000, 1000, 5, 0},
			{1000, 999, 5, 0},
			/* a turn of the lowest wheel may bring anything */
			{0xfe, 0x10000, 2, 2},
			{0xff, 0x101, 1, 1},
			{0x100, 0x10000, 5, 5},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		struct uax_wheel *w = wheel_at(row[i].now);
		struct uax_node node = {0};

		ck_assert_uint_eq(uax_wheel_idle(w, 5), row[i].without);
		uax_wheel_add(w, &node, row[i].due);
		ck_assert_uint_eq(uax_wheel_idle(w, 5), row[i].with);
		free(w);
	}
}
END_TEST

Suite *suite_uax_wheel(void)
{
	Suite *s = suite_create("uax_wheel");
	TCase *t = tcase_create("all");

	tcase_add_test(t, a_list_gives_back_in_order);
	tcase_add_test(t, a_timer_is_due_at_its_tick);
	tcase_add_test(t, what_is_over_is_due_at_the_next_advance);
	tcase_add_test(t, a_timer_beyond_the_reach_waits_until_it_is_due);
	tcase_add_test(t, a_big_jump_gives_all_in_order_and_can_be_stopped);
	tcase_add_loop_test(t, is_never_early_never_late_and_never_twice, 0, 4);
	tcase_add_test(t, says_how_long_nothing_is_due);
	suite_add_tcase(s, t);
	return s;
}

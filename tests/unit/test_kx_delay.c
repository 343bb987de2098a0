/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kx_delay.h"
#include "unit.h"

START_TEST(picks_between_two_bounds)
{
	static const struct
	{
		const char *name;
		uint32_t low, high, rnd, want;
	} row[] = {
			{"the lower bound", 10, 20, 0, 10},
			{"the upper bound", 10, 20, UINT32_MAX, 20},
			{"half way", 10, 20, 0x80000000u, 15},
			{"one value", 10, 10, UINT32_MAX, 10},
			{"bounds the wrong way round", 20, 10, UINT32_MAX, 20},
			{"everything", 0, UINT32_MAX, UINT32_MAX, UINT32_MAX},
			{"everything, from below", 0, UINT32_MAX, 0, 0},
	};
	uint32_t seen = 0;
	uint64_t seed = 2;
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++)
		ck_row(kx_delay_between(row[i].low, row[i].high, row[i].rnd)
						== row[i].want,
				row[i].name);
	for(i = 0; i < 1000; i++)
		seen |= 1u << kx_delay_between(3, 7, unit_random(&seed));
	ck_assert_uint_eq(seen, 0xf8);
}
END_TEST

START_TEST(delays_double_up_to_a_ceiling)
{
	static const struct
	{
		const char *name;
		uint32_t base, max;
		unsigned failures, spread;
		uint32_t rnd, want;
	} row[] = {
			{"the first failure", 1000, 60000, 1, 0, 0, 1000},
			{"none counts as the first", 1000, 60000, 0, 0, 0, 1000},
			{"the second", 1000, 60000, 2, 0, 0, 2000},
			{"the sixth", 1000, 60000, 6, 0, 0, 32000},
			{"the ceiling", 1000, 60000, 7, 0, 0, 60000},
			{"the ceiling for ever", 1000, 60000, UINT32_MAX, 0, 0, 60000},
			{"no back-off", 1000, 0, 9, 0, 0, 1000},
			{"no back-off below the base", 1000, 999, 9, 0, 0, 1000},
			{"the ceiling at the base", 1000, 1000, 9, 0, 0, 1000},
			{"the largest", 1, UINT32_MAX, 100, 0, 0, UINT32_MAX},
			{"the largest base", UINT32_MAX, UINT32_MAX, 2, 0, 0, UINT32_MAX},
			{"spread downwards", 1000, 60000, 1, 50, 0, 500},
			{"spread, upper end", 1000, 60000, 1, 50, UINT32_MAX, 1000},
			{"all of it", 1000, 60000, 1, 100, 0, 0},
			{"more than all of it", 1000, 60000, 1, 900, 0, 0},
			{"nothing stays nothing, and does not count to 2^32", 0, 60000,
					UINT32_MAX, 50, 7, 0},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++)
		ck_row(kx_delay_retry(row[i].base, row[i].max, row[i].failures,
					   row[i].spread, row[i].rnd)
						== row[i].want,
				row[i].name);
}
END_TEST

START_TEST(no_delay_leaves_its_bounds)
{
	uint64_t seed = 3;
	int i;

	for(i = 0; i < 20000; i++) {
		uint32_t base = unit_random(&seed) >> (unit_random(&seed) % 32);
		uint32_t max = unit_random(&seed) >> (unit_random(&seed) % 32);
		unsigned failures = unit_random(&seed) % 40;
		unsigned pct = unit_random(&seed) % 101;
		uint32_t top = max > base ? max : base;
		uint32_t d =
				kx_delay_retry(base, max, failures, pct, unit_random(&seed));

		ck_assert_uint_le(d, top);
		ck_assert_uint_ge(d, base - (uint64_t)base * pct / 100);
	}
}
END_TEST

Suite *suite_kx_delay(void)
{
	Suite *s = suite_create("kx_delay");
	TCase *t = tcase_create("all");

	tcase_add_test(t, picks_between_two_bounds);
	tcase_add_test(t, delays_double_up_to_a_ceiling);
	tcase_add_test(t, no_delay_leaves_its_bounds);
	suite_add_tcase(s, t);
	return s;
}

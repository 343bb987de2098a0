/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay.h"
#include "unit.h"

START_TEST(each_number_is_taken_once)
{
	static const struct
	{
		uint32_t seq;
		int is_taken;
	} row[] = {{0, 0}, {1, 1}, {1, 0}, {3, 1}, {2, 1}, {2, 0}, {3, 0}, {0, 0},
			{64, 1}, {1, 0}, {4, 1}, {4, 0}, {66, 1}, {3, 0}, {5, 1}, {65, 1},
			{129, 1}, {66, 0}, {65, 0}, {67, 1}, {1000, 1}, {936, 0}, {937, 1},
			{937, 0}, {999, 1}, {1000, 0}, {UINT32_MAX, 1}, {UINT32_MAX, 0},
			{UINT32_MAX - 63, 1}, {UINT32_MAX - 64, 0}, {1000, 0}, {1, 0}};
	struct uax_replay r = {0, 0};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++)
		ck_assert_msg(uax_replay_take(&r, row[i].seq) == row[i].is_taken,
				"step %d: %u", (int)i, row[i].seq);
}
END_TEST

/* Against a list of all that was ever taken. */
START_TEST(a_window_is_a_short_memory)
{
	static unsigned char seen[4096];
	struct uax_replay r = {0, 0};
	uint64_t random = 1;
	uint32_t high = 0;
	int i;

	memset(seen, 0, sizeof(seen));
	for(i = 0; i < 20000; i++) {
		uint32_t base = i / 6, jump = unit_random(&random) % 150;
		uint32_t seq = base + jump > 75 ? base + jump - 75 : 0;
		int want = seq != 0 && !seen[seq]
				   && (seq > high || high - seq < UAX_REPLAY_WINDOW);

		ck_often(uax_replay_take(&r, seq) == want, "step %d: %u", i, seq);
		seen[seq] |= want;
		high = want && seq > high ? seq : high;
	}
}
END_TEST

Suite *suite_uax_replay(void)
{
	Suite *s = suite_create("uax_replay");
	TCase *t = tcase_create("all");

	tcase_add_test(t, each_number_is_taken_once);
	tcase_add_test(t, a_window_is_a_short_memory);
	suite_add_tcase(s, t);
	return s;
}

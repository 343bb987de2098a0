/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lane.h"
#include "unit.h"

START_TEST(names_begin_slow_and_addresses_quick)
{
	static const struct
	{
		const char *hop;
		enum uax_lane lane;
	} row[] = {
			{"sip:192.0.2.1", UAX_LANE_QUICK},
			{"sip:192.0.2.1:5062;transport=tcp", UAX_LANE_QUICK},
			{"sip:[2001:db8::1]:5060", UAX_LANE_QUICK},
			{"sips:192.0.2.1", UAX_LANE_QUICK},
			{"192.0.2.1", UAX_LANE_QUICK},
			{"192.0.2.1:5060", UAX_LANE_QUICK},
			{"[2001:db8::1]:5060", UAX_LANE_QUICK},
			{"sip:provider.example", UAX_LANE_SLOW},
			{"sip:10.example:5060", UAX_LANE_SLOW},
			{"provider.example", UAX_LANE_SLOW},
			{"provider.example:5060", UAX_LANE_SLOW},
			{"", UAX_LANE_SLOW},
			{":5060", UAX_LANE_SLOW},
	};
	str hop = unit_str(row[_i].hop);

	ck_assert_msg(uax_lane_first(&hop) == row[_i].lane, "%s", row[_i].hop);
}
END_TEST

START_TEST(moves_by_how_long_sending_takes)
{
	static const struct
	{
		const char *name;
		enum uax_lane from;
		int is_sent;
		int64_t took_ms;
		enum uax_lane to;
	} row[] = {
			{"sent quickly", UAX_LANE_SLOW, 1, 1, UAX_LANE_QUICK},
			{"and again", UAX_LANE_QUICK, 1, 499, UAX_LANE_QUICK},
			{"sent, but slowly", UAX_LANE_QUICK, 1, 500, UAX_LANE_SLOW},
			{"failed after a while", UAX_LANE_QUICK, 0, 4000, UAX_LANE_SLOW},
			{"a failure that is remembered", UAX_LANE_SLOW, 0, 0,
					UAX_LANE_SLOW},
			{"a quick failure", UAX_LANE_QUICK, 0, 0, UAX_LANE_QUICK},
	};

	ck_assert_msg(uax_lane_next(row[_i].from, row[_i].is_sent, row[_i].took_ms)
						  == row[_i].to,
			"%s", row[_i].name);
}
END_TEST

Suite *suite_uax_lane(void)
{
	Suite *s = suite_create("uax_lane");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, names_begin_slow_and_addresses_quick, 0, 13);
	tcase_add_loop_test(t, moves_by_how_long_sending_takes, 0, 6);
	suite_add_tcase(s, t);
	return s;
}

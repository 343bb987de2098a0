/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kept.h"
#include "unit.h"

START_TEST(r3261_24_a_display_name_that_can_be_sent_back)
{
	static const struct
	{
		const char *name;
		const char *text;
		int want;
	} row[] = {
			{"none", "", 0},
			{"a word", "Alice", 1},
			{"words", "Alice  B. Smith", 1},
			{"in quotes", "\"Alice; <x>, \\\"y\\\"\"", 1},
			{"nothing in quotes", "\"\"", 1},
			{"quotes that don't close", "\"Alice", 0},
			{"a pair that eats the quote", "\"Alice\\\"", 0},
			{"something behind the quotes", "\"Alice\" B", 0},
			{"what no token has", "Alice; B", 0},
			{"a bracket", "<x>", 0},
			{"a line end", "\"Alice\r\n B\"", 0},
			{"a NUL's neighbour", "\"\x01\"", 0},
			{"another script in quotes", "\"\xc3\x84\"", 1},
			{"another script without", "\xc3\x84", 0},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str text = unit_str(row[i].text);

		ck_row(rgr_kept_is_name(&text) == row[i].want, row[i].name);
	}
}
END_TEST

START_TEST(is_taken_apart_again)
{
	static const struct
	{
		const char *name;
		const char *text, *display, *params;
	} row[] = {
			{"nothing", "", "", ""},
			{"parameters", ";a=b;c", "", ";a=b;c"},
			{"a name", "\"A\"", "\"A\"", ""},
			{"both", "\"A\";a=\";\"", "\"A\"", ";a=\";\""},
			{"what looks like a parameter", "\"A;b\\\";c\";d", "\"A;b\\\";c\"",
					";d"},
			{"tokens", "A B;c", "A B", ";c"},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str text = unit_str(row[i].text), name, params;

		rgr_kept_split(&text, &name, &params);
		ck_row_str(name, row[i].display, row[i].name);
		ck_row_str(params, row[i].params, row[i].name);
	}
}
END_TEST

Suite *suite_kept(void)
{
	Suite *s = suite_create("kept");
	TCase *t = tcase_create("all");

	tcase_add_test(t, r3261_24_a_display_name_that_can_be_sent_back);
	tcase_add_test(t, is_taken_apart_again);
	suite_add_tcase(s, t);
	return s;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kx_param.h"
#include "unit.h"

START_TEST(reads_one_parameter)
{
	static const struct
	{
		const char *name;
		const char *text;
		int err;
		const char *pname, *value;
		int has_value, is_quoted;
		const char *left;
	} row[] = {
			{"a name and a token", ";q=0.5;x", KX_OK, "q", "0.5", 1, 0, ";x"},
			{"without the semicolon", "q=0.5", KX_OK, "q", "0.5", 1, 0, ""},
			{"a name alone", ";lr;x", KX_OK, "lr", "", 0, 0, ";x"},
			{"blanks around every part", " ; q \r\n = \t0.5 ;x", KX_OK, "q",
					"0.5", 1, 0, ";x"},
			{"a quoted value", ";a=\"b;c,d=\\\"\";x", KX_OK, "a", "b;c,d=\\\"",
					1, 1, ";x"},
			{"an empty quoted value", ";a=\"\"", KX_OK, "a", "", 1, 1, ""},
			{"text behind a quoted value is passed", ";a=\"b\"c ;x", KX_OK, "a",
					"b", 1, 1, ";x"},
			{"an empty value", ";a=;x", KX_OK, "a", "", 1, 0, ";x"},
			{"a value with an equals sign", ";a=b=c", KX_OK, "a", "b=c", 1, 0,
					""},
			{"a comma ends the item", ";a=b,<sip:c>", KX_OK, "a", "b", 1, 0,
					",<sip:c>"},
			{"a quote that never closes runs to the end", ";a=\"b;c,d", KX_OK,
					"a", "\"b;c,d", 1, 0, ""},
			{"nothing", "", KX_E_END, NULL, NULL, 0, 0, ""},
			{"blanks", "  ", KX_E_END, NULL, NULL, 0, 0, ""},
			{"a semicolon at the end", ";", KX_E_END, NULL, NULL, 0, 0, ""},
			{"the end of the item", " ,x", KX_E_END, NULL, NULL, 0, 0, ",x"},
			{"a semicolon before the end of the item", ";,x", KX_E_END, NULL,
					NULL, 0, 0, ",x"},
			{"an empty name", ";;a", KX_E_SYNTAX, NULL, NULL, 0, 0, ";a"},
			{"a value without a name", ";=x;a", KX_E_SYNTAX, NULL, NULL, 0, 0,
					";a"},
			{"a quoted value without a name", ";=\"x;\";a", KX_E_SYNTAX, NULL,
					NULL, 0, 0, ";a"},
	};
	struct kx_cursor c;
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str text = unit_str(row[i].text);
		struct kx_param p = {KX_STR("as"), KX_STR("before"), 7, 7};

		kx_cur_init(&c, &text);
		ck_row(kx_param_next(&c, &p) == row[i].err, row[i].name);
		ck_row_str(kx_str_span(c.p, c.end), row[i].left, row[i].name);
		if(row[i].err != KX_OK) {
			ck_row_str(p.name, "as", row[i].name);
			continue;
		}
		ck_row_str(p.name, row[i].pname, row[i].name);
		ck_row_str(p.value, row[i].value, row[i].name);
		ck_row(p.has_value == row[i].has_value, row[i].name);
		ck_row(p.is_quoted == row[i].is_quoted, row[i].name);
	}
}
END_TEST

START_TEST(finds_by_name)
{
	static const struct
	{
		const char *name;
		const char *text;
		const char *want;
		int err;
		const char *value;
	} row[] = {
			{"the first one counts", ";a=1;b=2;B=3", "b", KX_OK, "2"},
			{"letters in either case", "Expires=60", "eXPIRES", KX_OK, "60"},
			{"behind what has no name", ";;=x;a=1", "a", KX_OK, "1"},
			{"not inside of quotes", ";x=\";a=1\";a=2", "a", KX_OK, "2"},
			{"not in the next item", ";x=1,<sip:y>;a=1", "a", KX_E_NONE, ""},
			{"not as a part of a name", ";aa=1;ba=2", "a", KX_E_NONE, ""},
			{"nowhere", "", "a", KX_E_NONE, ""},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str text = unit_str(row[i].text), name = unit_str(row[i].want);
		struct kx_param p = {{0, 0}, {0, 0}, 0, 0};

		ck_row(kx_param_find(&text, &name, &p) == row[i].err, row[i].name);
		ck_row_str(p.value, row[i].value, row[i].name);
	}
}
END_TEST

/* Every byte of a hostile text is passed, and the walk ends. */
START_TEST(every_text_comes_to_its_end)
{
	static const char bytes[] = {';', '=', ',', '"', '\\', ' ', 'a', '\0'};
	uint64_t seed = 1;
	int round, i, steps;

	for(round = 0; round < 2000; round++) {
		char mem[24];
		struct kx_cursor c;
		struct kx_param p;
		str text;

		for(i = 0; i < (int)sizeof(mem); i++)
			mem[i] = bytes[unit_random(&seed) % sizeof(bytes)];
		text = unit_bytes(mem, unit_random(&seed) % sizeof(mem));
		kx_cur_init(&c, &text);
		for(steps = 0; kx_param_next(&c, &p) != KX_E_END; steps++)
			ck_assert_int_le(steps, text.len);
		ck_assert(kx_cur_at_end(&c) || *c.p == ',');
	}
}
END_TEST

Suite *suite_kx_param(void)
{
	Suite *s = suite_create("kx_param");
	TCase *t = tcase_create("all");

	tcase_add_test(t, reads_one_parameter);
	tcase_add_test(t, finds_by_name);
	tcase_add_test(t, every_text_comes_to_its_end);
	suite_add_tcase(s, t);
	return s;
}

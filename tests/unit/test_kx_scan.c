/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kx_scan.h"
#include "unit.h"

START_TEST(passes_blanks_and_takes_bytes)
{
	str text = unit_str(" \t\r\n x"), empty = unit_str(""), none = {0, 0};
	struct kx_cursor c;

	kx_cur_init(&c, &text);
	kx_cur_blanks(&c);
	ck_assert_int_eq(kx_cur_peek(&c), 'x');
	ck_assert(!kx_cur_char(&c, 'y'));
	ck_assert(!kx_cur_at_end(&c));
	ck_assert(kx_cur_char(&c, 'x'));
	ck_assert(kx_cur_at_end(&c));
	ck_assert(!kx_cur_char(&c, 'x'));
	ck_assert_int_eq(kx_cur_peek(&c), '\0');
	kx_cur_blanks(&c);
	kx_cur_init(&c, &empty);
	ck_assert(kx_cur_at_end(&c));
	kx_cur_init(&c, &none);
	ck_assert(kx_cur_at_end(&c));
}
END_TEST

START_TEST(takes_tokens)
{
	static const struct
	{
		const char *name;
		const char *text;
		int err;
		const char *want;
	} row[] = {
			{"all of them", "aZ09-.!%*_+`'~", KX_OK, "aZ09-.!%*_+`'~"},
			{"up to a blank", "ab c", KX_OK, "ab"},
			{"up to a semicolon", "ab;c", KX_OK, "ab"},
			{"up to a high byte", "ab\xc3\xa4", KX_OK, "ab"},
			{"none", ";a", KX_E_SYNTAX, "untouched"},
			{"nothing", "", KX_E_SYNTAX, "untouched"},
			{"a separator", "(", KX_E_SYNTAX, "untouched"},
	};
	struct kx_cursor c;
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str text = unit_str(row[i].text), out = KX_STR("untouched");

		kx_cur_init(&c, &text);
		ck_row(kx_cur_token(&c, &out) == row[i].err, row[i].name);
		ck_row_str(out, row[i].want, row[i].name);
		ck_row(c.p == text.s + (row[i].err == KX_OK ? out.len : 0),
				row[i].name);
	}
	ck_assert(!kx_is_token_char('\0'));
}
END_TEST

START_TEST(takes_quoted_strings)
{
	static const struct
	{
		const char *name;
		const char *text;
		int err;
		const char *want;
		int left; /* bytes behind it */
	} row[] = {
			{"empty", "\"\"", KX_OK, "", 0},
			{"text", "\"a;b,c\";d", KX_OK, "a;b,c", 2},
			{"a quoted quote", "\"a\\\"b\"", KX_OK, "a\\\"b", 0},
			{"a quoted backslash before the end", "\"a\\\\\"x", KX_OK, "a\\\\",
					1},
			{"not closed", "\"abc", KX_E_SYNTAX, NULL, 4},
			{"closed by a quoted quote only", "\"abc\\\"", KX_E_SYNTAX, NULL,
					6},
			{"a backslash at the end", "\"abc\\", KX_E_SYNTAX, NULL, 5},
			{"a quote alone", "\"", KX_E_SYNTAX, NULL, 1},
			{"no quote", "abc", KX_E_SYNTAX, NULL, 3},
			{"nothing", "", KX_E_SYNTAX, NULL, 0},
	};
	struct kx_cursor c;
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str text = unit_str(row[i].text), out = {0, 0};

		kx_cur_init(&c, &text);
		ck_row(kx_cur_quoted(&c, &out) == row[i].err, row[i].name);
		ck_row(c.end - c.p == row[i].left, row[i].name);
		if(row[i].err == KX_OK)
			ck_row_str(out, row[i].want, row[i].name);
	}
}
END_TEST

START_TEST(takes_text_up_to_a_stop)
{
	static const struct
	{
		const char *name;
		const char *text;
		const char *want;
		char next;
	} row[] = {
			{"trimmed", "  a b  ;c", "a b", ';'},
			{"to the end", " a ", "a", '\0'},
			{"not inside of quotes", "\"x;y\",z", "\"x;y\"", ','},
			{"a quote that never closes", "\"x;y,z", "\"x;y,z", '\0'},
			{"a quoted quote", "\"x\\\";y\";z", "\"x\\\";y\"", ';'},
			{"a quote in the middle", "a\";\"b;c", "a\";\"b", ';'},
			{"nothing before the stop", ",a", "", ','},
			{"nothing", "", "", '\0'},
	};
	struct kx_cursor c;
	str nul = unit_bytes("a\0;b", 4), out = {0, 0};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str text = unit_str(row[i].text);

		kx_cur_init(&c, &text);
		kx_cur_until(&c, ";,", &out);
		ck_row_str(out, row[i].want, row[i].name);
		ck_row(kx_cur_peek(&c) == row[i].next, row[i].name);
	}
	/* a NUL is no stop */
	kx_cur_init(&c, &nul);
	kx_cur_until(&c, ";,", &out);
	ck_assert_int_eq(out.len, 2);
}
END_TEST

START_TEST(resolves_quoted_pairs)
{
	static const struct
	{
		const char *name;
		const char *raw;
		const char *want;
	} row[] = {
			{"none", "abc", "abc"},
			{"nothing", "", ""},
			{"quote and backslash", "a\\\"b\\\\c", "a\"b\\c"},
			{"any byte", "\\a\\b", "ab"},
			{"a lone backslash at the end is dropped", "ab\\", "ab"},
			{"a pair at the end", "ab\\\"", "ab\""},
	};
	char mem[16];
	struct kx_buf b;
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str raw = unit_str(row[i].raw), out = {0, 0};

		kx_buf_init(&b, mem, sizeof(mem));
		ck_row(kx_unquote(&b, &raw) == KX_OK, row[i].name);
		ck_row(kx_buf_end(&b, &out) == KX_OK, row[i].name);
		ck_row_str(out, row[i].want, row[i].name);
	}
	kx_buf_init(&b, mem, 3);
	ck_assert_int_eq(kx_unquote(&b, &KX_STR("abc\\\"")), KX_E_TOO_LONG);
}
END_TEST

Suite *suite_kx_scan(void)
{
	Suite *s = suite_create("kx_scan");
	TCase *t = tcase_create("all");

	tcase_add_test(t, passes_blanks_and_takes_bytes);
	tcase_add_test(t, takes_tokens);
	tcase_add_test(t, takes_quoted_strings);
	tcase_add_test(t, takes_text_up_to_a_stop);
	tcase_add_test(t, resolves_quoted_pairs);
	suite_add_tcase(s, t);
	return s;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Values in SQL: no byte of a value is ever read as SQL. */
#include <stdio.h>

#include "sqltext.h"
#include "unit.h"

static const enum uax_sql spoken[] = {
		UAX_SQL_MYSQL, UAX_SQL_POSTGRES, UAX_SQL_SQLITE};

static str literal(char *mem, size_t size, enum uax_sql sql, const str *text)
{
	struct kx_buf b;
	str out;

	kx_buf_init(&b, mem, size);
	ck_assert_int_eq(uax_sql_text(&b, sql, text), KX_OK);
	ck_assert_int_eq(kx_buf_end(&b, &out), KX_OK);
	return out;
}

START_TEST(a_url_tells_the_database)
{
	static const struct
	{
		const char *url;
		enum uax_sql sql;
	} row[] = {
			{"mysql://u:p@h/db", UAX_SQL_MYSQL},
			{"MySQL://h/db", UAX_SQL_MYSQL},
			{"postgres://h/db", UAX_SQL_POSTGRES},
			{"sqlite:///var/db", UAX_SQL_SQLITE},
			{"sqlite", UAX_SQL_NONE},
			{"text:///var/db", UAX_SQL_NONE},
			{"cluster://mysql", UAX_SQL_NONE},
			{"", UAX_SQL_NONE},
	};
	str url = unit_str(row[_i].url);

	ck_row(uax_sql_of(&url) == row[_i].sql, row[_i].url);
}
END_TEST

static const struct
{
	const char *sentence;
	const char *text;
	int len;
	const char *in[3]; /* as in `spoken` */
} literals[] = {
		{"nothing", "", 0, {"''", "''", "''"}},
		{"what is harmless stands as it is", "sip:a.b-c_d@[2001:db8::1]:5060",
				-1,
				{"'sip:a.b-c_d@[2001:db8::1]:5060'",
						"'sip:a.b-c_d@[2001:db8::1]:5060'",
						"'sip:a.b-c_d@[2001:db8::1]:5060'"}},
		{"so do double quotes", "a \"b\", <c>;d=!#$&()*+/?^{|}~", -1,
				{"'a \"b\", <c>;d=!#$&()*+/?^{|}~'",
						"'a \"b\", <c>;d=!#$&()*+/?^{|}~'",
						"'a \"b\", <c>;d=!#$&()*+/?^{|}~'"}},
		{"a quote", "'", 1,
				{"cast(x'27' as char)",
						"convert_from(decode('27','hex'),'UTF8')",
						"cast(x'27' as text)"}},
		{"a backslash", "a\\", 2,
				{"cast(x'615c' as char)",
						"convert_from(decode('615c','hex'),'UTF8')",
						"cast(x'615c' as text)"}},
		{"a placeholder of somebody's", "%s", 2,
				{"cast(x'2573' as char)",
						"convert_from(decode('2573','hex'),'UTF8')",
						"cast(x'2573' as text)"}},
		{"a back quote", "`", 1,
				{"cast(x'60' as char)",
						"convert_from(decode('60','hex'),'UTF8')",
						"cast(x'60' as text)"}},
		{"a line break", "\n", 1,
				{"cast(x'0a' as char)",
						"convert_from(decode('0a','hex'),'UTF8')",
						"cast(x'0a' as text)"}},
		{"UTF-8", "\xc3\xa9", 2,
				{"cast(x'c3a9' as char)",
						"convert_from(decode('c3a9','hex'),'UTF8')",
						"cast(x'c3a9' as text)"}},
		{"a NUL is no text anywhere", "a\0b", 3, {"''", "''", "''"}},
		{"nor is latin 1", "caf\xe9", 4, {"''", "''", "''"}},
};

START_TEST(a_literal_for_each)
{
	const char *text = literals[_i].text;
	str view = literals[_i].len < 0 ? unit_str(text)
									: unit_bytes(text, literals[_i].len);
	char mem[256];
	int i;

	for(i = 0; i < 3; i++)
		ck_row_str(literal(mem, sizeof(mem), spoken[i], &view),
				literals[_i].in[i], literals[_i].sentence);
}
END_TEST

/* Table 3-7 of Unicode, its edges. */
START_TEST(what_is_no_utf8_becomes_nothing)
{
	static const struct
	{
		const char *bytes;
		int is_text;
	} row[] = {
			{"\x7f", 1},
			{"\x80", 0},
			{"\xbf", 0},
			{"\xc1\xbf", 0},
			{"\xc2\x80", 1},
			{"\xc2", 0},
			{"\xc2\x7f", 0},
			{"\xc2\xc0", 0},
			{"\xdf\xbf", 1},
			{"\xe0\x9f\xbf", 0},
			{"\xe0\xa0\x80", 1},
			{"\xe0\xa0", 0},
			{"\xe0\xa0\x7f", 0},
			{"\xec\xbf\xbf", 1},
			{"\xed\x9f\xbf", 1},
			{"\xed\xa0\x80", 0},
			{"\xee\x80\x80", 1},
			{"\xef\xbf\xbf", 1},
			{"\xf0\x8f\xbf\xbf", 0},
			{"\xf0\x90\x80\x80", 1},
			{"\xf0\x90\x80", 0},
			{"\xf0\x90\x80\xc0", 0},
			{"\xf1\x80\x80\x80", 1},
			{"\xf4\x8f\xbf\xbf", 1},
			{"\xf4\x90\x80\x80", 0},
			{"\xf5\x80\x80\x80", 0},
			{"\xff", 0},
	};
	char mem[64], text[8], name[16];
	str view, got;
	int i, at;

	/* at the end, and with more behind it */
	for(i = 0; i < 2; i++) {
		at = snprintf(text, sizeof(text), "%s%s", row[_i].bytes, i ? "a" : "");
		view = unit_bytes(text, at);
		got = literal(mem, sizeof(mem), UAX_SQL_MYSQL, &view);
		snprintf(name, sizeof(name), "row %d", _i);
		ck_row((got.len > 2) == row[_i].is_text, name);
	}
}
END_TEST

/* Read a literal as a lexer of any of the three would: nothing but what the
 * two forms are made of. */
static void is_one_literal(const str *got, const str *value)
{
	const char *p = got->s, *end = got->s + got->len;
	int i, n = 0;

	if(*p == '\'') {
		ck_often(end - p == value->len + 2 || end - p == 2, "%d bytes of %d",
				got->len, value->len);
		for(p++; p < end - 1; p++)
			ck_often(*p != '\'' && *p != '\\' && *p >= ' ' && *p < 0x7f,
					"byte %d in quotes", *p);
		ck_often(*p == '\'', "no end");
		return;
	}
	p = memchr(p, '\'', got->len);
	ck_often(p != NULL, "no digits");
	for(p++; p < end && *p != '\''; p++, n++)
		ck_often((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'f'),
				"'%c' in the digits", *p);
	ck_often(n == 2 * value->len, "%d digits of %d bytes", n, value->len);
	/* the rest is ours: as of any other value */
	for(i = 0; i < 3; i++) {
		static const char *const tail[] = {
				"' as char)", "','hex'),'UTF8')", "' as text)"};

		if(end - p == (int)strlen(tail[i]) && memcmp(p, tail[i], end - p) == 0)
			return;
	}
	ck_abort_msg("ends in %.*s", (int)(end - p), p);
}

START_TEST(no_byte_of_a_value_is_sql)
{
	static const char likely[] = "'\\\"`%;- a/*0\n\xc3\xa9";
	uint64_t random = 17;
	char mem[512], text[64];
	int round, i, j;

	for(round = 0; round < 60000; round++) {
		int len = (int)(unit_random(&random) % sizeof(text));
		int is_any = unit_random(&random) % 3 == 0;

		for(i = 0; i < len; i++)
			text[i] = is_any ? (char)unit_random(&random)
							 : likely[unit_random(&random) % sizeof(likely)];
		for(j = 0; j < 3; j++) {
			str value = {text, len};
			str got = literal(mem, sizeof(mem), spoken[j], &value);

			is_one_literal(&got, &value);
		}
	}
}
END_TEST

START_TEST(what_does_not_fit_is_told)
{
	str text = unit_str("a'b");
	char mem[12];
	struct kx_buf b;

	kx_buf_init(&b, mem, sizeof(mem));
	ck_assert_int_eq(uax_sql_text(&b, UAX_SQL_MYSQL, &text), KX_E_TOO_LONG);
}
END_TEST

Suite *suite_uax_sqltext(void)
{
	Suite *s = suite_create("uax_sqltext");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, a_url_tells_the_database, 0, 8);
	tcase_add_loop_test(t, a_literal_for_each, 0, UNIT_ROWS(literals));
	tcase_add_loop_test(t, what_is_no_utf8_becomes_nothing, 0, 27);
	tcase_add_test(t, no_byte_of_a_value_is_sql);
	tcase_add_test(t, what_does_not_fit_is_told);
	suite_add_tcase(s, t);
	return s;
}

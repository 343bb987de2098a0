/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

START_TEST(reads_numbers)
{
	static const struct
	{
		const char *name;
		const char *text;
		int err;
		uint64_t want;
	} row[] = {
			{"a digit", "7", KX_OK, 7},
			{"leading zeros are digits", "00060", KX_OK, 60},
			{"the largest RFC 3261 lifetime", "4294967295", KX_OK, 4294967295u},
			{"beyond 64 bits is the largest there is",
					"99999999999999999999999", KX_OK, UINT64_MAX},
			{"nothing is no number", "", KX_E_SYNTAX, 0},
			{"a sign is no digit", "-1", KX_E_SYNTAX, 0},
			{"a blank is no digit", " 1", KX_E_SYNTAX, 0},
	};
	uint64_t n = 0;
	str text = unit_str(row[_i].text);

	ck_assert_msg(kx_str_to_u64(&text, &n) == row[_i].err, "%s", row[_i].name);
	ck_assert_msg(n == row[_i].want, "%s", row[_i].name);
}
END_TEST

START_TEST(trims_blanks_and_line_ends)
{
	str v = unit_str(" \t\r\n a b \r\n");

	kx_str_trim(&v);
	ck_str_is(v, "a b");
	v = unit_str("   ");
	kx_str_trim(&v);
	ck_assert_int_eq(v.len, 0);
}
END_TEST

START_TEST(compares_with_and_without_case)
{
	str a = unit_str("Alice"), b = unit_str("aLICE"), c = unit_str("alic");

	ck_assert(kx_str_ieq(&a, &b));
	ck_assert(!kx_str_eq(&a, &b));
	ck_assert(!kx_str_ieq(&a, &c));
	ck_assert(kx_str_is(&a, "ALICE"));
	ck_assert(kx_str_has_prefix(&a, "ali"));
	ck_assert(!kx_str_has_prefix(&c, "alice"));
}
END_TEST

START_TEST(hash_depends_on_bytes_and_seed)
{
	str a = unit_str("1000001"), b = unit_str("1000002");

	ck_assert_uint_eq(kx_str_hash(&a, 1), kx_str_hash(&a, 1));
	ck_assert_uint_ne(kx_str_hash(&a, 1), kx_str_hash(&a, 2));
	ck_assert_uint_ne(kx_str_hash(&a, 1) & 0xff, kx_str_hash(&b, 1) & 0xff);
}
END_TEST

START_TEST(numbers_at_the_end_of_64_bits)
{
	static const struct
	{
		const char *text;
		uint64_t want;
	} row[] = {
			{"18446744073709551614", UINT64_MAX - 1},
			{"18446744073709551615", UINT64_MAX},
			{"18446744073709551616", UINT64_MAX},
			{"18446744073709551619", UINT64_MAX},
			{"99999999999999999999", UINT64_MAX},
			{"0000000000000000000000000000009", 9},
	};
	str none = {NULL, 0};
	uint64_t n = 7;
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str text = unit_str(row[i].text);

		ck_row(kx_str_to_u64(&text, &n) == KX_OK, row[i].text);
		ck_row(n == row[i].want, row[i].text);
	}
	n = 7;
	ck_assert_int_eq(kx_str_to_u64(&none, &n), KX_E_SYNTAX);
	ck_assert_int_eq(
			kx_str_to_u64(&KX_STR("18446744073709551616x"), &n), KX_E_SYNTAX);
	ck_assert_uint_eq(n, 7);
}
END_TEST

START_TEST(hexadecimal_digits)
{
	int c;

	for(c = -128; c < 256; c++) {
		const char *digits = "0123456789abcdefABCDEF", *at;
		int want;

		at = c > 0 && c < 128 ? strchr(digits, c) : NULL;
		want = at == NULL ? -1 : (int)(at - digits);
		ck_assert_int_eq(kx_hex_value((char)c), want > 15 ? want - 6 : want);
	}
}
END_TEST

START_TEST(short_hexadecimal_numbers)
{
	static const struct
	{
		const char *text;
		int err;
		uint32_t want;
	} row[] = {
			{"0", KX_OK, 0},
			{"aB", KX_OK, 0xab},
			{"00000001", KX_OK, 1},
			{"ffffffff", KX_OK, 0xffffffff},
			{"", KX_E_SYNTAX, 7},
			{"000000001", KX_E_SYNTAX, 7},
			{"1g", KX_E_SYNTAX, 7},
			{"0x1", KX_E_SYNTAX, 7},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str text = unit_str(row[i].text);
		uint32_t n = 7;

		ck_row(kx_str_to_hex32(&text, &n) == row[i].err, row[i].text);
		ck_row(n == row[i].want, row[i].text);
	}
}
END_TEST

START_TEST(hex_numbers_of_64_bits)
{
	static const struct
	{
		const char *text;
		int err;
		uint64_t want;
	} row[] = {
			{"0", KX_OK, 0},
			{"fedcba9876543210", KX_OK, 0xfedcba9876543210u},
			{"FFFFffffFFFFffff", KX_OK, UINT64_MAX},
			{"100000000", KX_OK, 0x100000000},
			{"", KX_E_SYNTAX, 7},
			{"00000000000000001", KX_E_SYNTAX, 7},
			{"1 ", KX_E_SYNTAX, 7},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str text = unit_str(row[i].text);
		uint64_t n = 7;

		ck_row(kx_str_to_hex64(&text, &n) == row[i].err, row[i].text);
		ck_row(n == row[i].want, row[i].text);
	}
}
END_TEST

START_TEST(empty_views)
{
	str none = {NULL, 0}, negative = {"abc", -1}, nothing = unit_str("");
	str text = unit_str("a"), no_bytes = {NULL, 5};

	ck_assert(kx_str_is_empty(NULL));
	ck_assert(kx_str_is_empty(&none));
	ck_assert(kx_str_is_empty(&no_bytes));
	ck_assert(kx_str_is_empty(&negative));
	ck_assert(kx_str_is_empty(&nothing));
	ck_assert(!kx_str_is_empty(&text));
	ck_assert(kx_str_eq(&none, &nothing));
	ck_assert(kx_str_ieq(&none, &nothing));
	ck_assert(!kx_str_eq(&none, &text));
	ck_assert(!kx_str_ieq(&none, &text));
	ck_assert_ptr_null(kx_str_chr(&none, 'a'));
	ck_assert_ptr_null(kx_str_chr(&text, 'b'));
	ck_assert_ptr_eq(kx_str_chr(&text, 'a'), text.s);
	ck_assert(!kx_str_is(&text, "ab"));
	ck_assert(!kx_str_is(&text, "b"));
	ck_assert(!kx_str_has_prefix(&text, "b"));
	ck_assert_uint_eq(kx_str_hash(&none, 1), kx_str_hash(&nothing, 1));
	kx_str_trim(&none);
	ck_assert_int_eq(none.len, 0);
}
END_TEST

START_TEST(lower_case_is_ascii_only)
{
	int c;

	for(c = -128; c < 128; c++) {
		char want = c >= 'A' && c <= 'Z' ? (char)(c + 32) : (char)c;

		ck_assert_int_eq(kx_lower((char)c), want);
	}
}
END_TEST

/* Keys that differ in their last digit, as extensions do, use most of a
 * table. */
START_TEST(hash_spreads_neighbours)
{
	static unsigned char slot[1024];
	char text[16];
	int i, k, used = 0;

	for(i = 0; i < 1024; i++) {
		int n = 1000000 + i;
		str s;

		for(k = 6; k >= 0; k--, n /= 10)
			text[k] = (char)('0' + n % 10);
		s = unit_bytes(text, 7);
		slot[kx_str_hash(&s, 0) & 1023]++;
	}
	for(i = 0; i < 1024; i++) {
		used += slot[i] > 0;
		ck_assert_int_le(slot[i], 10);
	}
	/* by chance 647 of 1024 */
	ck_assert_int_gt(used, 600);
}
END_TEST

START_TEST(finds_a_text_anywhere)
{
	static const struct
	{
		const char *s, *part;
		int want;
	} rows[] = {{"trunk-01", "trunk", 1}, {"trunk-01", "-01", 1},
			{"trunk-01", "k-0", 1}, {"trunk-01", "TRUNK-01", 1},
			{"trunk-01", "trunk-012", 0}, {"trunk-01", "1-0", 0},
			{"aab", "ab", 1}, {"a", "", 1}, {"", "", 1}, {"", "a", 0}};
	size_t i;

	for(i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		str s = unit_bytes(rows[i].s, strlen(rows[i].s));
		str part = unit_bytes(rows[i].part, strlen(rows[i].part));

		ck_assert_msg(kx_str_has(&s, &part) == rows[i].want, "%s in %s",
				rows[i].part, rows[i].s);
	}
}
END_TEST

START_TEST(utf8)
{
	static const struct
	{
		const char *text;
		int len;
		int is_utf8;
	} row[] = {
			{"", 0, 1},
			{"plain", 5, 1},
			{"\x7f", 1, 1},
			{"a\0b", 3, 0},
			{"\xc2\x80", 2, 1},
			{"\xdf\xbf", 2, 1},
			{"\xc1\xbf", 2, 0}, /* longer than need be */
			{"\xc3", 1, 0},
			{"\xc3(", 2, 0},
			{"\x80", 1, 0},
			{"\xe0\xa0\x80", 3, 1},
			{"\xe0\x9f\xbf", 3, 0},
			{"\xed\x9f\xbf", 3, 1},
			{"\xed\xa0\x80", 3, 0}, /* half of a surrogate pair */
			{"\xef\xbf\xbf", 3, 1},
			{"\xe2\x82", 2, 0},
			{"\xf0\x90\x80\x80", 4, 1},
			{"\xf0\x8f\xbf\xbf", 4, 0},
			{"\xf4\x8f\xbf\xbf", 4, 1},
			{"\xf4\x90\x80\x80", 4, 0},
			{"\xf5\x80\x80\x80", 4, 0},
			{"\xff", 1, 0},
			{"x\xc3\xa9y", 4, 1},
			{"x\xe9y", 3, 0},
	};
	str text = unit_bytes(row[_i].text, row[_i].len);

	ck_assert_msg(kx_str_is_utf8(&text) == row[_i].is_utf8, "row %d", _i);
}
END_TEST

Suite *suite_kx_str(void)
{
	Suite *s = suite_create("kx_str");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, reads_numbers, 0, 7);
	tcase_add_test(t, trims_blanks_and_line_ends);
	tcase_add_test(t, compares_with_and_without_case);
	tcase_add_test(t, hash_depends_on_bytes_and_seed);
	tcase_add_test(t, numbers_at_the_end_of_64_bits);
	tcase_add_test(t, hexadecimal_digits);
	tcase_add_test(t, short_hexadecimal_numbers);
	tcase_add_test(t, hex_numbers_of_64_bits);
	tcase_add_test(t, empty_views);
	tcase_add_test(t, lower_case_is_ascii_only);
	tcase_add_test(t, hash_spreads_neighbours);
	tcase_add_test(t, finds_a_text_anywhere);
	tcase_add_loop_test(t, utf8, 0, 24);
	suite_add_tcase(s, t);
	return s;
}

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

Suite *suite_kx_str(void)
{
	Suite *s = suite_create("kx_str");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, reads_numbers, 0, 7);
	tcase_add_test(t, trims_blanks_and_line_ends);
	tcase_add_test(t, compares_with_and_without_case);
	tcase_add_test(t, hash_depends_on_bytes_and_seed);
	suite_add_tcase(s, t);
	return s;
}

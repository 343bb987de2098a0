/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "aor.h"
#include "unit.h"

START_TEST(r3261_4_writes_the_canonical_aor)
{
	static const struct
	{
		const char *name;
		int use_domain, case_sensitive;
		const char *prefix, *user, *domain;
		enum rgr_verdict verdict;
		const char *want;
	} row[] = {
			{"the user alone", 0, 0, "", "alice", "example.com", RGR_V_FINE,
					"alice"},
			{"user and domain", 1, 0, "", "alice", "example.com", RGR_V_FINE,
					"alice@example.com"},
			{"lower case", 1, 0, "", "Alice", "Example.COM", RGR_V_FINE,
					"alice@example.com"},
			{"the case of the user kept, not that of the domain", 1, 1, "",
					"Alice", "Example.COM", RGR_V_FINE, "Alice@example.com"},
			{"escapes resolved", 1, 0, "", "%41l%69ce%2b", "h", RGR_V_FINE,
					"alice+@h"},
			{"high bytes stay", 0, 0, "", "%C3%84", "h", RGR_V_FINE,
					"\xc3\x84"},
			{"a broken escape", 0, 0, "", "al%6", "h", RGR_V_UNESCAPE, ""},
			{"an escaped NUL", 0, 0, "", "alice%00", "h", RGR_V_UNESCAPE, ""},
			{"an escaped line end", 0, 0, "", "alice%0A", "h", RGR_V_UNESCAPE,
					""},
			{"no user: the domain", 1, 0, "", "", "Example.com", RGR_V_FINE,
					"example.com"},
			{"no user and no domains: nobody's", 0, 0, "", "", "example.com",
					RGR_V_AOR_NO_USER, ""},
			{"a tel URI has no domain", 1, 0, "", "+1", "", RGR_V_FINE, "+1@"},
			{"the realm prefix is taken off", 1, 0, "sip.", "a",
					"SIP.example.com", RGR_V_FINE, "a@example.com"},
			{"in the front only", 1, 0, "sip.", "a", "x.sip.h", RGR_V_FINE,
					"a@x.sip.h"},
			{"not when nothing would be left", 1, 0, "sip.", "a", "sip.",
					RGR_V_FINE, "a@sip."},
			{"not without domains", 0, 0, "al", "alice", "alice.com",
					RGR_V_FINE, "alice"},
			{"the longest", 1, 0, "", "1234567890", "123456", RGR_V_FINE,
					"1234567890@123456"},
			{"one more", 1, 0, "", "12345678901", "123456", RGR_V_AOR_TOO_LONG,
					""},
			{"what is not written does not count", 0, 0, "", "12345678901",
					"123456", RGR_V_FINE, "12345678901"},
			{"escapes count as what they stand for", 0, 0, "",
					"%61%61%61%61%61%61%61", "h", RGR_V_FINE, "aaaaaaa"},
			{"longer than the memory", 0, 0, "",
					"123456789012345678901234567890123", "h",
					RGR_V_AOR_TOO_LONG, ""},
	};
	char mem[32];
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		struct rgr_aor_policy pol = {row[i].use_domain, row[i].case_sensitive,
				unit_str(row[i].prefix), 17};
		str user = unit_str(row[i].user), domain = unit_str(row[i].domain);
		str out = {0, 0};
		struct kx_buf b;

		kx_buf_init(&b, mem, sizeof(mem));
		ck_row(rgr_aor_write(&pol, &user, &domain, &b) == row[i].verdict,
				row[i].name);
		if(row[i].verdict != RGR_V_FINE)
			continue;
		ck_row(kx_buf_end(&b, &out) == KX_OK, row[i].name);
		ck_row_str(out, row[i].want, row[i].name);
	}
}
END_TEST

START_TEST(appends_and_leaves_what_was_there)
{
	struct rgr_aor_policy pol = {1, 0, KX_STR(""), 3};
	str user = unit_str("A"), domain = unit_str("H"), out = {0, 0};
	char mem[32];
	struct kx_buf b;

	kx_buf_init(&b, mem, sizeof(mem));
	kx_buf_lit(&b, "Key ");
	ck_assert_int_eq(rgr_aor_write(&pol, &user, &domain, &b), RGR_V_FINE);
	ck_assert_int_eq(kx_buf_end(&b, &out), KX_OK);
	ck_str_is(out, "Key a@h");
}
END_TEST

static int write_long(void *param)
{
	struct rgr_aor_policy pol = {1, 0, KX_STR(""), 500};
	str user = unit_str("alice"), domain, out = {0, 0};
	char text[200];
	struct kx_buf b;
	enum rgr_verdict v;

	memset(text, 'h', sizeof(text));
	domain = unit_bytes(text, sizeof(text));
	kx_buf_init_grow(&b, NULL, 0, &unit_alloc, 500);
	v = rgr_aor_write(&pol, &user, &domain, &b);
	if(v == RGR_V_FINE) {
		ck_assert_int_eq(kx_buf_end(&b, &out), KX_OK);
		ck_assert_int_eq(out.len, 206);
	} else {
		ck_assert_int_eq(v, RGR_V_INTERNAL);
	}
	kx_buf_release(&b);
	return v == RGR_V_FINE;
}

START_TEST(no_memory_is_an_internal_error)
{
	unit_ladder(write_long, NULL);
}
END_TEST

Suite *suite_aor(void)
{
	Suite *s = suite_create("aor");
	TCase *t = tcase_create("all");

	tcase_add_test(t, r3261_4_writes_the_canonical_aor);
	tcase_add_test(t, appends_and_leaves_what_was_there);
	tcase_add_test(t, no_memory_is_an_internal_error);
	suite_add_tcase(s, t);
	return s;
}

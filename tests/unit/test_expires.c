/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expires.h"
#include "unit.h"

#define NONE RGR_UNSET
#define MAX32 4294967295u

START_TEST(r3261_10_11_reads_the_value)
{
	static const struct
	{
		const char *name;
		const char *text;
		uint64_t want;
	} row[] = {
			{"a number", "3600", 3600},
			{"zero", "0", 0},
			{"the largest legal one", "4294967295", MAX32},
			{"one more is capped", "4294967296", MAX32},
			{"far more is capped", "99999999999999999999999999", MAX32},
			{"2^31 is no negative number", "2147483648", 2147483648u},
			{"missing", "", NONE},
			{"a sign", "-1", NONE},
			{"a date (RFC 2543)", "Thu, 01 Dec 2044 16:00:00 GMT", NONE},
			{"text behind it", "60;x", NONE},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str text = unit_str(row[i].text);

		ck_row(rgr_expires_read(&text) == row[i].want, row[i].name);
	}
}
END_TEST

START_TEST(decides_a_lifetime)
{
	static const struct
	{
		const char *name;
		struct rgr_lifetime_policy pol;
		uint64_t contact, header;
		enum rgr_verdict verdict;
		uint32_t want;
	} row[] = {
			/* default, its range, range, min, max, refuse, override */
			{"R3261-9: the contact wins over the header",
					{3600, 0, 0, 60, 0, 0, NONE}, 100, 200, RGR_V_FINE, 100},
			{"R3261-9: the header wins over the default",
					{3600, 0, 0, 60, 0, 0, NONE}, NONE, 200, RGR_V_FINE, 200},
			{"R3261-9: the default", {3600, 0, 0, 60, 0, 0, NONE}, NONE, NONE,
					RGR_V_FINE, 3600},
			{"zero is a removal, never raised", {3600, 0, 0, 60, 0, 1, NONE}, 0,
					200, RGR_V_FINE, 0},
			{"zero in the header", {3600, 0, 0, 60, 0, 0, NONE}, NONE, 0,
					RGR_V_FINE, 0},
			{"a contact that stays in a request that removes",
					{3600, 0, 0, 60, 0, 0, NONE}, 100, 0, RGR_V_FINE, 100},
			{"raised to min", {3600, 0, 0, 60, 0, 0, NONE}, 59, NONE,
					RGR_V_FINE, 60},
			{"R3261-12: cut to max", {3600, 0, 0, 60, 300, 0, NONE}, 301, NONE,
					RGR_V_FINE, 300},
			{"min above max: max wins", {3600, 0, 0, 600, 300, 0, NONE}, 10,
					NONE, RGR_V_FINE, 300},
			{"R3261-13: brief and refused", {3600, 0, 0, 60, 0, 1, NONE}, 59,
					NONE, RGR_V_TOO_BRIEF, 0},
			{"R3261-13: exactly min", {3600, 0, 0, 60, 0, 1, NONE}, 60, NONE,
					RGR_V_FINE, 60},
			{"W-R4c: an hour is never refused, but raised",
					{3600, 0, 0, 7200, 0, 1, NONE}, 3600, NONE, RGR_V_FINE,
					7200},
			{"W-R4c: a second less is", {3600, 0, 0, 7200, 0, 1, NONE}, 3599,
					NONE, RGR_V_TOO_BRIEF, 0},
			{"a brief default is raised, not refused",
					{30, 0, 0, 60, 0, 1, NONE}, NONE, NONE, RGR_V_FINE, 60},
			{"a brief override is raised, not refused",
					{3600, 0, 0, 60, 0, 1, 30}, 1800, NONE, RGR_V_FINE, 60},
			{"an override wins over both", {3600, 0, 0, 60, 0, 0, 500}, 100,
					200, RGR_V_FINE, 500},
			{"an override helps a brief one", {3600, 0, 0, 60, 0, 1, 500}, 10,
					NONE, RGR_V_FINE, 500},
			{"an override wins over the default", {3600, 0, 0, 60, 0, 0, 500},
					NONE, NONE, RGR_V_FINE, 500},
			{"W-R4b: a removal is not overridden", {3600, 0, 0, 60, 0, 0, 500},
					0, NONE, RGR_V_FINE, 0},
			{"an override of zero is none", {3600, 0, 0, 60, 0, 0, 0}, 100,
					NONE, RGR_V_FINE, 100},
			{"W-R4: the largest legal value", {3600, 0, 0, 60, 0, 0, NONE},
					MAX32, NONE, RGR_V_FINE, RGR_LIFETIME_MAX},
			{"W-R4: the same in the header", {3600, 0, 0, 60, 0, 0, NONE}, NONE,
					MAX32, RGR_V_FINE, RGR_LIFETIME_MAX},
			{"W-R4: the same, refused when brief", {3600, 0, 0, 60, 0, 1, NONE},
					MAX32, NONE, RGR_V_FINE, RGR_LIFETIME_MAX},
			{"W-R4: the same with a maximum", {3600, 0, 0, 60, 900, 0, NONE},
					MAX32, NONE, RGR_V_FINE, 900},
			{"an override beyond all limits",
					{3600, 0, 0, 60, 0, 0, UINT64_MAX - 1}, 5, NONE, RGR_V_FINE,
					RGR_LIFETIME_MAX},
			{"no limits", {3600, 0, 0, 0, 0, 1, NONE}, 1, NONE, RGR_V_FINE, 1},
			{"a default of nothing is no removal", {0, 0, 0, 0, 0, 0, NONE},
					NONE, NONE, RGR_V_FINE, 1},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		uint32_t out = 4711;

		ck_row(rgr_expires_grant(
					   &row[i].pol, row[i].contact, row[i].header, 1, 0, &out)
						== row[i].verdict,
				row[i].name);
		ck_row(out == (row[i].verdict == RGR_V_FINE ? row[i].want : 4711),
				row[i].name);
	}
}
END_TEST

START_TEST(ranges_shorten)
{
	static const struct
	{
		const char *name;
		struct rgr_lifetime_policy pol;
		uint64_t contact;
		int allow;
		uint32_t rnd, want;
	} row[] = {
			{"the lower end", {3600, 0, 10, 60, 0, 0, NONE}, 1000, 1, 0, 900},
			{"the upper end", {3600, 0, 10, 60, 0, 0, NONE}, 1000, 1, MAX32,
					1000},
			{"not with save flag 0x08", {3600, 0, 10, 60, 0, 0, NONE}, 1000, 0,
					0, 1000},
			{"the default has a range of its own",
					{3600, 50, 10, 60, 0, 0, NONE}, NONE, 1, 0, 1800},
			{"an override has the client's", {3600, 50, 10, 60, 0, 0, 1000},
					NONE, 1, 0, 900},
			{"never below min", {3600, 0, 100, 60, 0, 0, NONE}, 1000, 1, 0, 60},
			{"all of it is still no removal", {3600, 0, 100, 0, 0, 0, NONE},
					1000, 1, 0, 1},
			{"more than all of it", {3600, 0, 250, 0, 0, 0, NONE}, 1000, 1, 0,
					1},
			{"max is applied behind it", {3600, 0, 10, 60, 500, 0, NONE}, 1000,
					1, MAX32, 500},
			{"judged before it is shortened", {3600, 0, 50, 60, 0, 1, NONE}, 60,
					1, 0, 60},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		uint32_t out = 0;

		ck_row(rgr_expires_grant(&row[i].pol, row[i].contact, NONE,
					   row[i].allow, row[i].rnd, &out)
						== RGR_V_FINE,
				row[i].name);
		ck_row(out == row[i].want, row[i].name);
	}
}
END_TEST

/* A value of any size: small ones and those around powers of two alike. */
static uint32_t any_seconds(uint64_t *seed)
{
	uint32_t n = unit_random(seed) >> unit_random(seed) % 32;

	switch(unit_random(seed) % 8) {
		case 0:
			return 0;
		case 1:
			return UINT32_MAX - n % 3;
		case 2:
			return (uint32_t)INT32_MAX - 1 + n % 3;
		default:
			return n;
	}
}

/* Bug class "expiry arithmetic". */
START_TEST(no_lifetime_leaves_its_limits)
{
	uint64_t seed = 20260819;
	int i;

	for(i = 0; i < 200000; i++) {
		struct rgr_lifetime_policy pol = {
				.default_s = any_seconds(&seed),
				.default_range_pct = unit_random(&seed) % 101,
				.range_pct = unit_random(&seed) % 101,
				.min_s = any_seconds(&seed) % (RGR_LIFETIME_MAX + 1u),
				.max_s = any_seconds(&seed) % (RGR_LIFETIME_MAX + 1u),
				.refuse_brief = unit_random(&seed) % 2,
				.override_s =
						unit_random(&seed) % 4 ? NONE : any_seconds(&seed),
		};
		uint64_t contact = unit_random(&seed) % 4 ? any_seconds(&seed) : NONE;
		uint64_t header = unit_random(&seed) % 2 ? any_seconds(&seed) : NONE;
		uint64_t asked = contact != NONE ? contact : header;
		uint64_t base = asked;
		uint32_t out = 0;
		enum rgr_verdict v = rgr_expires_grant(&pol, contact, header,
				unit_random(&seed) % 2, unit_random(&seed), &out);

		if(pol.override_s != NONE && pol.override_s > 0)
			base = pol.override_s;
		else if(base == NONE)
			base = pol.default_s;
		if(v == RGR_V_TOO_BRIEF) {
			ck_assert(pol.refuse_brief && asked > 0 && asked < pol.min_s
					  && asked < 3600);
			continue;
		}
		ck_assert_int_eq(v, RGR_V_FINE);
		ck_assert((out == 0) == (asked == 0));
		if(out == 0)
			continue;
		ck_assert_uint_le(out, RGR_LIFETIME_MAX);
		if(pol.max_s > 0)
			ck_assert_uint_le(out, pol.max_s);
		if(pol.max_s == 0 || pol.max_s >= pol.min_s)
			ck_assert_uint_ge(out, pol.min_s);
		if(base >= pol.min_s && base > 0)
			ck_assert_uint_le(out, base);
	}
}
END_TEST

Suite *suite_expires(void)
{
	Suite *s = suite_create("expires");
	TCase *t = tcase_create("all");

	tcase_add_test(t, r3261_10_11_reads_the_value);
	tcase_add_test(t, decides_a_lifetime);
	tcase_add_test(t, ranges_shorten);
	tcase_add_test(t, no_lifetime_leaves_its_limits);
	suite_add_tcase(s, t);
	return s;
}

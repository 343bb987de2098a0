/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Contacts of an answer: every one is read, ours is found among them. */
#include <stdlib.h>
#include <time.h>

#include "contact.h"
#include "kx_uri.h"
#include "unit.h"

/* All contacts of a body as one line: URI|params, each ended by a blank. */
static void list_all(const str *body, struct kx_buf *b)
{
	struct uax_contact contact;
	struct kx_cursor c;

	kx_cur_init(&c, body);
	while(uax_contact_next(&c, &contact) == KX_OK) {
		kx_buf_str(b, &contact.uri);
		kx_buf_char(b, '|');
		kx_buf_str(b, &contact.params);
		kx_buf_add(b, "STAR", contact.is_star ? 4 : 0);
		kx_buf_char(b, ' ');
	}
	ck_assert(kx_cur_at_end(&c));
}

static const struct
{
	const char *name;
	const char *body;
	const char *want;
} bodies[] = {
		{"nothing", "", ""},
		{"blanks", " \t\r\n ", ""},
		{"commas", ",, ,", ""},
		{"addr-spec", "sip:a@h", "sip:a@h| "},
		{"what follows an addr-spec belongs to the header", "sip:a@h;expires=5",
				"sip:a@h|;expires=5 "},
		{"name-addr", "<sip:a@h;x=1>;expires=5", "sip:a@h;x=1|;expires=5 "},
		{"blanks and folds are trimmed",
				" Bob \r\n < sip:a@h > \t;q=1 , sip:b@h ",
				"sip:a@h|;q=1 sip:b@h| "},
		{"several", "<sip:a@h>,<sip:b@h>;q=1,sip:c@h",
				"sip:a@h| sip:b@h|;q=1 sip:c@h| "},
		{"empty items between them", ",<sip:a@h>,,<sip:b@h>,",
				"sip:a@h| sip:b@h| "},
		{"a comma and brackets in a quoted display name",
				"\"Doe, <John>\" <sip:a@h>;q=1,<sip:b@h>",
				"sip:a@h|;q=1 sip:b@h| "},
		{"a quote in a quoted display name", "\"a\\\", <x> \\\\\" <sip:a@h>",
				"sip:a@h| "},
		{"a comma in the URI", "<sip:a,b@h>,<sip:c@h>", "sip:a,b@h| sip:c@h| "},
		{"a comma in a quoted parameter", "<sip:a@h>;x=\"1,2\",<sip:b@h>",
				"sip:a@h|;x=\"1,2\" sip:b@h| "},
		{"star", "*", "*|STAR "},
		{"star among others", "<sip:a@h>, * ;expires=0",
				"sip:a@h| *|;expires=0STAR "},
		{"a star in brackets is a broken URI", "<*>", "*| "},
		{"what has no URI is passed over", "<>;x, ;y, <sip:a@h>", "sip:a@h| "},
		{"a bracket that never closes hides nothing", "<sip:broken, <sip:a@h>",
				"sip:a@h| "},
		{"nor does one at the end", "<sip:a@h>, <sip:broken", "sip:a@h| "},
		{"nor one with an addr-spec behind it", "<sip:broken,sip:a@h",
				"sip:a@h| "},
		{"a bracket in a bracket breaks that contact only",
				"<sip:x<sip:y@h>;q=1,<sip:a@h>", "sip:a@h| "},
		{"a quote that never closes hides nothing",
				"\"Bob <sip:b@h>, <sip:a@h>;expires=5",
				"sip:b@h| sip:a@h|;expires=5 "},
		{"nor does one in a parameter", "<sip:b@h>;x=\"1, <sip:a@h>",
				"sip:b@h|;x=\"1 sip:a@h| "},
		{"a backslash outside of quotes is a byte", "sip:a\\, <sip:b@h>",
				"sip:a\\| sip:b@h| "},
		{"a last backslash", "<sip:a@h>;x=\\", "sip:a@h|;x=\\ "},
};

START_TEST(reads_every_contact_and_passes_what_is_none)
{
	char mem[512];
	struct kx_buf b;
	str body = unit_str(bodies[_i].body), got = {0, 0};

	kx_buf_init(&b, mem, sizeof(mem));
	list_all(&body, &b);
	ck_assert_int_eq(kx_buf_end(&b, &got), KX_OK);
	ck_row_str(got, bodies[_i].want, bodies[_i].name);
}
END_TEST

START_TEST(passes_a_nul_byte)
{
	str body = unit_bytes("sip:a\0b@h,<sip:c\0@h>", 21);
	struct uax_contact contact;
	struct kx_cursor c;

	kx_cur_init(&c, &body);
	ck_assert_int_eq(uax_contact_next(&c, &contact), KX_OK);
	ck_assert_int_eq(contact.uri.len, 9);
	ck_assert_int_eq(uax_contact_next(&c, &contact), KX_OK);
	ck_assert_int_eq(contact.uri.len, 8);
	ck_assert_int_eq(uax_contact_next(&c, &contact), KX_E_END);
}
END_TEST

#define OURS "sip:me@h:5070"

static const struct
{
	const char *name;
	const char *own;
	const char *body;
	enum uax_match match;
	uint64_t expires;
	int others;
} finds[] = {
		/* RFC 3261 19.1.4, U3261-5 */
		{"the same text", OURS, "<sip:me@h:5070>;expires=60", UAX_MATCH_URI, 60,
				0},
		{"scheme and host in any case", OURS, "<SIP:me@H:5070>;expires=60",
				UAX_MATCH_URI, 60, 0},
		{"an escape is its byte", OURS, "<sip:%6de@h:5070>;expires=60",
				UAX_MATCH_URI, 60, 0},
		{"the user in another case is another", OURS,
				"<sip:ME@h:5070>;expires=60", UAX_MATCH_NONE, UAX_UNSET, 1},
		{"parameters that both have must agree", "sip:me@h;a=1",
				"<sip:me@h;a=2>;expires=60", UAX_MATCH_USER, 60, 0},
		{"one that only they have does not matter", "sip:me@h",
				"<sip:me@h;b=2>;expires=60", UAX_MATCH_URI, 60, 0},
		{"transport does", "sip:me@h", "<sip:me@h;transport=tcp>;expires=60",
				UAX_MATCH_USER, 60, 0},
		{"a default port is not the same as none", "sip:me@h",
				"<sip:me@h:5060>;expires=60", UAX_MATCH_USER, 60, 0},
		{"our user with another address", OURS, "<sip:me@10.0.0.1>;expires=60",
				UAX_MATCH_USER, 60, 0},
		{"an escape in our user", OURS, "<sip:m%65@x>;expires=60",
				UAX_MATCH_USER, 60, 0},
		{"sips is not sip, but the user is ours", OURS,
				"<sips:me@h:5070>;expires=60", UAX_MATCH_USER, 60, 0},
		{"a user that begins like ours", OURS, "<sip:me2@h:5070>;expires=60",
				UAX_MATCH_NONE, UAX_UNSET, 1},
		{"a contact without a user is matched by URI only", "sip:h:5070",
				"<sip:h:5070>;expires=60, <sip:x>;expires=9", UAX_MATCH_URI, 60,
				1},
		/* W-U11: a foreign contact that is broken is only passed over */
		{"W-U11: broken ones before ours", OURS,
				"junk, <sip:>, \"x <sip:@@@>, <sip:y, "
				"<sip:me@h:5070>;expires=60",
				UAX_MATCH_URI, 60, 3},
		{"others before and behind", OURS,
				"<sip:a@h>;expires=1,<sip:me@h:5070>;expires=60,<sip:b@h>",
				UAX_MATCH_URI, 60, 2},
		{"the surest counts, behind", OURS,
				"<sip:me@x>;expires=99,<sip:me@h:5070>;expires=60",
				UAX_MATCH_URI, 60, 0},
		{"the surest counts, in front", OURS,
				"<sip:me@h:5070>;expires=60,<sip:me@x>;expires=99",
				UAX_MATCH_URI, 60, 0},
		{"of equally sure ones the longest, behind", OURS,
				"<sip:me@x>;expires=60,<sip:me@y>;expires=99", UAX_MATCH_USER,
				99, 0},
		{"of equally sure ones the longest, in front", OURS,
				"<sip:me@x>;expires=99,<sip:me@y>;expires=60", UAX_MATCH_USER,
				99, 0},
		{"none named is longer than none left, behind", OURS,
				"<sip:me@x>;expires=0,<sip:me@y>", UAX_MATCH_USER, UAX_UNSET,
				0},
		{"none named is longer than none left, in front", OURS,
				"<sip:me@y>,<sip:me@x>;expires=0", UAX_MATCH_USER, UAX_UNSET,
				0},
		{"a named one is longer than none named, behind", OURS,
				"<sip:me@x>,<sip:me@y>;expires=1", UAX_MATCH_USER, 1, 0},
		{"a named one is longer than none named, in front", OURS,
				"<sip:me@x>;expires=1,<sip:me@y>", UAX_MATCH_USER, 1, 0},
		{"none named", OURS, "<sip:me@h:5070>;q=1", UAX_MATCH_URI, UAX_UNSET,
				0},
		{"0", OURS, "<sip:me@h:5070>;expires=0", UAX_MATCH_URI, 0, 0},
		{"quoted, upper case, with blanks", OURS,
				"<sip:me@h:5070> ; EXPIRES = \"60\"", UAX_MATCH_URI, 60, 0},
		{"a lifetime that is no number is none", OURS,
				"<sip:me@h:5070>;expires=-1", UAX_MATCH_URI, UAX_UNSET, 0},
		{"an empty one neither", OURS,
				"<sip:me@h:5070>;expires=", UAX_MATCH_URI, UAX_UNSET, 0},
		{"2^32-1", OURS, "<sip:me@h:5070>;expires=4294967295", UAX_MATCH_URI,
				4294967295u, 0},
		{"10^30 is very long, not unset", OURS,
				"<sip:me@h:5070>;expires=1000000000000000000000000000000",
				UAX_MATCH_URI, UAX_UNSET - 1, 0},
		{"expires in the URI is not that of the header", OURS,
				"<sip:me@h:5070;expires=9>", UAX_MATCH_URI, UAX_UNSET, 0},
		{"in a quoted parameter neither", OURS,
				"<sip:me@h:5070>;x=\";expires=9\"", UAX_MATCH_URI, UAX_UNSET,
				0},
		{"star is not ours", OURS, "*", UAX_MATCH_NONE, UAX_UNSET, 1},
		{"nothing", OURS, "", UAX_MATCH_NONE, UAX_UNSET, 0},
		{"a URI of ours that is none matches nothing", "me", "<sip:me@h>, me",
				UAX_MATCH_NONE, UAX_UNSET, 2},
};

START_TEST(finds_our_contact)
{
	struct uax_contact_found found = {UAX_MATCH_NONE, UAX_UNSET, 0};
	str own = unit_str(finds[_i].own), body = unit_str(finds[_i].body);

	uax_contact_find(&own, &body, &found);
	ck_row(found.match == finds[_i].match, finds[_i].name);
	ck_row(found.expires == finds[_i].expires, finds[_i].name);
	ck_row(found.others == finds[_i].others, finds[_i].name);
}
END_TEST

START_TEST(the_surest_match_of_several_headers_stays)
{
	struct uax_contact_found found = {UAX_MATCH_NONE, UAX_UNSET, 0};
	str own = unit_str("sip:me@h");
	str first = unit_str("<sip:x@h>, <sip:me@y>;expires=1");
	str second = unit_str("<sip:me@h>;expires=2");
	str third = unit_str("<sip:me@z>;expires=3, <sip:x@h>");

	uax_contact_find(&own, &first, &found);
	ck_assert_int_eq(found.match, UAX_MATCH_USER);
	uax_contact_find(&own, &second, &found);
	uax_contact_find(&own, &third, &found);
	ck_assert_int_eq(found.match, UAX_MATCH_URI);
	ck_assert_uint_eq(found.expires, 2);
	ck_assert_int_eq(found.others, 2);
}
END_TEST

static double cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Texts of which 64 kB would take seconds if any part were read again and
 * again. */
static const char *const hostile[] = {"<", "\"", "\\\"", "\\", ",", "<,",
		"\\\",", "\"\\\",", "sip:me@h,", "<sip:me@h>,", "<sip:me@h;a=1;b=2>,",
		";expires=", ";;;;", "*,", "a\"<", "<\",", "<sip:me@h>;x=\"\\\",", "%",
		"<sip:me@h>;expires=1;", "<sip:%6d%65@h?"};

START_TEST(a_hostile_header_takes_no_time)
{
	enum
	{
		SIZE = 65536
	};
	static char text[SIZE];
	struct uax_contact_found found = {UAX_MATCH_NONE, UAX_UNSET, 0};
	const char *unit = hostile[_i];
	size_t len = strlen(unit), i;
	str own = unit_str("sip:me@h;a=1;b=2;c=3"), body;
	double from;

	for(i = 0; i < SIZE; i++)
		text[i] = unit[i % len];
	/* an open quote in front makes all others escaped or closing */
	if(_i % 2)
		text[0] = '"';
	body = unit_bytes(text, SIZE);
	from = cpu_seconds();
	uax_contact_find(&own, &body, &found);
	/* linear: some ms, with sanitizers; quadratic: several seconds */
	ck_assert_msg(
			cpu_seconds() - from < 0.5, "%s: %f s", unit, cpu_seconds() - from);
	ck_assert_int_lt(found.others, SIZE);
}
END_TEST

/* Every prefix, each in memory of its own size: the sanitizer watches. */
START_TEST(a_header_cut_anywhere_is_read_to_its_end_only)
{
	static const char body[] =
			"\"A, \\\"<B>\" <sip:a%40b@h;lr?x=y>;q=\"0.1\";expires=\"60\","
			"<sip:me@h>;expires=60, *;x, sip:me@[::1]:5060;expires=7,\\\"";
	char mem[1024];
	struct kx_buf b;
	int len;

	for(len = 0; len < (int)sizeof(body); len++) {
		struct uax_contact_found found = {UAX_MATCH_NONE, UAX_UNSET, 0};
		str own = unit_str("sip:me@h"), part = unit_bytes(body, len);

		kx_buf_init(&b, mem, sizeof(mem));
		list_all(&part, &b);
		uax_contact_find(&own, &part, &found);
	}
}
END_TEST

Suite *suite_uax_contact(void)
{
	Suite *s = suite_create("uax_contact");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, reads_every_contact_and_passes_what_is_none, 0,
			UNIT_ROWS(bodies));
	tcase_add_test(t, passes_a_nul_byte);
	tcase_add_loop_test(t, finds_our_contact, 0, UNIT_ROWS(finds));
	tcase_add_test(t, the_surest_match_of_several_headers_stays);
	tcase_add_loop_test(
			t, a_hostile_header_takes_no_time, 0, UNIT_ROWS(hostile));
	tcase_add_test(t, a_header_cut_anywhere_is_read_to_its_end_only);
	suite_add_tcase(s, t);
	return s;
}

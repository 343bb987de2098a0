/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Addresses of From and To: split, and written with something new. */
#include "fromto.h"
#include "unit.h"

struct parse_row
{
	const char *sentence;
	const char *body;
	const char *whole, *display, *uri; /* whole NULL: refused */
	int is_bare;
};

static const struct parse_row parse_rows[] = {
		{"a URI in brackets", "<sip:a@b>;tag=x", "<sip:a@b>", "", "sip:a@b", 0},
		{"a quoted name", "\"A B\" <sip:a@b>;tag=x", "\"A B\" <sip:a@b>",
				"\"A B\"", "sip:a@b", 0},
		{"a name of tokens, blanks around", "  A  B   <sip:a@b> ;tag=x",
				"A  B   <sip:a@b>", "A  B", "sip:a@b", 0},
		{"no blank behind the name", "\"A\"<sip:a@b>", "\"A\"<sip:a@b>",
				"\"A\"", "sip:a@b", 0},
		{"a bracket and a semicolon in quotes are no bracket",
				"\"A <x;> \\\" B\" <sip:a@b;p=1>;tag=x",
				"\"A <x;> \\\" B\" <sip:a@b;p=1>", "\"A <x;> \\\" B\"",
				"sip:a@b;p=1", 0},
		{"a bare URI ends at the semicolon", "sip:a@b;tag=x", "sip:a@b", "",
				"sip:a@b", 1},
		{"a bare URI alone", "tel:+4912", "tel:+4912", "", "tel:+4912", 1},
		{"blanks behind a bare URI are not its own", "sip:a@b ;tag=x",
				"sip:a@b", "", "sip:a@b", 1},
		{"a bracket in a header parameter", "sip:a@b;x=<y>;tag=z", "sip:a@b",
				"", "sip:a@b", 1},
		{"a colon in a name", "Dept: Sales <sip:a@b>", "Dept: Sales <sip:a@b>",
				"Dept: Sales", "sip:a@b", 0},
		{"folded line", "\"A\"\r\n <sip:a@b>", "\"A\"\r\n <sip:a@b>", "\"A\"",
				"sip:a@b", 0},
		{"blanks in the brackets", "< sip:a@b >", "< sip:a@b >", "", "sip:a@b",
				0},
		{"nothing", "", NULL, NULL, NULL, 0},
		{"blanks", " \t ", NULL, NULL, NULL, 0},
		{"a bracket that is never closed", "<sip:a@b;tag=x", NULL, NULL, NULL,
				0},
		{"a quote that is never closed", "\"A <sip:a@b>", NULL, NULL, NULL, 0},
		{"empty brackets", "\"A\" <>", NULL, NULL, NULL, 0},
		{"a bracket in a bare URI", "sip:a?>b", NULL, NULL, NULL, 0},
		{"words without a bracket", "Bob sip:a@b", NULL, NULL, NULL, 0},
		{"only parameters", ";tag=x", NULL, NULL, NULL, 0},
};

START_TEST(addresses_are_split)
{
	const struct parse_row *r = &parse_rows[_i];
	struct uax_addr a;
	str body = unit_str(r->body);
	int err = uax_addr_parse(&body, &a);

	ck_assert_msg((err == KX_OK) == (r->whole != NULL), "%s", r->sentence);
	if(r->whole == NULL)
		return;
	ck_str_is(a.whole, r->whole);
	ck_str_is(a.display, r->display);
	ck_str_is(a.uri, r->uri);
	ck_assert_msg(a.is_bare == r->is_bare, "%s", r->sentence);
}
END_TEST

struct write_row
{
	const char *sentence;
	const char *body, *display, *uri; /* display NULL: keep */
	const char *want;				  /* NULL: refused */
};

static const struct write_row write_rows[] = {
		{"seeds 4.1: both", "\"Bruce\" <sip:b@w>;tag=1", "\"robin\"", "sip:r@g",
				"\"robin\" <sip:r@g>"},
		{"seeds 4.1: only the display name", "\"Bruce\" <sip:b@w>;tag=1",
				"batman", "", "batman <sip:b@w>"},
		{"seeds 4.1: a quoted one", "<sip:b@w>;tag=1", "\"batman\"", "",
				"\"batman\" <sip:b@w>"},
		{"seeds 4.1: remove it and replace the URI", "\"Bruce\" <sip:b@w>", "",
				"sip:robin@gotham.org", "<sip:robin@gotham.org>"},
		{"seeds 4.1: remove it, keep the URI", "\"Bruce\" <sip:b@w>", "", "",
				"<sip:b@w>"},
		{"seeds 4.2: the URI only", "\"Bruce\" <sip:b@w>", NULL,
				"sip:batman@gotham.org", "\"Bruce\" <sip:batman@gotham.org>"},
		{"what is kept is kept byte for byte", "Bruce  W   <sip:b@w>", NULL,
				"sip:r@g", "Bruce  W   <sip:r@g>"},
		{"the same name again changes no byte of it", "Bruce   <sip:b@w>",
				"Bruce", "", "Bruce   <sip:b@w>"},
		{"nothing to remove, nothing to replace", "sip:b@w;tag=1", "", "",
				"sip:b@w"},
		{"a bare URI stays bare", "sip:b@w;tag=1", NULL, "sip:r@g", "sip:r@g"},
		{"a bare URI with parameters gets brackets", "sip:b@w;tag=1", NULL,
				"sip:r@g;x=y", "<sip:r@g;x=y>"},
		{"a bare URI with headers gets brackets", "sip:b@w", "", "sip:r@g?x=y",
				"<sip:r@g?x=y>"},
		{"a bare URI with a display name gets brackets", "sip:b@w", "Bob", "",
				"Bob <sip:b@w>"},
		{"a tel URI", "\"A\" <sip:b@w;user=phone>", NULL, "tel:+4912;ext=1",
				"\"A\" <tel:+4912;ext=1>"},
		{"quotes in a quoted name", "<sip:b@w>", "\"a \\\"b\\\" <c>\"", "",
				"\"a \\\"b\\\" <c>\" <sip:b@w>"},
		{"a name in UTF-8", "<sip:b@w>", "\"Gr\xc3\xbc\xc3\x9f\"", "",
				"\"Gr\xc3\xbc\xc3\x9f\" <sip:b@w>"},
		{"a line end in the name", "<sip:b@w>", "a\r\nX: y", "", NULL},
		{"a line end in quotes", "<sip:b@w>", "\"a\r\n b\"", "", NULL},
		{"a line end behind a backslash", "<sip:b@w>", "\"a\\\nb\"", "", NULL},
		{"a line end in the URI", "<sip:b@w>", NULL, "sip:a@b\r\nX: y", NULL},
		{"a blank in the URI", "<sip:b@w>", NULL, "foo bar", NULL},
		{"a second bracket in the URI", "<sip:b@w>", NULL, "sip:a>,<sip:b",
				NULL},
		{"a bracket in a bare name", "<sip:b@w>", "a <sip:x@y>,", "", NULL},
		{"a quote that is never closed", "<sip:b@w>", "\"a", "", NULL},
		{"a quote closed by an escaped one", "<sip:b@w>", "\"a\\\"", "", NULL},
};

START_TEST(addresses_are_written)
{
	const struct write_row *r = &write_rows[_i];
	char mem[200];
	struct kx_buf b;
	struct uax_addr a;
	struct uax_addr_new change = {NULL, NULL};
	str body = unit_str(r->body), display, uri, out;

	ck_assert_int_eq(uax_addr_parse(&body, &a), KX_OK);
	if(r->display != NULL) {
		display = unit_str(r->display);
		change.display = &display;
	}
	uri = unit_str(r->uri);
	change.uri = &uri;
	kx_buf_init(&b, mem, sizeof(mem));
	if(r->want == NULL) {
		ck_assert_msg(uax_addr_write(&b, &a, &change) == KX_E_SYNTAX, "%s",
				r->sentence);
		ck_assert_int_eq(b.len, 0);
		return;
	}
	ck_assert_msg(uax_addr_write(&b, &a, &change) == KX_OK, "%s", r->sentence);
	ck_assert_int_eq(kx_buf_end(&b, &out), KX_OK);
	ck_str_is(out, r->want);
}
END_TEST

struct tag_row
{
	const char *sentence;
	const char *body, *tag;
};

static const struct tag_row tag_rows[] = {
		{"behind brackets", "<sip:a@b>;tag=x", "x"},
		{"behind a bare URI", "sip:a@b;tag=x", "x"},
		{"blanks around, name in capitals", "sip:a@b ; TAG = x ", "x"},
		{"behind other parameters", "<sip:a@b>;x;y=\"z\";tag=t-1", "t-1"},
		{"not in the URI", "<sip:a@b;tag=no>", ""},
		{"not in a quoted value", "<sip:a@b>;x=\";tag=no\";tag=x", "x"},
		{"not in the name", "\";tag=no\" <sip:a@b>;tag=x", "x"},
		{"none", "<sip:a@b>", ""},
		{"none of a bare URI", "sip:a@b", ""},
		{"one that begins alike", "<sip:a@b>;tagx=y", ""},
		{"empty parameters before", "<sip:a@b>;;;tag=x", "x"},
		{"no value", "<sip:a@b>;tag", ""},
};

START_TEST(tags_are_found)
{
	const struct tag_row *r = &tag_rows[_i];
	struct uax_addr a;
	str body = unit_str(r->body), tag;

	ck_assert_int_eq(uax_addr_parse(&body, &a), KX_OK);
	tag = uax_addr_tag(&a);
	ck_str_is(tag, r->tag);
}
END_TEST

START_TEST(a_null_byte_is_refused)
{
	char mem[100];
	struct kx_buf b;
	struct uax_addr a;
	str body = unit_str("<sip:a@b>"), bad = {"a\0b", 3};
	struct uax_addr_new change = {NULL, &bad};

	ck_assert_int_eq(uax_addr_parse(&body, &a), KX_OK);
	kx_buf_init(&b, mem, sizeof(mem));
	ck_assert_int_eq(uax_addr_write(&b, &a, &change), KX_E_SYNTAX);
	change = (struct uax_addr_new){&bad, NULL};
	ck_assert_int_eq(uax_addr_write(&b, &a, &change), KX_E_SYNTAX);
	ck_assert_int_eq(b.len, 0);
}
END_TEST

#define ROWS(t) (int)(sizeof(t) / sizeof((t)[0]))

Suite *suite_uax_fromto(void)
{
	Suite *s = suite_create("uax_fromto");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, addresses_are_split, 0, ROWS(parse_rows));
	tcase_add_loop_test(t, addresses_are_written, 0, ROWS(write_rows));
	tcase_add_loop_test(t, tags_are_found, 0, ROWS(tag_rows));
	tcase_add_test(t, a_null_byte_is_refused);
	suite_add_tcase(s, t);
	return s;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "path.h"
#include "unit.h"

START_TEST(r3327_1_reads_a_vector)
{
	static const struct
	{
		const char *name;
		const char *vector;
		const char *first, *received;
		int has_ob, count;
	} row[] = {
			{"one hop", "<sip:p.example;lr>", "sip:p.example;lr", "", 0, 1},
			{"three, blanks around them",
					" <sip:p;lr> ,\t<sips:q:5061;lr>\r\n ,<sip:r;lr>",
					"sip:p;lr", "", 0, 3},
			{"received and ob of the first",
					"<sip:p;lr;received=sip:1.2.3.4:5%3Btransport%3Dtcp;ob>,"
					"<sip:q>",
					"sip:p;lr;received=sip:1.2.3.4:5%3Btransport%3Dtcp;ob",
					"sip:1.2.3.4:5%3Btransport%3Dtcp", 1, 2},
			{"not those of the second",
					"<sip:p;lr>,<sip:q;lr;ob;received=sip:x>", "sip:p;lr", "",
					0, 2},
			{"not those of the header", "<sip:p;lr>;ob;received=sip:x",
					"sip:p;lr", "", 0, 1},
			{"a display name", "Edge <sip:p;lr>", "sip:p;lr", "", 0, 1},
			{"a quoted one with what ends things",
					"\"a,<b>\\\"\" <sip:p;lr>,<sip:q>", "sip:p;lr", "", 0, 2},
			{"a comma in a quoted header parameter",
					"<sip:p;lr>;x=\"a,b\",<sip:q>", "sip:p;lr", "", 0, 2},
			{"a comma in a URI", "<sip:a,b@p;lr>,<sip:q>", "sip:a,b@p;lr", "",
					0, 2},
			{"a comma at the end", "<sip:p;lr>,", "sip:p;lr", "", 0, 1},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str vector = unit_str(row[i].vector);
		struct rgr_path p;

		memset(&p, 0xee, sizeof(p));
		ck_row(rgr_path_read(&vector, &p) == KX_OK, row[i].name);
		ck_row_str(p.first_uri, row[i].first, row[i].name);
		ck_row_str(p.received, row[i].received, row[i].name);
		ck_row(p.has_ob == row[i].has_ob, row[i].name);
		ck_row(p.count == row[i].count, row[i].name);
	}
}
END_TEST

START_TEST(w_r17_refuses_what_is_no_route_set)
{
	static const struct
	{
		const char *name;
		const char *vector;
	} row[] = {
			{"nothing", ""},
			{"blanks", "  "},
			{"a comma", ","},
			{"an empty element", "<sip:p;lr>,,<sip:q>"},
			{"the first is no loose router", "<sip:p>"},
			{"the parameter of the header is not the URI's", "<sip:p>;lr"},
			{"no angle brackets", "sip:p;lr"},
			{"not closed", "<sip:p;lr"},
			{"not closed, the second", "<sip:p;lr>,<sip:q"},
			{"an empty URI", "<>"},
			{"no URI", "<p;lr>"},
			{"W-R17b: the second is no URI", "<sip:p;lr>,<q>"},
			{"W-R17b: the third is no SIP URI", "<sip:p;lr>,<sip:q>,<tel:+1>"},
			{"the first is no SIP URI", "<http:p;lr>"},
			{"text behind it", "<sip:p;lr> x"},
			{"a line end in a URI", "<sip:p\r\n;lr>"},
			{"a quote that never closes", "\"x <sip:p;lr>"},
	};
	struct rgr_path p;
	size_t i;

	memset(&p, 0x5a, sizeof(p));
	for(i = 0; i < UNIT_ROWS(row); i++) {
		str vector = unit_str(row[i].vector);

		ck_row(rgr_path_read(&vector, &p) == KX_E_SYNTAX, row[i].name);
	}
	for(i = 0; i < sizeof(p); i++)
		ck_assert_int_eq(((unsigned char *)&p)[i], 0x5a);
}
END_TEST

START_TEST(walks_over_the_elements)
{
	str vector = unit_str("  A <sip:p> ;x , <sip:q>,x"), uri, item;
	struct kx_cursor at;
	const char *before;

	kx_cur_init(&at, &vector);
	ck_assert_int_eq(rgr_path_next(&at, &uri, &item), KX_OK);
	ck_str_is(uri, "sip:p");
	ck_str_is(item, "A <sip:p> ;x");
	ck_assert_int_eq(rgr_path_next(&at, &uri, &item), KX_OK);
	ck_str_is(uri, "sip:q");
	ck_str_is(item, "<sip:q>");
	before = at.p;
	ck_assert_int_eq(rgr_path_next(&at, &uri, &item), KX_E_SYNTAX);
	ck_assert_ptr_eq(at.p, before);
	ck_str_is(uri, "sip:q");
}
END_TEST

START_TEST(r3608_1_a_service_route_is_of_loose_routers)
{
	static const struct
	{
		const char *name;
		const char *vector;
		int want;
	} row[] = {
			{"one", "<sip:orig@s.example;lr>", 1},
			{"two", "<sip:p.example;lr>, <sips:s.example:5061;x=y;lr>", 1},
			{"a strict router", "<sip:p.example>", 0},
			{"one of two is", "<sip:p.example;lr>,<sip:s.example>", 0},
			{"lr behind the brackets", "<sip:p.example>;lr", 0},
			{"no brackets", "sip:p.example;lr", 0},
			{"another scheme", "<tel:+1;lr>", 0},
			{"none", "", 0},
			{"what can't be read at its end", "<sip:p.example;lr>,x", 0},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str vector = unit_str(row[i].vector);

		ck_row(rgr_path_is_loose(&vector) == row[i].want, row[i].name);
	}
}
END_TEST

Suite *suite_path(void)
{
	Suite *s = suite_create("path");
	TCase *t = tcase_create("all");

	tcase_add_test(t, r3327_1_reads_a_vector);
	tcase_add_test(t, w_r17_refuses_what_is_no_route_set);
	tcase_add_test(t, walks_over_the_elements);
	tcase_add_test(t, r3608_1_a_service_route_is_of_loose_routers);
	suite_add_tcase(s, t);
	return s;
}

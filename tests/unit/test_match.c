/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bindings.h"
#include "match.h"

START_TEST(instances_compare_without_brackets)
{
	static const struct
	{
		const char *a, *b;
		int same;
	} row[] = {
			{"<urn:uuid:1>", "<urn:uuid:1>", 1},
			{"<urn:uuid:1>", "urn:uuid:1", 1},
			{"urn:uuid:1", "<urn:uuid:1>", 1},
			{"urn:uuid:1", "urn:uuid:1", 1},
			{"<urn:uuid:1>", "<urn:uuid:2>", 0},
			{"<urn:uuid:a>", "<urn:uuid:A>", 0},
			{"<urn:uuid:1", "urn:uuid:1", 0},
			{"urn:uuid:1>", "urn:uuid:1", 0},
			{"<", "<", 1},
			{"<>", "", 1},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str a = unit_str(row[i].a), b = unit_str(row[i].b);

		ck_row(rgr_instance_same(&a, &b) == row[i].same, row[i].a);
	}
}
END_TEST

START_TEST(matches_a_binding)
{
	static const struct
	{
		const char *name;
		enum rgr_matching mode;
		const char *c_uri, *c_instance;
		uint32_t c_regid;
		const char *path, *callid;
		const char *b_uri, *b_instance;
		uint32_t b_regid;
		const char *b_path, *b_callid;
		int want;
	} row[] = {
			{"by URI", RGR_MATCH_URI, "sip:a@h", "", 0, "", "1", "sip:a@h", "",
					0, "", "2", 1},
			{"by URI, another", RGR_MATCH_URI, "sip:a@h", "", 0, "", "1",
					"sip:b@h", "", 0, "", "1", 0},
			{"by URI and Call-ID", RGR_MATCH_URI_CALLID, "sip:a@h", "", 0, "",
					"1", "sip:a@h", "", 0, "", "1", 1},
			{"by URI and Call-ID, another Call-ID", RGR_MATCH_URI_CALLID,
					"sip:a@h", "", 0, "", "1", "sip:a@h", "", 0, "", "2", 0},
			{"by URI and Call-ID, another URI", RGR_MATCH_URI_CALLID, "sip:a@h",
					"", 0, "", "1", "sip:b@h", "", 0, "", "1", 0},
			{"by URI and Path", RGR_MATCH_URI_PATH, "sip:a@h", "", 0, "<sip:p>",
					"1", "sip:a@h", "", 0, "<sip:p>", "2", 1},
			{"by URI and Path, another Path", RGR_MATCH_URI_PATH, "sip:a@h", "",
					0, "<sip:p>", "1", "sip:a@h", "", 0, "<sip:q>", "1", 0},
			{"by URI and Path, none in the request", RGR_MATCH_URI_PATH,
					"sip:a@h", "", 0, "", "1", "sip:a@h", "", 0, "<sip:q>", "1",
					1},
			{"by URI and Path, another URI", RGR_MATCH_URI_PATH, "sip:a@h", "",
					0, "<sip:p>", "1", "sip:b@h", "", 0, "<sip:p>", "1", 0},
			{"by Call-ID", RGR_MATCH_CALLID, "sip:a@h", "", 0, "", "1",
					"sip:b@h", "", 0, "", "1", 1},
			{"by Call-ID, another", RGR_MATCH_CALLID, "sip:a@h", "", 0, "", "1",
					"sip:a@h", "", 0, "", "2", 0},
			{"by instance, whatever the URI", RGR_MATCH_URI_CALLID, "sip:a@h",
					"<urn:1>", 0, "", "1", "sip:b@h", "<urn:1>", 0, "", "2", 1},
			{"by instance, another", RGR_MATCH_URI, "sip:a@h", "<urn:1>", 0, "",
					"1", "sip:a@h", "<urn:2>", 0, "", "1", 0},
			{"by instance, the binding has none", RGR_MATCH_URI, "sip:a@h",
					"<urn:1>", 0, "", "1", "sip:a@h", "", 0, "", "1", 0},
			{"R5626-1: by instance and reg-id", RGR_MATCH_URI, "sip:a@h",
					"<urn:1>", 2, "", "1", "sip:b@h", "<urn:1>", 2, "", "1", 1},
			{"R5626-4: another reg-id is another flow", RGR_MATCH_URI,
					"sip:a@h", "<urn:1>", 2, "", "1", "sip:a@h", "<urn:1>", 1,
					"", "1", 0},
			{"a contact without an instance means a binding with one",
					RGR_MATCH_URI, "sip:a@h", "", 0, "", "1", "sip:a@h",
					"<urn:1>", 0, "", "1", 1},
	};
	struct rgr_policy pol = unit_policy();
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		struct rgr_contact c = unit_contact(row[i].c_uri);
		struct rgr_binding b = unit_binding(row[i].b_uri);
		struct rgr_request req = unit_request(&c, 1);
		struct rgr_split split = {RGR_SPLIT_NOT_YET};

		pol.matching = row[i].mode;
		c.instance = unit_str(row[i].c_instance);
		c.reg_id = row[i].c_regid;
		req.path = unit_str(row[i].path);
		req.callid = unit_str(row[i].callid);
		b.instance = unit_str(row[i].b_instance);
		b.reg_id = row[i].b_regid;
		b.path = unit_str(row[i].b_path);
		b.callid = unit_str(row[i].b_callid);
		ck_row(rgr_match(&pol, &req, &c, &b, &split) == row[i].want,
				row[i].name);
	}
}
END_TEST

START_TEST(w_r15_compares_uris_by_their_parts)
{
	static const struct
	{
		const char *name;
		int compare_uris;
		const char *contact, *binding;
		int same;
	} row[] = {
			{"the same text", 0, "sip:a@h", "sip:a@h", 1},
			{"the host in other letters, byte by byte", 0, "sip:a@h", "sip:a@H",
					0},
			{"the host in other letters", 1, "sip:a@h", "sip:a@H", 1},
			{"the user in other letters", 1, "sip:a@h", "sip:A@h", 0},
			{"a port on one side", 1, "sip:a@h", "sip:a@h:5060", 0},
			{"what can't be split is the same as itself", 1, "a@h", "a@h", 1},
			{"and as nothing else", 1, "a@h", "a@H", 0},
			{"a binding that can't be split", 1, "sip:a@h", "a@h", 0},
	};
	struct rgr_policy pol = unit_policy();
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		struct rgr_contact c[2];
		struct rgr_binding b = unit_binding(row[i].binding);
		struct rgr_request req = unit_request(c, 1);
		struct rgr_split split = {RGR_SPLIT_NOT_YET};

		pol.compare_uris = row[i].compare_uris;
		c[0] = unit_contact(row[i].contact);
		c[1] = unit_contact(row[i].binding);
		ck_row(rgr_match(&pol, &req, &c[0], &b, &split) == row[i].same,
				row[i].name);
		/* once more, with what was split the first time */
		ck_row(rgr_match(&pol, &req, &c[0], &b, &split) == row[i].same,
				row[i].name);
		ck_row(rgr_match_contacts(&pol, &c[0], &c[1]) == row[i].same,
				row[i].name);
	}
}
END_TEST

START_TEST(matches_contacts_of_one_request)
{
	static const struct
	{
		const char *name;
		enum rgr_matching mode;
		const char *uri[2], *instance[2];
		uint32_t reg_id[2];
		int want;
	} row[] = {
			{"the same URI", RGR_MATCH_URI, {"sip:a@h", "sip:a@h"}, {"", ""},
					{0, 0}, 1},
			{"another URI", RGR_MATCH_URI, {"sip:a@h", "sip:b@h"}, {"", ""},
					{0, 0}, 0},
			{"another URI, one binding per Call-ID", RGR_MATCH_CALLID,
					{"sip:a@h", "sip:b@h"}, {"", ""}, {0, 0}, 1},
			{"the same instance", RGR_MATCH_URI, {"sip:a@h", "sip:b@h"},
					{"<urn:1>", "urn:1"}, {0, 0}, 1},
			{"another flow of it", RGR_MATCH_URI, {"sip:a@h", "sip:a@h"},
					{"<urn:1>", "<urn:1>"}, {1, 2}, 0},
			{"two instances", RGR_MATCH_CALLID, {"sip:a@h", "sip:a@h"},
					{"<urn:1>", "<urn:2>"}, {0, 0}, 0},
			{"an instance on the left", RGR_MATCH_URI, {"sip:a@h", "sip:a@h"},
					{"<urn:1>", ""}, {0, 0}, 0},
			{"an instance on the right", RGR_MATCH_URI, {"sip:a@h", "sip:a@h"},
					{"", "<urn:1>"}, {0, 0}, 0},
	};
	struct rgr_policy pol = unit_policy();
	size_t i;
	int k;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		struct rgr_contact c[2];

		for(k = 0; k < 2; k++) {
			c[k] = unit_contact(row[i].uri[k]);
			c[k].instance = unit_str(row[i].instance[k]);
			c[k].reg_id = row[i].reg_id[k];
		}
		pol.matching = row[i].mode;
		ck_row(rgr_match_contacts(&pol, &c[0], &c[1]) == row[i].want,
				row[i].name);
	}
}
END_TEST

START_TEST(r3261_15_orders_requests)
{
	static const struct
	{
		const char *name;
		const char *callid;
		uint32_t cseq, delay;
		int age;
		enum rgr_order want;
	} row[] = {
			{"a higher CSeq", "call", 11, 20, 1, RGR_ORDER_NEWER},
			{"the highest", "call", UINT32_MAX, 20, 1, RGR_ORDER_NEWER},
			{"another Call-ID", "other", 1, 20, 1, RGR_ORDER_NEWER},
			{"another Call-ID in letters", "CALL", 1, 20, 1, RGR_ORDER_NEWER},
			{"a lower CSeq", "call", 9, 20, 1, RGR_ORDER_STALE},
			{"a retransmission", "call", 10, 20, 19, RGR_ORDER_REPEAT},
			{"a repetition later", "call", 10, 20, 20, RGR_ORDER_STALE},
			{"no window", "call", 10, 0, 0, RGR_ORDER_STALE},
			{"the widest window", "call", 10, UINT32_MAX, 100000,
					RGR_ORDER_REPEAT},
	};
	struct rgr_policy pol = unit_policy();
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		struct rgr_binding b = unit_binding("sip:a@h");
		struct rgr_request req = unit_request(NULL, 0);

		pol.cseq_delay_s = row[i].delay;
		req.callid = unit_str(row[i].callid);
		req.cseq = row[i].cseq;
		b.last_modified = UNIT_T - row[i].age;
		ck_row(rgr_match_order(&pol, &req, &b) == row[i].want, row[i].name);
	}
}
END_TEST

Suite *suite_match(void)
{
	Suite *s = suite_create("match");
	TCase *t = tcase_create("all");

	tcase_add_test(t, instances_compare_without_brackets);
	tcase_add_test(t, matches_a_binding);
	tcase_add_test(t, w_r15_compares_uris_by_their_parts);
	tcase_add_test(t, matches_contacts_of_one_request);
	tcase_add_test(t, r3261_15_orders_requests);
	suite_add_tcase(s, t);
	return s;
}

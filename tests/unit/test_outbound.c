/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bindings.h"
#include "outbound.h"

#define NONE RGR_OUTBOUND_NONE
#define OFFERED RGR_OUTBOUND_SUPPORTED
#define REQUIRED RGR_OUTBOUND_REQUIRED

START_TEST(when_outbound_is_used_and_reg_id_counts)
{
	static const struct
	{
		const char *name;
		enum rgr_outbound_mode mode;
		int always, supports, requires;
		int is_used, counts;
	} row[] = {
			{"off", NONE, 0, 0, 0, 0, 0},
			{"off, the client offers it: its reg-id counts", NONE, 0, 1, 0, 0,
					1},
			{"off, always count", NONE, 1, 0, 0, 0, 1},
			{"offered by one side", OFFERED, 0, 0, 0, 0, 0},
			{"offered by both", OFFERED, 0, 1, 0, 1, 1},
			{"required by the client", OFFERED, 0, 0, 1, 1, 1},
			{"required by us", REQUIRED, 0, 1, 0, 1, 1},
			{"required by us, not offered", REQUIRED, 0, 0, 0, 0, 0},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		struct rgr_policy pol = unit_policy();
		struct rgr_request req = unit_request(NULL, 0);

		pol.outbound_mode = row[i].mode;
		pol.regid_always = row[i].always;
		req.supports_outbound = row[i].supports;
		req.requires_outbound = row[i].requires;
		ck_row(rgr_outbound_is_used(&pol, &req) == row[i].is_used, row[i].name);
		ck_row(rgr_regid_counts(&pol, &req) == row[i].counts, row[i].name);
	}
}
END_TEST

START_TEST(w_r9_r5626_6_agrees_with_client_and_edge)
{
	static const struct
	{
		const char *name;
		enum rgr_outbound_mode mode;
		int supports, requires, vias, ob;
		const char *regid, *instance;
		enum rgr_verdict want;
	} row[] = {
			{"off", NONE, 1, 0, 2, 0, "1", "<urn:1>", RGR_V_FINE},
			{"off, required", NONE, 0, 1, 1, 0, "1", "<urn:1>",
					RGR_V_OUTBOUND_UNSUPPORTED},
			{"required, not offered", REQUIRED, 0, 0, 1, 0, "", "",
					RGR_V_OUTBOUND_REQUIRED},
			{"required, offered", REQUIRED, 1, 0, 1, 0, "1", "<urn:1>",
					RGR_V_FINE},
			{"required by both", REQUIRED, 0, 1, 1, 0, "1", "<urn:1>",
					RGR_V_FINE},
			{"direct", OFFERED, 1, 0, 1, 0, "1", "<urn:1>", RGR_V_FINE},
			{"through a proxy that keeps flows", OFFERED, 1, 0, 2, 1, "1",
					"<urn:1>", RGR_V_FINE},
			{"through one that does not", OFFERED, 1, 0, 2, 0, "1", "<urn:1>",
					RGR_V_OUTBOUND_EDGE},
			{"... by a client that requires it", OFFERED, 0, 1, 3, 0, "1",
					"<urn:1>", RGR_V_OUTBOUND_EDGE},
			{"... by a client that asks for no flow", OFFERED, 1, 0, 2, 0, "",
					"<urn:1>", RGR_V_FINE},
			{"... whose reg-id has no instance", OFFERED, 1, 0, 2, 0, "1", "",
					RGR_V_FINE},
			{"... by a client without outbound", OFFERED, 0, 0, 2, 0, "1",
					"<urn:1>", RGR_V_FINE},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		struct rgr_policy pol = unit_policy();
		struct rgr_contact c[2] = {
				unit_contact("sip:a@h"), unit_contact("sip:b@h")};
		struct rgr_request req = unit_request(c, 2);

		pol.outbound_mode = row[i].mode;
		req.supports_outbound = row[i].supports;
		req.requires_outbound = row[i].requires;
		req.via_count = row[i].vias;
		req.path_has_ob = row[i].ob;
		/* the second one asks */
		c[1].regid_text = unit_str(row[i].regid);
		c[1].instance = unit_str(row[i].instance);
		ck_row(rgr_outbound_check(&pol, &req) == row[i].want, row[i].name);
	}
}
END_TEST

START_TEST(r3261_2_walks_over_option_tags)
{
	static const struct
	{
		const char *name;
		const char *list;
		const char *want[4]; /* ended by NULL */
	} row[] = {
			{"none", "", {NULL}},
			{"one", "path", {"path"}},
			{"some, with blanks", " path ,\tx-1\r\n ,gruu",
					{"path", "x-1", "gruu"}},
			{"nothing between commas", ",,path,,", {"path"}},
			{"what is no token is passed over", "a b, \"x\", path, <y>",
					{"path"}},
			{"a comma in quotes is none", "\"a,b\",c", {"c"}},
	};
	size_t i;
	int k;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str list = unit_str(row[i].list), tag;
		struct kx_cursor c;

		kx_cur_init(&c, &list);
		for(k = 0; row[i].want[k] != NULL; k++) {
			ck_row(rgr_option_next(&c, &tag) == KX_OK, row[i].name);
			ck_row_str(tag, row[i].want[k], row[i].name);
		}
		ck_row(rgr_option_next(&c, &tag) == KX_E_END, row[i].name);
	}
}
END_TEST

START_TEST(r3261_2_knows_what_the_settings_have)
{
	static const struct
	{
		const char *tag;
		int use_path, gruu, want;
	} row[] = {
			{"path", 1, 0, 1},
			{"path", 0, 1, 0},
			{"gruu", 0, 1, 1},
			{"gruu", 1, 0, 0},
			/* it has verdicts of its own */
			{"outbound", 0, 0, 1},
			{"gin", 1, 1, 0},
			{"pat", 1, 1, 0},
			{"paths", 1, 1, 0},
			{"", 1, 1, 0},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		struct rgr_policy pol = unit_policy();
		str tag = unit_str(row[i].tag);

		pol.use_path = row[i].use_path;
		pol.gruu_enabled = row[i].gruu;
		ck_row(rgr_option_is_known(&pol, &tag) == row[i].want, row[i].tag);
	}
}
END_TEST

Suite *suite_outbound(void)
{
	Suite *s = suite_create("outbound");
	TCase *t = tcase_create("all");

	tcase_add_test(t, when_outbound_is_used_and_reg_id_counts);
	tcase_add_test(t, w_r9_r5626_6_agrees_with_client_and_edge);
	tcase_add_test(t, r3261_2_walks_over_option_tags);
	tcase_add_test(t, r3261_2_knows_what_the_settings_have);
	suite_add_tcase(s, t);
	return s;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The contacts of a REGISTER, each of them and all together: what is refused,
 * and what is granted. */
#include "bindings.h"
#include "contacts.h"

static str user = KX_STR("alice"), domain = KX_STR("example.com");

static enum rgr_verdict check(
		const struct rgr_policy *pol, struct rgr_request *req)
{
	return rgr_request_check(pol, req, &user, &domain, 1, 0);
}

/* A text of n bytes. */
static str long_text(const char *begin, int n)
{
	char mem[1024];

	memset(mem, 'x', sizeof(mem));
	memcpy(mem, begin, strlen(begin));
	return unit_bytes(mem, n);
}

START_TEST(one_contact)
{
	static const struct
	{
		const char *name;
		const char *uri, *q, *expires, *regid, *instance, *received;
		enum rgr_verdict verdict;
		uint32_t granted;
		int want_q;
		uint32_t reg_id;
	} row[] = {
			{"plain", "sip:a@h", "", "", "", "", "", RGR_V_FINE, 3600,
					RGR_Q_UNSET, 0},
			{"with everything", "sip:a@h", "0.7", "120", "3", "<urn:x>",
					"sip:1.2.3.4:5", RGR_V_FINE, 120, 700, 3},
			{"bad q", "sip:a@h", "7", "", "", "", "", RGR_V_BAD_Q, 0, 0, 0},
			{"R3261-10: malformed expires counts as none", "sip:a@h", "",
					"soon", "", "", "", RGR_V_FINE, 3600, RGR_Q_UNSET, 0},
			{"W-R1: reg-id 0", "sip:a@h", "", "", "0", "<urn:x>", "",
					RGR_V_BAD_REGID, 0, 0, 0},
			{"W-R1: reg-id that is no number", "sip:a@h", "", "", "1a",
					"<urn:x>", "", RGR_V_BAD_REGID, 0, 0, 0},
			{"W-R1: negative reg-id", "sip:a@h", "", "", "-1", "<urn:x>", "",
					RGR_V_BAD_REGID, 0, 0, 0},
			{"R5626-2: the largest reg-id", "sip:a@h", "", "", "2147483647",
					"<urn:x>", "", RGR_V_FINE, 3600, RGR_Q_UNSET, 2147483647},
			{"R5626-2: one more", "sip:a@h", "", "", "2147483648", "<urn:x>",
					"", RGR_V_BAD_REGID, 0, 0, 0},
			{"R5626-2: beyond 64 bits", "sip:a@h", "", "",
					"18446744073709551617", "<urn:x>", "", RGR_V_BAD_REGID, 0,
					0, 0},
			{"R5626-1: reg-id without instance is ignored", "sip:a@h", "", "",
					"1", "", "", RGR_V_FINE, 3600, RGR_Q_UNSET, 0},
			{"R5626-1: even a bad one", "sip:a@h", "", "", "zero", "", "",
					RGR_V_FINE, 3600, RGR_Q_UNSET, 0},
			{"a malformed URI", "alice", "", "", "", "", "",
					RGR_V_CONTACT_PARSE, 0, 0, 0},
			{"may be removed", "alice", "", "0", "", "", "", RGR_V_FINE, 0,
					RGR_Q_UNSET, 0},
			{"a GRUU", "sip:a@h;gr", "", "", "", "", "", RGR_V_CONTACT_GRUU, 0,
					0, 0},
			{"a line end in the instance", "sip:a@h", "", "", "",
					"<urn:x\r\n >", "", RGR_V_CONTACT_PARSE, 0, 0, 0},
			{"a line end in received", "sip:a@h", "", "", "", "", "sip:\n1",
					RGR_V_CONTACT_PARSE, 0, 0, 0},
			{"a delete in received", "sip:a@h", "", "", "", "", "sip:\x7f",
					RGR_V_CONTACT_PARSE, 0, 0, 0},
			{"a tab and a high byte are text", "sip:a@h", "", "", "",
					"<urn:\t\xc3\xa4>", "", RGR_V_FINE, 3600, RGR_Q_UNSET, 0},
			{"W-R4: the largest expires", "sip:a@h", "", "4294967295", "", "",
					"", RGR_V_FINE, RGR_LIFETIME_MAX, RGR_Q_UNSET, 0},
	};
	struct rgr_policy pol = unit_policy();
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		struct rgr_contact c = unit_contact(row[i].uri);
		struct rgr_request req = unit_request(&c, 1);

		/* what an earlier request left */
		c.reg_id = 99;
		c.granted = 99;
		c.q = 99;
		c.q_text = unit_str(row[i].q);
		c.expires_text = unit_str(row[i].expires);
		c.regid_text = unit_str(row[i].regid);
		c.instance = unit_str(row[i].instance);
		c.received = unit_str(row[i].received);
		req.supports_outbound = 1;
		ck_row(check(&pol, &req) == row[i].verdict, row[i].name);
		if(row[i].verdict != RGR_V_FINE)
			continue;
		ck_row(c.granted == row[i].granted, row[i].name);
		ck_row(c.q == row[i].want_q, row[i].name);
		ck_row(c.reg_id == row[i].reg_id, row[i].name);
	}
}
END_TEST

START_TEST(sizes_at_their_limits)
{
	struct rgr_policy pol = unit_policy();
	struct rgr_contact c = unit_contact("sip:a@h");
	struct rgr_request req = unit_request(&c, 1);

	c.uri = long_text("sip:a@", 512);
	ck_assert_int_eq(check(&pol, &req), RGR_V_FINE);
	c.uri = long_text("sip:a@", 513);
	ck_assert_int_eq(check(&pol, &req), RGR_V_CONTACT_TOO_LONG);
	c.uri = unit_str("sip:a@h");
	c.received = long_text("sip:", 255);
	ck_assert_int_eq(check(&pol, &req), RGR_V_FINE);
	c.received = long_text("sip:", 256);
	ck_assert_int_eq(check(&pol, &req), RGR_V_CONTACT_TOO_LONG);
	c.received = long_text("", 0);
	c.instance = long_text("<urn:", 255);
	ck_assert_int_eq(check(&pol, &req), RGR_V_FINE);
	c.instance = long_text("<urn:", 256);
	ck_assert_int_eq(check(&pol, &req), RGR_V_CONTACT_TOO_LONG);
	c.instance = long_text("", 0);
	req.callid = long_text("", 255);
	ck_assert_int_eq(check(&pol, &req), RGR_V_FINE);
	req.callid = long_text("", 256);
	ck_assert_int_eq(check(&pol, &req), RGR_V_CALLID_TOO_LONG);
	req.callid = unit_str("call");
	req.cseq = 2147483647;
	ck_assert_int_eq(check(&pol, &req), RGR_V_FINE);
	req.cseq = 2147483648u;
	ck_assert_int_eq(check(&pol, &req), RGR_V_BAD_CSEQ);
}
END_TEST

START_TEST(as_many_contacts_as_there_may_be)
{
	static struct rgr_contact c[RGR_CONTACTS_MAX + 1];
	struct rgr_policy pol = unit_policy();
	struct rgr_request req = unit_request(c, RGR_CONTACTS_MAX);
	int i;

	for(i = 0; i <= RGR_CONTACTS_MAX; i++)
		c[i] = unit_contact("sip:a@h");
	ck_assert_int_eq(check(&pol, &req), RGR_V_FINE);
	req.n_contacts++;
	ck_assert_int_eq(check(&pol, &req), RGR_V_CONTACTS_MANY);
}
END_TEST

START_TEST(default_and_override_of_q)
{
	struct rgr_policy pol = unit_policy();
	struct rgr_contact c = unit_contact("sip:a@h");
	struct rgr_request req = unit_request(&c, 1);

	pol.default_q = 300;
	ck_assert_int_eq(check(&pol, &req), RGR_V_FINE);
	ck_assert_int_eq(c.q, 300);
	c.q_text = unit_str("0.2");
	ck_assert_int_eq(check(&pol, &req), RGR_V_FINE);
	ck_assert_int_eq(c.q, 200);
	pol.override_q = 900;
	ck_assert_int_eq(check(&pol, &req), RGR_V_FINE);
	ck_assert_int_eq(c.q, 900);
}
END_TEST

START_TEST(r3261_7_star)
{
	static const struct
	{
		const char *name;
		int n_contacts;
		uint64_t expires;
		enum rgr_verdict want;
	} row[] = {
			{"alone with Expires: 0", 0, 0, RGR_V_FINE},
			{"with another Expires", 0, 1, RGR_V_STAR_EXPIRES},
			{"without Expires", 0, RGR_UNSET, RGR_V_STAR_EXPIRES},
			{"with another contact", 1, 0, RGR_V_STAR_CONTACTS},
			{"with both", 1, 60, RGR_V_STAR_CONTACTS},
	};
	struct rgr_policy pol = unit_policy();
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		struct rgr_contact c = unit_contact("sip:a@h");
		struct rgr_request req = unit_request(&c, row[i].n_contacts);

		req.has_star = 1;
		req.expires = row[i].expires;
		ck_row(check(&pol, &req) == row[i].want, row[i].name);
	}
}
END_TEST

START_TEST(w_r8_r3327_2_path_without_support)
{
	static const struct
	{
		const char *name;
		int use_path;
		enum rgr_path_mode mode;
		int supports, n_contacts;
		const char *path;
		enum rgr_verdict want;
	} row[] = {
			{"strict", 1, RGR_PATH_STRICT, 0, 1, "<sip:p;lr>",
					RGR_V_PATH_UNSUPPORTED},
			{"strict, supported", 1, RGR_PATH_STRICT, 1, 1, "<sip:p;lr>",
					RGR_V_FINE},
			{"strict, no Path", 1, RGR_PATH_STRICT, 0, 1, "", RGR_V_FINE},
			{"strict, a query stores nothing", 1, RGR_PATH_STRICT, 0, 0,
					"<sip:p;lr>", RGR_V_FINE},
			{"lazy", 1, RGR_PATH_LAZY, 0, 1, "<sip:p;lr>", RGR_V_FINE},
			{"off", 1, RGR_PATH_OFF, 0, 1, "<sip:p;lr>", RGR_V_FINE},
			{"not used at all", 0, RGR_PATH_STRICT, 0, 1, "<sip:p;lr>",
					RGR_V_FINE},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		struct rgr_policy pol = unit_policy();
		struct rgr_contact c = unit_contact("sip:a@h");
		struct rgr_request req = unit_request(&c, row[i].n_contacts);

		pol.use_path = row[i].use_path;
		pol.path_mode = row[i].mode;
		req.supports_path = row[i].supports;
		req.path = unit_str(row[i].path);
		ck_row(check(&pol, &req) == row[i].want, row[i].name);
	}
}
END_TEST

START_TEST(r5626_3_a_flow_comes_alone)
{
	static const struct
	{
		const char *name;
		int outbound, n_contacts;
		const char *regid[2];
		const char *expires[2];
		enum rgr_verdict want;
	} row[] = {
			{"two flows", 1, 2, {"1", "2"}, {"", ""}, RGR_V_REGID_MANY},
			{"a flow and a plain contact", 1, 2, {"1", ""}, {"", ""},
					RGR_V_REGID_MANY},
			{"one flow", 1, 1, {"1", ""}, {"", ""}, RGR_V_FINE},
			{"two plain contacts", 1, 2, {"", ""}, {"", ""}, RGR_V_FINE},
			{"a flow and a removal", 1, 2, {"1", "2"}, {"", "0"}, RGR_V_FINE},
			{"a plain contact and the removal of a flow", 1, 2, {"1", ""},
					{"0", ""}, RGR_V_FINE},
			{"two flows nobody negotiated", 0, 2, {"1", "2"}, {"", ""},
					RGR_V_FINE},
	};
	size_t i;
	int k;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		struct rgr_policy pol = unit_policy();
		struct rgr_contact c[2];
		struct rgr_request req = unit_request(c, row[i].n_contacts);

		for(k = 0; k < 2; k++) {
			c[k] = unit_contact("sip:a@h");
			c[k].regid_text = unit_str(row[i].regid[k]);
			c[k].expires_text = unit_str(row[i].expires[k]);
			c[k].instance = unit_str("<urn:x>");
		}
		pol.outbound_mode =
				row[i].outbound ? RGR_OUTBOUND_SUPPORTED : RGR_OUTBOUND_NONE;
		req.supports_outbound = 1;
		ck_row(check(&pol, &req) == row[i].want, row[i].name);
	}
}
END_TEST

START_TEST(w_r5_r5626_5_a_contact_inherits_nothing)
{
	struct rgr_policy pol = unit_policy();
	struct rgr_contact c[2] = {
			unit_contact("sip:a@h"), unit_contact("sip:b@h")};
	struct rgr_request req = unit_request(c, 2);

	pol.regid_always = 1;
	c[0].regid_text = unit_str("5");
	c[0].instance = unit_str("<urn:x>");
	c[0].q_text = unit_str("0.5");
	c[0].expires_text = unit_str("120");
	ck_assert_int_eq(check(&pol, &req), RGR_V_FINE);
	ck_assert_uint_eq(c[0].reg_id, 5);
	ck_assert_uint_eq(c[1].reg_id, 0);
	ck_assert_int_eq(c[1].q, RGR_Q_UNSET);
	ck_assert_uint_eq(c[1].granted, 3600);
	ck_assert_int_eq(c[1].received.len, 0);
	ck_assert_int_eq(c[1].instance.len, 0);
}
END_TEST

START_TEST(an_instance_without_a_name_is_none)
{
	struct rgr_policy pol = unit_policy();
	struct rgr_contact c = unit_contact("sip:a@h");
	struct rgr_request req = unit_request(&c, 1);

	c.instance = unit_str("<>");
	ck_assert_int_eq(check(&pol, &req), RGR_V_FINE);
	ck_assert_int_eq(c.instance.len, 0);
}
END_TEST

START_TEST(w_r1_w_r6_the_second_contact_refuses_the_request)
{
	struct rgr_policy pol = unit_policy();
	struct rgr_contact c[2] = {
			unit_contact("sip:a@h"), unit_contact("sip:b@h")};
	struct rgr_request req = unit_request(c, 2);

	pol.lifetime.refuse_brief = 1;
	c[1].regid_text = unit_str("x");
	c[1].instance = unit_str("<urn:x>");
	ck_assert_int_eq(check(&pol, &req), RGR_V_BAD_REGID);
	c[1].regid_text = unit_str("");
	c[1].expires_text = unit_str("30");
	ck_assert_int_eq(check(&pol, &req), RGR_V_TOO_BRIEF);
	c[1].expires_text = unit_str("60");
	c[1].uri = unit_str("b");
	ck_assert_int_eq(check(&pol, &req), RGR_V_CONTACT_PARSE);
}
END_TEST

START_TEST(contacts_registered_together_do_not_expire_together)
{
	struct rgr_policy pol = unit_policy();
	struct rgr_contact c[3] = {unit_contact("sip:a@h"), unit_contact("sip:b@h"),
			unit_contact("sip:c@h")};
	struct rgr_request req = unit_request(c, 3);

	pol.lifetime.default_range_pct = 50;
	ck_assert_int_eq(check(&pol, &req), RGR_V_FINE);
	ck_assert_uint_ne(c[0].granted, c[1].granted);
	ck_assert_uint_ne(c[1].granted, c[2].granted);
	ck_assert_int_eq(
			rgr_request_check(&pol, &req, &user, &domain, 0, 0), RGR_V_FINE);
	ck_assert_uint_eq(c[0].granted, 3600);
	ck_assert_uint_eq(c[1].granted, 3600);
}
END_TEST

START_TEST(outbound_is_judged_before_the_contacts)
{
	struct rgr_policy pol = unit_policy();
	struct rgr_request req = unit_request(NULL, 0);

	ck_assert_int_eq(check(&pol, &req), RGR_V_FINE);
	req.requires_outbound = 1;
	ck_assert_int_eq(check(&pol, &req), RGR_V_OUTBOUND_UNSUPPORTED);
}
END_TEST

Suite *suite_contacts(void)
{
	Suite *s = suite_create("contacts");
	TCase *t = tcase_create("all");

	tcase_add_test(t, one_contact);
	tcase_add_test(t, sizes_at_their_limits);
	tcase_add_test(t, as_many_contacts_as_there_may_be);
	tcase_add_test(t, default_and_override_of_q);
	tcase_add_test(t, r3261_7_star);
	tcase_add_test(t, w_r8_r3327_2_path_without_support);
	tcase_add_test(t, r5626_3_a_flow_comes_alone);
	tcase_add_test(t, w_r5_r5626_5_a_contact_inherits_nothing);
	tcase_add_test(t, an_instance_without_a_name_is_none);
	tcase_add_test(t, w_r1_w_r6_the_second_contact_refuses_the_request);
	tcase_add_test(t, contacts_registered_together_do_not_expire_together);
	tcase_add_test(t, outbound_is_judged_before_the_contacts);
	suite_add_tcase(s, t);
	return s;
}

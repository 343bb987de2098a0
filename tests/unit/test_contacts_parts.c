/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Parts of a contact: q-values that are read and written, and URIs that nobody
 * may register. */
#include "bindings.h"
#include "contacts.h"

START_TEST(reads_q)
{
	static const struct
	{
		const char *name;
		const char *text;
		int err, want;
	} row[] = {
			{"none", "", KX_OK, RGR_Q_UNSET},
			{"zero", "0", KX_OK, 0},
			{"one", "1", KX_OK, 1000},
			{"one with decimals", "1.000", KX_OK, 1000},
			{"a half", "0.5", KX_OK, 500},
			{"three decimals", "0.123", KX_OK, 123},
			{"more decimals are cut", "0.12399999999999999", KX_OK, 123},
			{"no digit before the point", ".7", KX_OK, 700},
			{"no digit behind the point", "0.", KX_OK, 0},
			{"a point alone", ".", KX_E_SYNTAX, 0},
			{"above one", "1.001", KX_E_SYNTAX, 0},
			{"two", "2", KX_E_SYNTAX, 0},
			{"ten", "10", KX_E_SYNTAX, 0},
			{"negative", "-0.5", KX_E_SYNTAX, 0},
			{"two points", "0.5.5", KX_E_SYNTAX, 0},
			{"a letter", "0.x", KX_E_SYNTAX, 0},
			{"a word", "high", KX_E_SYNTAX, 0},
			{"a blank", "0.5 ", KX_E_SYNTAX, 0},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str text = unit_str(row[i].text);
		int q = 4711;

		ck_row(rgr_q_read(&text, &q) == row[i].err, row[i].name);
		ck_row(q == (row[i].err == KX_OK ? row[i].want : 4711), row[i].name);
	}
}
END_TEST

START_TEST(writes_q)
{
	static const struct
	{
		int q;
		const char *want;
	} row[] = {
			{-1, "0"},
			{0, "0"},
			{1, "0.001"},
			{10, "0.01"},
			{100, "0.1"},
			{101, "0.101"},
			{110, "0.11"},
			{125, "0.125"},
			{500, "0.5"},
			{999, "0.999"},
			{1000, "1"},
			{2000, "1"},
	};
	char mem[5];
	size_t i;
	int q;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str out = kx_str_span(mem, rgr_q_put(mem, row[i].q));

		ck_row_str(out, row[i].want, "q");
	}
	/* what is written is read back */
	for(i = 0; i <= 1000; i++) {
		str out = kx_str_span(mem, rgr_q_put(mem, (int)i));

		ck_assert_int_eq(rgr_q_read(&out, &q), KX_OK);
		ck_assert_int_eq(q, i);
	}
}
END_TEST

START_TEST(w_r3_judges_contact_uris)
{
	static const struct
	{
		const char *name;
		const char *uri, *user, *domain;
		enum rgr_verdict want;
	} row[] = {
			{"an address", "sip:a@10.0.0.1:5060", "a", "example.com",
					RGR_V_FINE},
			{"a tel URI", "tel:+1", "a", "example.com", RGR_V_FINE},
			{"another scheme (RFC 3261 10.2.1)", "mailto:a@example.com", "a",
					"example.com", RGR_V_FINE},
			{"no URI", "alice", "a", "example.com", RGR_V_CONTACT_PARSE},
			{"nothing", "", "a", "example.com", RGR_V_CONTACT_PARSE},
			{"a line end", "sip:a@h\r\nX: y", "a", "example.com",
					RGR_V_CONTACT_PARSE},
			{"a bracket that would end it", "sip:a@h>", "a", "example.com",
					RGR_V_CONTACT_PARSE},
			{"R5627-5: a public GRUU", "sip:a@example.com;gr=urn:x", "a",
					"example.com", RGR_V_CONTACT_GRUU},
			{"R5627-5: a temporary GRUU", "sips:xyz@example.com;lr;GR", "a",
					"example.com", RGR_V_CONTACT_GRUU},
			{"a GRUU of somebody else", "sip:b@x;gr=1", "a", "example.com",
					RGR_V_CONTACT_GRUU},
			{"a GRUU behind a comma", "sip:b@x;y=1,;gr=1", "a", "example.com",
					RGR_V_CONTACT_GRUU},
			{"a GRUU with an escaped name", "sip:b@x;%67r=1", "a",
					"example.com", RGR_V_CONTACT_GRUU},
			{"no GRUU, a name that begins alike", "sip:b@x;grr=1", "a",
					"example.com", RGR_V_FINE},
			{"a gr parameter of no SIP URI", "tel:+1;gr=x", "a", "example.com",
					RGR_V_FINE},
			{"the AoR itself", "sip:alice@example.com", "alice", "example.com",
					RGR_V_CONTACT_POLICY},
			{"the AoR in other letters", "sip:%41lice@EXAMPLE.com", "alice",
					"example.com", RGR_V_CONTACT_POLICY},
			{"the AoR, sips", "sips:alice@example.com", "alice", "example.com",
					RGR_V_CONTACT_POLICY},
			{"its host with a port is a phone", "sip:alice@example.com:5070",
					"alice", "example.com", RGR_V_FINE},
			{"but not with the port of the AoR", "sip:alice@example.com:5080",
					"alice", "example.com", RGR_V_CONTACT_POLICY},
			{"nor with the scheme's own", "sip:alice@example.com:5060", "alice",
					"example.com", RGR_V_CONTACT_POLICY},
			{"nor with that of sips", "sips:alice@example.com:5061", "alice",
					"example.com", RGR_V_CONTACT_POLICY},
			{"the other scheme's is another place",
					"sip:alice@example.com:5061", "alice", "example.com",
					RGR_V_FINE},
			{"a parameter makes no difference",
					"sip:alice@example.com;line=7;transport=tcp", "alice",
					"example.com", RGR_V_CONTACT_POLICY},
			{"maddr sends it elsewhere", "sip:alice@example.com;maddr=10.0.0.1",
					"alice", "example.com", RGR_V_FINE},
			{"another user there", "sip:bob@example.com", "alice",
					"example.com", RGR_V_FINE},
			{"another host", "sip:alice@example.org", "alice", "example.com",
					RGR_V_FINE},
			{"a host without a user", "sip:example.com", "alice", "example.com",
					RGR_V_FINE},
			{"an AoR without a user", "sip:@example.com", "", "example.com",
					RGR_V_FINE},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		struct rgr_contact c = unit_contact(row[i].uri);
		str user = unit_str(row[i].user), domain = unit_str(row[i].domain);
		static const uint16_t own[2] = {0, 5080};

		ck_row(rgr_contact_judge(&c, &user, &domain, own) == row[i].want,
				row[i].name);
	}
}
END_TEST

Suite *suite_contacts_parts(void)
{
	Suite *s = suite_create("contacts_parts");
	TCase *t = tcase_create("all");

	tcase_add_test(t, reads_q);
	tcase_add_test(t, writes_q);
	tcase_add_test(t, w_r3_judges_contact_uris);
	suite_add_tcase(s, t);
	return s;
}

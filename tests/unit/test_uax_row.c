/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rows of the account table. A table row here is one change of a good one.
 */
#include "row.h"
#include "unit.h"

static struct uax_row good_row(void)
{
	struct uax_row row = {.expires_s = 3600};

	row.text[UAX_R_l_uuid] = unit_str("account-1");
	row.text[UAX_R_l_username] = unit_str("local");
	row.text[UAX_R_l_domain] = unit_str("here");
	row.text[UAX_R_r_username] = unit_str("remote");
	row.text[UAX_R_r_domain] = unit_str("there");
	row.text[UAX_R_auth_username] = unit_str("auth");
	row.text[UAX_R_auth_password] = unit_str("secret");
	return row;
}

static const str own = {"10.0.0.1:5070", 13};

#define HEX32 "0123456789abcdefABCDEF0123456789"

static const struct
{
	const char *name;
	enum uax_row_text column;
	const char *value;
	enum uax_row_fault fault;
	int where; /* -1: column */
} texts[] = {
		/* W-U20: what is missing is empty, and each has its say */
		{"W-U20: no l_uuid", UAX_R_l_uuid, "", UAX_ROW_EMPTY, -1},
		{"W-U20: no l_username", UAX_R_l_username, "", UAX_ROW_EMPTY, -1},
		{"W-U20: no l_domain", UAX_R_l_domain, "", UAX_ROW_EMPTY, -1},
		{"W-U20: no r_username", UAX_R_r_username, "", UAX_ROW_EMPTY, -1},
		{"W-U20: no r_domain", UAX_R_r_domain, "", UAX_ROW_EMPTY, -1},
		{"W-U20: no auth_username", UAX_R_auth_username, "", UAX_ROW_EMPTY, -1},
		{"no realm is fine", UAX_R_realm, "", UAX_ROW_GOOD, -1},
		{"W-U20: no auth_proxy is fine", UAX_R_auth_proxy, "", UAX_ROW_GOOD,
				-1},
		{"no socket is fine", UAX_R_socket, "", UAX_ROW_GOOD, -1},
		{"no password and no HA1", UAX_R_auth_password, "", UAX_ROW_SECRET, -1},
		{"an HA1 of 32 digits", UAX_R_auth_ha1, HEX32, UAX_ROW_GOOD, -1},
		{"an HA1 of 64 digits", UAX_R_auth_ha1, HEX32 HEX32, UAX_ROW_GOOD, -1},
		{"an HA1 of 31 digits", UAX_R_auth_ha1,
				"0123456789abcdef0123456789abcde", UAX_ROW_SECRET, -1},
		{"an HA1 of 33 digits", UAX_R_auth_ha1, HEX32 "0", UAX_ROW_SECRET, -1},
		{"an HA1 of 128 digits", UAX_R_auth_ha1, HEX32 HEX32 HEX32 HEX32,
				UAX_ROW_SECRET, -1},
		{"an HA1 with a letter that is no digit", UAX_R_auth_ha1,
				"0123456789abcdef0123456789abcdeg", UAX_ROW_SECRET, -1},
		{"a line end in a password", UAX_R_auth_password, "a\r\nX: y",
				UAX_ROW_BYTES, -1},
		{"a tab in a realm", UAX_R_realm, "a\tb", UAX_ROW_BYTES, -1},
		{"DEL in a socket", UAX_R_socket, "\177", UAX_ROW_BYTES, -1},
		{"blanks and quotes in a realm are fine", UAX_R_realm, "a \"b\" c",
				UAX_ROW_GOOD, -1},
		{"bytes above 127 in a password are fine", UAX_R_auth_password,
				"\303\244", UAX_ROW_GOOD, -1},
		/* the URIs */
		{"r_domain with a port", UAX_R_r_domain, "there:5080", UAX_ROW_GOOD,
				-1},
		{"r_domain as IPv6", UAX_R_r_domain, "[2001:db8::1]:5080", UAX_ROW_GOOD,
				-1},
		{"r_domain with a parameter", UAX_R_r_domain, "there;transport=tcp",
				UAX_ROW_GOOD, -1},
		{"r_domain with a bad port", UAX_R_r_domain, "there:65536", UAX_ROW_URI,
				-1},
		{"r_domain with no port behind the colon", UAX_R_r_domain,
				"there:", UAX_ROW_URI, -1},
		{"U3261-1: r_domain with a user", UAX_R_r_domain, "u@there",
				UAX_ROW_URI, -1},
		{"r_domain with a blank", UAX_R_r_domain, "the re", UAX_ROW_URI, -1},
		{"r_domain with a bracket", UAX_R_r_domain, "there>", UAX_ROW_URI, -1},
		{"r_username with an at", UAX_R_r_username, "a@b", UAX_ROW_URI, -1},
		{"r_username with a blank", UAX_R_r_username, "a b", UAX_ROW_URI, -1},
		{"r_username with an escape", UAX_R_r_username, "a%40b", UAX_ROW_GOOD,
				-1},
		{"a phone number", UAX_R_r_username, "+4930123", UAX_ROW_GOOD, -1},
		{"l_uuid that can't be a user", UAX_R_l_uuid, "a b", UAX_ROW_URI,
				UAX_R_contact_addr},
		{"contact_addr with a port and a parameter", UAX_R_contact_addr,
				"10.0.0.2:5090;transport=tcp", UAX_ROW_GOOD, -1},
		{"contact_addr as IPv6", UAX_R_contact_addr, "[::1]:5090", UAX_ROW_GOOD,
				-1},
		{"contact_addr with a user", UAX_R_contact_addr, "me@10.0.0.2",
				UAX_ROW_URI, -1},
		{"contact_addr with a second header", UAX_R_contact_addr,
				"h>;expires=0", UAX_ROW_URI, -1},
		{"contact_user with a blank", UAX_R_contact_user, "a b", UAX_ROW_URI,
				UAX_R_contact_addr},
		{"auth_proxy", UAX_R_auth_proxy, "sip:proxy:5080;transport=tcp",
				UAX_ROW_GOOD, -1},
		{"auth_proxy over TLS", UAX_R_auth_proxy, "sips:proxy", UAX_ROW_GOOD,
				-1},
		{"auth_proxy without a scheme", UAX_R_auth_proxy, "proxy", UAX_ROW_URI,
				-1},
		{"auth_proxy of another scheme", UAX_R_auth_proxy, "tel:+1",
				UAX_ROW_URI, -1},
};

START_TEST(checks_the_texts)
{
	struct uax_row row = good_row();
	int want = texts[_i].where < 0 ? (int)texts[_i].column : texts[_i].where;
	int where = 99;
	enum uax_row_fault fault;

	row.text[texts[_i].column] = unit_str(texts[_i].value);
	fault = uax_row_check(&row, &own, &where);
	ck_assert_msg(fault == texts[_i].fault, "%s: %s", texts[_i].name,
			uax_row_fault_text(fault));
	/* only set with a fault */
	ck_assert_msg(where == (fault == UAX_ROW_GOOD ? 99 : want), "%s: at %d",
			texts[_i].name, where);
}
END_TEST

/* Every column at its longest, and one byte more. */
START_TEST(a_text_may_be_as_long_as_its_column)
{
	static const int max[UAX_R_COUNT] = {
			64, 64, 64, 64, 64, 64, 64, 64, 128, 255, 255, 128, 64};
	char value[300];
	int where = 99, hex = _i == UAX_R_auth_ha1;
	struct uax_row row = good_row();
	enum uax_row_fault fault;

	memset(value, 'a', sizeof(value));
	if(_i == UAX_R_auth_proxy)
		memcpy(value, "sip:", 4);
	row.text[_i] = unit_bytes(value, max[_i]);
	fault = uax_row_check(&row, &own, &where);
	/* an HA1 is never as long as its column */
	ck_row(fault == (hex ? UAX_ROW_SECRET : UAX_ROW_GOOD),
			uax_row_text_name(_i));
	row.text[_i] = unit_bytes(value, max[_i] + 1);
	ck_row(uax_row_check(&row, &own, &where) == UAX_ROW_TOO_LONG,
			uax_row_text_name(_i));
	ck_assert_int_eq(where, _i);
}
END_TEST

/* All at once: what is derived still fits. */
START_TEST(the_longest_row_there_is)
{
	static const struct
	{
		enum uax_row_text column;
		int len;
	} longest[] = {{UAX_R_l_uuid, 64}, {UAX_R_r_username, 64},
			{UAX_R_r_domain, 64}, {UAX_R_contact_addr, 255},
			{UAX_R_contact_user, 64}};
	char value[300], mem[512];
	struct uax_row row = good_row();
	struct kx_buf b;
	int where = 99;
	str got = {0, 0};
	size_t i;

	memset(value, 'a', sizeof(value));
	for(i = 0; i < UNIT_ROWS(longest); i++)
		row.text[longest[i].column] = unit_bytes(value, longest[i].len);
	ck_assert_int_eq(uax_row_check(&row, &own, &where), UAX_ROW_GOOD);
	kx_buf_init(&b, mem, sizeof(mem));
	ck_assert_int_eq(uax_row_write_contact(&b, &row, &own), KX_OK);
	ck_assert_int_eq(kx_buf_end(&b, &got), KX_OK);
	ck_assert_int_eq(got.len, 4 + 64 + 1 + 255);
	kx_buf_init(&b, mem, 40);
	ck_assert_int_eq(uax_row_write_contact(&b, &row, &own), KX_E_TOO_LONG);
}
END_TEST

START_TEST(checks_the_numbers)
{
	static const struct
	{
		const char *name;
		uint32_t expires_s, delay_s;
		enum uax_row_fault fault;
	} row[] = {
			{"a second", 1, 0, UAX_ROW_GOOD},
			{"W-U10: 0 would never be tried again", 0, 0, UAX_ROW_NUMBER},
			{"the largest", INT32_MAX, INT32_MAX, UAX_ROW_GOOD},
			{"one more", (uint32_t)INT32_MAX + 1, 0, UAX_ROW_NUMBER},
			{"-1", (uint32_t)-1, 0, UAX_ROW_NUMBER},
			{"a delay of -1", 60, (uint32_t)-1, UAX_ROW_NUMBER},
	};
	struct uax_row r = good_row();
	int where = 99;

	r.expires_s = row[_i].expires_s;
	r.reg_delay_s = row[_i].delay_s;
	ck_row(uax_row_check(&r, &own, &where) == row[_i].fault, row[_i].name);
	ck_row(where == (row[_i].fault == UAX_ROW_GOOD ? 99 : UAX_R_COUNT),
			row[_i].name);
	ck_assert_str_eq(uax_row_text_name(UAX_R_COUNT), "number");
}
END_TEST

START_TEST(a_secret_is_a_password_or_an_ha1)
{
	struct uax_row row = good_row();
	int where = 99;

	row.text[UAX_R_auth_password] = (str){NULL, 0};
	ck_assert_int_eq(uax_row_check(&row, &own, &where), UAX_ROW_SECRET);
	ck_assert_int_eq(where, UAX_R_auth_password);
	row.text[UAX_R_auth_ha1] = unit_str(HEX32);
	ck_assert_int_eq(uax_row_check(&row, &own, &where), UAX_ROW_GOOD);
	/* it wins: a bad one is not made good by a password */
	row.text[UAX_R_auth_ha1] = unit_str("x");
	row.text[UAX_R_auth_password] = unit_str("secret");
	ck_assert_int_eq(uax_row_check(&row, &own, &where), UAX_ROW_SECRET);
	ck_assert_int_eq(where, UAX_R_auth_ha1);
}
END_TEST

START_TEST(a_contact_needs_an_address_from_somewhere)
{
	struct uax_row row = good_row();
	str none = {NULL, 0}, bad = unit_str("a b");
	int where = 99;

	ck_assert_int_eq(uax_row_check(&row, &none, &where), UAX_ROW_CONTACT);
	ck_assert_int_eq(where, UAX_R_contact_addr);
	ck_assert_int_eq(uax_row_check(&row, &bad, &where), UAX_ROW_URI);
	ck_assert_int_eq(where, UAX_R_contact_addr);
	row.text[UAX_R_contact_addr] = unit_str("10.0.0.9");
	ck_assert_int_eq(uax_row_check(&row, &none, &where), UAX_ROW_GOOD);
}
END_TEST

START_TEST(every_difference_is_one)
{
	struct uax_row a = good_row(), b = good_row();
	int i;

	ck_assert(uax_row_same(&a, &b));
	for(i = 0; i < UAX_R_COUNT; i++) {
		b = good_row();
		b.text[i] = unit_str("other");
		ck_row(!uax_row_same(&a, &b), uax_row_text_name(i));
	}
	b = good_row();
	b.expires_s++;
	ck_assert(!uax_row_same(&a, &b));
	b = good_row();
	b.reg_delay_s++;
	ck_assert(!uax_row_same(&a, &b));
	b = good_row();
	b.is_disabled = 1;
	ck_assert(!uax_row_same(&a, &b));
}
END_TEST

START_TEST(writes_the_uris)
{
	struct uax_row row = good_row();
	char mem[512];
	struct kx_buf b;
	str got = {0, 0};

	kx_buf_init(&b, mem, sizeof(mem));
	uax_row_write_aor(&b, &row);
	kx_buf_char(&b, ' ');
	uax_row_write_ruri(&b, &row);
	kx_buf_char(&b, ' ');
	uax_row_write_contact(&b, &row, &own);
	row.text[UAX_R_contact_user] = unit_str("cu");
	row.text[UAX_R_contact_addr] = unit_str("ca:1;x");
	kx_buf_char(&b, ' ');
	uax_row_write_contact(&b, &row, &own);
	ck_assert_int_eq(kx_buf_end(&b, &got), KX_OK);
	ck_str_is(got, "sip:remote@there sip:there sip:account-1@10.0.0.1:5070 "
				   "sip:cu@ca:1;x");
}
END_TEST

START_TEST(every_fault_has_its_text)
{
	int i, j;

	ck_assert_str_eq(uax_row_fault_text(UAX_ROW_GOOD), "");
	ck_assert_str_eq(uax_row_fault_text((enum uax_row_fault)99), "");
	for(i = UAX_ROW_EMPTY; i <= UAX_ROW_CONTACT; i++)
		for(j = 0; j < i; j++)
			ck_assert_str_ne(uax_row_fault_text(i), uax_row_fault_text(j));
	ck_assert_str_eq(uax_row_text_name(UAX_R_auth_ha1), "auth_ha1");
}
END_TEST

Suite *suite_uax_row(void)
{
	Suite *s = suite_create("uax_row");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, checks_the_texts, 0, UNIT_ROWS(texts));
	tcase_add_loop_test(t, a_text_may_be_as_long_as_its_column, 0, UAX_R_COUNT);
	tcase_add_test(t, the_longest_row_there_is);
	tcase_add_loop_test(t, checks_the_numbers, 0, 6);
	tcase_add_test(t, a_secret_is_a_password_or_an_ha1);
	tcase_add_test(t, a_contact_needs_an_address_from_somewhere);
	tcase_add_test(t, every_difference_is_one);
	tcase_add_test(t, writes_the_uris);
	tcase_add_test(t, every_fault_has_its_text);
	suite_add_tcase(s, t);
	return s;
}

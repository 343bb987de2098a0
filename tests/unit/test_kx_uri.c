/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kx_uri.h"
#include "unit.h"

START_TEST(splits_sip_uris)
{
	static const struct
	{
		const char *name;
		const char *text;
		enum kx_uri_scheme scheme;
		int has_user;
		const char *user, *password, *host;
		int port;
		const char *params, *headers;
	} row[] = {
			{"a host", "sip:example.com", KX_URI_SIP, 0, "", "", "example.com",
					0, "", ""},
			{"everything", "SIPS:alice:pw@h.example:5061;a=1;b?Subject=x&P=y",
					KX_URI_SIPS, 1, "alice", "pw", "h.example", 5061, "a=1;b",
					"Subject=x&P=y"},
			{"headers without parameters", "sip:a@h?x=y", KX_URI_SIP, 1, "a",
					"", "h", 0, "", "x=y"},
			{"a user with the bytes that end a host", "sip:a;b=c?d/e@h:1",
					KX_URI_SIP, 1, "a;b=c?d/e", "", "h", 1, "", ""},
			{"an empty user is one", "sip:@h", KX_URI_SIP, 1, "", "", "h", 0,
					"", ""},
			{"an empty password", "sip:a:@h", KX_URI_SIP, 1, "a", "", "h", 0,
					"", ""},
			{"the first colon ends the user", "sip:a:b:c@h", KX_URI_SIP, 1, "a",
					"b:c", "h", 0, "", ""},
			{"an IPv6 reference keeps its brackets",
					"sip:a@[2001:DB8::9.8.7.6]:65535", KX_URI_SIP, 1, "a", "",
					"[2001:DB8::9.8.7.6]", 65535, "", ""},
			{"empty parameters", "sip:h;", KX_URI_SIP, 0, "", "", "h", 0, "",
					""},
			{"empty headers", "sip:h;a?", KX_URI_SIP, 0, "", "", "h", 0, "a",
					""},
			{"an underscore in a host is met in practice", "sip:my_pbx-1.x",
					KX_URI_SIP, 0, "", "", "my_pbx-1.x", 0, "", ""},
			{"a comma ends nothing", "sip:a@h;x=1,;gr", KX_URI_SIP, 1, "a", "",
					"h", 0, "x=1,;gr", ""},
	};
	struct kx_uri u;
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str text = unit_str(row[i].text);

		memset(&u, 0xee, sizeof(u));
		ck_row(kx_uri_parse(&text, &u) == KX_OK, row[i].name);
		ck_row(u.scheme == row[i].scheme, row[i].name);
		ck_row(u.has_user == row[i].has_user, row[i].name);
		ck_row_str(u.user, row[i].user, row[i].name);
		ck_row_str(u.password, row[i].password, row[i].name);
		ck_row_str(u.host, row[i].host, row[i].name);
		ck_row(u.port == row[i].port, row[i].name);
		ck_row_str(u.params, row[i].params, row[i].name);
		ck_row_str(u.headers, row[i].headers, row[i].name);
	}
}
END_TEST

START_TEST(splits_other_uris)
{
	str tel = unit_str("tel:+1-201-555-0123;phone-context=x;ext=1");
	str mail = unit_str("MailTo:a@b;c"), bare = unit_str("tel:911");
	struct kx_uri u;

	ck_assert_int_eq(kx_uri_parse(&tel, &u), KX_OK);
	ck_assert_int_eq(u.scheme, KX_URI_TEL);
	ck_str_is(u.user, "+1-201-555-0123");
	ck_str_is(u.params, "phone-context=x;ext=1");
	ck_assert_int_eq(kx_uri_parse(&bare, &u), KX_OK);
	ck_str_is(u.user, "911");
	ck_str_is(u.params, "");
	ck_assert_int_eq(kx_uri_parse(&mail, &u), KX_OK);
	ck_assert_int_eq(u.scheme, KX_URI_OTHER);
	ck_str_is(u.name, "MailTo");
	ck_str_is(u.rest, "a@b;c");
	ck_assert_int_eq(u.host.len, 0);
}
END_TEST

START_TEST(refuses_what_is_no_uri)
{
	static const struct
	{
		const char *name;
		const char *text;
	} row[] = {
			{"nothing", ""},
			{"no scheme", "alice@example.com"},
			{"no name before the colon", ":a@h"},
			{"a scheme with a byte no scheme has", "s(p:a@h"},
			{"no colon", "sip"},
			{"nothing behind the scheme", "sip:"},
			{"no host", "sip:alice@"},
			{"no host before the port", "sip:alice@:5060"},
			{"no host before the parameters", "sip:;lr"},
			{"a second at", "sip:a@b@c"},
			{"an empty port", "sip:a@h:"},
			{"letters for a port", "sip:a@h:sip"},
			{"a port beyond 16 bits", "sip:a@h:65536"},
			{"a port beyond 64 bits", "sip:a@h:99999999999999999999999"},
			{"text behind the port", "sip:a@h:5060x"},
			{"text behind the host", "sip:a@h/x"},
			{"an IPv6 reference that is not closed", "sip:a@[::1"},
			{"an empty IPv6 reference", "sip:a@[]"},
			{"a zone is no IPv6 reference", "sip:a@[fe80::1%25eth0]"},
			{"a blank", "sip:a b@h"},
			{"a line end", "sip:a@h\r\nContact: x"},
			{"a quote", "sip:a\"@h"},
			{"an opening bracket", "sip:a@h;x=<"},
			{"a closing bracket", "sip:a@h;x=>"},
			{"a delete", "sip:a\x7f@h"},
			{"a control byte in an unknown scheme", "x:\x01"},
			{"tel without a number", "tel:;ext=1"},
			{"a bracket in a host", "sip:a@ho{st"},
			{"a byte below the digits in a port", "sip:a@h:1+"},
			{"an IPv6 reference with a letter", "sip:a@[::g]"},
			{"a high byte in a host", "sip:a@h\xc3\xa4"},
	};
	struct kx_uri u;
	str nul = unit_bytes("sip:a\0b@h", 9), none = {NULL, 0};
	size_t i;

	memset(&u, 0x5a, sizeof(u));
	for(i = 0; i < UNIT_ROWS(row); i++) {
		str text = unit_str(row[i].text);

		ck_row(kx_uri_parse(&text, &u) == KX_E_SYNTAX, row[i].name);
	}
	ck_assert_int_eq(kx_uri_parse(&nul, &u), KX_E_SYNTAX);
	ck_assert_int_eq(kx_uri_parse(&none, &u), KX_E_SYNTAX);
	/* what fails leaves its result alone */
	for(i = 0; i < sizeof(u); i++)
		ck_assert_int_eq(((unsigned char *)&u)[i], 0x5a);
}
END_TEST

static int same(const char *a, const char *b, const char *name)
{
	str x = unit_str(a), y = unit_str(b);
	struct kx_uri u, v;
	int there, back;

	ck_row(kx_uri_parse(&x, &u) == KX_OK, name);
	ck_row(kx_uri_parse(&y, &v) == KX_OK, name);
	there = kx_uri_same(&u, &v);
	back = kx_uri_same(&v, &u);
	ck_row(there == back, name);
	ck_row(kx_uri_same(&u, &u), name);
	return there;
}

/* 33 parameters: "sip:h;p0=...;p32" */
static const char many[] =
		"sip:h;a;b;c;d;e;f;g;h;i;j;k;l;m;n;o;p;q;r;s;t;u;v;w;x;y;z;"
		"aa;bb;cc;dd;ee;ff;gg";
static const char many_turned[] =
		"sip:h;b;a;c;d;e;f;g;h;i;j;k;l;m;n;o;p;q;r;s;t;u;v;w;x;y;z;"
		"aa;bb;cc;dd;ee;ff;gg";
static const char many_headers[] =
		"sip:h?a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q&r&s&t&u&v&w&x&y&z&"
		"aa&bb&cc&dd&ee&ff&gg";

START_TEST(r3261_14_compares_as_rfc_3261_19_1_4_says)
{
	static const struct
	{
		const char *name;
		const char *a, *b;
		int same;
	} row[] = {
			/* the examples of the RFC */
			{"escape, case of host and parameter",
					"sip:%61lice@atlanta.com;transport=TCP",
					"sip:alice@AtLanTa.CoM;Transport=tcp", 1},
			{"a parameter on one side", "sip:carol@chicago.com",
					"sip:carol@chicago.com;newparam=5", 1},
			{"another one", "sip:carol@chicago.com",
					"sip:carol@chicago.com;security=on", 1},
			{"one each, in another order",
					"sip:biloxi.com;transport=tcp;method=REGISTER"
					"?to=sip:bob%40biloxi.com",
					"sip:biloxi.com;method=REGISTER;transport=tcp"
					"?to=sip:bob%40biloxi.com",
					1},
			{"headers in another order",
					"sip:alice@atlanta.com?subject=project%20x"
					"&priority=urgent",
					"sip:alice@atlanta.com?priority=urgent"
					"&subject=project%20x",
					1},
			{"case of the user", "SIP:ALICE@AtLanTa.CoM;Transport=udp",
					"sip:alice@AtLanTa.CoM;Transport=UDP", 0},
			{"the default port is not none", "sip:bob@biloxi.com",
					"sip:bob@biloxi.com:5060", 0},
			{"a transport on one side", "sip:bob@biloxi.com",
					"sip:bob@biloxi.com;transport=udp", 0},
			{"a port and a transport on one side", "sip:bob@biloxi.com",
					"sip:bob@biloxi.com:6000;transport=tcp", 0},
			{"headers on one side", "sip:carol@chicago.com",
					"sip:carol@chicago.com?Subject=next%20meeting", 0},
			{"a name and its address", "sip:bob@phone21.boxesbybob.com",
					"sip:bob@192.0.2.4", 0},
			/* not transitive: equal to both of two that differ */
			{"not transitive, first", "sip:carol@chicago.com;security=on",
					"sip:carol@chicago.com;newparam=5", 1},
			{"not transitive, second", "sip:carol@chicago.com;security=on",
					"sip:carol@chicago.com;security=off", 0},
			/* our own */
			{"sip and sips", "sip:a@h", "sips:a@h", 0},
			{"a user on one side", "sip:h", "sip:a@h", 0},
			{"an empty user is not none", "sip:@h", "sip:h", 0},
			{"case of the password", "sip:a:B@h", "sip:a:b@h", 0},
			{"a password on one side", "sip:a:b@h", "sip:a@h", 0},
			{"user parameter on one side", "sip:a@h;user=phone", "sip:a@h", 0},
			{"ttl on one side", "sip:a@h;ttl=1", "sip:a@h", 0},
			{"method on one side", "sip:a@h;method=INVITE", "sip:a@h", 0},
			{"maddr on one side", "sip:a@h;maddr=1.2.3.4", "sip:a@h", 0},
			{"R5627-8: gr on one side", "sip:a@h;gr=urn:x", "sip:a@h", 0},
			{"gr of two instances", "sip:a@h;gr=urn:x", "sip:a@h;gr=urn:y", 0},
			{"an escaped name of a parameter", "sip:a@h;%74tl=1",
					"sip:a@h;ttl=1", 1},
			{"an escaped name of another value", "sip:a@h;%74tl=1",
					"sip:a@h;ttl=2", 0},
			{"a value and none", "sip:a@h;x=", "sip:a@h;x", 1},
			{"a comma does not hide what follows", "sip:a@h;x=1,;transport=tcp",
					"sip:a@h;x=1,;transport=udp", 0},
			{"the first of a name that is there twice", "sip:h;x=1;x=2",
					"sip:h;x=1;X=3", 1},
			{"not the second", "sip:h;x=1;x=2", "sip:h;x=2", 0},
			{"empty parameters are nothing", "sip:a@h;;x;", "sip:a@h;x", 1},
			{"a parameter without a name is nothing", "sip:a@h;=1", "sip:a@h",
					1},
			{"reserved bytes count as their escapes", "sip:a%2Bb@h",
					"sip:a+b@h", 1},
			{"an escape that is none is text", "sip:a%zz@h", "sip:a%zz@h", 1},
			{"half an escape", "sip:a%4@h", "sip:aA@h", 0},
			{"case of a hexadecimal digit", "sip:a%2b@h", "sip:a%2B@h", 1},
			{"a byte of all ones ends nothing", "sip:h;x=%ffone",
					"sip:h;x=%fftwo", 0},
			{"header twice and once", "sip:h?a=1&a=1&b=2", "sip:h?a=1&b=2&b=2",
					0},
			{"header left out", "sip:h?a=1&b=2", "sip:h?a=1", 0},
			{"header doubled", "sip:h?a=1&a=1", "sip:h?a=1", 0},
			{"many parameters are compared as text", many, many, 1},
			{"... in their order", many, many_turned, 0},
			{"... also when the other side has few", many, "sip:h", 0},
			{"many headers are compared as text", many_headers, many_headers,
					1},
			{"... and few with many", many_headers, "sip:h?a", 0},
			{"IPv6 in either case", "sip:a@[2001:DB8::1]",
					"sip:a@[2001:db8::1]", 1},
			/* RFC 3966 4 */
			{"separators of a number", "tel:+1-201-555-0123",
					"tel:+1(201)555.0123", 1},
			{"global and local", "tel:+12015550123", "tel:12015550123", 0},
			{"a hexadecimal digit in either case", "tel:A1;phone-context=x",
					"tel:a1;phone-context=X", 1},
			{"a context on one side", "tel:1234;phone-context=x", "tel:1234",
					0},
			{"any parameter on one side", "tel:+1;foo", "tel:+1", 0},
			{"separators in a context that is a number",
					"tel:1;phone-context=+1-914", "tel:1;phone-context=+1914",
					1},
			{"none in one that is a domain", "tel:1;phone-context=a-b",
					"tel:1;phone-context=ab", 0},
			{"separators in an extension", "tel:+1;ext=1-2", "tel:+1;ext=12",
					1},
			{"order of parameters", "tel:+1;ext=1;isub=2",
					"tel:+1;isub=2;ext=1", 1},
			/* other schemes */
			{"the same text", "mailto:a@b", "MAILTO:%61@b", 1},
			{"the same text of another scheme", "mailto:a@b", "im:a@b", 0},
			{"case of unknown text", "mailto:A@b", "mailto:a@b", 0},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++)
		ck_row(same(row[i].a, row[i].b, row[i].name) == row[i].same,
				row[i].name);
}
END_TEST

/* What a peer sends does not choose how long we compute: 64 kB of it. */
START_TEST(long_lists_take_no_time)
{
	static char a[65000], b[65000];
	size_t i;

	memcpy(a, "sip:h", 5);
	for(i = 5; i + 2 < sizeof(a); i += 2)
		memcpy(a + i, ";x", 2);
	a[i] = '\0';
	memcpy(b, a, sizeof(a));
	ck_assert(same(a, b, "the same list"));
	b[i - 1] = 'y';
	ck_assert(!same(a, b, "another list"));
}
END_TEST

START_TEST(texts_with_escapes)
{
	static const struct
	{
		const char *name;
		const char *a, *b;
		int any_case, same, is;
	} row[] = {
			{"equal", "ab", "ab", 0, 1, 1},
			{"empty", "", "", 0, 1, 1},
			{"one is longer", "ab", "a", 0, 0, 0},
			{"the other is longer", "a", "ab", 0, 0, 0},
			{"an escape on the left", "%61b", "ab", 0, 1, 1},
			{"an escape on the right is plain text", "ab", "%61b", 0, 1, 0},
			{"case counts", "A", "a", 0, 0, 0},
			{"case does not count", "%41", "a", 1, 1, 0},
			{"an escaped NUL is a byte", "%00a", "%00b", 0, 0, 0},
			{"high bytes", "\xff\xfe", "%ff%fe", 1, 1, 0},
			{"an escape at the very end", "a%", "a%", 0, 1, 1},
			{"an escaped percent sign", "%2561", "%61", 0, 0, 1},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str a = unit_str(row[i].a), b = unit_str(row[i].b);

		ck_row(kx_uri_text_same(&a, &b, row[i].any_case) == row[i].same,
				row[i].name);
		ck_row(kx_uri_text_is(&a, &b) == row[i].is, row[i].name);
	}
}
END_TEST

START_TEST(unescapes)
{
	static const struct
	{
		const char *name;
		const char *text;
		int err;
		const char *want;
	} row[] = {
			{"nothing", "", KX_OK, ""},
			{"no escapes", "alice", KX_OK, "alice"},
			{"escapes in either case", "%61%4c%4Ce%20", KX_OK, "aLLe "},
			{"high bytes", "%c3%A4", KX_OK, "\xc3\xa4"},
			{"a lone percent sign", "50%", KX_E_SYNTAX, NULL},
			{"one digit", "a%4", KX_E_SYNTAX, NULL},
			{"no digits", "a%xyz", KX_E_SYNTAX, NULL},
			{"a bad second digit", "a%4gz", KX_E_SYNTAX, NULL},
			{"a percent sign that is escaped is text", "%25", KX_OK, "%"},
			{"an escaped NUL", "a%00", KX_E_SYNTAX, NULL},
			{"an escaped line end", "a%0d%0a", KX_E_SYNTAX, NULL},
			{"an escaped delete", "%7f", KX_E_SYNTAX, NULL},
			{"a control byte as it is", "a\tb", KX_E_SYNTAX, NULL},
			{"too long", "12345678", KX_E_TOO_LONG, NULL},
	};
	char mem[8];
	struct kx_buf b;
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str text = unit_str(row[i].text), out = {0, 0};

		kx_buf_init(&b, mem, sizeof(mem));
		ck_row(kx_uri_unescape(&b, &text) == row[i].err, row[i].name);
		if(row[i].err == KX_OK) {
			ck_row(kx_buf_end(&b, &out) == KX_OK, row[i].name);
			ck_row_str(out, row[i].want, row[i].name);
		}
	}
}
END_TEST

START_TEST(walks_over_parameters)
{
	str text = unit_str(";a=1;;=x;b;c=,\"=;d="), name = unit_str("D");
	str none = unit_str("x");
	struct kx_cursor c;
	struct kx_param p;

	kx_cur_init(&c, &text);
	ck_assert_int_eq(kx_uri_param_next(&c, &p), KX_OK);
	ck_str_is(p.name, "a");
	ck_str_is(p.value, "1");
	ck_assert_int_eq(kx_uri_param_next(&c, &p), KX_E_SYNTAX);
	ck_assert_int_eq(kx_uri_param_next(&c, &p), KX_E_SYNTAX);
	ck_assert_int_eq(kx_uri_param_next(&c, &p), KX_OK);
	ck_str_is(p.name, "b");
	ck_assert_int_eq(p.has_value, 0);
	ck_assert_int_eq(kx_uri_param_next(&c, &p), KX_OK);
	ck_str_is(p.name, "c");
	ck_str_is(p.value, ",\"=");
	ck_assert_int_eq(kx_uri_param_next(&c, &p), KX_OK);
	ck_assert_int_eq(p.has_value, 1);
	ck_assert_int_eq(p.value.len, 0);
	ck_assert_int_eq(kx_uri_param_next(&c, &p), KX_E_END);
	ck_assert_int_eq(kx_uri_param_next(&c, &p), KX_E_END);

	ck_assert_int_eq(kx_uri_param_find(&text, &name, &p), KX_OK);
	ck_str_is(p.name, "d");
	ck_assert_int_eq(kx_uri_param_find(&text, &none, &p), KX_E_NONE);
	ck_str_is(p.name, "d");
}
END_TEST

Suite *suite_kx_uri(void)
{
	Suite *s = suite_create("kx_uri");
	TCase *t = tcase_create("all");

	tcase_add_test(t, splits_sip_uris);
	tcase_add_test(t, splits_other_uris);
	tcase_add_test(t, refuses_what_is_no_uri);
	tcase_add_test(t, r3261_14_compares_as_rfc_3261_19_1_4_says);
	tcase_add_test(t, long_lists_take_no_time);
	tcase_add_test(t, texts_with_escapes);
	tcase_add_test(t, unescapes);
	tcase_add_test(t, walks_over_parameters);
	suite_add_tcase(s, t);
	return s;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reqspec.h"
#include "unit.h"

static const struct text_row
{
	const char *name;
	int key;
	const char *value;
	int err;
} text_rows[] = {
		{"a method is a token", UAX_REQ_METHOD, "OPTIONS", KX_OK},
		{"any token is a method", UAX_REQ_METHOD, "x-Y.1", KX_OK},
		{"a method has no blank", UAX_REQ_METHOD, "GET ME", KX_E_SYNTAX},
		{"a method has no line end", UAX_REQ_METHOD, "A\r\nX: y", KX_E_SYNTAX},
		{"a request URI", UAX_REQ_RURI, "sip:a@b;x=1?h=2", KX_OK},
		{"a request URI in brackets", UAX_REQ_RURI, "<sip:a@b>", KX_OK},
		{"a name before the brackets", UAX_REQ_RURI, "\"A B\" <sip:a@b>",
				KX_OK},
		{"a URI with a blank", UAX_REQ_RURI, "sip:a@b SIP/2.0", KX_E_SYNTAX},
		{"a URI with a line end", UAX_REQ_RURI, "sip:a@b\r\nX: y", KX_E_SYNTAX},
		{"a URI with a tab", UAX_REQ_OURI, "sip:a\t@b", KX_E_SYNTAX},
		{"a bracket nobody opened", UAX_REQ_RURI, "sip:a@b>", KX_E_SYNTAX},
		{"a bracket opened in quotes", UAX_REQ_RURI, "\"<\" sip:a@b>",
				KX_E_SYNTAX},
		{"nothing in the brackets", UAX_REQ_TURI, "<>", KX_E_SYNTAX},
		{"a From with parameters", UAX_REQ_FURI, "\"A\" <sip:a@b>;p=1", KX_OK},
		{"a From with bytes above 127", UAX_REQ_FURI, "\"\xc3\xa4\" <sip:a@b>",
				KX_OK},
		{"a From with a bracket nobody opened", UAX_REQ_FURI, "a@b>",
				KX_E_SYNTAX},
		{"a From with a line end", UAX_REQ_FURI, "<sip:a@b>\n", KX_E_SYNTAX},
		{"a Call-ID", UAX_REQ_CALLID, "1234@host", KX_OK},
		{"a Call-ID with a blank", UAX_REQ_CALLID, "12 34", KX_E_SYNTAX},
		{"a tag with a line end", UAX_REQ_FTAG, "a\rb", KX_E_SYNTAX},
		{"a user with a line end", UAX_REQ_AUSER, "a\nb", KX_E_SYNTAX},
		{"a password may hold anything", UAX_REQ_APASSWD, "a\r\n\x01", KX_OK},
		{"a body may hold anything", UAX_REQ_BODY, "a\r\n\r\n\x01", KX_OK},
		{"one header", UAX_REQ_HDRS, "X: y\r\n", KX_OK},
		{"one header without line end", UAX_REQ_HDRS, "X: y", KX_OK},
		{"a header of the script, half done", UAX_REQ_HDRS, "Contact", KX_OK},
		{"two headers, one folded", UAX_REQ_HDRS, "X: y\r\n z\r\nA: b\r\n",
				KX_OK},
		{"lone LFs", UAX_REQ_HDRS, "X: y\nA: b\n", KX_OK},
		{"empty lines at the end are no harm", UAX_REQ_HDRS, "X: y\r\n\r\n",
				KX_OK},
		{"line ends only", UAX_REQ_HDRS, "\r\n\r\n", KX_OK},
		{"an empty line ends the headers early", UAX_REQ_HDRS,
				"X: y\r\n\r\nA: b\r\n", KX_E_SYNTAX},
		{"an empty line of LFs", UAX_REQ_HDRS, "X: y\n\nA: b", KX_E_SYNTAX},
		{"an empty line, mixed", UAX_REQ_HDRS, "X: y\n\r\nA: b", KX_E_SYNTAX},
		{"a line end first", UAX_REQ_HDRS, "\r\nX: y", KX_E_SYNTAX},
		{"a lone CR", UAX_REQ_HDRS, "X: y\rA: b\r\n", KX_E_SYNTAX},
		{"a fold of nothing", UAX_REQ_HDRS, " X: y\r\n", KX_E_SYNTAX},
};

START_TEST(texts_are_checked)
{
	const struct text_row *row = &text_rows[_i];
	str value = unit_str(row->value);

	ck_assert_msg(
			uax_req_text_check(row->key, &value) == row->err, "%s", row->name);
}
END_TEST

START_TEST(no_key_but_bytes_takes_a_nul)
{
	str nul = {(char *)"a\0b", 3};
	int key;

	for(key = 0; key < UAX_REQ_TEXT_COUNT; key++) {
		int takes = key == UAX_REQ_BODY || key == UAX_REQ_APASSWD
					|| key == UAX_REQ_EVPARAM
					|| uax_req_key_name(key)[0] == '\0';

		ck_assert_msg(
				(uax_req_text_check(key, &nul) == KX_OK) == takes, "%d", key);
	}
}
END_TEST

START_TEST(w_u25_there_is_one_large_limit)
{
	static char big[UAX_REQ_VALUE_MAX + 1];
	str value = {big, UAX_REQ_VALUE_MAX};
	int key;

	memset(big, 'a', sizeof(big));
	for(key = 0; key < UAX_REQ_TEXT_COUNT; key++) {
		value.len = UAX_REQ_VALUE_MAX;
		ck_assert_int_eq(uax_req_text_check(key, &value), KX_OK);
		value.len++;
		ck_assert_int_eq(uax_req_text_check(key, &value), KX_E_TOO_LONG);
	}
}
END_TEST

START_TEST(every_key_of_scripts_is_found_by_its_name)
{
	static const char *const names[] = {"all", "method", "ruri", "turi", "furi",
			"ouri", "sock", "callid", "hdrs", "body", "auser", "apasswd",
			"flags", "evroute", "evcode", "evtype", "evparam", "cseqno", "ftag",
			"ttag", "fr_timeout", "fr_inv_timeout"};
	static const char *const strangers[] = {
			"", "Method", "metho", "methods", "sent_callid", "al", "alls"};
	size_t i;

	for(i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		str name = unit_str(names[i]);
		int key = uax_req_key_find(&name);

		ck_assert_msg(key >= 0, "%s", names[i]);
		ck_assert_str_eq(uax_req_key_name(key), names[i]);
	}
	for(i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		str name = unit_str(strangers[i]);

		ck_assert_int_eq(uax_req_key_find(&name), KX_E_NONE);
	}
	ck_assert_str_eq(uax_req_key_name(UAX_REQ_SENT_CALLID), "");
	ck_assert_str_eq(uax_req_key_name(-1), "");
	ck_assert_str_eq(uax_req_key_name(1000), "");
}
END_TEST

START_TEST(a_target_has_no_name_and_no_brackets)
{
	str plain = unit_str("sip:a@b;x"), named = unit_str("\"<A>\" <sip:a@b>");
	str none = {0, 0};

	ck_str_is(uax_req_target(&plain), "sip:a@b;x");
	ck_str_is(uax_req_target(&named), "sip:a@b");
	ck_assert_int_eq(uax_req_target(&none).len, 0);
}
END_TEST

static const struct lines_row
{
	const char *name;
	const char *lines;
	int err;
	const char *want;
} lines_rows[] = {
		{"W-U25c: a missing line end is added", "X: y", KX_OK, "X: y\r\n"},
		{"what is right stays", "X: y\r\nA: b\r\n", KX_OK, "X: y\r\nA: b\r\n"},
		{"lone LFs become line ends", "X: y\nA: b\n", KX_OK,
				"X: y\r\nA: b\r\n"},
		{"empty lines at the end go", "X: y\r\n\r\n\n", KX_OK, "X: y\r\n"},
		{"a fold stays one", "X: y\r\n\tz: 1", KX_OK, "X: y\r\n\tz: 1\r\n"},
		{"nothing is nothing", "\r\n", KX_OK, ""},
		{"an empty line inside", "X: y\r\n\r\nA: b", KX_E_SYNTAX, NULL},
		{"a line that is no header", "X: y\r\nnonsense\r\n", KX_E_SYNTAX, NULL},
		{"a header without name", ": y\r\n", KX_E_SYNTAX, NULL},
		{"a fold of nothing", " X: y\r\n", KX_E_SYNTAX, NULL},
		{"a lone CR", "X: y\rA: b", KX_E_SYNTAX, NULL},
};

START_TEST(header_lines_are_written_whole)
{
	const struct lines_row *row = &lines_rows[_i];
	str lines = unit_str(row->lines), out = {0, 0};
	char mem[64];
	struct kx_buf b;

	kx_buf_init(&b, mem, sizeof(mem));
	ck_assert_msg(uax_req_headers(&b, &lines) == row->err, "%s", row->name);
	if(row->want != NULL) {
		ck_assert_int_eq(kx_buf_end(&b, &out), KX_OK);
		ck_str_is(out, row->want);
	}
}
END_TEST

START_TEST(headers_that_do_not_fit_are_no_headers)
{
	str lines = unit_str("X-Long: 0123456789\r\n");
	char mem[12];
	struct kx_buf b;

	kx_buf_init(&b, mem, sizeof(mem));
	ck_assert_int_eq(uax_req_headers(&b, &lines), KX_E_TOO_LONG);
}
END_TEST

static void set(struct uax_reqspec *spec, int key, const char *value)
{
	str text = unit_str(value);

	ck_assert_int_eq(uax_reqspec_set_text(spec, key, &text), KX_OK);
}

START_TEST(w_u25_a_value_refused_never_leaves_the_former_one)
{
	struct uax_reqspec spec;
	str bad = unit_str("sip:a b");

	uax_reqspec_init(&spec, &unit_alloc);
	set(&spec, UAX_REQ_RURI, "sip:old@host");
	ck_assert_int_eq(
			uax_reqspec_set_text(&spec, UAX_REQ_RURI, &bad), KX_E_SYNTAX);
	ck_assert_int_eq(spec.req.text[UAX_REQ_RURI].len, 0);
	ck_assert_int_eq(uax_reqspec_refused(&spec), UAX_REQ_RURI);

	uax_reqspec_set_number(&spec, UAX_REQ_EVROUTE, 1);
	ck_assert_int_eq(
			uax_reqspec_set_number(&spec, UAX_REQ_EVROUTE, -1), KX_E_RANGE);
	ck_assert_int_eq(uax_req_number(&spec.req, UAX_REQ_EVROUTE), 0);
	ck_assert_int_eq(uax_reqspec_set_number(
							 &spec, UAX_REQ_EVROUTE, (int64_t)INT32_MAX + 1),
			KX_E_RANGE);

	/* setting one again makes good for that one */
	set(&spec, UAX_REQ_RURI, "sip:new@host");
	ck_assert_int_eq(uax_reqspec_refused(&spec), UAX_REQ_EVROUTE);
	uax_reqspec_unset(&spec, UAX_REQ_EVROUTE);
	ck_assert_int_eq(uax_reqspec_refused(&spec), KX_E_NONE);
	uax_reqspec_clear(&spec);
	ck_assert_int_eq(unit_heap.live, 0);
}
END_TEST

START_TEST(a_text_is_no_number_and_back)
{
	struct uax_reqspec spec;
	str one = unit_str("1");

	uax_reqspec_init(&spec, &unit_alloc);
	ck_assert_int_eq(
			uax_reqspec_set_text(&spec, UAX_REQ_FLAGS, &one), KX_E_RANGE);
	ck_assert_int_eq(uax_reqspec_refused(&spec), UAX_REQ_FLAGS);
	ck_assert_int_eq(
			uax_reqspec_set_number(&spec, UAX_REQ_BODY, 1), KX_E_RANGE);
	ck_assert_int_eq(uax_reqspec_refused(&spec), UAX_REQ_BODY);
	uax_reqspec_clear(&spec);
	ck_assert_int_eq(uax_reqspec_refused(&spec), KX_E_NONE);
}
END_TEST

START_TEST(w_u24_all_unsets_every_key)
{
	static const struct uax_req none;
	struct uax_reqspec spec;
	int key;

	uax_reqspec_init(&spec, &unit_alloc);
	for(key = 0; key < UAX_REQ_TEXT_COUNT; key++)
		set(&spec, key, key == UAX_REQ_HDRS ? "X: y\r\n" : "x");
	for(; key < UAX_REQ_KEY_COUNT; key++)
		ck_assert_int_eq(uax_reqspec_set_number(&spec, key, 7), KX_OK);
	uax_reqspec_unset(&spec, UAX_REQ_ALL);
	ck_assert(memcmp(&spec.req, &none, sizeof(none)) == 0);
	ck_assert_int_eq(unit_heap.live, 0);
}
END_TEST

/* an allocator that shows what it gets back */
static char leftover[64];
static char pool[64];

static void *pool_get(size_t size)
{
	return size <= sizeof(pool) ? pool : NULL;
}

static void pool_put(void *mem)
{
	memcpy(leftover, mem, sizeof(leftover));
}

START_TEST(w_u24_a_password_leaves_no_bytes_behind)
{
	static const struct kx_alloc alloc = {pool_get, pool_put};
	struct uax_reqspec spec;

	memset(pool, '.', sizeof(pool));
	uax_reqspec_init(&spec, &alloc);
	set(&spec, UAX_REQ_APASSWD, "geheim");
	ck_assert(memcmp(pool, "geheim", 6) == 0);
	uax_reqspec_unset(&spec, UAX_REQ_ALL);
	ck_assert(memcmp(leftover, "\0\0\0\0\0\0.", 7) == 0);
}
END_TEST

START_TEST(a_key_can_be_set_to_itself_or_another)
{
	struct uax_reqspec spec;

	uax_reqspec_init(&spec, &unit_alloc);
	set(&spec, UAX_REQ_FURI, "sip:a@b");
	ck_assert_int_eq(uax_reqspec_set_text(
							 &spec, UAX_REQ_FURI, &spec.req.text[UAX_REQ_FURI]),
			KX_OK);
	ck_assert_int_eq(uax_reqspec_set_text(
							 &spec, UAX_REQ_TURI, &spec.req.text[UAX_REQ_FURI]),
			KX_OK);
	uax_reqspec_unset(&spec, UAX_REQ_FURI);
	ck_str_is(spec.req.text[UAX_REQ_TURI], "sip:a@b");
	set(&spec, UAX_REQ_TURI, "");
	ck_assert_int_eq(unit_heap.live, 0);
}
END_TEST

START_TEST(borrowed_values_are_not_freed)
{
	struct uax_req req = {0};
	struct uax_reqspec spec;

	req.text[UAX_REQ_METHOD] = unit_str("INVITE");
	req.text[UAX_REQ_BODY] = unit_str("body");
	uax_req_number(&req, UAX_REQ_EVCODE) = 408;
	uax_reqspec_borrow(&spec, &req, &unit_alloc);
	ck_str_is(spec.req.text[UAX_REQ_METHOD], "INVITE");
	ck_assert_int_eq(uax_req_number(&spec.req, UAX_REQ_EVCODE), 408);
	set(&spec, UAX_REQ_METHOD, "OPTIONS");
	ck_str_is(spec.req.text[UAX_REQ_METHOD], "OPTIONS");
	uax_reqspec_clear(&spec);
	ck_str_is(req.text[UAX_REQ_METHOD], "INVITE");
	ck_assert_int_eq(unit_heap.live, 0);
}
END_TEST

static int set_three(void *param)
{
	struct uax_reqspec spec;
	str a = unit_str("sip:a@b"), b = unit_str("X: y\r\n");
	int ok;

	uax_reqspec_init(&spec, &unit_alloc);
	ok = uax_reqspec_set_text(&spec, UAX_REQ_RURI, &a) == KX_OK
		 && uax_reqspec_set_text(&spec, UAX_REQ_HDRS, &b) == KX_OK
		 && uax_reqspec_set_text(&spec, UAX_REQ_RURI, &b) == KX_E_SYNTAX
		 && uax_reqspec_set_text(&spec, UAX_REQ_RURI, &a) == KX_OK;
	if(!ok)
		ck_assert_int_ne(uax_reqspec_refused(&spec), KX_E_NONE);
	uax_reqspec_clear(&spec);
	return ok;
}

START_TEST(no_memory_is_a_value_refused)
{
	unit_ladder(set_three, NULL);
}
END_TEST

START_TEST(w_u25b_a_block_has_only_what_is_used)
{
	struct uax_req req = {0}, back;
	char mem[512];
	size_t bare = uax_req_pack_len(&req), len;
	int key;

	ck_assert_uint_lt(bare, 256);
	req.text[UAX_REQ_METHOD] = unit_str("INFO");
	req.text[UAX_REQ_HELD_PROXY].s = (char *)"a\0b";
	req.text[UAX_REQ_HELD_PROXY].len = 3;
	uax_req_number(&req, UAX_REQ_FLAGS) = 1;
	uax_req_number(&req, UAX_REQ_STALE) = INT32_MAX;
	len = uax_req_pack_len(&req);
	ck_assert_uint_eq(len, bare + 4 + 3);
	/* one byte off any alignment */
	uax_req_pack(&req, mem + 1);
	ck_assert_int_eq(uax_req_unpack(mem + 1, len, &back), KX_OK);
	for(key = 0; key < UAX_REQ_TEXT_COUNT; key++)
		ck_assert(kx_str_eq(&req.text[key], &back.text[key]));
	ck_assert(memcmp(req.number, back.number, sizeof(req.number)) == 0);
	/* cut or longer it is no block */
	for(len = 0; len < bare + 7; len++)
		ck_assert_int_eq(uax_req_unpack(mem + 1, len, &back), KX_E_SYNTAX);
	ck_assert_int_eq(uax_req_unpack(mem + 1, bare + 8, &back), KX_E_SYNTAX);
}
END_TEST

Suite *suite_uax_reqspec(void)
{
	Suite *s = suite_create("uax_reqspec");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(
			t, texts_are_checked, 0, sizeof(text_rows) / sizeof(text_rows[0]));
	tcase_add_test(t, no_key_but_bytes_takes_a_nul);
	tcase_add_test(t, w_u25_there_is_one_large_limit);
	tcase_add_test(t, every_key_of_scripts_is_found_by_its_name);
	tcase_add_test(t, a_target_has_no_name_and_no_brackets);
	tcase_add_loop_test(t, header_lines_are_written_whole, 0,
			sizeof(lines_rows) / sizeof(lines_rows[0]));
	tcase_add_test(t, headers_that_do_not_fit_are_no_headers);
	tcase_add_test(t, w_u25_a_value_refused_never_leaves_the_former_one);
	tcase_add_test(t, a_text_is_no_number_and_back);
	tcase_add_test(t, w_u24_all_unsets_every_key);
	tcase_add_test(t, w_u24_a_password_leaves_no_bytes_behind);
	tcase_add_test(t, a_key_can_be_set_to_itself_or_another);
	tcase_add_test(t, borrowed_values_are_not_freed);
	tcase_add_test(t, no_memory_is_a_value_refused);
	tcase_add_test(t, w_u25b_a_block_has_only_what_is_used);
	suite_add_tcase(s, t);
	return s;
}

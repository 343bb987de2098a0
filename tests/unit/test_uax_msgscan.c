/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "msgscan.h"
#include "unit.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static const struct
{
	const char *sentence;
	const char *message;
	const char *want; /* name=body; ... |body of the message; NULL: refused */
} messages[] = {
		{"headers and a body",
				"SIP/2.0 200 OK\r\nA: b\r\nC:d\r\n\r\nbody\r\n\r\nX: y",
				"A=b;C=d;|body\r\n\r\nX: y"},
		{"no body", "SIP/2.0 200 OK\r\nA: b\r\n\r\n", "A=b;|"},
		{"no empty line", "SIP/2.0 200 OK\r\nA: b", "A=b;|"},
		{"no headers", "SIP/2.0 200 OK\r\n\r\nbody", "|body"},
		{"line feeds alone", "SIP/2.0 200 OK\nA : b\n\nbody", "A=b;|body"},
		{"folding", "SIP/2.0 200 OK\r\nA: b\r\n c\r\n\td\r\nE: f\r\n\r\n",
				"A=b\r\n c\r\n\td;E=f;|"},
		{"a line without a colon", "SIP/2.0 200 OK\r\nabc\r\nD:\r\n\r\n",
				"=;D=;|"},
		{"no line end", "SIP/2.0 200 OK", NULL},
		{"nothing", "", NULL},
		{"a carriage return at the end", "SIP/2.0 200 OK\r\nA: b\r\n\r",
				"A=b;=;|"},
};

START_TEST(finds_the_headers_and_the_body)
{
	int len = strlen(messages[_i].message);
	char *mem = malloc(len > 0 ? len : 1);
	str text = {mem, len}, body = {0, 0};
	struct kx_cursor c;
	struct uax_header h;
	char out[256];
	struct kx_buf b;

	memcpy(mem, messages[_i].message, len);
	kx_buf_init(&b, out, sizeof(out));
	if(uax_headers_begin(&text, &c) == KX_OK) {
		while(uax_header_next(&c, &h) == KX_OK) {
			kx_buf_str(&b, &h.name);
			kx_buf_char(&b, '=');
			kx_buf_str(&b, &h.body);
			kx_buf_char(&b, ';');
		}
		kx_buf_char(&b, '|');
	} else {
		ck_assert_ptr_null(messages[_i].want);
	}
	uax_message_body(&text, &body);
	kx_buf_str(&b, &body);
	ck_assert_msg(
			messages[_i].want == NULL || strcmp(out, messages[_i].want) == 0,
			"%s: %s", messages[_i].sentence, out);
	free(mem);
}
END_TEST

START_TEST(a_line_is_given_whole)
{
	str text = unit_str("M x y\r\nA: b\r\n c\r\nD: e\r\n\r\n");
	struct kx_cursor c;
	struct uax_header h;

	ck_assert_int_eq(uax_headers_begin(&text, &c), KX_OK);
	ck_assert_int_eq(uax_header_next(&c, &h), KX_OK);
	ck_str_is(h.line, "A: b\r\n c\r\n");
	ck_assert_int_eq(uax_header_next(&c, &h), KX_OK);
	ck_str_is(h.line, "D: e\r\n");
	ck_assert_int_eq(uax_header_next(&c, &h), KX_E_END);
	ck_assert_int_eq(c.end - c.p, 2);
}
END_TEST

Suite *suite_uax_msgscan(void)
{
	Suite *s = suite_create("uax_msgscan");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, finds_the_headers_and_the_body, 0, COUNT(messages));
	tcase_add_test(t, a_line_is_given_whole);
	suite_add_tcase(s, t);
	return s;
}

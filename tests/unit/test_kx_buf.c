/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kx_buf.h"
#include "unit.h"

START_TEST(a_full_buffer_keeps_its_error)
{
	char mem[8];
	struct kx_buf b;
	str out = {0, 0};

	kx_buf_init(&b, mem, sizeof(mem));
	ck_assert_int_eq(kx_buf_lit(&b, "1234567"), KX_OK);
	ck_assert_int_eq(kx_buf_end(&b, &out), KX_OK);
	ck_str_is(out, "1234567");
	ck_assert_int_eq(kx_buf_char(&b, '8'), KX_E_TOO_LONG);
	ck_assert_int_eq(kx_buf_lit(&b, ""), KX_E_TOO_LONG);
	ck_assert_int_eq(kx_buf_end(&b, &out), KX_E_TOO_LONG);
	kx_buf_clear(&b);
	ck_assert_int_eq(kx_buf_u64(&b, 120), KX_OK);
	ck_assert_int_eq(kx_buf_end(&b, &out), KX_OK);
	ck_str_is(out, "120");
}
END_TEST

static int grow(void *param)
{
	char mem[4];
	struct kx_buf b;
	str out = {0, 0};
	int i, ok;

	kx_buf_init_grow(&b, mem, sizeof(mem), &unit_alloc, 1000);
	for(i = 0; i < 250; i++)
		kx_buf_hex(&b, 0xabc, 4);
	ok = kx_buf_end(&b, &out) == KX_OK;
	if(ok) {
		ck_assert_int_eq(out.len, 1000);
		ck_assert_int_eq(kx_buf_char(&b, 'x'), KX_E_TOO_LONG);
	}
	kx_buf_release(&b);
	return ok;
}

START_TEST(grows_up_to_its_maximum_or_reports_no_memory)
{
	unit_ladder(grow, NULL);
}
END_TEST

START_TEST(quotes_and_refuses_line_ends)
{
	char mem[64];
	struct kx_buf b;
	str text = unit_str("a\"b\\c"), bad = unit_str("a\r\nX: y"), out = {0, 0};

	kx_buf_init(&b, mem, sizeof(mem));
	kx_buf_quoted(&b, &text);
	ck_assert_int_eq(kx_buf_end(&b, &out), KX_OK);
	ck_str_is(out, "\"a\\\"b\\\\c\"");
	kx_buf_clear(&b);
	ck_assert_int_eq(kx_buf_quoted(&b, &bad), KX_E_SYNTAX);
}
END_TEST

Suite *suite_kx_buf(void)
{
	Suite *s = suite_create("kx_buf");
	TCase *t = tcase_create("all");

	tcase_add_test(t, a_full_buffer_keeps_its_error);
	tcase_add_test(t, grows_up_to_its_maximum_or_reports_no_memory);
	tcase_add_test(t, quotes_and_refuses_line_ends);
	suite_add_tcase(s, t);
	return s;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>

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
	char *taken;
	int i, ok;

	kx_buf_init_grow(&b, mem, sizeof(mem), &unit_alloc, 1000);
	for(i = 0; i < 250; i++)
		kx_buf_hex(&b, 0xabc, 4);
	ok = kx_buf_end(&b, &out) == KX_OK;
	if(ok) {
		ck_assert_int_eq(out.len, 1000);
		ck_assert_int_eq(kx_buf_char(&b, 'x'), KX_E_TOO_LONG);
		taken = kx_buf_take(&b);
		ck_assert_ptr_eq(taken, out.s);
		ck_assert_ptr_null(b.s);
		unit_alloc.put(taken);
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

START_TEST(memory_of_the_caller_is_where_it_starts)
{
	char mem[8] = "xxxxxxx";
	struct kx_buf b;
	str out = {0, 0};

	kx_buf_init_grow(&b, mem, sizeof(mem), &unit_alloc, 100);
	ck_assert_int_eq(mem[0], '\0');
	kx_buf_lit(&b, "1234567");
	ck_assert_int_eq(kx_buf_end(&b, &out), KX_OK);
	ck_assert_ptr_eq(out.s, mem);
	kx_buf_char(&b, '8');
	ck_assert_int_eq(kx_buf_end(&b, &out), KX_OK);
	ck_assert_ptr_ne(out.s, mem);
	ck_str_is(out, "12345678");
	ck_assert_int_eq(out.s[8], '\0');
	/* cleared, it keeps its memory; released, it is gone; twice is fine */
	kx_buf_clear(&b);
	ck_assert_ptr_eq(b.s, out.s);
	ck_assert_int_eq(b.s[0], '\0');
	kx_buf_release(&b);
	kx_buf_release(&b);
	ck_assert_ptr_null(b.s);
	kx_buf_clear(&b);
	ck_assert_int_eq(kx_buf_lit(&b, "again"), KX_OK);
	kx_buf_release(&b);
	ck_assert_int_eq(unit_heap.live, 0);
}
END_TEST

START_TEST(the_maximum_is_exact)
{
	/* volatile: the compiler would warn of the copies these never lead to */
	volatile size_t wraps = SIZE_MAX - 1, too_long = (size_t)KX_BUF_MAX + 1;
	char mem[4];
	struct kx_buf b;

	kx_buf_init_grow(&b, mem, sizeof(mem), &unit_alloc, 200);
	for(int i = 0; i < 200; i++)
		ck_assert_int_eq(kx_buf_char(&b, 'x'), KX_OK);
	ck_assert_int_eq(kx_buf_char(&b, 'x'), KX_E_TOO_LONG);
	ck_assert_uint_eq(b.len, 200);
	kx_buf_release(&b);

	/* a length that would wrap around, and a view too long for an int */
	kx_buf_init_grow(&b, mem, sizeof(mem), &unit_alloc, SIZE_MAX);
	kx_buf_lit(&b, "ab");
	ck_assert_int_eq(kx_buf_add(&b, mem, wraps), KX_E_TOO_LONG);
	kx_buf_clear(&b);
	ck_assert_int_eq(kx_buf_add(&b, mem, too_long), KX_E_TOO_LONG);
	kx_buf_release(&b);

	/* no room for the terminating NUL is no room */
	kx_buf_init(&b, NULL, 0);
	ck_assert_int_eq(kx_buf_lit(&b, ""), KX_E_TOO_LONG);
	kx_buf_clear(&b);
	kx_buf_init(&b, mem, 1);
	ck_assert_int_eq(kx_buf_lit(&b, ""), KX_OK);
	ck_assert_int_eq(kx_buf_lit(&b, "a"), KX_E_TOO_LONG);
}
END_TEST

START_TEST(room_is_written_in_place)
{
	char mem[8], *at;
	struct kx_buf b;
	str out;

	kx_buf_init(&b, mem, sizeof(mem));
	kx_buf_lit(&b, "ab");
	ck_assert_ptr_null(kx_buf_take(&b));
	at = kx_buf_room(&b, 5);
	ck_assert_ptr_eq(at, mem + 2);
	memcpy(at, "cde", 3);
	kx_buf_wrote(&b, at + 3);
	ck_assert_int_eq(kx_buf_end(&b, &out), KX_OK);
	ck_str_is(out, "abcde");
	ck_assert_ptr_null(kx_buf_room(&b, 3));
	ck_assert_int_eq(kx_buf_lit(&b, ""), KX_E_TOO_LONG);

	/* with an allocator the text moves; without memory there is no room */
	kx_buf_init_grow(&b, mem, sizeof(mem), &unit_alloc, 100);
	kx_buf_lit(&b, "ab");
	at = kx_buf_room(&b, 80);
	if(at == NULL) {
		ck_assert_int_eq(kx_buf_end(&b, &out), KX_E_NOMEM);
	} else {
		memset(at, 'x', 80);
		kx_buf_wrote(&b, at + 80);
		ck_assert_int_eq(b.len, 82);
		ck_assert_int_eq(b.s[82], '\0');
	}
	kx_buf_release(&b);
}
END_TEST

START_TEST(writes_numbers_of_every_length)
{
	uint64_t n = 1;
	char mem[KX_U64_DIGITS], want[32];
	int i, k;

	for(i = 1; i <= KX_U64_DIGITS; i++, n *= 10) {
		for(k = -1; k <= 1; k++) {
			int len = snprintf(want, sizeof(want), "%" PRIu64, n + k);

			ck_assert_ptr_eq(kx_u64_write(mem, n + k), mem + len);
			ck_assert_msg(memcmp(mem, want, len) == 0, "%s", want);
		}
	}
}
END_TEST

START_TEST(writes_numbers)
{
	char mem[128];
	struct kx_buf b;
	str out = {0, 0};

	kx_buf_init(&b, mem, sizeof(mem));
	kx_buf_u64(&b, 0);
	kx_buf_char(&b, ' ');
	kx_buf_u64(&b, UINT64_MAX);
	kx_buf_char(&b, ' ');
	kx_buf_hex(&b, 0xdeadbeef, 8);
	kx_buf_char(&b, ' ');
	kx_buf_hex(&b, 0xdeadbeef, 3);
	kx_buf_char(&b, ' ');
	kx_buf_hex(&b, UINT64_MAX, 16);
	kx_buf_char(&b, ' ');
	kx_buf_hex(&b, 10, 1);
	ck_assert_int_eq(kx_buf_end(&b, &out), KX_OK);
	ck_str_is(out, "0 18446744073709551615 deadbeef eef ffffffffffffffff a");
}
END_TEST

START_TEST(an_empty_view_is_no_text_and_no_error)
{
	char mem[8];
	struct kx_buf b;
	str none = {NULL, 0}, negative = {mem, -1}, text = unit_str("ab");
	str out = {0, 0};

	kx_buf_init(&b, mem, sizeof(mem));
	ck_assert_int_eq(kx_buf_str(&b, &none), KX_OK);
	ck_assert_int_eq(kx_buf_str(&b, NULL), KX_OK);
	ck_assert_int_eq(kx_buf_str(&b, &negative), KX_OK);
	ck_assert_int_eq(kx_buf_str(&b, &text), KX_OK);
	ck_assert_int_eq(kx_buf_end(&b, &out), KX_OK);
	ck_str_is(out, "ab");
	kx_buf_lit(&b, "too long");
	ck_assert_int_eq(kx_buf_str(&b, &none), KX_E_TOO_LONG);
}
END_TEST

START_TEST(quotes_what_stood_in_quotes)
{
	static const struct
	{
		const char *name;
		const char *raw;
		const char *quoted, *requoted; /* NULL: refused */
	} row[] = {
			{"nothing", "", "\"\"", "\"\""},
			{"text", "a b", "\"a b\"", "\"a b\""},
			{"a quote", "a\"b", "\"a\\\"b\"", "\"a\\\"b\""},
			{"a quoted-pair", "a\\\"b", "\"a\\\\\\\"b\"", "\"a\\\"b\""},
			{"a pair of backslashes", "\\\\", "\"\\\\\\\\\"", "\"\\\\\""},
			{"a last backslash", "a\\", "\"a\\\\\"", "\"a\\\\\""},
			{"a carriage return", "a\rb", NULL, NULL},
			{"a line feed", "a\nb", NULL, NULL},
			{"a quoted line feed", "a\\\nb", NULL, NULL},
	};
	char mem[64];
	struct kx_buf b;
	str nul = unit_bytes("a\0b", 3), out = {0, 0};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str raw = unit_str(row[i].raw);

		kx_buf_init(&b, mem, sizeof(mem));
		if(row[i].quoted == NULL) {
			ck_row(kx_buf_quoted(&b, &raw) == KX_E_SYNTAX, row[i].name);
			kx_buf_clear(&b);
			ck_row(kx_buf_requote(&b, &raw) == KX_E_SYNTAX, row[i].name);
			ck_row(kx_buf_end(&b, &out) == KX_E_SYNTAX, row[i].name);
			continue;
		}
		ck_row(kx_buf_quoted(&b, &raw) == KX_OK, row[i].name);
		ck_row(kx_buf_end(&b, &out) == KX_OK, row[i].name);
		ck_row_str(out, row[i].quoted, row[i].name);
		kx_buf_clear(&b);
		ck_row(kx_buf_requote(&b, &raw) == KX_OK, row[i].name);
		ck_row(kx_buf_end(&b, &out) == KX_OK, row[i].name);
		ck_row_str(out, row[i].requoted, row[i].name);
	}
	kx_buf_init(&b, mem, sizeof(mem));
	ck_assert_int_eq(kx_buf_quoted(&b, &nul), KX_E_SYNTAX);
	/* the first error stays */
	kx_buf_init(&b, mem, 3);
	ck_assert_int_eq(kx_buf_lit(&b, "too long"), KX_E_TOO_LONG);
	ck_assert_int_eq(kx_buf_quoted(&b, &nul), KX_E_TOO_LONG);
	ck_assert_int_eq(kx_buf_requote(&b, &nul), KX_E_TOO_LONG);
}
END_TEST

static void write_digits_of_no_width(void)
{
	char mem[32];
	struct kx_buf b;

	kx_buf_init(&b, mem, sizeof(mem));
	ck_assert_int_eq(kx_buf_hex(&b, 1, 0), KX_E_BUG);
	ck_assert_int_eq(kx_buf_lit(&b, "x"), KX_E_BUG);
	kx_buf_clear(&b);
	ck_assert_int_eq(kx_buf_hex(&b, 1, 17), KX_E_BUG);
}

START_TEST(a_width_out_of_range_is_a_bug)
{
	unit_bug(write_digits_of_no_width);
}
END_TEST

Suite *suite_kx_buf(void)
{
	Suite *s = suite_create("kx_buf");
	TCase *t = tcase_create("all");

	tcase_add_test(t, a_full_buffer_keeps_its_error);
	tcase_add_test(t, grows_up_to_its_maximum_or_reports_no_memory);
	tcase_add_test(t, quotes_and_refuses_line_ends);
	tcase_add_test(t, memory_of_the_caller_is_where_it_starts);
	tcase_add_test(t, the_maximum_is_exact);
	tcase_add_test(t, room_is_written_in_place);
	tcase_add_test(t, writes_numbers);
	tcase_add_test(t, writes_numbers_of_every_length);
	tcase_add_test(t, an_empty_view_is_no_text_and_no_error);
	tcase_add_test(t, quotes_what_stood_in_quotes);
	tcase_add_test(t, a_width_out_of_range_is_a_bug);
	suite_add_tcase(s, t);
	return s;
}

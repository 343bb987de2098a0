/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "learnt.h"
#include "unit.h"

static str written(const struct uax_learnt *learnt, enum uax_learnt_kind kind,
		char *mem, size_t size, int *err)
{
	struct kx_buf b;
	str out = {NULL, 0};

	kx_buf_init(&b, mem, size);
	*err = uax_learnt_write(&b, learnt, kind);
	if(*err == KX_OK)
		kx_buf_end(&b, &out);
	return out;
}

START_TEST(u3608_1_headers_are_joined_in_their_order)
{
	static const struct
	{
		const char *what, *name, *body;
	} header[] = {
			{"a route", "service-route", "<sip:a;lr>"},
			{"another", "Service-Route", "<sip:b;lr>,\r\n <sip:c;lr>"},
			{"a path", "Path", "<sip:p;lr>"},
			{"not ours", "Route", "<sip:x>"},
			{"empty", "P-Associated-URI", ""},
	};
	static const char *const want[UAX_LEARNT_COUNT] = {
			"<sip:a;lr>, <sip:b;lr>,   <sip:c;lr>", "<sip:p;lr>", ""};
	struct uax_learnt learnt = {.n = {0}};
	char mem[UAX_LEARNT_MAX];
	unsigned int i;
	int err;

	for(i = 0; i < sizeof(header) / sizeof(header[0]); i++) {
		str name = unit_str(header[i].name), body = unit_str(header[i].body);

		uax_learnt_note(&learnt, &name, &body);
	}
	for(i = 0; i < UAX_LEARNT_COUNT; i++) {
		str got = written(&learnt, i, mem, sizeof(mem), &err);
		str right = unit_str(want[i]);

		ck_assert_int_eq(err, KX_OK);
		ck_assert_msg(kx_str_eq(&got, &right), "%u: '%.*s'", i, got.len, got.s);
	}
}
END_TEST

START_TEST(more_headers_than_are_kept)
{
	struct uax_learnt learnt = {.n = {0}};
	str name = unit_str("Path"), body = unit_str("<sip:p>"), got;
	char mem[UAX_LEARNT_MAX];
	int i, err;

	for(i = 0; i < UAX_LEARNT_PARTS + 5; i++)
		uax_learnt_note(&learnt, &name, &body);
	got = written(&learnt, UAX_LEARNT_PATH, mem, sizeof(mem), &err);
	ck_assert_int_eq(
			got.len, UAX_LEARNT_PARTS * 7 + (UAX_LEARNT_PARTS - 1) * 2);
}
END_TEST

START_TEST(what_does_not_fit_is_an_error)
{
	struct uax_learnt learnt = {.n = {0}};
	str name = unit_str("Path"), body = unit_str("<sip:path.example>");
	char mem[8];
	int err;

	uax_learnt_note(&learnt, &name, &body);
	written(&learnt, UAX_LEARNT_PATH, mem, sizeof(mem), &err);
	ck_assert_int_ne(err, KX_OK);
}
END_TEST

Suite *suite_uax_learnt(void)
{
	Suite *s = suite_create("uax_learnt");
	TCase *t = tcase_create("all");

	tcase_add_test(t, u3608_1_headers_are_joined_in_their_order);
	tcase_add_test(t, more_headers_than_are_kept);
	tcase_add_test(t, what_does_not_fit_is_an_error);
	suite_add_tcase(s, t);
	return s;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * W-U3i: credentials are read from text and found by realm. */
#include <stdio.h>
#include <stdlib.h>

#include "credset.h"
#include "unit.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static const struct
{
	const char *sentence;
	const char *text;
	const char *user, *realm, *secret; /* user NULL: refused */
} splits[] = {
		{"three parts", "u:r:p", "u", "r", "p"},
		{"blanks around are dropped, blanks in them stay",
				" al ice :  my realm : pass word ", "al ice", "my realm",
				"pass word"},
		{"the password may have colons", "u:r:p:q:", "u", "r", "p:q:"},
		{"an empty realm is any", "u::p", "u", "", "p"},
		{"so is a star", "u: * :p", "u", "", "p"},
		{"no user", ":r:p", NULL, NULL, NULL},
		{"no password", "u:r:", NULL, NULL, NULL},
		{"a blank password", "u:r:  ", NULL, NULL, NULL},
		{"two parts", "u:r", NULL, NULL, NULL},
		{"one part", "u", NULL, NULL, NULL},
		{"nothing", "", NULL, NULL, NULL},
};

START_TEST(w_u3i_a_credential_is_split)
{
	struct uax_cred_line got;
	str text = unit_str(splits[_i].text);
	int err = uax_cred_split(&text, &got);

	ck_assert_msg((err == KX_OK) == (splits[_i].user != NULL), "%s",
			splits[_i].sentence);
	if(err != KX_OK)
		return;
	ck_str_is(got.user, splits[_i].user);
	ck_str_is(got.realm, splits[_i].realm);
	ck_str_is(got.secret, splits[_i].secret);
}
END_TEST

START_TEST(w_u3i_lines_are_read)
{
	str text = unit_str("# who\r\nu1:r1:p1\r\n\n  \t\n  #u:r:p\n"
						"u2:r2:#p\nbad\nu3:r3:p3");
	struct uax_cred_line got;
	struct kx_cursor c;
	int n = 0;

	kx_cur_init(&c, &text);
	ck_assert_int_eq(uax_cred_line_next(&c, &n, &got), KX_OK);
	ck_assert_int_eq(n, 2);
	ck_str_is(got.secret, "p1");
	ck_assert_int_eq(uax_cred_line_next(&c, &n, &got), KX_OK);
	ck_assert_int_eq(n, 6);
	ck_str_is(got.secret, "#p");
	ck_assert_int_eq(uax_cred_line_next(&c, &n, &got), KX_E_SYNTAX);
	ck_assert_int_eq(n, 7);
	ck_assert_int_eq(uax_cred_line_next(&c, &n, &got), KX_OK);
	ck_str_is(got.secret, "p3");
	ck_assert_int_eq(uax_cred_line_next(&c, &n, &got), KX_E_END);
	ck_assert_int_eq(uax_cred_line_next(&c, &n, &got), KX_E_END);
}
END_TEST

static void add(struct uax_cred_line *line, const char *text)
{
	str copy = unit_str(text);

	ck_assert_int_eq(uax_cred_split(&copy, line), KX_OK);
}

static const char *secret_of(struct uax_credset *set, const char *realm)
{
	static char text[50];
	str name = unit_str(realm);
	struct uax_cred_line got;

	if(uax_credset_find(set, &name, &got) != KX_OK)
		return "nobody";
	snprintf(text, sizeof(text), "%.*s/%.*s", got.user.len, got.user.s,
			got.secret.len, got.secret.s);
	return text;
}

START_TEST(w_u3i_the_realm_decides_then_the_last_then_any)
{
	struct uax_cred_line line[5];
	struct uax_credset *set;

	add(&line[0], "u1:r:p1");
	add(&line[1], "u2:s:p2");
	add(&line[2], "u3:*:p3");
	add(&line[3], "u4:r:p4");
	add(&line[4], "u5::p5");
	set = uax_credset_new(line, 2, &unit_alloc);
	ck_assert_int_eq(uax_credset_count(set), 2);
	ck_assert_str_eq(secret_of(set, "r"), "u1/p1");
	ck_assert_str_eq(secret_of(set, "R"), "nobody");
	ck_assert_str_eq(secret_of(set, ""), "nobody");
	uax_credset_free(set, &unit_alloc);

	set = uax_credset_new(line, 5, &unit_alloc);
	ck_assert_int_eq(uax_credset_count(set), 3);
	ck_assert_str_eq(secret_of(set, "r"), "u4/p4");
	ck_assert_str_eq(secret_of(set, "s"), "u2/p2");
	ck_assert_str_eq(secret_of(set, "x"), "u5/p5");
	ck_assert_str_eq(secret_of(set, ""), "u5/p5");
	uax_credset_free(set, &unit_alloc);
}
END_TEST

START_TEST(w_u3i_an_empty_set_has_nobody)
{
	struct uax_credset *set = uax_credset_new(NULL, 0, &unit_alloc);

	ck_assert_int_eq(uax_credset_count(set), 0);
	ck_assert_str_eq(secret_of(set, "r"), "nobody");
	uax_credset_free(set, &unit_alloc);
	uax_credset_free(NULL, &unit_alloc);
}
END_TEST

START_TEST(w_u3i_many_are_all_found)
{
	enum
	{
		N = 5000
	};
	struct uax_cred_line *line = calloc(N, sizeof(*line));
	char *mem = malloc(N * 40), name[20], want[30];
	struct uax_credset *set;
	int i;

	for(i = 0; i < N; i++) {
		snprintf(mem + i * 40, 40, "u%d:realm%d:p%d", i, i, i);
		add(&line[i], mem + i * 40);
	}
	set = uax_credset_new(line, N, &unit_alloc);
	ck_assert_int_eq(uax_credset_count(set), N);
	for(i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "realm%d", i);
		snprintf(want, sizeof(want), "u%d/p%d", i, i);
		ck_assert_str_eq(secret_of(set, name), want);
	}
	ck_assert_str_eq(secret_of(set, "realm"), "nobody");
	uax_credset_free(set, &unit_alloc);
	free(mem);
	free(line);
}
END_TEST

static int make(void *unused)
{
	struct uax_cred_line line;
	struct uax_credset *set;

	add(&line, "u:r:p");
	set = uax_credset_new(&line, 1, &unit_alloc);
	uax_credset_free(set, &unit_alloc);
	return set != NULL;
}

START_TEST(no_memory_is_no_set)
{
	unit_ladder(make, NULL);
}
END_TEST

Suite *suite_uax_credset(void)
{
	Suite *s = suite_create("uax_credset");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, w_u3i_a_credential_is_split, 0, COUNT(splits));
	tcase_add_test(t, w_u3i_lines_are_read);
	tcase_add_test(t, w_u3i_the_realm_decides_then_the_last_then_any);
	tcase_add_test(t, w_u3i_an_empty_set_has_nobody);
	tcase_add_test(t, w_u3i_many_are_all_found);
	tcase_add_test(t, no_memory_is_no_set);
	suite_add_tcase(s, t);
	return s;
}

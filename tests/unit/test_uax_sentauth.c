/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sentauth.h"
#include "unit.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))
#define OURS                                              \
	"Authorization: Digest username=\"u\", realm=\"r\", " \
	"nonce=\"n\", uri=\"sip:x\", qop=auth, nc=00000001, " \
	"cnonce=\"c\", response=\"00\", opaque=\"o\", "       \
	"algorithm=SHA-256\r\n"
#define THEIRS                                            \
	"Authorization: Digest username=\"t\", realm=\"q\", " \
	"nonce=\"n\", uri=\"sip:x\", response=\"00\"\r\n"

START_TEST(our_answers_are_those_that_did_not_come_in)
{
	str received = unit_str("INVITE sip:x SIP/2.0\r\n" THEIRS "\r\n");
	str sent = unit_str(
			"INVITE sip:x SIP/2.0\r\n" THEIRS OURS "Proxy-" OURS "\r\n" OURS);
	struct uax_challenge list[UAX_CHALLENGES_MAX];
	int n = 0;

	uax_sent_answers(&sent, &received, list, &n);
	ck_assert_int_eq(n, 2);
	ck_str_is(list[0].realm.s, "r");
	ck_str_is(list[0].nonce.s, "n");
	ck_str_is(list[0].opaque.s, "o");
	ck_assert_int_eq(list[0].alg, UAX_ALG_SHA256);
	ck_assert_int_eq(list[0].qops, UAX_QOP_AUTH);
	ck_assert(!list[0].is_proxy && list[1].is_proxy);
	ck_assert_ptr_eq(uax_same_realm(&list[1], list, n), &list[1]);
	ck_assert_ptr_null(uax_same_realm(&list[1], list, 1));
}
END_TEST

START_TEST(a_message_that_is_none_has_no_answers)
{
	str received = unit_str(""), sent = unit_str("x");
	struct uax_challenge list[UAX_CHALLENGES_MAX];
	int n = 0;

	uax_sent_answers(&sent, &received, list, &n);
	ck_assert_int_eq(n, 0);
	sent = unit_str("x\r\n" OURS);
	uax_sent_answers(&sent, &received, list, &n);
	ck_assert_int_eq(n, 1);
}
END_TEST

static const struct
{
	const char *sentence;
	const char *nonce;
	int is_stale;
	const char *answered; /* nonce, or NULL */
	int tries;
	int want;
} cases[] = {
		{"nothing was answered yet", "n", 0, NULL, 0, 0},
		{"nothing in this realm, and stale", "n", 1, NULL, 0, 0},
		{"A22-3: the same nonce again", "n", 0, "n", 1, 1},
		{"A22-3: another nonce without stale", "m", 0, "n", 1, 1},
		{"W-U3d: another nonce, the old one stale", "m", 1, "n", 1, 0},
		{"stale with the same nonce", "n", 1, "n", 1, 1},
		{"stale with the same nonce spelt otherwise", "\\n", 1, "n", 1, 1},
		{"stale once more", "l", 1, "m", 2, 1},
};

START_TEST(a_refused_answer_is_not_repeated)
{
	struct uax_challenge ch = {0}, answer = {0};

	ch.nonce = (struct uax_text){unit_str(cases[_i].nonce), 1, 1};
	ch.is_stale = cases[_i].is_stale;
	if(cases[_i].answered != NULL)
		answer.nonce = (struct uax_text){unit_str(cases[_i].answered), 1, 1};
	ck_assert_msg(
			uax_is_refusal(&ch, cases[_i].answered != NULL ? &answer : NULL,
					cases[_i].tries)
					== cases[_i].want,
			"%s", cases[_i].sentence);
}
END_TEST

Suite *suite_uax_sentauth(void)
{
	Suite *s = suite_create("uax_sentauth");
	TCase *t = tcase_create("all");

	tcase_add_test(t, our_answers_are_those_that_did_not_come_in);
	tcase_add_test(t, a_message_that_is_none_has_no_answers);
	tcase_add_loop_test(t, a_refused_answer_is_not_repeated, 0, COUNT(cases));
	suite_add_tcase(s, t);
	return s;
}

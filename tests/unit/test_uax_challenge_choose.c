/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Challenges of an answer: its realms, and which of them a credential answers,
 * with which qop. */
#include "challenge.h"
#include "unit.h"

START_TEST(a22_4_walks_over_realms)
{
	str www = unit_str("Digest realm=\"a\", nonce=\"1\", "
					   "Digest realm=\"b\", nonce=\"2\", "
					   "Digest realm=\"\\a\", nonce=\"3\"");
	str proxy = unit_str("Digest realm=\"a\", nonce=\"4\"");
	struct uax_challenge list[UAX_CHALLENGES_MAX];
	int n = 0, pos = 0;

	uax_challenge_collect(&www, 0, list, &n);
	uax_challenge_collect(&proxy, 1, list, &n);
	ck_assert_int_eq(n, 4);
	ck_assert_int_eq(uax_realm_next(list, n, &pos), 0);
	ck_assert_int_eq(uax_realm_next(list, n, &pos), 1);
	ck_assert_int_eq(uax_realm_next(list, n, &pos), 3);
	ck_assert_int_eq(uax_realm_next(list, n, &pos), KX_E_END);
	ck_assert_int_eq(uax_realm_next(list, n, &pos), KX_E_END);
}
END_TEST

#define HA1_MD5 "0123456789abcdef0123456789abcdef"
#define HA1_SHA HA1_MD5 HA1_MD5
#define CH(alg, rest) \
	"Digest realm=\"r\", nonce=\"n\", algorithm=" alg rest ", "

static const struct
{
	const char *sentence;
	const char *body;
	const char *realm;
	const char *secret;
	int is_ha1;
	enum uax_alg told;
	int is_topmost;
	enum uax_alg min_alg;
	int want;
} choices[] = {
		{"the strongest", CH("MD5", "") CH("SHA-512-256", "") CH("SHA-256", ""),
				"r", "p", 0, 0, 0, 0, 1},
		{"A8760-1: the topmost when asked for",
				CH("AKAv1-MD5", "") CH("MD5", "") CH("SHA-256", ""), "r", "p",
				0, 0, 1, 0, 0},
		{"of two equally strong the topmost",
				CH("SHA-256", "") CH("SHA-256-sess", ""), "r", "p", 0, 0, 0, 0,
				0},
		{"W-U3: an MD5 HA1 passes the stronger one by",
				CH("SHA-256", "") CH("MD5", ""), "r", HA1_MD5, 1, 0, 0, 0, 1},
		{"W-U3: and has no answer when there is no MD5", CH("SHA-256", ""), "r",
				HA1_MD5, 1, 0, 0, 0, KX_E_NONE},
		{"W-U3: an HA1 of no length we know has no answer",
				CH("MD5", "") CH("SHA-256", ""), "r", "abc", 1, 0, 0, 0,
				KX_E_NONE},
		{"an HA1 of 64 digits is rather SHA-256",
				CH("SHA-512-256", "") CH("SHA-256", ""), "r", HA1_SHA, 1, 0, 0,
				0, 1},
		{"also when the topmost is asked for",
				CH("SHA-512-256", "") CH("SHA-256", ""), "r", HA1_SHA, 1, 0, 1,
				0, 1},
		{"unless told", CH("SHA-256", "") CH("SHA-512-256", ""), "r", HA1_SHA,
				1, UAX_ALG_SHA512_256, 0, 0, 1},
		{"or the only one", CH("SHA-512-256", "") CH("MD5", ""), "r", HA1_SHA,
				1, 0, 0, 0, 0},
		{"A8760-5: MD5 can be forbidden", CH("MD5", ""), "r", "p", 0, 0, 0,
				UAX_ALG_SHA256, KX_E_NONE},
		{"A8760-5: then the next one is taken", CH("MD5", "") CH("SHA-256", ""),
				"r", "p", 0, 0, 1, UAX_ALG_SHA256, 1},
		{"another realm is not answered", CH("MD5", ""), "s", "p", 0, 0, 0, 0,
				KX_E_NONE},
		{"a stronger one of another realm is another's",
				CH("MD5",
						"") "Digest realm=\"s\",nonce=\"n\",algorithm=SHA-256",
				"*", "p", 0, 0, 0, 0, 0},
		{"W-U1: an unknown qop makes the strongest unusable",
				CH("SHA-256", ", qop=\"x\"") CH("MD5", ""), "r", "p", 0, 0, 0,
				0, 0},
};

START_TEST(chooses_what_this_credential_can_answer)
{
	str body = unit_str(choices[_i].body);
	struct uax_cred cred = {.user = unit_str("u"),
			.realm = unit_str(choices[_i].realm),
			.secret = unit_str(choices[_i].secret),
			.is_ha1 = choices[_i].is_ha1,
			.ha1_alg = choices[_i].told};
	struct uax_auth_policy pol = {choices[_i].is_topmost, choices[_i].min_alg};
	struct uax_challenge list[UAX_CHALLENGES_MAX];
	int n = 0, got;

	uax_challenge_collect(&body, 0, list, &n);
	got = uax_challenge_choose(list, n, 0, &cred, &pol);
	ck_assert_msg(got == choices[_i].want, "%s: %d", choices[_i].sentence, got);
}
END_TEST

START_TEST(w_u2_plain_auth_is_preferred)
{
	struct uax_challenge ch = {0};

	ck_assert_int_eq(uax_challenge_qop(&ch), UAX_QOP_NONE);
	ch.qops = UAX_QOP_AUTH_INT;
	ck_assert_int_eq(uax_challenge_qop(&ch), UAX_QOP_AUTH_INT);
	ch.qops |= UAX_QOP_AUTH;
	ck_assert_int_eq(uax_challenge_qop(&ch), UAX_QOP_AUTH);
}
END_TEST

Suite *suite_uax_challenge_choose(void)
{
	Suite *s = suite_create("uax_challenge_choose");
	TCase *t = tcase_create("all");

	tcase_add_test(t, a22_4_walks_over_realms);
	tcase_add_loop_test(
			t, chooses_what_this_credential_can_answer, 0, UNIT_ROWS(choices));
	tcase_add_test(t, w_u2_plain_auth_is_preferred);
	suite_add_tcase(s, t);
	return s;
}

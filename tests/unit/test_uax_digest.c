/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "unit.h"
#include "unit_hashes.h"

static struct uax_text text_of(const char *s, int is_quoted)
{
	struct uax_text t = {unit_str(s), 1, is_quoted};
	return t;
}

static const struct
{
	const char *name;
	const char *user, *realm, *password, *nonce, *cnonce, *uri;
	enum uax_alg alg;
	const char *response;
} vectors[] = {
		{"RFC 2617 3.5", "Mufasa", "testrealm@host.com", "Circle Of Life",
				"dcd98b7102dd2f0e8b11d0f600bfb0c093", "0a4f113b",
				"/dir/index.html", UAX_ALG_MD5,
				"6629fae49393a05397450978507c4ef1"},
		{"RFC 7616 3.9.1, MD5", "Mufasa", "http-auth@example.org",
				"Circle of Life",
				"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
				"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
				"/dir/index.html", UAX_ALG_MD5,
				"8ca523f5e9506fed4657c9700eebdbec"},
		{"RFC 7616 3.9.1, SHA-256", "Mufasa", "http-auth@example.org",
				"Circle of Life",
				"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
				"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
				"/dir/index.html", UAX_ALG_SHA256,
				"753927fa0e85d155564e2e272a28d180"
				"2ca10daf4496794697cf8db5856cb6c1"},
		{"RFC 7616 3.9.2 with the response of its erratum 4897",
				"J\xc3\xa4s\xc3\xb8n Doe", "api@example.org", "Secret, or not?",
				"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
				"NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v", "/doe.json",
				UAX_ALG_SHA512_256,
				"3798d4131c277846293534c3edc11bd8"
				"a5e4cdcbff78b05db9d95eeb1cec68a5"},
};

START_TEST(gives_the_responses_of_the_rfcs)
{
	struct uax_cred cred = {.user = unit_str(vectors[_i].user),
			.realm = unit_str(vectors[_i].realm),
			.secret = unit_str(vectors[_i].password)};
	struct uax_digest d = {.alg = vectors[_i].alg,
			.qop = UAX_QOP_AUTH,
			.realm = text_of(vectors[_i].realm, 1),
			.nonce = text_of(vectors[_i].nonce, 1),
			.method = unit_str("GET"),
			.uri = unit_str(vectors[_i].uri),
			.cnonce = unit_str(vectors[_i].cnonce),
			.nc = 1};
	char hex[UAX_HEX_SIZE];

	ck_assert_int_eq(uax_digest_response(&d, &cred, &unit_hashes, hex), KX_OK);
	ck_assert_msg(strcmp(hex, vectors[_i].response) == 0, "%s: %s",
			vectors[_i].name, hex);
}
END_TEST

START_TEST(r7616_7_userhash_is_that_of_erratum_4897)
{
	str user = unit_str("J\xc3\xa4s\xc3\xb8n Doe");
	struct uax_text realm = text_of("api@example.org", 1);
	char hex[UAX_HEX_SIZE];

	ck_assert_int_eq(uax_digest_userhash(&user, &realm, UAX_ALG_SHA512_256,
							 &unit_hashes, hex),
			KX_OK);
	ck_assert_str_eq(hex, "793263caabb707a56211940d90411ea4"
						  "a575adeccb7e360aeb624ed06ece9b0b");
	ck_assert_int_eq(uax_digest_userhash(
							 &user, &realm, UAX_ALG_UNKNOWN, &unit_hashes, hex),
			KX_E_RANGE);
}
END_TEST

static const struct
{
	enum uax_alg alg;
	const char *openssl;
} algs[] = {{UAX_ALG_MD5, "MD5"}, {UAX_ALG_SHA256, "SHA256"},
		{UAX_ALG_SHA512_256, "SHA512-256"}};

#define COMBINATIONS (3 * 2 * 3 * 2)

/* Every algorithm, with and without -sess, every qop, password and HA1,
 * computed a second time from the formulas of RFC 7616 3.4.1 to 3.4.3. */
START_TEST(agrees_with_the_formulas_in_every_combination)
{
	const char *alg = algs[_i % 3].openssl;
	int is_sess = _i / 3 % 2, qop = _i / 6 % 3, is_ha1 = _i / 18;
	char ha1[65], session[65], ha2[65], body[65], want[65], hex[UAX_HEX_SIZE];
	struct uax_cred cred = {.user = unit_str("al\"ice"),
			.secret = unit_str("s3:cret"),
			.is_ha1 = is_ha1};
	struct uax_digest d = {.alg = algs[_i % 3].alg,
			.is_sess = is_sess,
			.qop = qop,
			.realm = text_of("a \\\"b\\\\c", 1),
			.nonce = text_of("n\\,1", 1),
			.method = unit_str("INVITE"),
			.uri = unit_str("sip:bob@example.com;x=y"),
			.body = unit_str("v=0\r\n"),
			.cnonce = unit_str("c0ffee"),
			.nc = 0x1af};

	unit_hash_fmt(ha1, alg, "%s:%s:%s", "al\"ice", "a \"b\\c", "s3:cret");
	if(is_ha1)
		cred.secret = unit_str(ha1);
	unit_hash_fmt(session, alg, "%s:n,1:c0ffee", ha1);
	unit_hash_hex(alg, "v=0\r\n", body);
	unit_hash_fmt(ha2, alg, "INVITE:sip:bob@example.com;x=y%s%s",
			qop == UAX_QOP_AUTH_INT ? ":" : "",
			qop == UAX_QOP_AUTH_INT ? body : "");
	unit_hash_fmt(want, alg, "%s:n,1:%s%s%s", is_sess ? session : ha1,
			qop ? "000001af:c0ffee:" : "",
			qop == UAX_QOP_AUTH		  ? "auth:"
			: qop == UAX_QOP_AUTH_INT ? "auth-int:"
									  : "",
			ha2);
	ck_assert_int_eq(uax_digest_response(&d, &cred, &unit_hashes, hex), KX_OK);
	ck_assert_str_eq(hex, want);
}
END_TEST

START_TEST(the_hash_of_no_body_is_that_of_empty_text)
{
	struct uax_cred cred = {.user = unit_str("u"), .secret = unit_str("p")};
	struct uax_digest d = {.alg = UAX_ALG_MD5,
			.qop = UAX_QOP_AUTH_INT,
			.realm = text_of("", 1),
			.nonce = text_of("", 0),
			.method = unit_str("REGISTER"),
			.uri = unit_str("sip:r"),
			.cnonce = unit_str("c"),
			.nc = 1};
	char ha1[65], ha2[65], want[65], hex[UAX_HEX_SIZE];

	unit_hash_fmt(ha1, "MD5", "u::p");
	unit_hash_fmt(
			ha2, "MD5", "REGISTER:sip:r:d41d8cd98f00b204e9800998ecf8427e");
	unit_hash_fmt(want, "MD5", "%s::00000001:c:auth-int:%s", ha1, ha2);
	ck_assert_int_eq(uax_digest_response(&d, &cred, &unit_hashes, hex), KX_OK);
	ck_assert_str_eq(hex, want);
}
END_TEST

#define HEX32 "0123456789abcdef0123456789ABCDEF"

static const struct
{
	const char *sentence;
	const char *secret;
	int is_ha1;
	enum uax_alg told;
	int md5, sha256, sha512_256;
} abilities[] = {
		{"a password answers all", "x", 0, UAX_ALG_UNKNOWN, 1, 1, 1},
		{"an empty password, too", "", 0, UAX_ALG_UNKNOWN, 1, 1, 1},
		{"32 digits answer MD5", HEX32, 1, UAX_ALG_UNKNOWN, 1, 0, 0},
		{"64 digits answer the SHAs", HEX32 HEX32, 1, UAX_ALG_UNKNOWN, 0, 1, 1},
		{"64 digits of SHA-512-256", HEX32 HEX32, 1, UAX_ALG_SHA512_256, 0, 0,
				1},
		{"32 digits told to be SHA-256 are nothing", HEX32, 1, UAX_ALG_SHA256,
				0, 0, 0},
		{"31 digits answer nothing", "0123456789abcdef0123456789abcde", 1,
				UAX_ALG_UNKNOWN, 0, 0, 0},
		{"what is no digits answers nothing",
				"g123456789abcdef0123456789abcdef", 1, UAX_ALG_UNKNOWN, 0, 0,
				0},
		{"an empty HA1 answers nothing", "", 1, UAX_ALG_UNKNOWN, 0, 0, 0},
};

START_TEST(w_u3_an_ha1_answers_only_the_algorithm_it_was_made_with)
{
	struct uax_cred cred = {.user = unit_str("u"),
			.secret = unit_str(abilities[_i].secret),
			.is_ha1 = abilities[_i].is_ha1,
			.ha1_alg = abilities[_i].told};
	struct uax_text realm = text_of("r", 1);
	const int want[] = {0, abilities[_i].md5, abilities[_i].sha256,
			abilities[_i].sha512_256};
	char hex[UAX_HEX_SIZE];
	int alg;

	for(alg = 0; alg < 4; alg++) {
		ck_assert_msg(uax_cred_can(&cred, alg) == want[alg], "%s, %d",
				abilities[_i].sentence, alg);
		ck_assert_int_eq(uax_digest_ha1(&cred, &realm, alg, &unit_hashes, hex),
				want[alg] ? KX_OK : KX_E_RANGE);
	}
}
END_TEST

START_TEST(an_ha1_in_upper_case_is_hashed_in_lower_case)
{
	struct uax_cred cred = {.secret = unit_str(HEX32), .is_ha1 = 1};
	struct uax_text realm = text_of("r", 1);
	char hex[UAX_HEX_SIZE];

	uax_digest_ha1(&cred, &realm, UAX_ALG_MD5, &unit_hashes, hex);
	ck_assert_str_eq(hex, "0123456789abcdef0123456789abcdef");
}
END_TEST

static const struct
{
	const char *realm;
	const char *received;
	int is_quoted;
	int covers;
} realms[] = {
		{"example.org", "example.org", 1, 1},
		{"example.org", "example.org", 0, 1},
		{"example.org", "Example.org", 1, 0},
		{"example.org", "example.or", 1, 0},
		{"example.or", "example.org", 1, 0},
		{"a\"b", "a\\\"b", 1, 1},
		{"a\\\"b", "a\\\"b", 1, 0},
		{"a\\b", "a\\b", 0, 1},
		{"*", "anything", 1, 1},
		{"", "anything", 1, 1},
		{"x", "", 1, 0},
		{"*x", "anything", 1, 0},
		{"a", "a\\", 1, 1},
};

START_TEST(w_u3i_a_credential_covers_its_realm_or_any)
{
	struct uax_cred cred = {.realm = unit_str(realms[_i].realm)};
	struct uax_text realm = text_of(realms[_i].received, realms[_i].is_quoted);

	ck_assert_msg(uax_cred_covers(&cred, &realm) == realms[_i].covers,
			"'%s' '%s'", realms[_i].realm, realms[_i].received);
}
END_TEST

static const struct
{
	const char *name;
	enum uax_alg alg;
	int is_sess;
} names[] = {
		{"MD5", UAX_ALG_MD5, 0},
		{"md5", UAX_ALG_MD5, 0},
		{"MD5-sess", UAX_ALG_MD5, 1},
		{"sha-256", UAX_ALG_SHA256, 0},
		{"SHA-256-SESS", UAX_ALG_SHA256, 1},
		{"SHA-512-256", UAX_ALG_SHA512_256, 0},
		{"SHA-512-256-sess", UAX_ALG_SHA512_256, 1},
		{"SHA-512", UAX_ALG_UNKNOWN, 0},
		{"SHA256", UAX_ALG_UNKNOWN, 0},
		{"AKAv1-MD5", UAX_ALG_UNKNOWN, 0},
		{"-sess", UAX_ALG_UNKNOWN, 0},
		{"MD5-sess-sess", UAX_ALG_UNKNOWN, 0},
		{"MD", UAX_ALG_UNKNOWN, 0},
		{"", UAX_ALG_UNKNOWN, 0},
};

START_TEST(w_u3g_knows_the_algorithms_of_rfc_8760)
{
	str name = unit_str(names[_i].name);
	int is_sess = 0;

	ck_assert_msg(uax_alg_of(&name, &is_sess) == names[_i].alg
						  && is_sess == names[_i].is_sess,
			"%s", names[_i].name);
	ck_assert_int_eq(uax_alg_of(&name, NULL), names[_i].alg);
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

Suite *suite_uax_digest(void)
{
	Suite *s = suite_create("uax_digest");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, gives_the_responses_of_the_rfcs, 0, COUNT(vectors));
	tcase_add_test(t, r7616_7_userhash_is_that_of_erratum_4897);
	tcase_add_loop_test(
			t, agrees_with_the_formulas_in_every_combination, 0, COMBINATIONS);
	tcase_add_test(t, the_hash_of_no_body_is_that_of_empty_text);
	tcase_add_loop_test(t,
			w_u3_an_ha1_answers_only_the_algorithm_it_was_made_with, 0,
			COUNT(abilities));
	tcase_add_test(t, an_ha1_in_upper_case_is_hashed_in_lower_case);
	tcase_add_loop_test(
			t, w_u3i_a_credential_covers_its_realm_or_any, 0, COUNT(realms));
	tcase_add_loop_test(
			t, w_u3g_knows_the_algorithms_of_rfc_8760, 0, COUNT(names));
	suite_add_tcase(s, t);
	return s;
}

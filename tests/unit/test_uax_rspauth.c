/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A7616-4: the server's proof, made by OpenSSL. */
#include <stdio.h>

#include "rspauth.h"
#include "unit.h"
#include "unit_hashes.h"

#define HEAD "REGISTER sip:r SIP/2.0\r\nCSeq: 1 REGISTER\r\n"
#define MORE                                                                 \
	"username=\"u\", realm=\"r\", nonce=\"n\", uri=\"sip:r\", nc=0000000a, " \
	"cnonce=\"c\", response=\"00\""

struct row
{
	const char *sentence;
	const char *alg;  /* as OpenSSL names it */
	const char *name; /* of our credentials' header */
	const char *more; /* of our credentials */
	const char *qop;  /* that is hashed */
	const char *nc, *cnonce;
	const char *given; /* Authentication-Info; %s is the right rspauth */
	enum uax_rspauth want;
};

static const struct row rows[] = {
		{"right", "MD5", "Authorization", ", qop=auth", "auth", "0000000a", "c",
				"rspauth=\"%s\", qop=auth, cnonce=\"c\", nc=0000000a",
				UAX_RSPAUTH_RIGHT},
		{"alone, the rest as we sent it", "MD5", "Authorization", ", qop=auth",
				"auth", "0000000a", "c", "rspauth=\"%s\"", UAX_RSPAUTH_RIGHT},
		{"SHA-256", "SHA256", "Authorization", ", qop=auth, algorithm=SHA-256",
				"auth", "0000000a", "c", "nextnonce=\"x\",rspauth=\"%s\"",
				UAX_RSPAUTH_RIGHT},
		{"SHA-512-256", "SHA512-256", "Authorization",
				", qop=auth, algorithm=SHA-512-256", "auth", "0000000a", "c",
				"rspauth=\"%s\"", UAX_RSPAUTH_RIGHT},
		{"a wrong one", "MD5", "Authorization", ", qop=auth", "auth",
				"0000000a", "c", "rspauth=\"0123456789abcdef0123456789abcdef\"",
				UAX_RSPAUTH_WRONG},
		{"an empty one", "MD5", "Authorization", ", qop=auth", "auth",
				"0000000a", "c", "rspauth=\"\"", UAX_RSPAUTH_WRONG},
		{"right, and something behind it", "MD5", "Authorization", ", qop=auth",
				"auth", "0000000a", "c", "rspauth=\"%s0\"", UAX_RSPAUTH_WRONG},
		{"one of an earlier nc", "MD5", "Authorization", ", qop=auth", "auth",
				"00000009", "c", "rspauth=\"%s\"", UAX_RSPAUTH_WRONG},
		{"one of another cnonce", "MD5", "Authorization", ", qop=auth", "auth",
				"0000000a", "d", "rspauth=\"%s\"", UAX_RSPAUTH_WRONG},
		{"right, but it tells another nc", "MD5", "Authorization", ", qop=auth",
				"auth", "0000000a", "c", "rspauth=\"%s\", nc=00000009",
				UAX_RSPAUTH_WRONG},
		{"right, but its nc is none", "MD5", "Authorization", ", qop=auth",
				"auth", "0000000a", "c", "rspauth=\"%s\", nc=x",
				UAX_RSPAUTH_WRONG},
		{"right, but it tells another cnonce", "MD5", "Authorization",
				", qop=auth", "auth", "0000000a", "c",
				"rspauth=\"%s\", cnonce=\"d\"", UAX_RSPAUTH_WRONG},
		{"auth-int hashes the body of the reply", "MD5", "Authorization",
				", qop=auth", "auth-int", "0000000a", "c",
				"rspauth=\"%s\", qop=auth-int", UAX_RSPAUTH_RIGHT},
		{"a proxy's", "MD5", "Proxy-Authorization", ", qop=auth", "auth",
				"0000000a", "c", "rspauth=\"%s\"", UAX_RSPAUTH_RIGHT},
		{"none", "MD5", "Authorization", ", qop=auth", "auth", "0000000a", "c",
				"nextnonce=\"x\"", UAX_RSPAUTH_NONE},
		{"no qop, no proof", "MD5", "Authorization", "", "auth", "0000000a",
				"c", "rspauth=\"%s\"", UAX_RSPAUTH_NONE},
		{"a qop nobody knows", "MD5", "Authorization", ", qop=auth", "auth",
				"0000000a", "c", "rspauth=\"%s\", qop=foo", UAX_RSPAUTH_NONE},
		{"we sent no credentials", "MD5", "X-Authorization", ", qop=auth",
				"auth", "0000000a", "c", "rspauth=\"%s\"", UAX_RSPAUTH_NONE},
		{"an algorithm nobody knows", "MD5", "Authorization",
				", qop=auth, algorithm=X", "auth", "0000000a", "c",
				"rspauth=\"%s\"", UAX_RSPAUTH_NONE},
};

START_TEST(a7616_4_rspauth)
{
	const struct row *r = &rows[_i];
	struct uax_cred cred = {.user = unit_str("u"), .secret = unit_str("p")};
	char ha1[65], ha2[65], body[65], right[65], sent[1000], info[300];
	struct uax_rspauth_in in = {.body = unit_str("hello")};

	unit_hash_fmt(ha1, r->alg, "u:r:p");
	unit_hash_fmt(body, r->alg, "hello");
	if(strcmp(r->qop, "auth") == 0)
		unit_hash_fmt(ha2, r->alg, ":sip:r");
	else
		unit_hash_fmt(ha2, r->alg, ":sip:r:%s", body);
	unit_hash_fmt(right, r->alg, "%s:n:%s:%s:%s:%s", ha1, r->nc, r->cnonce,
			r->qop, ha2);
	snprintf(sent, sizeof(sent), HEAD "%s: Digest " MORE "%s\r\n\r\n", r->name,
			r->more);
	snprintf(info, sizeof(info), r->given, right);
	in.sent = unit_str(sent);
	in.authinfo = unit_str(info);
	in.is_proxy = r->name[0] == 'P';
	ck_assert_msg(uax_rspauth_check(&in, &cred, &unit_hashes) == r->want, "%s",
			r->sentence);
}
END_TEST

START_TEST(a7616_4_nothing_to_read)
{
	struct uax_cred cred = {.user = unit_str("u"), .secret = unit_str("p")};
	struct uax_rspauth_in in = {
			.sent = unit_str("x"), .authinfo = unit_str("rspauth=\"00\"")};

	ck_assert_int_eq(
			uax_rspauth_check(&in, &cred, &unit_hashes), UAX_RSPAUTH_NONE);
	in.sent = unit_str(HEAD "Authorization: Basic x\r\n\r\n");
	ck_assert_int_eq(
			uax_rspauth_check(&in, &cred, &unit_hashes), UAX_RSPAUTH_NONE);
	/* an HA1 that does not fit the algorithm */
	in.sent = unit_str(HEAD "Authorization: Digest " MORE ", qop=auth\r\n\r\n");
	cred.is_ha1 = 1;
	ck_assert_int_eq(
			uax_rspauth_check(&in, &cred, &unit_hashes), UAX_RSPAUTH_NONE);
}
END_TEST

Suite *suite_uax_rspauth(void)
{
	Suite *s = suite_create("uax_rspauth");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(
			t, a7616_4_rspauth, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(t, a7616_4_nothing_to_read);
	suite_add_tcase(s, t);
	return s;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "authhdr.h"
#include "unit.h"
#include "unit_hashes.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static void read_one(const char *body, struct uax_challenge *ch)
{
	str text = unit_str(body);
	struct kx_cursor c;

	kx_cur_init(&c, &text);
	ck_assert_int_eq(uax_challenge_next(&c, ch), KX_OK);
	ck_assert_int_eq(ch->unusable, UAX_CH_USABLE);
}

static struct uax_auth_request request(void)
{
	struct uax_auth_request req = {.method = unit_str("GET"),
			.uri = unit_str("/dir/index.html"),
			.cnonce = unit_str("0a4f113b"),
			.nc = 1};
	return req;
}

START_TEST(writes_the_header_of_rfc_2617)
{
	struct uax_challenge ch;
	struct uax_cred cred = {.user = unit_str("Mufasa"),
			.realm = unit_str("testrealm@host.com"),
			.secret = unit_str("Circle Of Life")};
	struct uax_auth_request req = request();
	char mem[512];
	struct kx_buf b;

	read_one("Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", "
			 "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
			 "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
			&ch);
	kx_buf_init(&b, mem, sizeof(mem));
	ck_assert_int_eq(
			uax_authhdr_write(&b, &ch, &cred, &req, &unit_hashes), KX_OK);
	ck_assert_str_eq(mem, "Authorization: Digest username=\"Mufasa\", "
						  "realm=\"testrealm@host.com\", "
						  "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
						  "uri=\"/dir/index.html\", qop=auth, nc=00000001, "
						  "cnonce=\"0a4f113b\", "
						  "response=\"6629fae49393a05397450978507c4ef1\", "
						  "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"\r\n");
}
END_TEST

static const struct
{
	const char *sentence;
	const char *challenge;
	int is_proxy;
	const char *has[5];
	const char *lacks[4];
} headers[] = {
		{"A22-1: 407 is answered by Proxy-Authorization",
				"Digest realm=\"r\", nonce=\"n\"", 1,
				{"Proxy-Authorization: Digest username="}, {NULL}},
		{"without qop there is no nc and no cnonce",
				"Digest realm=\"r\", nonce=\"n\"", 0,
				{"Authorization: Digest username=\"us\\\"er\", realm=\"r\""},
				{"nc=", "qop=", "opaque", "algorithm"}},
		{"W-U1b: -sess without qop has a cnonce and no nc",
				"Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess", 0,
				{", cnonce=\"0a4f113b\", response=",
						", algorithm=MD5-sess\r\n"},
				{"nc=", "qop="}},
		{"W-U2: auth-int is called auth-int",
				"Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"", 0,
				{", qop=auth-int, nc=00000001, cnonce="}, {"qop=auth,"}},
		{"A7616-6: what came quoted goes back as it came",
				"Digest realm=\"a\\\"\\b\", nonce=\"\\n\", opaque=\"\"", 0,
				{"realm=\"a\\\"\\b\"", "nonce=\"\\n\"", "opaque=\"\""}, {NULL}},
		{"what came as a token is quoted",
				"Digest realm=r, nonce=n\\m, opaque=o, algorithm=sha-256", 0,
				{"realm=\"r\"", "nonce=\"n\\\\m\"", "opaque=\"o\"",
						"algorithm=sha-256\r\n"},
				{NULL}},
		{"A7616-7: the name is hashed when asked for",
				"Digest realm=\"r\", nonce=\"n\", userhash=true", 0,
				{"username=\"920b6270bb3ebe94aa04b59a84d9315d\"",
						"userhash=true\r\n"},
				{"us\\\"er"}},
};

START_TEST(writes_what_the_server_asked_for)
{
	struct uax_challenge ch;
	struct uax_cred cred = {
			.user = unit_str("us\"er"), .secret = unit_str("p")};
	struct uax_auth_request req = request();
	char mem[512];
	struct kx_buf b;
	int i;

	read_one(headers[_i].challenge, &ch);
	ch.is_proxy = headers[_i].is_proxy;
	kx_buf_init(&b, mem, sizeof(mem));
	ck_assert_int_eq(
			uax_authhdr_write(&b, &ch, &cred, &req, &unit_hashes), KX_OK);
	for(i = 0; i < 5 && headers[_i].has[i] != NULL; i++)
		ck_assert_msg(strstr(mem, headers[_i].has[i]) != NULL, "%s: %s",
				headers[_i].sentence, mem);
	for(i = 0; i < 4 && headers[_i].lacks[i] != NULL; i++)
		ck_assert_msg(strstr(mem, headers[_i].lacks[i]) == NULL, "%s: %s",
				headers[_i].sentence, mem);
}
END_TEST

static const struct
{
	const char *sentence;
	const char *challenge;
	const char *user, *realm, *secret, *uri;
	int is_ha1;
	int want;
} refused[] = {
		{"the user begins another header", "Digest realm=\"r\", nonce=\"n\"",
				"u\r\nX: y", "r", "p", "sip:x", 0, KX_E_SYNTAX},
		{"the URI begins another header", "Digest realm=\"r\", nonce=\"n\"",
				"u", "r", "p", "sip:x\nX: y", 0, KX_E_SYNTAX},
		{"another realm", "Digest realm=\"r\", nonce=\"n\"", "u", "R", "p",
				"sip:x", 0, KX_E_RANGE},
		{"W-U3: an HA1 of the wrong length sends nothing",
				"Digest realm=\"r\", nonce=\"n\"", "u", "r", "abc", "sip:x", 1,
				KX_E_RANGE},
		{"W-U3: an HA1 of another algorithm sends nothing",
				"Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256", "u", "r",
				"0123456789abcdef0123456789abcdef", "sip:x", 1, KX_E_RANGE},
};

START_TEST(writes_nothing_that_is_wrong)
{
	struct uax_challenge ch;
	struct uax_cred cred = {.user = unit_str(refused[_i].user),
			.realm = unit_str(refused[_i].realm),
			.secret = unit_str(refused[_i].secret),
			.is_ha1 = refused[_i].is_ha1};
	struct uax_auth_request req = request();
	char mem[512];
	struct kx_buf b;

	read_one(refused[_i].challenge, &ch);
	req.uri = unit_str(refused[_i].uri);
	kx_buf_init(&b, mem, sizeof(mem));
	kx_buf_lit(&b, "Y: z\r\n");
	ck_assert_msg(uax_authhdr_write(&b, &ch, &cred, &req, &unit_hashes)
						  == refused[_i].want,
			"%s", refused[_i].sentence);
	ck_assert_str_eq(mem, "Y: z\r\n");
	ck_assert_int_eq(b.err, KX_OK);
}
END_TEST

/* A nonce of 2.1 kB, which the stock module cuts. */
static int write_long(void *param)
{
	struct uax_challenge ch;
	struct uax_cred cred = {.user = unit_str("u"), .secret = unit_str("p")};
	struct uax_auth_request req = request();
	char body[2200], small[16];
	struct kx_buf b;
	str out = {0, 0};
	int ok;

	memset(body, 'n', sizeof(body));
	memcpy(body, "Digest realm=\"r\", nonce=\"", 25);
	memcpy(body + sizeof(body) - 2, "\"", 2);
	read_one(body, &ch);
	kx_buf_init_grow(&b, small, sizeof(small), &unit_alloc, 4096);
	uax_authhdr_write(&b, &ch, &cred, &req, &unit_hashes);
	ok = kx_buf_end(&b, &out) == KX_OK;
	if(ok) {
		ck_assert_int_gt(out.len, (int)sizeof(body));
		ck_assert(memcmp(out.s + out.len - 3, "\"\r\n", 3) == 0);
	}
	kx_buf_release(&b);
	return ok;
}

START_TEST(w_u21_a_long_nonce_is_sent_whole_or_not_at_all)
{
	unit_ladder(write_long, NULL);
}
END_TEST

START_TEST(w_u3d_a_kept_challenge_is_answered_again_with_the_next_nc)
{
	struct uax_challenge ch, kept;
	struct uax_cred cred = {.user = unit_str("u"), .secret = unit_str("p")};
	struct uax_auth_request req = request();
	char first[512], again[512], block[256];
	struct kx_buf b;

	read_one("Digest realm=\"r\", nonce=\"n\", opaque=\"o\", qop=auth, "
			 "algorithm=SHA-512-256",
			&ch);
	ck_assert_uint_le(uax_challenge_pack_len(&ch), sizeof(block));
	uax_challenge_pack(&ch, block);
	ck_assert_int_eq(
			uax_challenge_unpack(block, uax_challenge_pack_len(&ch), &kept),
			KX_OK);
	req.nc = 7;
	kx_buf_init(&b, first, sizeof(first));
	uax_authhdr_write(&b, &ch, &cred, &req, &unit_hashes);
	kx_buf_init(&b, again, sizeof(again));
	uax_authhdr_write(&b, &kept, &cred, &req, &unit_hashes);
	ck_assert_str_eq(first, again);
	ck_assert_ptr_nonnull(strstr(again, "nc=00000007"));
}
END_TEST

Suite *suite_uax_authhdr(void)
{
	Suite *s = suite_create("uax_authhdr");
	TCase *t = tcase_create("all");

	tcase_add_test(t, writes_the_header_of_rfc_2617);
	tcase_add_loop_test(t, writes_what_the_server_asked_for, 0, COUNT(headers));
	tcase_add_loop_test(t, writes_nothing_that_is_wrong, 0, COUNT(refused));
	tcase_add_test(t, w_u21_a_long_nonce_is_sent_whole_or_not_at_all);
	tcase_add_test(
			t, w_u3d_a_kept_challenge_is_answered_again_with_the_next_nc);
	suite_add_tcase(s, t);
	return s;
}

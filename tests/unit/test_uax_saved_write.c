/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rows of kept registrations that are written: challenges that come back,
 * statements for each database, fingerprints of accounts. */
#include <stdio.h>

#include "saved_rows.h"
#include "unit_hashes.h"

/* A challenge as it came, written, read: what an answer needs is the same. */
static void comes_back(const char *body, int is_proxy)
{
	struct uax_saved row = unit_saved_good();
	struct uax_challenge before;
	struct uax_warm w;
	struct kx_cursor c;
	char mem[2048];
	struct kx_buf b;
	str text = unit_str(body), written;

	kx_cur_init(&c, &text);
	ck_assert_int_eq(uax_challenge_next(&c, &before), KX_OK);
	ck_row(before.unusable == UAX_CH_USABLE, body);
	kx_buf_init(&b, mem, sizeof(mem));
	ck_row(uax_saved_write_challenge(&b, &before) == KX_OK, body);
	ck_assert_int_eq(kx_buf_end(&b, &written), KX_OK);
	row.text[UAX_SV_challenge].len = 0;
	row.text[is_proxy ? UAX_SV_proxy_challenge : UAX_SV_challenge] =
			unit_bytes(written.s, written.len);
	w = unit_saved_read(&row, 0);
	ck_row(uax_text_same(&w.challenge[is_proxy].realm, &before.realm), body);
	ck_row(uax_text_same(&w.challenge[is_proxy].nonce, &before.nonce), body);
	ck_row(w.challenge[is_proxy].opaque.is_given == before.opaque.is_given,
			body);
	ck_row(uax_text_same(&w.challenge[is_proxy].opaque, &before.opaque), body);
	ck_row(w.challenge[is_proxy].algorithm.is_given
					== before.algorithm.is_given,
			body);
	ck_row(w.challenge[is_proxy].alg == before.alg, body);
	ck_row(w.challenge[is_proxy].is_sess == before.is_sess, body);
	ck_row(w.challenge[is_proxy].qops == before.qops, body);
	ck_row(w.challenge[is_proxy].is_userhash == before.is_userhash, body);
	ck_row(w.challenge[is_proxy].is_utf8 == before.is_utf8, body);
	ck_row(w.challenge[is_proxy].is_proxy == is_proxy, body);
	ck_row(w.challenge[!is_proxy].nonce.is_given == 0, body);
}

START_TEST(a_challenge_comes_back)
{
	static const char *const body[] = {
			UNIT_DIGEST,
			"Digest realm=\"r\",nonce=\"n\"",
			"Digest realm=\"\", nonce=\"n\"",
			"Digest realm=\"a \\\"quoted\\\" \\\\ realm, x=y\", "
			"nonce=\"n\\\"\"",
			"Digest realm=bare,nonce=a/b+c==,algorithm=\"MD5\",qop=auth",
			"Digest realm=\"r\",nonce=\"n\",opaque=\"\"",
			"Digest realm=\"r\",nonce=\"n\",opaque=\"o\",qop=\"auth,auth-int\"",
			"Digest realm=\"r\",nonce=\"n\",qop=\"auth-int\",stale=true",
			"Digest realm=\"r\",nonce=\"n\",algorithm=SHA-256-sess,"
			"userhash=true,charset=UTF-8,domain=\"sip:a sip:b\"",
			"Digest realm=\"r\",nonce=\"n\",algorithm=sha-512-256,"
			"userhash=true,qop=\"auth\"",
			"Digest realm=\"r\",nonce=\"n\",qop=\"\"",
			"Digest realm=\"\xc3\xa9\",nonce=\"n\t'%\"",
	};

	comes_back(body[_i], 0);
	comes_back(body[_i], 1);
}
END_TEST

START_TEST(random_challenges_come_back)
{
	static const char piece[] = "abAB01 ,=;:'%+/\xc3\xa9";
	static const char *const alg[] = {"", ",algorithm=MD5",
			",algorithm=MD5-sess", ",algorithm=SHA-256",
			",algorithm=\"SHA-512-256\"", ",algorithm=SHA-256-sess"};
	static const char *const qop[] = {
			"", ",qop=\"auth\"", ",qop=auth-int", ",qop=\"x,auth,auth-int\""};
	static const char *const more[] = {
			"", ",userhash=true", ",charset=UTF-8", ",stale=true"};
	uint64_t random = 29;
	char body[512];
	int round, i, at, text;

	for(round = 0; round < 300; round++) {
		at = snprintf(body, sizeof(body), "Digest ");
		for(text = 0; text < 3; text++) {
			static const char *const name[] = {"realm", "nonce", "opaque"};
			int len = (int)(unit_random(&random) % 20);

			if(text == 2 && unit_random(&random) % 2 == 0)
				continue;
			at += snprintf(body + at, sizeof(body) - at, "%s%s=\"",
					text == 0 ? "" : ",", name[text]);
			for(i = 0; i < len + (text == 1); i++) {
				int pick = (int)(unit_random(&random) % sizeof(piece));

				if(pick == sizeof(piece) - 1) {
					body[at++] = '\\';
					body[at++] = unit_random(&random) % 2 ? '"' : '\\';
				} else {
					body[at++] = piece[pick];
				}
			}
			body[at++] = '"';
		}
		snprintf(body + at, sizeof(body) - at, "%s%s%s",
				alg[unit_random(&random) % 6], qop[unit_random(&random) % 4],
				more[unit_random(&random) % 4]);
		comes_back(body, (int)(unit_random(&random) % 2));
	}
}
END_TEST

/* Statements, whole. */
#define COLUMNS                                                                \
	"(l_uuid,node,account,state,contact,own_contact,callid,fromtag,challenge," \
	"proxy_challenge,service_route,path,associated_uri,registered_until,"      \
	"granted,next_due,failures,cseq,nc,proxy_nc,is_exact,saved) values "
#define ROW_1                                                                  \
	"('u1','sip:192.0.2.1:5060','" UNIT_PRINT "','online','" UNIT_OURS         \
	"','','00112233445566778899aabbccddeeff','0123456789abcdef','" UNIT_DIGEST \
	"','','<sip:way;lr>, <sip:on;lr>','','',1790000300,600,1790000200,0,"      \
	"7,3,0,1,1789999900)"
#define ROW_2(uuid) \
	"(" uuid ",'','','','','','','','','','','','',0,0,0,0,0,0,0,0,0)"
#define EXCLUDED(c) #c "=excluded." #c
#define VALUES(c) #c "=values(" #c ")"
#define UPDATES(X)                                                                                                                                                 \
	X(node)                                                                                                                                                        \
	"," X(account) "," X(state) "," X(contact) "," X(own_contact) "," X(callid) "," X(fromtag) "," X(challenge) "," X(proxy_challenge) "," X(service_route) "," X( \
			path) "," X(associated_uri) "," X(registered_until) "," X(granted) "," X(next_due) "," X(failures) "," X(cseq) "," X(nc) "," X(proxy_nc) "," X(is_exact) "," X(saved)

START_TEST(a_statement_for_each_database)
{
	static const struct
	{
		enum uax_sql sql;
		const char *one, *two;
	} want[] = {
			{UAX_SQL_MYSQL,
					"insert into t" COLUMNS ROW_1
					" on duplicate key update " UPDATES(VALUES),
					"insert into t" COLUMNS ROW_1
					"," ROW_2("cast(x'6f276e65' as char)") " on duplicate key "
														   "update " UPDATES(
																   VALUES)},
			{UAX_SQL_POSTGRES,
					"insert into t" COLUMNS ROW_1
					" on conflict (l_uuid) do update set " UPDATES(EXCLUDED),
					"insert into t" COLUMNS ROW_1
					"," ROW_2("convert_from(decode('6f276e65','hex'),'"
							  "UTF8')") " on conflict (l_uuid) do update "
										"set " UPDATES(EXCLUDED)},
			{UAX_SQL_SQLITE,
					"insert into t" COLUMNS ROW_1
					" on conflict (l_uuid) do update set " UPDATES(EXCLUDED),
					"insert into t" COLUMNS ROW_1
					"," ROW_2("cast(x'6f276e65' as text)") " on conflict "
														   "(l_uuid) do update "
														   "set " UPDATES(
																   EXCLUDED)},
	};
	struct uax_saved row[2] = {unit_saved_good()};
	str table = unit_str("t"), got;
	char mem[8192];
	struct kx_buf b;
	int n, i;

	row[1].text[UAX_SV_l_uuid] = unit_str("o'ne");
	/* no column takes less than nothing */
	row[1].number[UAX_SV_nc] = -5;
	for(n = 1; n <= 2; n++) {
		kx_buf_init(&b, mem, sizeof(mem));
		ck_assert_int_eq(uax_saved_write_head(&b, &table), KX_OK);
		for(i = 0; i < n; i++)
			ck_assert_int_eq(
					uax_saved_write_row(&b, want[_i].sql, &row[i], i == 0),
					KX_OK);
		ck_assert_int_eq(uax_saved_write_tail(&b, want[_i].sql), KX_OK);
		ck_assert_int_eq(kx_buf_end(&b, &got), KX_OK);
		ck_row_str(got, n == 1 ? want[_i].one : want[_i].two, "statement");
	}
}
END_TEST

static int write_all(void *param)
{
	struct uax_saved row = unit_saved_good();
	str table = unit_str("t");
	struct kx_buf b;
	int err;

	kx_buf_init_grow(&b, NULL, 0, &unit_alloc, 1 << 20);
	uax_saved_write_head(&b, &table);
	uax_saved_write_row(&b, UAX_SQL_MYSQL, &row, 1);
	uax_saved_write_row(&b, UAX_SQL_MYSQL, &row, 0);
	err = uax_saved_write_tail(&b, UAX_SQL_MYSQL);
	kx_buf_release(&b);
	return err == KX_OK;
}

START_TEST(without_memory_no_statement)
{
	unit_ladder(write_all, NULL);
}
END_TEST

static struct uax_row account(void)
{
	static const char *const text[UAX_R_COUNT] = {
			[UAX_R_l_uuid] = "u1",
			[UAX_R_l_username] = "l",
			[UAX_R_l_domain] = "local",
			[UAX_R_r_username] = "r",
			[UAX_R_r_domain] = "remote",
			[UAX_R_realm] = "realm",
			[UAX_R_auth_username] = "a",
			[UAX_R_auth_password] = "p",
			[UAX_R_auth_ha1] = "h",
			[UAX_R_auth_proxy] = "sip:proxy",
			[UAX_R_contact_addr] = "192.0.2.1",
			[UAX_R_socket] = "udp:192.0.2.1",
			[UAX_R_contact_user] = "c",
	};
	struct uax_row row = {.expires_s = 600};
	int i;

	for(i = 0; i < UAX_R_COUNT; i++)
		row.text[i] = unit_str(text[i]);
	return row;
}

static void print_of(const struct uax_row *row, char *out)
{
	uax_fingerprint(row, &unit_hashes, out);
	ck_assert_int_eq(strlen(out), UAX_FINGERPRINT_LEN);
	ck_assert_int_eq(strspn(out, "0123456789abcdef"), UAX_FINGERPRINT_LEN);
}

/* Kept in tables by other releases: it stays. Over each text with its length
 * before it, two bytes. */
START_TEST(a_fingerprint_stays_what_it_is)
{
	struct uax_row row = account();
	char got[UAX_FINGERPRINT_LEN + 1];

	print_of(&row, got);
	ck_assert_str_eq(got, "51751223d0be1e56d3bf66e5cf0f88b6");
}
END_TEST

/* What the registration depends on, and nothing else. */
START_TEST(a_fingerprint_changes_with_what_matters)
{
	static const int matters[UAX_R_COUNT] = {[UAX_R_l_uuid] = 1,
			[UAX_R_r_username] = 1,
			[UAX_R_r_domain] = 1,
			[UAX_R_realm] = 1,
			[UAX_R_auth_username] = 1,
			[UAX_R_auth_password] = 1,
			[UAX_R_auth_ha1] = 1,
			[UAX_R_auth_proxy] = 1};
	struct uax_row row = account();
	char before[UAX_FINGERPRINT_LEN + 1], after[UAX_FINGERPRINT_LEN + 1];

	print_of(&row, before);
	row.text[_i] = unit_str("other");
	print_of(&row, after);
	ck_row((strcmp(before, after) != 0) == matters[_i], uax_row_text_name(_i));
	row.text[_i] = (str){NULL, 0};
	print_of(&row, after);
	ck_row((strcmp(before, after) != 0) == matters[_i], uax_row_text_name(_i));
	row = account();
	row.expires_s = 1;
	row.reg_delay_s = 2;
	row.is_disabled = 1;
	print_of(&row, after);
	ck_assert_str_eq(before, after);
}
END_TEST

/* "ab" and "c" are not "a" and "bc". */
START_TEST(a_fingerprint_knows_where_texts_end)
{
	static const enum uax_row_text order[] = {UAX_R_l_uuid, UAX_R_r_username,
			UAX_R_r_domain, UAX_R_realm, UAX_R_auth_username,
			UAX_R_auth_password, UAX_R_auth_ha1, UAX_R_auth_proxy};
	struct uax_row one = account(), two = account();
	char before[UAX_FINGERPRINT_LEN + 1], after[UAX_FINGERPRINT_LEN + 1];

	one.text[order[_i]] = unit_str("ab");
	one.text[order[_i + 1]] = unit_str("c");
	two.text[order[_i]] = unit_str("a");
	two.text[order[_i + 1]] = unit_str("bc");
	print_of(&one, before);
	print_of(&two, after);
	ck_assert_str_ne(before, after);
	/* and which text is which */
	one.text[order[_i]] = unit_str("x");
	one.text[order[_i + 1]] = unit_str("");
	two.text[order[_i]] = unit_str("");
	two.text[order[_i + 1]] = unit_str("x");
	print_of(&one, before);
	print_of(&two, after);
	ck_assert_str_ne(before, after);
}
END_TEST

Suite *suite_uax_saved_write(void)
{
	Suite *s = suite_create("uax_saved_write");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, a_challenge_comes_back, 0, 12);
	tcase_add_test(t, random_challenges_come_back);
	tcase_add_loop_test(t, a_statement_for_each_database, 0, 3);
	tcase_add_test(t, without_memory_no_statement);
	tcase_add_test(t, a_fingerprint_stays_what_it_is);
	tcase_add_loop_test(
			t, a_fingerprint_changes_with_what_matters, 0, UAX_R_COUNT);
	tcase_add_loop_test(t, a_fingerprint_knows_where_texts_end, 0, 7);
	suite_add_tcase(s, t);
	return s;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Challenges that are read: what is usable of a header whatever is in it, in
 * memory of exactly its size and in time that its length allows; what is kept
 * of them; the next nonce. */
#include <stdlib.h>
#include <time.h>

#include "challenge.h"
#include "unit.h"

/* The text in memory of exactly its size, so that the sanitizer sees a read
 * past the end. */
struct exact
{
	char *mem;
	str text;
};

static struct exact exact_of(const char *text, int len)
{
	struct exact e = {malloc(len > 0 ? len : 1), {NULL, len}};

	ck_assert_ptr_nonnull(e.mem);
	memcpy(e.mem, text, len);
	e.text.s = e.mem;
	return e;
}

/* One challenge as a line: scheme, verdict, texts, algorithm, flags. */
static void describe(struct kx_buf *b, const struct uax_challenge *ch)
{
	kx_buf_str(b, &ch->scheme);
	kx_buf_char(b, '/');
	kx_buf_u64(b, ch->unusable);
	kx_buf_char(b, '/');
	kx_buf_str(b, &ch->realm.s);
	kx_buf_char(b, '/');
	kx_buf_str(b, &ch->nonce.s);
	kx_buf_char(b, '/');
	kx_buf_u64(b, ch->alg);
	kx_buf_add(b, "s", ch->is_sess ? 1 : 0);
	kx_buf_char(b, '/');
	kx_buf_u64(b, ch->qops);
	kx_buf_char(b, ';');
}

static const struct
{
	const char *sentence;
	const char *body;
	const char *want;
} bodies[] = {
		{"one challenge as most send it",
				"Digest realm=\"r\", nonce=\"n\", algorithm=MD5, qop=\"auth\"",
				"Digest/0/r/n/1/1;"},
		{"realm and nonce are enough", "Digest realm=\"r\",nonce=\"n\"",
				"Digest/0/r/n/1/0;"},
		{"blanks and folding anywhere",
				"  DIGEST \r\n\trealm = \"r\" ,\r\n nonce\t=\t\"n\" , ,, ",
				"DIGEST/0/r/n/1/0;"},
		{"W-U1: only unknown qop", "Digest realm=\"r\",nonce=\"n\",qop=\"foo\"",
				"Digest/5/r/n/1/0;"},
		{"W-U1: upper case", "Digest realm=\"r\",nonce=\"n\",qop=\"AUTH\"",
				"Digest/0/r/n/1/1;"},
		{"W-U1: leading blank", "Digest realm=\"r\",nonce=\"n\",qop=\" auth\"",
				"Digest/0/r/n/1/1;"},
		{"W-U1: a word that begins with auth",
				"Digest realm=\"r\",nonce=\"n\",qop=\"authentic\"",
				"Digest/5/r/n/1/0;"},
		{"W-U1: known and unknown",
				"Digest realm=\"r\",nonce=\"n\",qop=\"foo, auth-int ,auth\"",
				"Digest/0/r/n/1/3;"},
		{"an empty list is no list", "Digest realm=\"r\",nonce=\"n\",qop=\"\"",
				"Digest/0/r/n/1/0;"},
		{"W-U2: auth-int alone",
				"Digest realm=\"r\",nonce=\"n\",qop=\"Auth-Int\"",
				"Digest/0/r/n/1/2;"},
		{"a token for a list", "Digest realm=\"r\",nonce=\"n\",qop=auth",
				"Digest/0/r/n/1/1;"},
		{"tokens for strings and strings for tokens",
				"Digest realm=example.org,nonce=a/b+c==,"
				"algorithm=\"SHA-256\",qop=auth",
				"Digest/0/example.org/a/b+c==/2/1;"},
		{"W-U3f: quoted-pairs stay for the echo",
				"Digest realm=\"a\\\"b, nonce=\\\\\", nonce=\"n\"",
				"Digest/0/a\\\"b, nonce=\\\\/n/1/0;"},
		{"W-U3f: an empty realm is a realm", "Digest realm=\"\", nonce=\"n\"",
				"Digest/0//n/1/0;"},
		{"no realm", "Digest nonce=\"n\"", "Digest/2//n/1/0;"},
		{"no nonce", "Digest realm=\"r\"", "Digest/3/r//1/0;"},
		{"W-U3g: unknown parameters and odd values are passed",
				"Digest foo=bar, realm=\"r\", stale=maybe, x=, y, nonce=\"n\", "
				"z=\"q,Digest realm=\\\"no\\\"\"",
				"Digest/0/r/n/1/0;"},
		{"W-U3g: -sess of a SHA",
				"Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256-sess",
				"Digest/0/r/n/3s/0;"},
		{"A22-8: an algorithm of another kind",
				"Digest realm=\"r\", nonce=\"n\", algorithm=AKAv1-MD5",
				"Digest/4/r/n/0/0;"},
		{"A22-10: Basic", "Basic realm=\"r\"", "Basic/1/r//1/0;"},
		{"W-U3g: several in one header",
				"Digest realm=\"r\", nonce=\"1\", algorithm=SHA-256, "
				"Digest realm=\"s\", nonce=\"2\"",
				"Digest/0/r/1/2/0;Digest/0/s/2/1/0;"},
		{"A22-8: other schemes before, between and after",
				"Negotiate, Basic realm=\"b\", Digest realm=\"r\", "
				"nonce=\"1\", "
				"NTLM abc==, Digest realm=\"s\", nonce=\"2\", Bearer x",
				"Negotiate/1///1/0;Basic/1/b//1/0;Digest/0/r/1/1/0;"
				"NTLM/1///1/0;Digest/0/s/2/1/0;Bearer/1///1/0;"},
		{"a forgotten comma", "Digest realm=\"r\" nonce=\"n\" qop=\"auth\"",
				"Digest/0/r/n/1/1;"},
		{"junk behind a string", "Digest realm=\"r\"junk, nonce=\"n\" ; x",
				"Digest/0/r/n/1/0;"},
		{"a string that never ends takes the rest",
				"Digest nonce=\"n\", realm=\"r, qop=auth",
				"Digest/0/\"r, qop=auth/n/1/0;"},
		{"the first of two counts",
				"Digest realm=\"r\", realm=\"s\", nonce=\"n\", nonce=\"m\"",
				"Digest/0/r/n/1/0;"},
		{"names in any case", "digest REALM=\"r\", Nonce=\"n\", QOP=\"auth\"",
				"digest/0/r/n/1/1;"},
		{"no scheme", "realm=\"r\", nonce=\"n\"", "realm/1//n/1/0;"},
		{"nothing a word begins with", "=\"r\", nonce=\"n\"", "/1//n/1/0;"},
		{"a longer name is another name",
				"Digest realmx=\"r\", nonc=\"n\", nonce=\"m\", realm=\"s\"",
				"Digest/0/s/m/1/0;"},
		{"folding inside of a string is refused",
				"Digest realm=\"r\", nonce=\"n\r\n X: y\"",
				"Digest/6/r/n\r\n X: y/1/0;"},
		{"nothing", "", ""},
		{"blanks and commas", " ,, \t,", ""},
		{"a lone scheme", "Digest", "Digest/2///1/0;"},
		{"a lone quote", "\"", "/1///1/0;"},
		{"a backslash at the end", "Digest realm=\"\\", "Digest/3/\"\\//1/0;"},
};

START_TEST(reads_every_challenge_of_a_header)
{
	struct exact e = exact_of(bodies[_i].body, strlen(bodies[_i].body));
	struct kx_cursor c;
	struct uax_challenge ch;
	char mem[512];
	struct kx_buf b;

	kx_buf_init(&b, mem, sizeof(mem));
	kx_cur_init(&c, &e.text);
	while(uax_challenge_next(&c, &ch) == KX_OK)
		describe(&b, &ch);
	ck_assert_msg(strcmp(mem, bodies[_i].want) == 0, "%s: %s",
			bodies[_i].sentence, mem);
	free(e.mem);
}
END_TEST

START_TEST(a_nul_is_refused)
{
	static const char body[] = "Digest realm=\"r\", nonce=\"a\0b\"";
	struct exact e = exact_of(body, sizeof(body) - 1);
	struct kx_cursor c;
	struct uax_challenge ch;

	kx_cur_init(&c, &e.text);
	ck_assert_int_eq(uax_challenge_next(&c, &ch), KX_OK);
	ck_assert_int_eq(ch.unusable, UAX_CH_BYTES);
	ck_assert_int_eq(uax_challenge_next(&c, &ch), KX_E_END);
	free(e.mem);
}
END_TEST

static void read_one(const char *body, struct uax_challenge *ch)
{
	str text = unit_str(body);
	struct kx_cursor c;

	kx_cur_init(&c, &text);
	ck_assert_int_eq(uax_challenge_next(&c, ch), KX_OK);
}

START_TEST(w_u3e_reads_the_flags_and_the_domain)
{
	struct uax_challenge ch;

	read_one("Digest realm=\"r\", nonce=\"n\", opaque=\"\", stale=TRUE, "
			 "userhash=\"true\", charset=utf-8, domain=\"sip:a sip:b\"",
			&ch);
	ck_assert(ch.is_stale && ch.is_userhash && ch.is_utf8);
	ck_assert(ch.opaque.is_given && !ch.algorithm.is_given);
	ck_str_is(ch.domain.s, "sip:a sip:b");
	read_one("Digest realm=\"r\", nonce=\"n\", stale=false, userhash=1", &ch);
	ck_assert(!ch.is_stale && !ch.is_userhash && !ch.is_utf8);
	ck_assert(!ch.opaque.is_given);
}
END_TEST

START_TEST(reads_the_realm_and_nonce_of_an_authorization_too)
{
	struct uax_challenge ch;

	read_one("Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"sip:x\", "
			 "response=\"00\", qop=auth, nc=00000001",
			&ch);
	ck_str_is(ch.realm.s, "r");
	ck_str_is(ch.nonce.s, "n");
}
END_TEST

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* CPU seconds for a body made of one text over and over. */
static double time_for(const char *head, const char *unit, int len)
{
	char *mem = malloc(len);
	str body = {mem, len};
	struct kx_cursor c;
	struct uax_challenge ch;
	struct uax_text nonce;
	double from;
	int i, n = 0;

	for(i = 0; i < len; i++)
		mem[i] = i < (int)strlen(head)
						 ? head[i]
						 : unit[(i - strlen(head)) % strlen(unit)];
	from = seconds();
	kx_cur_init(&c, &body);
	while(uax_challenge_next(&c, &ch) == KX_OK)
		n++;
	ck_assert_int_le(n, len);
	uax_authinfo_nextnonce(&body, &nonce);
	free(mem);
	return seconds() - from;
}

static const char *const junk[][2] = {
		{"Digest ", "\""},
		{"Digest ", "\\"},
		{"Digest a=\"", "\\\""},
		{"Digest ", "a="},
		{"Digest ", "a,"},
		{"Digest ", ",a b"},
		{"Digest ", ",a \" "},
		{"", "Digest,"},
		{"", "Digest a "},
		{"", ", Digest x"},
		{"Digest ", " "},
		{"Digest a", "      "},
		{"Digest realm=", "="},
		{"Digest qop=\"", ","},
		{"Digest qop=\"", "auth,"},
		{"", "/"},
		{"", ",/\""},
		{"Digest ", "realm=\"r\" nonce=\"n\","},
};

/* The best of a few runs: a busy machine only ever adds. */
static double best_time(const char *head, const char *unit, int len)
{
	double now, best = time_for(head, unit, len);
	int i;

	for(i = 0; i < 4; i++) {
		now = time_for(head, unit, len);
		if(now < best)
			best = now;
	}
	return best;
}

/* 16 times the text may take 16 times as long; quadratic code takes 256 times.
 * The floor is for the clock. */
START_TEST(a_header_of_junk_takes_time_in_proportion_to_its_length)
{
	double small = best_time(junk[_i][0], junk[_i][1], 1 << 12);
	double large = best_time(junk[_i][0], junk[_i][1], 1 << 16);

	ck_assert_msg(large < 64 * small + 0.01, "%s%s: %f s, %f s", junk[_i][0],
			junk[_i][1], small, large);
}
END_TEST

/* Every prefix of a rich header, each in memory of its own size. */
START_TEST(no_cut_header_is_read_past_its_end)
{
	static const char body[] =
			"Digest realm=\"a\\\"\", nonce=n, qop=\"auth,auth-int\", "
			"algorithm=SHA-256-sess, stale=true, Basic realm=\"x\", "
			"Digest realm = \"b\" , nonce = \"\\\\\" , userhash=true";
	int len, n;

	for(len = 0; len < (int)sizeof(body); len++) {
		struct exact e = exact_of(body, len);
		struct uax_challenge list[UAX_CHALLENGES_MAX];
		struct uax_text nonce;

		n = 0;
		uax_challenge_collect(&e.text, 0, list, &n);
		ck_assert_int_le(n, 2);
		uax_authinfo_nextnonce(&e.text, &nonce);
		free(e.mem);
	}
	ck_assert_int_eq(n, 2);
}
END_TEST

START_TEST(no_more_than_the_maximum_is_collected)
{
	str body = unit_str("Digest realm=\"r\", nonce=\"n\"");
	struct uax_challenge list[UAX_CHALLENGES_MAX];
	int i, n = 0;

	for(i = 0; i < 2 * UAX_CHALLENGES_MAX; i++)
		uax_challenge_collect(&body, 1, list, &n);
	ck_assert_int_eq(n, UAX_CHALLENGES_MAX);
	ck_assert(list[0].is_proxy);
}
END_TEST

static const char *const kept[] = {
		"Digest realm=\"r\\\"\", nonce=\"n\", opaque=\"o\", "
		"qop=\"auth,auth-int\","
		" algorithm=sha-256-sess, userhash=true, charset=UTF-8",
		"Digest realm=\"\", nonce=n",
		"Digest realm=r, nonce=\"\", opaque=\"\", algorithm=\"MD5\", qop=auth",
};

START_TEST(a22_7_a_challenge_is_kept_whole)
{
	struct uax_challenge ch, got;
	size_t len, cut;
	char *mem, *moved;

	read_one(kept[_i], &ch);
	ch.is_proxy = 1;
	len = uax_challenge_pack_len(&ch);
	mem = malloc(len + 1);
	moved = mem + 1; /* any alignment */
	uax_challenge_pack(&ch, moved);
	ck_assert_int_eq(uax_challenge_unpack(moved, len, &got), KX_OK);
	ck_assert(uax_text_same(&got.realm, &ch.realm));
	ck_assert_int_eq(got.realm.is_quoted, ch.realm.is_quoted);
	ck_assert(kx_str_eq(&got.nonce.s, &ch.nonce.s));
	ck_assert(kx_str_eq(&got.opaque.s, &ch.opaque.s));
	ck_assert_int_eq(got.opaque.is_given, ch.opaque.is_given);
	ck_assert(kx_str_eq(&got.algorithm.s, &ch.algorithm.s));
	ck_assert(got.alg == ch.alg && got.is_sess == ch.is_sess);
	ck_assert(got.qops == ch.qops && got.is_userhash == ch.is_userhash);
	ck_assert(got.is_utf8 == ch.is_utf8 && got.is_proxy);
	for(cut = 0; cut < len; cut++)
		ck_assert_int_eq(uax_challenge_unpack(moved, cut, &got), KX_E_SYNTAX);
	moved[0] ^= 1;
	ck_assert_int_eq(uax_challenge_unpack(moved, len, &got), KX_E_SYNTAX);
	free(mem);
}
END_TEST

static const struct
{
	const char *body;
	const char *want; /* NULL: none */
} infos[] = {
		{"nextnonce=\"abc\", qop=auth, rspauth=\"00\"", "abc"},
		{"qop=auth,NextNonce=abc", "abc"},
		{"rspauth=\"00\"", NULL},
		{"nextnonce=\"\"", NULL},
		{"nextnonce=\"a\r\nX: y\"", NULL},
		{"", NULL},
};

START_TEST(r7616_4_reads_the_next_nonce)
{
	str body = unit_str(infos[_i].body);
	struct uax_text got = {{0, 0}, 0, 0};

	ck_assert_int_eq(uax_authinfo_nextnonce(&body, &got),
			infos[_i].want != NULL ? KX_OK : KX_E_NONE);
	if(infos[_i].want != NULL)
		ck_str_is(got.s, infos[_i].want);
	ck_assert_int_eq(got.is_given, infos[_i].want != NULL);
}
END_TEST

Suite *suite_uax_challenge(void)
{
	Suite *s = suite_create("uax_challenge");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(
			t, reads_every_challenge_of_a_header, 0, UNIT_ROWS(bodies));
	tcase_add_test(t, a_nul_is_refused);
	tcase_add_test(t, w_u3e_reads_the_flags_and_the_domain);
	tcase_add_test(t, reads_the_realm_and_nonce_of_an_authorization_too);
	tcase_add_loop_test(t,
			a_header_of_junk_takes_time_in_proportion_to_its_length, 0,
			UNIT_ROWS(junk));
	tcase_add_test(t, no_cut_header_is_read_past_its_end);
	tcase_add_test(t, no_more_than_the_maximum_is_collected);
	tcase_add_loop_test(t, a22_7_a_challenge_is_kept_whole, 0, UNIT_ROWS(kept));
	tcase_add_loop_test(t, r7616_4_reads_the_next_nonce, 0, UNIT_ROWS(infos));
	suite_add_tcase(s, t);
	return s;
}

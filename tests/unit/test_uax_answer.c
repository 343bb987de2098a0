/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What answers mean. A row gives the headers of an answer and what had been
 * asked; all it does not give is what a plain first REGISTER has. */
/* the registrar has an answer.h as well */
#include "../../uac/logic/answer.h"
#include "unit.h"

#define REALM "Digest realm=\"r\",nonce=\"n1\""

/* The answer, and what had been asked. */
struct given
{
	int code;
	const char *contact[3]; /* one header each */
	const char *www[3], *proxy;
	const char *expires, *min_expires, *retry_after, *authinfo;
	const char *used_nonce, *cred_realm;
	uint32_t asked_s; /* 0: 3600 */
	int auth_tries, brief_tries, redirect_tries;
	int is_local, is_removal, nonce_was_kept;
	int is_ha1; /* the credential is one of 32 digits */
	enum uax_alg min_alg;
	enum uax_rspauth rspauth;
};

static void set(str *view, const char *text)
{
	if(text != NULL)
		*view = unit_str(text);
}

static void read_answer(
		const struct given *g, struct uax_reply *reply, struct uax_answer *out)
{
	struct uax_cred cred = {.user = KX_STR("me"), .secret = KX_STR("pw")};
	struct uax_attempt attempt = {.contact = KX_STR("sip:me@h:5070"),
			.cred = &cred,
			.asked_s = g->asked_s > 0 ? g->asked_s : 3600,
			.auth_tries = g->auth_tries,
			.brief_tries = g->brief_tries,
			.redirect_tries = g->redirect_tries,
			.is_removal = g->is_removal,
			.used = {{.was_kept = g->nonce_was_kept}},
			.auth = {.min_alg = g->min_alg}};
	str body;
	int i;

	memset(reply, 0, sizeof(*reply));
	reply->code = g->code;
	reply->is_local = g->is_local;
	reply->rspauth = g->rspauth;
	for(i = 0; i < 3 && g->contact[i] != NULL; i++)
		reply->contact[reply->n_contacts++] = unit_str(g->contact[i]);
	for(i = 0; i < 3 && g->www[i] != NULL; i++) {
		body = unit_str(g->www[i]);
		uax_challenge_collect(&body, 0, reply->challenge, &reply->n_challenges);
	}
	if(g->proxy != NULL) {
		body = unit_str(g->proxy);
		uax_challenge_collect(&body, 1, reply->challenge, &reply->n_challenges);
	}
	set(&reply->expires, g->expires);
	set(&reply->min_expires, g->min_expires);
	set(&reply->retry_after, g->retry_after);
	set(&reply->authinfo, g->authinfo);
	set(&attempt.used[0].nonce.s, g->used_nonce);
	attempt.used[0].nonce.is_given = g->used_nonce != NULL;
	set(&cred.realm, g->cred_realm);
	if(g->is_ha1) {
		cred.is_ha1 = 1;
		cred.secret = unit_str("0123456789abcdef0123456789abcdef");
	}
	memset(out, 0x55, sizeof(*out));
	uax_answer_read(reply, &attempt, out);
}

#define MINE "<sip:me@h:5070>"
#define HUGE_S "1000000000000000000000000000000" /* 10^30 */

static const struct
{
	const char *name;
	struct given given;
	enum uax_event event;
	uint32_t granted_s;
	enum uax_remark remark;
} successes[] = {
		{"our contact says", {200, {MINE ";expires=60"}}, UAX_E_OK, 60, 0},
		{"our contact before the header",
				{200, {MINE ";expires=60"}, .expires = "90"}, UAX_E_OK, 60, 0},
		{"the header before what was asked", {200, {MINE}, .expires = " 90 "},
				UAX_E_OK, 90, 0},
		{"what was asked", {200, {MINE}, .asked_s = 77}, UAX_E_OK, 77, 0},
		{"U3261-7: 202", {202, {MINE ";expires=60"}}, UAX_E_OK, 60, 0},
		{"U3261-7: 204 without anything", {204}, UAX_E_OK, 3600,
				UAX_REMARK_NO_CONTACT},
		{"299", {299, .expires = "5"}, UAX_E_OK, 5, UAX_REMARK_NO_CONTACT},
		{"W-U11: no contact, but an Expires header", {200, .expires = "120"},
				UAX_E_OK, 120, UAX_REMARK_NO_CONTACT},
		{"W-U11: foreign contacts only",
				{200, {"<sip:x@h>;expires=5", "<sip:y@h>"}}, UAX_E_OK, 3600,
				UAX_REMARK_FOREIGN},
		{"W-U11: a broken foreign one before ours",
				{200, {"<sip:@@>;expires=5, " MINE ";expires=60"}}, UAX_E_OK,
				60, 0},
		{"ours in the last of several headers",
				{200, {"<sip:x@h>;expires=5", "", MINE ";expires=60"}},
				UAX_E_OK, 60, 0},
		{"ours by its user part", {200, {"<sip:me@10.0.0.1>;expires=60"}},
				UAX_E_OK, 60, UAX_REMARK_USER_ONLY},
		{"not kept", {200, {MINE ";expires=0"}}, UAX_E_REFUSED, 0,
				UAX_REMARK_NOT_KEPT},
		{"not kept, whatever the header says",
				{200, {MINE ";expires=0"}, .expires = "60"}, UAX_E_REFUSED, 0,
				UAX_REMARK_NOT_KEPT},
		{"not kept, says the header", {200, {MINE}, .expires = "0"},
				UAX_E_REFUSED, 0, UAX_REMARK_NOT_KEPT},
		{"a foreign one of 0 is not ours",
				{200, {"<sip:x@h>;expires=0, " MINE ";expires=60"}}, UAX_E_OK,
				60, 0},
		{"1 second", {200, {MINE ";expires=1"}}, UAX_E_OK, 1, 0},
		{"a day is believed", {200, {MINE ";expires=86400"}}, UAX_E_OK, 86400,
				0},
		{"more is not", {200, {MINE ";expires=86401"}}, UAX_E_OK, 86400,
				UAX_REMARK_ABSURD},
		{"2^32-1", {200, {MINE ";expires=4294967295"}}, UAX_E_OK, 86400,
				UAX_REMARK_ABSURD},
		{"10^30", {200, {MINE ";expires=" HUGE_S}}, UAX_E_OK, 86400,
				UAX_REMARK_ABSURD},
		{"10^30 in the header", {200, {MINE}, .expires = HUGE_S}, UAX_E_OK,
				86400, UAX_REMARK_ABSURD},
		{"what we asked for is never absurd",
				{200, {MINE ";expires=100000"}, .asked_s = 100000}, UAX_E_OK,
				100000, 0},
		{"longer than a long one we asked for",
				{200, {MINE ";expires=100001"}, .asked_s = 100000}, UAX_E_OK,
				100000, UAX_REMARK_ABSURD},
		{"a header that is no number", {200, {MINE}, .expires = "soon"},
				UAX_E_OK, 3600, 0},
		{"U3261-6, W-U12: a removal needs no contact", {200, .is_removal = 1},
				UAX_E_OK, 0, 0},
		{"nor minds others", {200, {"<sip:x@h>"}, .is_removal = 1}, UAX_E_OK, 0,
				0},
		{"nor ours with 0", {200, {MINE ";expires=0"}, .is_removal = 1},
				UAX_E_OK, 0, 0},
};

START_TEST(reads_a_success)
{
	struct uax_reply reply;
	struct uax_answer got;

	read_answer(&successes[_i].given, &reply, &got);
	ck_row(got.event == successes[_i].event, successes[_i].name);
	ck_row(got.granted_s == successes[_i].granted_s, successes[_i].name);
	ck_row(got.remark == successes[_i].remark, successes[_i].name);
}
END_TEST

START_TEST(gives_the_nonce_for_the_next_request)
{
	struct given given = {
			200, {MINE}, .authinfo = "qop=auth, nextnonce=\"n2\""};
	struct uax_reply reply;
	struct uax_answer got;

	read_answer(&given, &reply, &got);
	ck_assert(got.nextnonce.is_given);
	ck_str_is(got.nextnonce.s, "n2");
	given.is_removal = 1;
	read_answer(&given, &reply, &got);
	ck_str_is(got.nextnonce.s, "n2");
	given.authinfo = "qop=auth";
	read_answer(&given, &reply, &got);
	ck_assert(!got.nextnonce.is_given);
}
END_TEST

START_TEST(a7616_4_a_wrong_rspauth_is_remarked_and_gives_no_nonce)
{
	struct given given = {
			200, {MINE}, .authinfo = "rspauth=\"00\", nextnonce=\"n2\""};
	struct uax_reply reply;
	struct uax_answer got;

	given.rspauth = UAX_RSPAUTH_WRONG;
	read_answer(&given, &reply, &got);
	ck_assert_int_eq(got.event, UAX_E_OK);
	ck_assert_int_eq(got.remark, UAX_REMARK_RSPAUTH);
	ck_assert_int_gt(got.granted_s, 0);
	ck_assert(!got.nextnonce.is_given);
	given.is_removal = 1;
	read_answer(&given, &reply, &got);
	ck_assert_int_eq(got.remark, UAX_REMARK_RSPAUTH);
	given.rspauth = UAX_RSPAUTH_RIGHT;
	read_answer(&given, &reply, &got);
	ck_assert_int_eq(got.remark, UAX_REMARK_NONE);
	ck_assert(got.nextnonce.is_given);
}
END_TEST

static const struct
{
	const char *name;
	struct given given;
	const char *nonce; /* of the one to answer; NULL: REJECTED */
	enum uax_remark remark;
} challenges[] = {
		{"the first is answered", {401, .www = {REALM}}, "n1", 0},
		{"407 as well", {407, .proxy = REALM}, "n1", 0},
		{"none at all", {401}, NULL, UAX_REMARK_NO_CREDENTIAL},
		{"none that anybody can answer",
				{401, .www = {"Basic realm=\"r\"",
							  "Digest realm=\"r\",nonce=\"n\",algorithm=X"}},
				NULL, UAX_REMARK_NO_CREDENTIAL},
		{"another realm than ours", {401, .www = {REALM}, .cred_realm = "q"},
				NULL, UAX_REMARK_NO_CREDENTIAL},
		{"ours among several realms",
				{401,
						.www = {"Digest realm=\"a\",nonce=\"na\", "
								"Digest realm=\"q\",nonce=\"nq\"",
								"Digest realm=\"b\",nonce=\"nb\""},
						.cred_realm = "q"},
				"nq", 0},
		{"A22-8: the unknown algorithm is passed",
				{401, .www = {"Digest realm=\"r\",nonce=\"x\",algorithm=X",
							  REALM}},
				"n1", 0},
		{"the strongest that a password can answer",
				{401, .www = {REALM, "Digest realm=\"r\",nonce=\"s\","
									 "algorithm=SHA-256"}},
				"s", 0},
		{"W-U3: the one that an HA1 can answer",
				{401,
						.www = {"Digest realm=\"r\",nonce=\"s\","
								"algorithm=SHA-256",
								REALM},
						.is_ha1 = 1},
				"n1", 0},
		{"A8760-5: MD5 is forbidden",
				{401, .www = {REALM}, .min_alg = UAX_ALG_SHA256}, NULL,
				UAX_REMARK_NO_CREDENTIAL},
		/* A22-3, W-U3d */
		{"A22-3: refused credentials are not sent again",
				{401, .www = {"Digest realm=\"r\",nonce=\"n2\""},
						.used_nonce = "n1", .auth_tries = 1},
				NULL, 0},
		{"A22-3: unless the server says stale",
				{401, .www = {"Digest realm=\"r\",nonce=\"n2\",stale=true"},
						.used_nonce = "n1", .auth_tries = 1},
				"n2", 0},
		{"stale=false is not stale",
				{401, .www = {"Digest realm=\"r\",nonce=\"n2\",stale=false"},
						.used_nonce = "n1", .auth_tries = 1},
				NULL, 0},
		{"stale with the nonce that was refused is a trap",
				{401, .www = {"Digest realm=\"r\",nonce=\"n1\",stale=true"},
						.used_nonce = "n1", .auth_tries = 1},
				NULL, 0},
		{"also when it is written in another way",
				{401, .www = {"Digest realm=\"r\",nonce=\"\\n1\",stale=true"},
						.used_nonce = "n1", .auth_tries = 1},
				NULL, 0},
		{"a kept nonce may have been dropped without a word",
				{401, .www = {"Digest realm=\"r\",nonce=\"n2\""},
						.used_nonce = "n1", .nonce_was_kept = 1},
				"n2", 0},
		{"but not be asked for again",
				{401, .www = {REALM}, .used_nonce = "n1", .nonce_was_kept = 1},
				NULL, 0},
		{"the last try",
				{401,
						.www = {"Digest realm=\"r\",nonce=\"n4\","
								"stale=true"},
						.used_nonce = "n3", .auth_tries = 2},
				"n4", 0},
		{"one too many",
				{401,
						.www = {"Digest realm=\"r\",nonce=\"n4\","
								"stale=true"},
						.used_nonce = "n3", .auth_tries = UAX_AUTH_TRIES},
				NULL, 0},
		{"a removal is answered as well",
				{401, .www = {REALM}, .is_removal = 1}, "n1", 0},
};

START_TEST(reads_a_challenge)
{
	const char *name = challenges[_i].name;
	struct uax_reply reply;
	struct uax_answer got;

	read_answer(&challenges[_i].given, &reply, &got);
	ck_row(got.remark == challenges[_i].remark, name);
	if(challenges[_i].nonce == NULL) {
		ck_row(got.event == UAX_E_REJECTED, name);
		return;
	}
	ck_row(got.event == UAX_E_CHALLENGE, name);
	ck_row(got.challenge >= 0 && got.challenge < reply.n_challenges, name);
	ck_row_str(
			reply.challenge[got.challenge].nonce.s, challenges[_i].nonce, name);
}
END_TEST

static const struct
{
	const char *name;
	struct given given;
	enum uax_event event;
	uint32_t number; /* ask_s of TOO_BRIEF, retry_after_s of BUSY */
} failures[] = {
		/* U3261-8, W-U10 */
		{"423 asks for what it wants", {423, .min_expires = "7200"},
				UAX_E_TOO_BRIEF, 7200},
		{"W-U10: 423 without Min-Expires asks for twice", {423},
				UAX_E_TOO_BRIEF, 7200},
		{"W-U10: Min-Expires 0 as well", {423, .min_expires = "0"},
				UAX_E_TOO_BRIEF, 7200},
		{"one that we asked for already", {423, .min_expires = "3600"},
				UAX_E_TOO_BRIEF, 7200},
		{"one that is no number", {423, .min_expires = "x"}, UAX_E_TOO_BRIEF,
				7200},
		{"one second more", {423, .min_expires = "3601"}, UAX_E_TOO_BRIEF,
				3601},
		{"W-U10: 2^32-1 is a day", {423, .min_expires = "4294967295"},
				UAX_E_TOO_BRIEF, UAX_LIFETIME_MAX_S},
		{"10^30 is a day", {423, .min_expires = HUGE_S}, UAX_E_TOO_BRIEF,
				UAX_LIFETIME_MAX_S},
		{"twice is a day at most", {423, .asked_s = 50000}, UAX_E_TOO_BRIEF,
				UAX_LIFETIME_MAX_S},
		{"a day is too brief: nothing left to ask for",
				{423, .asked_s = UAX_LIFETIME_MAX_S, .min_expires = "99999"},
				UAX_E_REFUSED, 0},
		{"more than a day neither", {423, .asked_s = UINT32_MAX}, UAX_E_REFUSED,
				0},
		{"asked once", {423, .min_expires = "7200", .brief_tries = 1},
				UAX_E_REFUSED, 0},
		{"a removal is not too brief",
				{423, .min_expires = "7200", .is_removal = 1}, UAX_E_REFUSED,
				0},
		/* U3261-10 */
		{"503 with Retry-After", {503, .retry_after = "30"}, UAX_E_BUSY, 30},
		{"a comment and parameters behind it",
				{503, .retry_after = "120 (comment);duration=3"}, UAX_E_BUSY,
				120},
		{"0", {503, .retry_after = "0"}, UAX_E_BUSY, 0},
		{"10^30", {503, .retry_after = HUGE_S}, UAX_E_BUSY, UINT32_MAX},
		{"500 with Retry-After", {500, .retry_after = "30"}, UAX_E_BUSY, 30},
		{"480 with Retry-After", {480, .retry_after = "30"}, UAX_E_BUSY, 30},
		{"486 with Retry-After", {486, .retry_after = "30"}, UAX_E_BUSY, 30},
		{"404 with Retry-After is refused", {404, .retry_after = "30"},
				UAX_E_REFUSED, 0},
		{"503 without", {503}, UAX_E_REFUSED, 0},
		{"503 with nonsense", {503, .retry_after = "-1"}, UAX_E_REFUSED, 0},
		{"500 without", {500}, UAX_E_REFUSED, 0},
		{"480 without", {480}, UAX_E_REFUSED, 0},
		{"486 without", {486}, UAX_E_REFUSED, 0},
		{"408", {408}, UAX_E_UNREACHABLE, 0},
		{"408 with Retry-After", {408, .retry_after = "30"}, UAX_E_UNREACHABLE,
				0},
		/* W-U7b, W-U28: nobody answered, whatever code tm took for it */
		{"our own 408", {408, .is_local = 1}, UAX_E_UNREACHABLE, 0},
		{"our own 503", {503, .is_local = 1, .retry_after = "30"},
				UAX_E_UNREACHABLE, 0},
		{"our own 477", {477, .is_local = 1}, UAX_E_UNREACHABLE, 0},
		{"W-U28: our own 200 is no success", {200, .is_local = 1},
				UAX_E_UNREACHABLE, 0},
		{"400", {400}, UAX_E_REFUSED, 0},
		{"403", {403}, UAX_E_REFUSED, 0},
		{"404", {404}, UAX_E_REFUSED, 0},
		{"600", {600}, UAX_E_REFUSED, 0},
		{"699", {699}, UAX_E_REFUSED, 0},
};

START_TEST(reads_a_failure)
{
	struct uax_reply reply;
	struct uax_answer got;

	read_answer(&failures[_i].given, &reply, &got);
	ck_row(got.event == failures[_i].event, failures[_i].name);
	ck_row((got.event == UAX_E_BUSY				  ? got.retry_after_s
				   : got.event == UAX_E_TOO_BRIEF ? got.ask_s
												  : 0)
					== failures[_i].number,
			failures[_i].name);
	ck_row(got.remark == UAX_REMARK_NONE, failures[_i].name);
}
END_TEST

static const struct
{
	const char *name;
	struct given given;
	const char *uri; /* NULL: REFUSED */
} redirects[] = {
		/* U3261-11 */
		{"302", {302, {"<sip:other@x:5080;transport=tcp>;q=1"}},
				"sip:other@x:5080;transport=tcp"},
		{"300, the first of several", {300, {"<sip:a>, <sip:b>"}}, "sip:a"},
		{"399, sips", {399, {"sips:a"}}, "sips:a"},
		{"what is no SIP URI is passed",
				{302, {"*, <tel:+1>, <http://x>, <sip:@@>", "<sip:c>"}},
				"sip:c"},
		{"without a contact", {302}, NULL},
		{"with none to follow", {302, {"<tel:+1>", ""}}, NULL},
		{"followed once", {302, {"<sip:a>"}, .redirect_tries = 1}, NULL},
		{"a removal as well", {302, {"<sip:a>"}, .is_removal = 1}, "sip:a"},
};

START_TEST(reads_a_redirect)
{
	struct uax_reply reply;
	struct uax_answer got;

	read_answer(&redirects[_i].given, &reply, &got);
	if(redirects[_i].uri == NULL) {
		ck_row(got.event == UAX_E_REFUSED, redirects[_i].name);
		return;
	}
	ck_row(got.event == UAX_E_REDIRECT, redirects[_i].name);
	ck_row_str(got.redirect, redirects[_i].uri, redirects[_i].name);
}
END_TEST

START_TEST(every_remark_has_its_text)
{
	int i, j;

	ck_assert_str_eq(uax_remark_text(UAX_REMARK_NONE), "");
	ck_assert_str_eq(uax_remark_text((enum uax_remark)99), "");
	for(i = UAX_REMARK_NO_CONTACT; i <= UAX_REMARK_RSPAUTH; i++)
		for(j = 0; j < i; j++)
			ck_assert_str_ne(uax_remark_text(i), uax_remark_text(j));
}
END_TEST

Suite *suite_uax_answer(void)
{
	Suite *s = suite_create("uax_answer");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, reads_a_success, 0, UNIT_ROWS(successes));
	tcase_add_test(t, gives_the_nonce_for_the_next_request);
	tcase_add_test(t, a7616_4_a_wrong_rspauth_is_remarked_and_gives_no_nonce);
	tcase_add_loop_test(t, reads_a_challenge, 0, UNIT_ROWS(challenges));
	tcase_add_loop_test(t, reads_a_failure, 0, UNIT_ROWS(failures));
	tcase_add_loop_test(t, reads_a_redirect, 0, UNIT_ROWS(redirects));
	tcase_add_test(t, every_remark_has_its_text);
	suite_add_tcase(s, t);
	return s;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reqauth.h"
#include "unit.h"

/* One reply of a server, as its challenges; "P" before one: the proxy's. */
struct reply
{
	const char *header[3];
	int want; /* KX_OK: there is another request */
};

#define N(realm, nonce) "Digest realm=\"" realm "\", nonce=\"" nonce "\""
#define STALE ", stale=true"

static const struct story
{
	const char *name;
	const char *ha1; /* NULL: a password */
	struct reply reply[4];
} stories[] = {
		{"one answer", NULL, {{{N("r", "1")}, KX_OK}}},
		{"W-U25e: the same nonce again was a refusal", NULL,
				{{{N("r", "1")}, KX_OK}, {{N("r", "1")}, KX_E_NONE}}},
		{"another nonce was a refusal, too", NULL,
				{{{N("r", "1")}, KX_OK}, {{N("r", "2")}, KX_E_NONE}}},
		{"a stale nonce is replaced, once", NULL,
				{{{N("r", "1")}, KX_OK}, {{N("r", "2") STALE}, KX_OK},
						{{N("r", "3") STALE}, KX_E_NONE}}},
		{"stale without another nonce is no offer", NULL,
				{{{N("r", "1")}, KX_OK}, {{N("r", "1") STALE}, KX_E_NONE}}},
		{"stale in the first challenge means nothing", NULL,
				{{{N("r", "1") STALE}, KX_OK}, {{N("r", "2") STALE}, KX_OK},
						{{N("r", "3") STALE}, KX_E_NONE}}},
		{"another realm later gets nothing", NULL,
				{{{N("r", "1")}, KX_OK}, {{N("other", "2")}, KX_E_NONE}}},
		{"another realm later gets nothing, stale or not", NULL,
				{{{N("r", "1")}, KX_OK}, {{N("other", "2") STALE}, KX_E_NONE}}},
		{"of two realms the first is answered, the other never", NULL,
				{{{N("a", "1"), N("b", "2")}, KX_OK},
						{{N("b", "3") STALE}, KX_E_NONE}}},
		{"first the proxy, then the server, of one realm", NULL,
				{{{"P" N("r", "1")}, KX_OK}, {{N("r", "2")}, KX_OK},
						{{N("r", "3")}, KX_E_NONE}}},
		{"first the proxy, then a server of another realm", NULL,
				{{{"P" N("r", "1")}, KX_OK}, {{N("s", "2")}, KX_OK},
						{{N("s", "3")}, KX_E_NONE}}},
		{"first the proxy, then the server, then the proxy's other realm", NULL,
				{{{"P" N("r", "1")}, KX_OK}, {{N("s", "2")}, KX_OK},
						{{"P" N("t", "3")}, KX_E_NONE}}},
		{"first the server, then a proxy of another realm", NULL,
				{{{N("r", "1")}, KX_OK}, {{"P" N("s", "2")}, KX_OK},
						{{"P" N("s", "2")}, KX_E_NONE}}},
		{"both of another realm in one reply", NULL,
				{{{N("r", "1"), "P" N("s", "2")}, KX_OK},
						{{N("r", "3"), "P" N("s", "4")}, KX_E_NONE}}},
		{"both in one reply", NULL,
				{{{N("r", "1"), "P" N("r", "2")}, KX_OK},
						{{N("r", "3") STALE}, KX_OK},
						{{"P" N("r", "4") STALE}, KX_E_NONE}}},
		{"the server new, the proxy again: a refusal", NULL,
				{{{"P" N("r", "1")}, KX_OK},
						{{N("r", "2"), "P" N("r", "1")}, KX_E_NONE}}},
		{"an HA1 of MD5 passes SHA-256 over",
				"0123456789abcdef0123456789abcdef",
				{{{N("r", "1") ", algorithm=SHA-256", N("r", "2")}, KX_OK},
						{{N("r", "2")}, KX_E_NONE}}},
		{"an HA1 that answers nothing here", "0123456789abcdef0123456789abcdef",
				{{{N("r", "1") ", algorithm=SHA-256"}, KX_E_NONE}}},
		{"no challenge", NULL, {{{"Basic realm=\"r\""}, KX_E_NONE}}},
		{"no header", NULL, {{{NULL}, KX_E_NONE}}},
};

static int collect(const struct reply *reply, struct uax_challenge *list)
{
	int i, n = 0;

	for(i = 0; i < 3 && reply->header[i] != NULL; i++) {
		int is_proxy = reply->header[i][0] == 'P';
		str body = unit_str(reply->header[i] + is_proxy);

		uax_challenge_collect(&body, is_proxy, list, &n);
	}
	return n;
}

START_TEST(a_request_is_answered_once_and_for_one_realm_of_each_end)
{
	const struct story *story = &stories[_i];
	struct uax_challenge list[UAX_CHALLENGES_MAX];
	struct uax_auth_policy policy = {0};
	struct uax_reqauth st = {0}, before;
	struct uax_cred cred = {0};
	int i;

	cred.user = unit_str("u");
	cred.secret = unit_str(story->ha1 != NULL ? story->ha1 : "secret");
	cred.is_ha1 = story->ha1 != NULL;
	for(i = 0; i < 4; i++) {
		const struct reply *reply = &story->reply[i];
		int n = collect(reply, list);

		before = st;
		ck_assert_msg(
				uax_reqauth_step(&st, list, n, &cred, &policy) == reply->want,
				"%s, reply %d", story->name, i + 1);
		if(reply->want != KX_OK) {
			ck_assert(memcmp(&before, &st, sizeof(st)) == 0);
			return;
		}
		if(story->reply[i + 1].header[0] == NULL)
			return;
	}
}
END_TEST

START_TEST(what_was_answered_to_the_proxy_stays)
{
	struct reply first = {{"P" N("r", "1")}, 0}, second = {{N("r", "2")}, 0};
	struct uax_challenge list[UAX_CHALLENGES_MAX];
	struct uax_auth_policy policy = {0};
	struct uax_reqauth st = {0};
	struct uax_cred cred = {0};

	cred.user = unit_str("u");
	cred.secret = unit_str("p");
	uax_reqauth_step(&st, list, collect(&first, list), &cred, &policy);
	ck_assert(!st.is_held[UAX_REQAUTH_SERVER]);
	uax_reqauth_step(&st, list, collect(&second, list), &cred, &policy);
	ck_assert(st.is_held[UAX_REQAUTH_SERVER]);
	ck_assert(st.is_held[UAX_REQAUTH_PROXY]);
	ck_str_is(st.held[UAX_REQAUTH_PROXY].nonce.s, "1");
	ck_str_is(st.held[UAX_REQAUTH_SERVER].nonce.s, "2");
}
END_TEST

Suite *suite_uax_reqauth(void)
{
	Suite *s = suite_create("uax_reqauth");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t,
			a_request_is_answered_once_and_for_one_realm_of_each_end, 0,
			sizeof(stories) / sizeof(stories[0]));
	tcase_add_test(t, what_was_answered_to_the_proxy_stays);
	suite_add_tcase(s, t);
	return s;
}

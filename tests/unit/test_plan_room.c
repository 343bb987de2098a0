/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a REGISTER does to the bindings of its AoR where there may not be more
 * of them: who is refused, who makes room, and who replaces itself. */
#include "plan_run.h"

/* The last letters of the bindings' users that are dropped for room or for
 * what replaces them, in the order they go. */
static const char *dropped(const struct unit_run *r)
{
	static char text[UNIT_OPS + 1];
	int i, n = 0;

	for(i = r->req.n_contacts; i < r->plan.n_ops; i++) {
		const struct rgr_binding *b = r->op[i].ref;

		ck_assert_int_eq(r->op[i].kind, RGR_OP_DELETE);
		text[n++] = b->uri.s[4];
	}
	text[n] = '\0';
	return text;
}

START_TEST(w_r12_max_contacts)
{
	static const struct
	{
		const char *name;
		uint32_t max;
		int n_bindings;
		int n_expired;	/* the first ones of them */
		int n_contacts; /* c[0..] mean b[0..] */
		int n_removed;	/* the last ones of them */
		enum rgr_verdict verdict;
	} row[] = {
			{"no limit", 0, 4, 0, 4, 0, RGR_V_FINE},
			{"the last place", 2, 0, 0, 2, 0, RGR_V_FINE},
			{"one too many", 1, 0, 0, 2, 0, RGR_V_TOO_MANY},
			{"a refresh at the limit", 2, 2, 0, 2, 0, RGR_V_FINE},
			{"a refresh above a limit that was lowered", 1, 2, 0, 2, 0,
					RGR_V_FINE},
			{"one new beside a full set", 2, 2, 0, 3, 0, RGR_V_TOO_MANY},
			{"an expired one does not count", 2, 2, 2, 2, 0, RGR_V_FINE},
			{"an expired one brought back does", 1, 3, 2, 2, 0, RGR_V_TOO_MANY},
			{"removing above the limit", 1, 3, 0, 3, 3, RGR_V_FINE},
			{"removing an expired one frees no place", 1, 1, 1, 1, 1,
					RGR_V_FINE},
	};
	struct unit_run r;
	size_t i;
	int k;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		unit_run_begin(&r, row[i].n_contacts, row[i].n_bindings);
		r.pol.max_contacts = row[i].max;
		for(k = 0; k < row[i].n_expired; k++)
			r.b[k].expires = UNIT_T;
		for(k = 0; k < row[i].n_removed; k++)
			r.c[row[i].n_contacts - 1 - k].granted = 0;
		ck_row(unit_run_build(&r) == row[i].verdict, row[i].name);
	}
}
END_TEST

START_TEST(one_goes_and_one_comes_at_the_limit)
{
	struct unit_run r;

	unit_run_begin(&r, 2, 1);
	r.pol.max_contacts = 1;
	r.c[0].granted = 0;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_DELETE);
	ck_assert_int_eq(r.op[1].kind, RGR_OP_INSERT);
}
END_TEST

START_TEST(evicts_to_make_room)
{
	static const struct
	{
		const char *name;
		enum rgr_eviction how;
		uint32_t max;
		int n_bindings;
		int n_contacts; /* the first n_known mean b[0..], the others none */
		int n_known;
		int age_s[4];
		int left_s[4]; /* -1: permanent */
		enum rgr_verdict verdict;
		const char *want;
	} row[] = {
			{"room enough", RGR_EVICT_OLDEST, 3, 2, 1, 0, {9, 8}, {5, 5},
					RGR_V_FINE, ""},
			{"who was refreshed longest ago", RGR_EVICT_OLDEST, 3, 3, 1, 0,
					{5, 9, 7}, {1, 2, 3}, RGR_V_FINE, "b"},
			{"of the same age the first", RGR_EVICT_OLDEST, 3, 3, 1, 0,
					{7, 7, 7}, {5, 5, 5}, RGR_V_FINE, "a"},
			{"who ends first", RGR_EVICT_FIRST, 3, 3, 1, 0, {9, 8, 7},
					{3, 2, 1}, RGR_V_FINE, "c"},
			{"who never ends, last", RGR_EVICT_FIRST, 3, 3, 1, 0, {9, 8, 7},
					{-1, 9, -1}, RGR_V_FINE, "b"},
			{"two for two, the oldest first", RGR_EVICT_OLDEST, 4, 4, 2, 0,
					{6, 8, 9, 7}, {5, 5, 5, 5}, RGR_V_FINE, "cb"},
			{"not one the request names", RGR_EVICT_OLDEST, 3, 3, 2, 1,
					{9, 7, 8}, {5, 5, 5}, RGR_V_FINE, "c"},
			{"a limit that was lowered: one goes for each that comes",
					RGR_EVICT_OLDEST, 1, 4, 1, 0, {6, 8, 9, 7}, {5, 5, 5, 5},
					RGR_V_FINE, "c"},
			{"one that has expired takes no room", RGR_EVICT_OLDEST, 3, 3, 1, 0,
					{9, 8, 7}, {0, 5, 5}, RGR_V_FINE, ""},
			{"nobody left to go", RGR_EVICT_OLDEST, 1, 1, 2, 1, {9}, {5},
					RGR_V_TOO_MANY, ""},
			{"more new ones than places", RGR_EVICT_OLDEST, 1, 0, 2, 0, {0},
					{0}, RGR_V_TOO_MANY, ""},
	};
	struct unit_run r;
	size_t i;
	int k;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		unit_run_begin(&r, row[i].n_contacts, row[i].n_bindings);
		r.pol.max_contacts = row[i].max;
		r.pol.eviction = row[i].how;
		for(k = row[i].n_known; k < 4; k++)
			r.c[k].uri = unit_str(k % 2 ? "sip:x@10.0.0.9" : "sip:y@10.0.0.9");
		for(k = 0; k < 4; k++) {
			r.b[k].last_modified = UNIT_T - row[i].age_s[k];
			r.b[k].expires =
					row[i].left_s[k] < 0 ? 0 : UNIT_T + row[i].left_s[k];
		}
		ck_row(unit_run_build(&r) == row[i].verdict, row[i].name);
		if(row[i].verdict == RGR_V_FINE)
			ck_assert_msg(strcmp(dropped(&r), row[i].want) == 0, "%s: %s",
					row[i].name, dropped(&r));
	}
}
END_TEST

/* Give a contact an instance no binding has, and its URI another spelling. */
static void learn_instance(struct unit_run *r, int i)
{
	static const char *const uri[] = {"sip:a@10.0.0.1;x=1",
			"sip:b@10.0.0.1;x=1", "sip:c@10.0.0.1;x=1", "sip:d@10.0.0.1;x=1"};
	static const char *const instance[] = {
			"<urn:1>", "<urn:2>", "<urn:3>", "<urn:4>"};

	r->c[i].uri = unit_str(uri[i]);
	r->c[i].instance = unit_str(instance[i]);
}

START_TEST(a_contact_that_learnt_its_instance_replaces_itself)
{
	struct unit_run r;

	unit_run_begin(&r, 1, 2);
	r.pol.compare_uris = 1;
	r.pol.max_contacts = 2;
	learn_instance(&r, 0);
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_INSERT);
	ck_assert_str_eq(dropped(&r), "a");
	ck_assert_int_eq(r.plan.outcome, RGR_DID_UPDATE);

	/* its removal removes it */
	r.c[0].granted = 0;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_NONE);
	ck_assert_str_eq(dropped(&r), "a");
	ck_assert_int_eq(r.plan.outcome, RGR_DID_DELETE);
	ck_assert_int_eq(r.plan.changes, 1);

	/* R3261-15 holds for what it replaces */
	r.req.cseq = 9;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_BAD_CSEQ);

	/* one that has expired is not there to be replaced */
	unit_run_begin(&r, 1, 2);
	r.pol.compare_uris = 1;
	learn_instance(&r, 0);
	r.b[0].expires = UNIT_T;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_str_eq(dropped(&r), "");
	ck_assert_int_eq(r.plan.outcome, RGR_DID_INSERT);

	/* nor one of an instance of its own, nor without URI comparison */
	r.b[0].expires = UNIT_T + 9;
	r.b[0].instance = unit_str("<urn:9>");
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_str_eq(dropped(&r), "");
	r.b[0].instance = unit_str("");
	r.pol.compare_uris = 0;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_str_eq(dropped(&r), "");

	/* a binding with the instance goes first; the other is left alone */
	unit_run_begin(&r, 1, 2);
	r.pol.compare_uris = 1;
	learn_instance(&r, 0);
	r.b[1].instance = r.c[0].instance;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_UPDATE);
	ck_assert_ptr_eq(r.op[0].ref, &r.b[1]);
	ck_assert_str_eq(dropped(&r), "");

	/* what an earlier contact has taken is not replaced again */
	unit_run_begin(&r, 2, 2);
	r.pol.compare_uris = 1;
	learn_instance(&r, 1);
	r.c[1].uri = unit_str("sip:a@10.0.0.1;x=2");
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_ptr_eq(r.op[0].ref, &r.b[0]);
	ck_assert_int_eq(r.op[1].kind, RGR_OP_INSERT);
	ck_assert_str_eq(dropped(&r), "");
}
END_TEST

/* What is replaced frees its place: no more are evicted than really come,
 * and two operations for each contact are enough memory. */
START_TEST(evicts_nobody_for_what_replaces_itself)
{
	struct unit_run r;
	int i;

	unit_run_begin(&r, 4, 6);
	r.pol.compare_uris = 1;
	r.pol.eviction = RGR_EVICT_OLDEST;
	r.pol.max_contacts = 1;
	for(i = 0; i < 3; i++)
		learn_instance(&r, i);
	r.c[3].uri = unit_str("sip:new@10.0.0.9");
	r.b[5].last_modified = UNIT_T - 999;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_str_eq(dropped(&r), "abcf");
}
END_TEST

Suite *suite_plan_room(void)
{
	Suite *s = suite_create("plan_room");
	TCase *t = tcase_create("all");

	tcase_add_test(t, w_r12_max_contacts);
	tcase_add_test(t, one_goes_and_one_comes_at_the_limit);
	tcase_add_test(t, evicts_to_make_room);
	tcase_add_test(t, a_contact_that_learnt_its_instance_replaces_itself);
	tcase_add_test(t, evicts_nobody_for_what_replaces_itself);
	suite_add_tcase(s, t);
	return s;
}

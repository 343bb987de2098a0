/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bindings.h"
#include "plan.h"

enum
{
	/* what rgr_plan_build() may use for four contacts */
	OPS = 8
};

/* One run: up to six bindings, up to four contacts. */
struct run
{
	struct rgr_policy pol;
	struct rgr_request req;
	struct rgr_contact c[4];
	struct rgr_binding b[6];
	struct unit_store st;
	struct rgr_op op[OPS + 1];
	struct rgr_met met[4];
	struct rgr_plan plan;
};

static void begin(struct run *r, int n_contacts, int n_bindings)
{
	static const char *const uri[] = {"sip:a@10.0.0.1", "sip:b@10.0.0.1",
			"sip:c@10.0.0.1", "sip:d@10.0.0.1", "sip:e@10.0.0.1",
			"sip:f@10.0.0.1"};
	int i;

	memset(r, 0, sizeof(*r));
	r->pol = unit_policy();
	for(i = 0; i < 4; i++)
		r->c[i] = unit_contact(uri[i]);
	for(i = 0; i < 6; i++) {
		r->b[i] = unit_binding(uri[i]);
		/* what a caller left there must not count */
		r->op[i].kind = RGR_OP_DELETE;
		r->op[i].ref = &r->b[i];
	}
	r->req = unit_request(r->c, n_contacts);
	r->st.binding = r->b;
	r->st.n = n_bindings;
	r->plan.op = r->op;
	r->plan.met = r->met;
	memset(r->met, 0x5a, sizeof(r->met));
}

static enum rgr_verdict build(struct run *r)
{
	static const char beyond;
	struct rgr_bindings all = unit_bindings(&r->st);
	enum rgr_verdict v;
	int i;

	for(i = 0; i < r->req.n_contacts; i++)
		r->c[i].has_parts = kx_uri_parse(&r->c[i].uri, &r->c[i].parts) == KX_OK;
	r->op[OPS].ref = &beyond;
	v = rgr_plan_build(&r->pol, &r->req, &all, &r->plan);
	ck_assert_ptr_eq(r->op[OPS].ref, &beyond);
	return v;
}

/* The last letters of the bindings' users that are dropped for room or for
 * what replaces them, in the order they go. */
static const char *dropped(const struct run *r)
{
	static char text[OPS + 1];
	int i, n = 0;

	for(i = r->req.n_contacts; i < r->plan.n_ops; i++) {
		const struct rgr_binding *b = r->op[i].ref;

		ck_assert_int_eq(r->op[i].kind, RGR_OP_DELETE);
		text[n++] = b->uri.s[4];
	}
	text[n] = '\0';
	return text;
}

START_TEST(one_contact_and_one_binding)
{
	static const struct
	{
		const char *name;
		int has_binding;
		int is_removal;
		int is_expired;
		const char *callid;
		uint32_t cseq;
		int age_s;
		enum rgr_verdict verdict;
		enum rgr_op_kind kind;
		int has_ref;
		enum rgr_outcome outcome;
		int changes;
	} row[] = {
			{"a contact nobody knows is inserted", 0, 0, 0, "call", 11, 100,
					RGR_V_FINE, RGR_OP_INSERT, 0, RGR_DID_INSERT, 1},
			{"removing what is not there is fine", 0, 1, 0, "call", 11, 100,
					RGR_V_FINE, RGR_OP_NONE, 0, RGR_DID_INSERT, 0},
			{"a known one is updated", 1, 0, 0, "call", 11, 100, RGR_V_FINE,
					RGR_OP_UPDATE, 1, RGR_DID_UPDATE, 1},
			{"a known one is removed", 1, 1, 0, "call", 11, 100, RGR_V_FINE,
					RGR_OP_DELETE, 1, RGR_DID_DELETE, 1},
			{"R3261-15: a lower CSeq fails", 1, 0, 0, "call", 9, 100,
					RGR_V_BAD_CSEQ, RGR_OP_NONE, 1, RGR_DID_INSERT, 0},
			{"R3261-15: the same CSeq fails", 1, 0, 0, "call", 10, 100,
					RGR_V_BAD_CSEQ, RGR_OP_NONE, 1, RGR_DID_INSERT, 0},
			{"the same CSeq a moment later is a retransmission", 1, 0, 0,
					"call", 10, 19, RGR_V_FINE, RGR_OP_NONE, 1, RGR_DID_INSERT,
					0},
			{"... up to cseq_delay", 1, 0, 0, "call", 10, 20, RGR_V_BAD_CSEQ,
					RGR_OP_NONE, 1, RGR_DID_INSERT, 0},
			{"a removal of a lower CSeq fails as well", 1, 1, 0, "call", 9, 100,
					RGR_V_BAD_CSEQ, RGR_OP_NONE, 1, RGR_DID_INSERT, 0},
			{"R3261-16: another Call-ID updates with any CSeq", 1, 0, 0,
					"other", 1, 100, RGR_V_FINE, RGR_OP_UPDATE, 1,
					RGR_DID_UPDATE, 1},
			{"R3261-16: and removes", 1, 1, 0, "other", 1, 100, RGR_V_FINE,
					RGR_OP_DELETE, 1, RGR_DID_DELETE, 1},
			{"an expired binding is brought back", 1, 0, 1, "other", 1, 100,
					RGR_V_FINE, RGR_OP_UPDATE, 1, RGR_DID_UPDATE, 1},
			{"an expired one does not object to a lower CSeq", 1, 0, 1, "call",
					9, 100, RGR_V_FINE, RGR_OP_UPDATE, 1, RGR_DID_UPDATE, 1},
			{"nor is the request a retransmission then", 1, 0, 1, "call", 10, 2,
					RGR_V_FINE, RGR_OP_UPDATE, 1, RGR_DID_UPDATE, 1},
			{"nor does it to a removal", 1, 1, 1, "call", 9, 100, RGR_V_FINE,
					RGR_OP_DELETE, 1, RGR_DID_DELETE, 1},
	};
	struct run r;
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		begin(&r, 1, row[i].has_binding);
		r.req.callid = unit_str(row[i].callid);
		r.req.cseq = row[i].cseq;
		r.b[0].last_modified = UNIT_T - row[i].age_s;
		if(row[i].is_removal)
			r.c[0].granted = 0;
		if(row[i].is_expired)
			r.b[0].expires = UNIT_T;
		ck_row(build(&r) == row[i].verdict, row[i].name);
		if(row[i].verdict != RGR_V_FINE)
			continue;
		ck_row(r.plan.n_ops == 1, row[i].name);
		ck_row(r.op[0].kind == row[i].kind, row[i].name);
		ck_row(r.op[0].ref == (row[i].has_ref ? &r.b[0] : NULL), row[i].name);
		ck_row(r.plan.outcome == row[i].outcome, row[i].name);
		ck_row(r.plan.changes == row[i].changes, row[i].name);
		ck_row(r.plan.sweep == RGR_SWEEP_NONE, row[i].name);
	}
}
END_TEST

START_TEST(r3261_6_no_contact_is_a_query)
{
	struct run r;

	begin(&r, 0, 2);
	r.req.cseq = 1;
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.plan.outcome, RGR_DID_QUERY);
	ck_assert_int_eq(r.plan.changes, 0);
	ck_assert_int_eq(r.plan.n_ops, 0);
	ck_assert_int_eq(r.plan.sweep, RGR_SWEEP_NONE);
}
END_TEST

START_TEST(w_r7_an_instance_does_not_skip_the_order)
{
	struct run r;

	begin(&r, 1, 1);
	r.c[0].instance = unit_str("<urn:uuid:1>");
	r.c[0].uri = unit_str("sip:moved@10.9.9.9");
	r.b[0].instance = unit_str("<urn:uuid:1>");
	r.req.cseq = 9;
	ck_assert_int_eq(build(&r), RGR_V_BAD_CSEQ);
	r.c[0].granted = 0;
	ck_assert_int_eq(build(&r), RGR_V_BAD_CSEQ);
	r.req.cseq = 11;
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_DELETE);
	ck_assert_ptr_eq(r.op[0].ref, &r.b[0]);
}
END_TEST

START_TEST(w_r7b_r3261_8_star_asks_for_the_order)
{
	static const struct
	{
		const char *name;
		const char *callid;
		uint32_t cseq;
		int n_bindings;
		int is_expired;
		enum rgr_verdict verdict;
		int changes;
	} row[] = {
			{"a higher CSeq removes all", "call", 11, 3, 0, RGR_V_FINE, 1},
			{"the same CSeq removes nothing", "call", 10, 3, 0, RGR_V_BAD_CSEQ,
					0},
			{"a lower CSeq removes nothing", "call", 9, 3, 0, RGR_V_BAD_CSEQ,
					0},
			{"another Call-ID removes all", "other", 1, 3, 0, RGR_V_FINE, 1},
			{"an expired binding does not object", "call", 9, 1, 1, RGR_V_FINE,
					1},
			{"without bindings there is nothing to do", "call", 1, 0, 0,
					RGR_V_FINE, 0},
	};
	struct run r;
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		begin(&r, 0, row[i].n_bindings);
		r.req.has_star = 1;
		r.req.callid = unit_str(row[i].callid);
		r.req.cseq = row[i].cseq;
		if(row[i].is_expired)
			r.b[0].expires = UNIT_T - 1;
		/* the first is of another Call-ID, the others object */
		if(row[i].n_bindings > 1)
			r.b[0].callid = unit_str("third");
		ck_row(build(&r) == row[i].verdict, row[i].name);
		if(row[i].verdict != RGR_V_FINE)
			continue;
		ck_row(r.plan.sweep == RGR_SWEEP_ALL, row[i].name);
		ck_row(r.plan.outcome == RGR_DID_DELETE, row[i].name);
		ck_row(r.plan.changes == row[i].changes, row[i].name);
	}
}
END_TEST

START_TEST(a_living_binding_is_preferred_to_an_expired_one)
{
	struct run r;

	begin(&r, 1, 3);
	r.b[1].uri = r.b[2].uri = r.b[0].uri;
	r.b[0].expires = r.b[1].expires = UNIT_T - 5;
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_ptr_eq(r.op[0].ref, &r.b[2]);
	r.st.n = 2;
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_ptr_eq(r.op[0].ref, &r.b[0]);
}
END_TEST

START_TEST(a_permanent_binding_lives)
{
	struct run r;

	begin(&r, 1, 1);
	r.b[0].expires = 0;
	r.c[0].granted = 0;
	r.pol.max_contacts = 1;
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_DELETE);
}
END_TEST

START_TEST(w_r6_r3261_17_one_bad_contact_refuses_all)
{
	struct run r;

	/* the first is new, the second is older than its binding */
	begin(&r, 2, 1);
	r.b[0].uri = r.c[1].uri;
	r.req.cseq = 9;
	ck_assert_int_eq(build(&r), RGR_V_BAD_CSEQ);
}
END_TEST

START_TEST(a_contact_named_twice_counts_once)
{
	struct run r;

	begin(&r, 3, 0);
	r.c[1].uri = r.c[0].uri;
	r.c[1].granted = 0;
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_INSERT);
	ck_assert_int_eq(r.op[1].kind, RGR_OP_NONE);
	ck_assert_int_eq(r.op[2].kind, RGR_OP_INSERT);
}
END_TEST

/* The first contact means the binding by its instance, the second, which has
 * none, by the URI: two operations on one binding would end in memory that
 * is freed already. */
START_TEST(no_binding_has_two_operations)
{
	static const struct
	{
		const char *name;
		uint32_t granted[2];
		int is_single;
		enum rgr_op_kind kind;
		enum rgr_sweep sweep;
	} row[] = {
			{"removed twice", {0, 0}, 0, RGR_OP_DELETE, RGR_SWEEP_NONE},
			{"removed and updated", {0, 60}, 0, RGR_OP_DELETE, RGR_SWEEP_NONE},
			{"updated and removed", {60, 0}, 0, RGR_OP_UPDATE, RGR_SWEEP_NONE},
			{"removed and updated, one per AoR: the second is passed over, "
			 "it sweeps nothing",
					{0, 60}, 1, RGR_OP_DELETE, RGR_SWEEP_NONE},
			{"updated and removed, one per AoR", {60, 0}, 1, RGR_OP_UPDATE,
					RGR_SWEEP_OTHERS},
	};
	struct run r;
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		begin(&r, 2, 2);
		r.pol.is_single = row[i].is_single;
		r.b[0].instance = r.c[0].instance = unit_str("<urn:uuid:1>");
		r.c[0].uri = unit_str("sip:new@10.0.0.2");
		r.c[1].uri = r.b[0].uri;
		r.c[0].granted = row[i].granted[0];
		r.c[1].granted = row[i].granted[1];
		ck_row(build(&r) == RGR_V_FINE, row[i].name);
		ck_row(r.op[0].kind == row[i].kind, row[i].name);
		ck_row(r.op[0].ref == &r.b[0], row[i].name);
		ck_row(r.op[1].kind == RGR_OP_NONE, row[i].name);
		ck_row(r.op[1].ref == NULL, row[i].name);
		ck_row(r.plan.sweep == row[i].sweep, row[i].name);
	}
}
END_TEST

START_TEST(one_binding_per_aor)
{
	struct run r;

	/* the first contact that stays is it */
	begin(&r, 3, 2);
	r.pol.is_single = 1;
	r.pol.max_contacts = 1;
	r.c[0].granted = 0;
	r.c[1].uri = unit_str("sip:new@10.0.0.2");
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_DELETE);
	ck_assert_int_eq(r.op[1].kind, RGR_OP_INSERT);
	ck_assert_int_eq(r.op[2].kind, RGR_OP_NONE);
	ck_assert_int_eq(r.plan.sweep, RGR_SWEEP_OTHERS);
	ck_assert_int_eq(r.plan.outcome, RGR_DID_INSERT);

	/* a removal alone sweeps nothing */
	begin(&r, 1, 2);
	r.pol.is_single = 1;
	r.c[0].granted = 0;
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.plan.sweep, RGR_SWEEP_NONE);

	/* a removal behind the one that stays is carried out */
	begin(&r, 2, 2);
	r.pol.is_single = 1;
	r.c[1].granted = 0;
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_UPDATE);
	ck_assert_int_eq(r.op[1].kind, RGR_OP_DELETE);
	ck_assert_int_eq(r.plan.sweep, RGR_SWEEP_OTHERS);

	/* a retransmission keeps its binding, and what else there is goes */
	begin(&r, 1, 2);
	r.pol.is_single = 1;
	r.req.cseq = 10;
	r.b[0].last_modified = UNIT_T - 1;
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_NONE);
	ck_assert_ptr_eq(r.op[0].ref, &r.b[0]);
	ck_assert_int_eq(r.plan.changes, 1);
}
END_TEST

/* Two REGISTERs of one phone that moved, overtaking each other: the late one
 * must not sweep away what the new one stored. */
START_TEST(w_r7_a_late_request_sweeps_nothing_newer)
{
	struct run r;

	begin(&r, 1, 2);
	r.pol.is_single = 1;
	r.c[0].uri = unit_str("sip:old@10.0.0.2");
	r.req.cseq = 9;
	ck_assert_int_eq(build(&r), RGR_V_BAD_CSEQ);
	/* nor is it stopped by what has expired, or is of another Call-ID */
	r.b[0].expires = UNIT_T - 1;
	r.b[1].callid = unit_str("other");
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_INSERT);
	/* two of one REGISTER from before have the same CSeq */
	r.b[0].expires = UNIT_T + 1;
	r.req.cseq = 10;
	ck_assert_int_eq(build(&r), RGR_V_FINE);
}
END_TEST

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
	struct run r;
	size_t i;
	int k;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		begin(&r, row[i].n_contacts, row[i].n_bindings);
		r.pol.max_contacts = row[i].max;
		for(k = 0; k < row[i].n_expired; k++)
			r.b[k].expires = UNIT_T;
		for(k = 0; k < row[i].n_removed; k++)
			r.c[row[i].n_contacts - 1 - k].granted = 0;
		ck_row(build(&r) == row[i].verdict, row[i].name);
	}
}
END_TEST

START_TEST(one_goes_and_one_comes_at_the_limit)
{
	struct run r;

	begin(&r, 2, 1);
	r.pol.max_contacts = 1;
	r.c[0].granted = 0;
	ck_assert_int_eq(build(&r), RGR_V_FINE);
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
	struct run r;
	size_t i;
	int k;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		begin(&r, row[i].n_contacts, row[i].n_bindings);
		r.pol.max_contacts = row[i].max;
		r.pol.eviction = row[i].how;
		for(k = row[i].n_known; k < 4; k++)
			r.c[k].uri = unit_str(k % 2 ? "sip:x@10.0.0.9" : "sip:y@10.0.0.9");
		for(k = 0; k < 4; k++) {
			r.b[k].last_modified = UNIT_T - row[i].age_s[k];
			r.b[k].expires =
					row[i].left_s[k] < 0 ? 0 : UNIT_T + row[i].left_s[k];
		}
		ck_row(build(&r) == row[i].verdict, row[i].name);
		if(row[i].verdict == RGR_V_FINE)
			ck_assert_msg(strcmp(dropped(&r), row[i].want) == 0, "%s: %s",
					row[i].name, dropped(&r));
	}
}
END_TEST

/* Give a contact an instance no binding has, and its URI another spelling. */
static void learn_instance(struct run *r, int i)
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
	struct run r;

	begin(&r, 1, 2);
	r.pol.compare_uris = 1;
	r.pol.max_contacts = 2;
	learn_instance(&r, 0);
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_INSERT);
	ck_assert_str_eq(dropped(&r), "a");
	ck_assert_int_eq(r.plan.outcome, RGR_DID_UPDATE);

	/* its removal removes it */
	r.c[0].granted = 0;
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_NONE);
	ck_assert_str_eq(dropped(&r), "a");
	ck_assert_int_eq(r.plan.outcome, RGR_DID_DELETE);
	ck_assert_int_eq(r.plan.changes, 1);

	/* R3261-15 holds for what it replaces */
	r.req.cseq = 9;
	ck_assert_int_eq(build(&r), RGR_V_BAD_CSEQ);

	/* one that has expired is not there to be replaced */
	begin(&r, 1, 2);
	r.pol.compare_uris = 1;
	learn_instance(&r, 0);
	r.b[0].expires = UNIT_T;
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_str_eq(dropped(&r), "");
	ck_assert_int_eq(r.plan.outcome, RGR_DID_INSERT);

	/* nor one of an instance of its own, nor without URI comparison */
	r.b[0].expires = UNIT_T + 9;
	r.b[0].instance = unit_str("<urn:9>");
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_str_eq(dropped(&r), "");
	r.b[0].instance = unit_str("");
	r.pol.compare_uris = 0;
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_str_eq(dropped(&r), "");

	/* a binding with the instance goes first; the other is left alone */
	begin(&r, 1, 2);
	r.pol.compare_uris = 1;
	learn_instance(&r, 0);
	r.b[1].instance = r.c[0].instance;
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_UPDATE);
	ck_assert_ptr_eq(r.op[0].ref, &r.b[1]);
	ck_assert_str_eq(dropped(&r), "");

	/* what an earlier contact has taken is not replaced again */
	begin(&r, 2, 2);
	r.pol.compare_uris = 1;
	learn_instance(&r, 1);
	r.c[1].uri = unit_str("sip:a@10.0.0.1;x=2");
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_ptr_eq(r.op[0].ref, &r.b[0]);
	ck_assert_int_eq(r.op[1].kind, RGR_OP_INSERT);
	ck_assert_str_eq(dropped(&r), "");
}
END_TEST

/* What is replaced frees its place: no more are evicted than really come,
 * and two operations for each contact are enough memory. */
START_TEST(evicts_nobody_for_what_replaces_itself)
{
	struct run r;
	int i;

	begin(&r, 4, 6);
	r.pol.compare_uris = 1;
	r.pol.eviction = RGR_EVICT_OLDEST;
	r.pol.max_contacts = 1;
	for(i = 0; i < 3; i++)
		learn_instance(&r, i);
	r.c[3].uri = unit_str("sip:new@10.0.0.9");
	r.b[5].last_modified = UNIT_T - 999;
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_str_eq(dropped(&r), "abcf");
}
END_TEST

START_TEST(r5626_4_flows_of_one_instance_live_beside_each_other)
{
	struct run r;

	begin(&r, 1, 2);
	r.b[0].instance = r.b[1].instance = r.c[0].instance =
			unit_str("<urn:uuid:1>");
	r.b[0].reg_id = 1;
	r.b[1].reg_id = 2;
	r.c[0].reg_id = 2;
	r.req.callid = unit_str("new");
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_UPDATE);
	ck_assert_ptr_eq(r.op[0].ref, &r.b[1]);
	ck_assert_int_eq(r.plan.sweep, RGR_SWEEP_NONE);
	r.c[0].reg_id = 3;
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_INSERT);
}
END_TEST

/* W-R2, W-R26: the same memory used for two requests. */
START_TEST(w_r2_nothing_is_left_of_the_request_before)
{
	struct run r;

	begin(&r, 2, 2);
	r.pol.is_single = 1;
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.plan.sweep, RGR_SWEEP_OTHERS);
	r.pol.is_single = 0;
	r.req.n_contacts = 1;
	r.c[0].granted = 0;
	r.c[0].uri = unit_str("sip:nobody@10.0.0.9");
	ck_assert_int_eq(build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.plan.sweep, RGR_SWEEP_NONE);
	ck_assert_int_eq(r.plan.changes, 0);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_NONE);
	ck_assert_ptr_null(r.op[0].ref);
}
END_TEST

Suite *suite_plan(void)
{
	Suite *s = suite_create("plan");
	TCase *t = tcase_create("all");

	tcase_add_test(t, one_contact_and_one_binding);
	tcase_add_test(t, r3261_6_no_contact_is_a_query);
	tcase_add_test(t, w_r7_an_instance_does_not_skip_the_order);
	tcase_add_test(t, w_r7b_r3261_8_star_asks_for_the_order);
	tcase_add_test(t, a_living_binding_is_preferred_to_an_expired_one);
	tcase_add_test(t, a_permanent_binding_lives);
	tcase_add_test(t, w_r6_r3261_17_one_bad_contact_refuses_all);
	tcase_add_test(t, a_contact_named_twice_counts_once);
	tcase_add_test(t, no_binding_has_two_operations);
	tcase_add_test(t, one_binding_per_aor);
	tcase_add_test(t, w_r7_a_late_request_sweeps_nothing_newer);
	tcase_add_test(t, w_r12_max_contacts);
	tcase_add_test(t, one_goes_and_one_comes_at_the_limit);
	tcase_add_test(t, evicts_to_make_room);
	tcase_add_test(t, a_contact_that_learnt_its_instance_replaces_itself);
	tcase_add_test(t, evicts_nobody_for_what_replaces_itself);
	tcase_add_test(t, r5626_4_flows_of_one_instance_live_beside_each_other);
	tcase_add_test(t, w_r2_nothing_is_left_of_the_request_before);
	suite_add_tcase(s, t);
	return s;
}

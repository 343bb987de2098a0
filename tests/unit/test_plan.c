/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a REGISTER does to the bindings of its AoR: insert, update, remove,
 * refuse, sweep. */
#include "plan_run.h"

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
	struct unit_run r;
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		unit_run_begin(&r, 1, row[i].has_binding);
		r.req.callid = unit_str(row[i].callid);
		r.req.cseq = row[i].cseq;
		r.b[0].last_modified = UNIT_T - row[i].age_s;
		if(row[i].is_removal)
			r.c[0].granted = 0;
		if(row[i].is_expired)
			r.b[0].expires = UNIT_T;
		ck_row(unit_run_build(&r) == row[i].verdict, row[i].name);
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
	struct unit_run r;

	unit_run_begin(&r, 0, 2);
	r.req.cseq = 1;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.plan.outcome, RGR_DID_QUERY);
	ck_assert_int_eq(r.plan.changes, 0);
	ck_assert_int_eq(r.plan.n_ops, 0);
	ck_assert_int_eq(r.plan.sweep, RGR_SWEEP_NONE);
}
END_TEST

START_TEST(w_r7_an_instance_does_not_skip_the_order)
{
	struct unit_run r;

	unit_run_begin(&r, 1, 1);
	r.c[0].instance = unit_str("<urn:uuid:1>");
	r.c[0].uri = unit_str("sip:moved@10.9.9.9");
	r.b[0].instance = unit_str("<urn:uuid:1>");
	r.req.cseq = 9;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_BAD_CSEQ);
	r.c[0].granted = 0;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_BAD_CSEQ);
	r.req.cseq = 11;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
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
	struct unit_run r;
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		unit_run_begin(&r, 0, row[i].n_bindings);
		r.req.has_star = 1;
		r.req.callid = unit_str(row[i].callid);
		r.req.cseq = row[i].cseq;
		if(row[i].is_expired)
			r.b[0].expires = UNIT_T - 1;
		/* the first is of another Call-ID, the others object */
		if(row[i].n_bindings > 1)
			r.b[0].callid = unit_str("third");
		ck_row(unit_run_build(&r) == row[i].verdict, row[i].name);
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
	struct unit_run r;

	unit_run_begin(&r, 1, 3);
	r.b[1].uri = r.b[2].uri = r.b[0].uri;
	r.b[0].expires = r.b[1].expires = UNIT_T - 5;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_ptr_eq(r.op[0].ref, &r.b[2]);
	r.st.n = 2;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_ptr_eq(r.op[0].ref, &r.b[0]);
}
END_TEST

START_TEST(a_permanent_binding_lives)
{
	struct unit_run r;

	unit_run_begin(&r, 1, 1);
	r.b[0].expires = 0;
	r.c[0].granted = 0;
	r.pol.max_contacts = 1;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_DELETE);
}
END_TEST

START_TEST(w_r6_r3261_17_one_bad_contact_refuses_all)
{
	struct unit_run r;

	/* the first is new, the second is older than its binding */
	unit_run_begin(&r, 2, 1);
	r.b[0].uri = r.c[1].uri;
	r.req.cseq = 9;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_BAD_CSEQ);
}
END_TEST

START_TEST(a_contact_named_twice_counts_once)
{
	struct unit_run r;

	unit_run_begin(&r, 3, 0);
	r.c[1].uri = r.c[0].uri;
	r.c[1].granted = 0;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
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
	struct unit_run r;
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		unit_run_begin(&r, 2, 2);
		r.pol.is_single = row[i].is_single;
		r.b[0].instance = r.c[0].instance = unit_str("<urn:uuid:1>");
		r.c[0].uri = unit_str("sip:new@10.0.0.2");
		r.c[1].uri = r.b[0].uri;
		r.c[0].granted = row[i].granted[0];
		r.c[1].granted = row[i].granted[1];
		ck_row(unit_run_build(&r) == RGR_V_FINE, row[i].name);
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
	struct unit_run r;

	/* the first contact that stays is it */
	unit_run_begin(&r, 3, 2);
	r.pol.is_single = 1;
	r.pol.max_contacts = 1;
	r.c[0].granted = 0;
	r.c[1].uri = unit_str("sip:new@10.0.0.2");
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_DELETE);
	ck_assert_int_eq(r.op[1].kind, RGR_OP_INSERT);
	ck_assert_int_eq(r.op[2].kind, RGR_OP_NONE);
	ck_assert_int_eq(r.plan.sweep, RGR_SWEEP_OTHERS);
	ck_assert_int_eq(r.plan.outcome, RGR_DID_INSERT);

	/* a removal alone sweeps nothing */
	unit_run_begin(&r, 1, 2);
	r.pol.is_single = 1;
	r.c[0].granted = 0;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.plan.sweep, RGR_SWEEP_NONE);

	/* a removal behind the one that stays is carried out */
	unit_run_begin(&r, 2, 2);
	r.pol.is_single = 1;
	r.c[1].granted = 0;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_UPDATE);
	ck_assert_int_eq(r.op[1].kind, RGR_OP_DELETE);
	ck_assert_int_eq(r.plan.sweep, RGR_SWEEP_OTHERS);

	/* a retransmission keeps its binding, and what else there is goes */
	unit_run_begin(&r, 1, 2);
	r.pol.is_single = 1;
	r.req.cseq = 10;
	r.b[0].last_modified = UNIT_T - 1;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_NONE);
	ck_assert_ptr_eq(r.op[0].ref, &r.b[0]);
	ck_assert_int_eq(r.plan.changes, 1);
}
END_TEST

/* Two REGISTERs of one phone that moved, overtaking each other: the late one
 * must not sweep away what the new one stored. */
START_TEST(w_r7_a_late_request_sweeps_nothing_newer)
{
	struct unit_run r;

	unit_run_begin(&r, 1, 2);
	r.pol.is_single = 1;
	r.c[0].uri = unit_str("sip:old@10.0.0.2");
	r.req.cseq = 9;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_BAD_CSEQ);
	/* nor is it stopped by what has expired, or is of another Call-ID */
	r.b[0].expires = UNIT_T - 1;
	r.b[1].callid = unit_str("other");
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_INSERT);
	/* two of one REGISTER from before have the same CSeq */
	r.b[0].expires = UNIT_T + 1;
	r.req.cseq = 10;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
}
END_TEST

START_TEST(r5626_4_flows_of_one_instance_live_beside_each_other)
{
	struct unit_run r;

	unit_run_begin(&r, 1, 2);
	r.b[0].instance = r.b[1].instance = r.c[0].instance =
			unit_str("<urn:uuid:1>");
	r.b[0].reg_id = 1;
	r.b[1].reg_id = 2;
	r.c[0].reg_id = 2;
	r.req.callid = unit_str("new");
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_UPDATE);
	ck_assert_ptr_eq(r.op[0].ref, &r.b[1]);
	ck_assert_int_eq(r.plan.sweep, RGR_SWEEP_NONE);
	r.c[0].reg_id = 3;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.op[0].kind, RGR_OP_INSERT);
}
END_TEST

/* W-R2, W-R26: the same memory used for two requests. */
START_TEST(w_r2_nothing_is_left_of_the_request_before)
{
	struct unit_run r;

	unit_run_begin(&r, 2, 2);
	r.pol.is_single = 1;
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
	ck_assert_int_eq(r.plan.sweep, RGR_SWEEP_OTHERS);
	r.pol.is_single = 0;
	r.req.n_contacts = 1;
	r.c[0].granted = 0;
	r.c[0].uri = unit_str("sip:nobody@10.0.0.9");
	ck_assert_int_eq(unit_run_build(&r), RGR_V_FINE);
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
	tcase_add_test(t, r5626_4_flows_of_one_instance_live_beside_each_other);
	tcase_add_test(t, w_r2_nothing_is_left_of_the_request_before);
	suite_add_tcase(s, t);
	return s;
}

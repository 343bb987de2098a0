/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bindings.h"
#include "select.h"

enum
{
	MAX = 4
};

static struct rgr_binding b[6];
static struct unit_store st;
static struct rgr_binding target[MAX];
static int n, dropped;

static void begin(int n_bindings)
{
	static const char *const uri[] = {
			"sip:a", "sip:b", "sip:c", "sip:d", "sip:e", "sip:f"};
	int i;

	for(i = 0; i < 6; i++) {
		b[i] = unit_binding(uri[i]);
		b[i].methods = 1;
	}
	st.binding = b;
	st.n = n_bindings;
	n = dropped = -1;
}

static struct rgr_select_policy policy(void)
{
	struct rgr_select_policy pol = {.now = UNIT_T};

	return pol;
}

static enum rgr_select_result run(const struct rgr_select_policy *pol, int max)
{
	struct rgr_bindings all = unit_bindings(&st);

	return rgr_select(pol, &all, target, max, &n, &dropped);
}

/* The last letters of the targets. */
static const char *order(void)
{
	static char text[MAX + 1];
	int i;

	for(i = 0; i < n; i++)
		text[i] = target[i].uri.s[4];
	text[n] = '\0';
	return text;
}

START_TEST(w_r14_orders_by_q_then_by_the_store)
{
	static const struct
	{
		const char *name;
		int q[4];
		int keep, max;
		const char *want;
		int dropped;
	} row[] = {
			{"equal ones as they come", {5, 5, 5, 5}, 0, 4, "abcd", 0},
			{"highest first", {1, 2, 3, 4}, 0, 4, "dcba", 0},
			{"in the order they had", {4, 3, 2, 1}, 0, 4, "abcd", 0},
			{"equal ones stay behind each other", {2, 9, 2, 9}, 0, 4, "bdac",
					0},
			{"without q last", {-1, 0, -1, 1000}, 0, 4, "dbac", 0},
			{"the store is believed", {1, 2, 3, 4}, 1, 4, "abcd", 0},
			{"the best ones", {1, 4, 2, 3}, 0, 2, "bd", 2},
			{"the best one, the last", {1, 1, 1, 2}, 0, 1, "d", 3},
			{"the first ones of a store that is believed", {1, 2, 3, 4}, 1, 2,
					"ab", 2},
	};
	size_t i;
	int k;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		struct rgr_select_policy pol = policy();

		begin(4);
		for(k = 0; k < 4; k++)
			b[k].q = row[i].q[k];
		pol.keep_store_order = row[i].keep;
		ck_row(run(&pol, row[i].max) == RGR_SELECT_FOUND, row[i].name);
		ck_assert_msg(strcmp(order(), row[i].want) == 0, "%s: %s", row[i].name,
				order());
		ck_row(dropped == row[i].dropped, row[i].name);
	}
}
END_TEST

START_TEST(leaves_out_what_does_not_fit)
{
	struct rgr_select_policy pol = policy();

	/* a: lives; b: expired now; c: permanent */
	begin(3);
	b[1].expires = UNIT_T;
	b[2].expires = 0;
	ck_assert_int_eq(run(&pol, MAX), RGR_SELECT_FOUND);
	ck_assert_str_eq(order(), "ac");
	pol.use_expired = 1;
	ck_assert_int_eq(run(&pol, MAX), RGR_SELECT_FOUND);
	ck_assert_str_eq(order(), "abc");

	/* branch flags: one of them is enough */
	begin(3);
	pol = policy();
	b[0].cflags = 4;
	b[1].cflags = 6;
	b[2].cflags = 8;
	pol.bflags = 2 | 4;
	ck_assert_int_eq(run(&pol, MAX), RGR_SELECT_FOUND);
	ck_assert_str_eq(order(), "ab");

	/* a connection that is gone */
	begin(3);
	pol = policy();
	b[0].has_dead_connection = 1;
	ck_assert_int_eq(run(&pol, MAX), RGR_SELECT_FOUND);
	ck_assert_str_eq(order(), "abc");
	pol.need_living_connection = 1;
	ck_assert_int_eq(run(&pol, MAX), RGR_SELECT_FOUND);
	ck_assert_str_eq(order(), "bc");
}
END_TEST

START_TEST(r5627_6_only_the_instance_of_the_gruu)
{
	struct rgr_select_policy pol = policy();

	begin(4);
	b[0].instance = unit_str("<urn:1>");
	b[1].instance = unit_str("<urn:2>");
	/* the third has none, the fourth is another flow of the first */
	b[3].instance = unit_str("<urn:1>");
	pol.gruu_instance = unit_str("urn:1");
	ck_assert_int_eq(run(&pol, MAX), RGR_SELECT_FOUND);
	ck_assert_str_eq(order(), "ad");
	pol.gruu_instance = unit_str("urn:3");
	ck_assert_int_eq(run(&pol, MAX), RGR_SELECT_NONE);
}
END_TEST

START_TEST(r3840_3_tells_no_binding_from_no_method)
{
	struct rgr_select_policy pol = policy();

	begin(0);
	ck_assert_int_eq(run(&pol, MAX), RGR_SELECT_NONE);
	ck_assert_int_eq(n, 0);
	ck_assert_int_eq(dropped, 0);
	begin(2);
	b[0].methods = 2 | 8;
	pol.method = 4;
	ck_assert_int_eq(run(&pol, MAX), RGR_SELECT_METHOD);
	/* an expired one does not count as one */
	b[0].expires = b[1].expires = UNIT_T - 1;
	ck_assert_int_eq(run(&pol, MAX), RGR_SELECT_NONE);
	begin(2);
	b[0].methods = 2 | 8;
	pol.method = 8;
	ck_assert_int_eq(run(&pol, MAX), RGR_SELECT_FOUND);
	ck_assert_str_eq(order(), "a");
	ck_assert_int_eq(dropped, 0);
}
END_TEST

START_TEST(more_bindings_than_places)
{
	struct rgr_select_policy pol = policy();

	begin(6);
	b[5].q = 1000;
	ck_assert_int_eq(run(&pol, MAX), RGR_SELECT_FOUND);
	ck_assert_str_eq(order(), "fabc");
	ck_assert_int_eq(dropped, 2);
	/* no place at all */
	ck_assert_int_eq(run(&pol, 0), RGR_SELECT_FOUND);
	ck_assert_int_eq(n, 0);
	ck_assert_int_eq(dropped, 6);
}
END_TEST

/* RFC 5626 7: each row is letters of instance, reg-id, q and age; the targets
 * come in the order of rgr_select(). */
START_TEST(r5626_7_one_flow_per_instance)
{
	static const struct
	{
		const char *name;
		struct
		{
			const char *instance;
			int reg_id, q, modified;
		} flow[4];
		int n;
		const char *kept, *spare;
	} row[] = {
			{"nothing", {{"", 0, 0, 0}}, 0, "", ""},
			{"two flows: the one refreshed last",
					{{"i", 1, 0, 1}, {"i", 2, 0, 2}}, 2, "b", "a"},
			{"of one age the first", {{"i", 1, 0, 2}, {"i", 2, 0, 2}}, 2, "a",
					"b"},
			{"a better q is kept, however old",
					{{"i", 1, 900, 1}, {"i", 2, 100, 2}}, 2, "a", "b"},
			{"three flows", {{"i", 1, 0, 1}, {"i", 2, 0, 3}, {"i", 3, 0, 2}}, 3,
					"b", "ac"},
			{"two instances",
					{{"i", 1, 0, 1}, {"j", 1, 0, 1}, {"i", 2, 0, 2},
							{"j", 2, 0, 2}},
					4, "cd", "ab"},
			{"without reg-id it is no flow", {{"i", 0, 0, 1}, {"i", 0, 0, 2}},
					2, "ab", ""},
			{"a binding without reg-id stays beside the flow of its instance",
					{{"i", 0, 0, 1}, {"i", 1, 0, 2}}, 2, "ab", ""},
			{"without instance it is no flow", {{"", 1, 0, 1}, {"", 2, 0, 2}},
					2, "ab", ""},
			{"what is replaced leaves its place in the order",
					{{"i", 1, 0, 1}, {"", 0, 0, 1}, {"i", 2, 0, 2}}, 3, "cb",
					"a"},
	};
	struct rgr_binding all[4], spare[4];
	char kept_text[5], spare_text[5];
	int i, count = row[_i].n, spares;

	for(i = 0; i < count; i++) {
		static const char *const uri[] = {"sip:a", "sip:b", "sip:c", "sip:d"};

		all[i] = unit_binding(uri[i]);
		all[i].instance = unit_str(row[_i].flow[i].instance);
		all[i].reg_id = row[_i].flow[i].reg_id;
		all[i].q = row[_i].flow[i].q;
		all[i].last_modified = row[_i].flow[i].modified;
	}
	spares = rgr_select_flows(all, &count, spare);
	for(i = 0; i < count; i++)
		kept_text[i] = all[i].uri.s[4];
	kept_text[count] = '\0';
	for(i = 0; i < spares; i++)
		spare_text[i] = spare[i].uri.s[4];
	spare_text[spares] = '\0';
	ck_assert_msg(strcmp(kept_text, row[_i].kept) == 0
						  && strcmp(spare_text, row[_i].spare) == 0,
			"%s: kept %s, spare %s", row[_i].name, kept_text, spare_text);
}
END_TEST

Suite *suite_select(void)
{
	Suite *s = suite_create("select");
	TCase *t = tcase_create("all");

	tcase_add_test(t, w_r14_orders_by_q_then_by_the_store);
	tcase_add_test(t, leaves_out_what_does_not_fit);
	tcase_add_test(t, r5627_6_only_the_instance_of_the_gruu);
	tcase_add_test(t, r3840_3_tells_no_binding_from_no_method);
	tcase_add_test(t, more_bindings_than_places);
	tcase_add_loop_test(t, r5626_7_one_flow_per_instance, 0, 10);
	suite_add_tcase(s, t);
	return s;
}

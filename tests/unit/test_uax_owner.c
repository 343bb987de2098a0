/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Shares of a cluster. That the order is the one of the scores is checked
 * against libm, which the code under test must not use. */
#include <math.h>
#include <stdio.h>

#include "owner.h"
#include "unit.h"

enum
{
	ACCOUNTS = 200000,
	NODES = 10
};

static uint64_t account_key(int i)
{
	char text[32];
	str v = {text, 0};

	v.len = snprintf(text, sizeof(text), "trunk-%06d", i);
	return uax_owner_key(&v);
}

static struct uax_share node_of(int i, uint32_t weight)
{
	char text[32];
	str v = {text, 0};

	v.len = snprintf(text, sizeof(text), "sip:192.0.2.%d:5060", i);
	return (struct uax_share){uax_owner_key(&v), weight};
}

/* How many accounts each gets, the last place for nobody. */
static void count(const struct uax_share *node, int n, int *got)
{
	int i, owner;

	memset(got, 0, (n + 1) * sizeof(*got));
	for(i = 0; i < ACCOUNTS; i++) {
		owner = uax_owner_of(account_key(i), node, n);
		got[owner >= 0 ? owner : n]++;
	}
}

/* These numbers travel between releases: they stay. */
START_TEST(keys_stay_what_they_are)
{
	static const struct
	{
		const char *text;
		uint64_t key;
	} row[] = {
			{"", 0xc3817c016ba4ff30u},
			{"a", 0x5f29c2aadd9b8527u},
			{"sip:192.0.2.1:5060", 0xd78d70d3e166c62eu},
			{"trunk-000001", 0xdbd176b910d832a1u},
	};
	str text = unit_str(row[_i].text);

	ck_assert_msg(uax_owner_key(&text) == row[_i].key, "'%s' is %#llx",
			row[_i].text, (unsigned long long)uax_owner_key(&text));
}
END_TEST

START_TEST(a_key_takes_any_bytes)
{
	str with = unit_bytes("a\0b", 3), other = unit_bytes("a\0c", 3);
	str high = unit_bytes("\xff", 1);

	ck_assert(uax_owner_key(&with) != uax_owner_key(&other));
	ck_assert(uax_owner_key(&high) != 0);
}
END_TEST

/* The mean of a share is p n, its deviation sqrt(p (1-p) n): five of them are
 * more than chance does. */
START_TEST(shares_are_as_the_weights)
{
	static const struct
	{
		const char *name;
		uint32_t weight[NODES];
	} row[] = {
			{"equal", {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
			{"equal and large", {1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000,
										1000, 1000}},
			{"one twice", {100, 100, 200, 100, 100, 100, 100, 100, 100, 100}},
			{"all different", {10, 20, 30, 40, 50, 60, 70, 80, 90, 100}},
			{"far apart", {1, 1000, 1, 1000, 10, 1, 1, 1, 500, 1}},
			{"some without", {0, 100, 0, 50, 0, 0, 0, 0, 0, 150}},
	};
	struct uax_share node[NODES];
	int got[NODES + 1], i;
	double sum = 0;

	for(i = 0; i < NODES; i++) {
		node[i] = node_of(i, row[_i].weight[i]);
		sum += row[_i].weight[i];
	}
	count(node, NODES, got);
	for(i = 0; i < NODES; i++) {
		double p = row[_i].weight[i] / sum;

		ck_assert_msg(
				fabs(got[i] - p * ACCOUNTS) <= 5 * sqrt(p * (1 - p) * ACCOUNTS),
				"%s: node %d has %d, its share is %.0f", row[_i].name, i,
				got[i], p * ACCOUNTS);
	}
	ck_assert_int_eq(got[NODES], 0);
}
END_TEST

/* Whoever is in both has lost nothing but to the one that came, and that one
 * has what its weight gives it. */
START_TEST(a_node_that_comes_or_goes_moves_its_share_only)
{
	static const struct
	{
		const char *name;
		uint32_t others, own;
	} row[] = {
			{"as the others", 100, 100},
			{"heavier", 100, 300},
			{"lighter", 1000, 1},
			{"without weight", 100, 0},
	};
	struct uax_share node[NODES];
	double share =
			(double)row[_i].own / (row[_i].own + (NODES - 1) * row[_i].others);
	int i, before, after, moved = 0;

	for(i = 0; i < NODES; i++)
		node[i] = node_of(i, i < NODES - 1 ? row[_i].others + i : row[_i].own);
	for(i = 0; i < ACCOUNTS; i++) {
		uint64_t account = account_key(i);

		before = uax_owner_of(account, node, NODES - 1);
		after = uax_owner_of(account, node, NODES);
		ck_often(after == before || after == NODES - 1,
				"%s: %d goes from %d to %d", row[_i].name, i, before, after);
		ck_often(uax_owner_prefers(account, &node[NODES - 1], &node[before])
						 == (after != before),
				"%s: %d is asked twice and answered twice", row[_i].name, i);
		moved += after != before;
	}
	ck_assert_msg(fabs(moved - share * ACCOUNTS)
						  <= 5 * sqrt(share * (1 - share) * ACCOUNTS)
									 + 0.05 * share * ACCOUNTS,
			"%s: %d moved, its share is %.0f", row[_i].name, moved,
			share * ACCOUNTS);
}
END_TEST

START_TEST(the_order_of_nodes_means_nothing)
{
	struct uax_share node[NODES], shuffled[NODES];
	uint64_t random = 7;
	int round, i, j;

	for(round = 0; round < 2000; round++) {
		uint64_t account = account_key(round);
		int a, b;

		for(i = 0; i < NODES; i++)
			node[i] = node_of(i, unit_random(&random) % 4 * 10);
		memcpy(shuffled, node, sizeof(node));
		for(i = NODES - 1; i > 0; i--) {
			struct uax_share one = shuffled[i];

			j = unit_random(&random) % (i + 1);
			shuffled[i] = shuffled[j];
			shuffled[j] = one;
		}
		a = uax_owner_of(account, node, NODES);
		b = uax_owner_of(account, shuffled, NODES);
		ck_often((a < 0) == (b < 0), "%d: an owner, and none", round);
		ck_often(a < 0 || node[a].key == shuffled[b].key, "%d: %d, and then %d",
				round, a, b);
	}
}
END_TEST

/* A total order: exactly one of two comes first, and the owner before all. */
START_TEST(the_owner_comes_before_all_others)
{
	struct uax_share node[NODES];
	uint64_t random = 11;
	int round, i, owner;

	for(round = 0; round < 2000; round++) {
		uint64_t account = account_key(round);

		for(i = 0; i < NODES; i++)
			node[i] = node_of(i, unit_random(&random) % (UAX_WEIGHT_MAX + 1));
		owner = uax_owner_of(account, node, NODES);
		for(i = 0; i < NODES; i++) {
			int first = uax_owner_prefers(account, &node[owner], &node[i]);
			int second = uax_owner_prefers(account, &node[i], &node[owner]);

			ck_often(first == (i != owner) && !second, "%d: %d is not first",
					round, owner);
		}
	}
}
END_TEST

/* Equal weights take no logarithm. Whether the way that does takes the same
 * decision: the scores never go the other way than the numbers. */
START_TEST(scores_go_the_way_of_the_numbers)
{
	uint64_t random = 3;
	int i, bit;

	for(bit = 0; bit < 64; bit++) {
		uint64_t u = (uint64_t)1 << bit;

		ck_assert(uax_owner_score(u) == (uint64_t)(64 - bit) << 32);
		ck_assert(uax_owner_score(u - 1) >= uax_owner_score(u));
		ck_assert(uax_owner_score(u) >= uax_owner_score(u + 1));
	}
	ck_assert(uax_owner_score(0) == uax_owner_score(1));
	ck_assert(uax_owner_score(UINT64_MAX) == 1);
	for(i = 0; i < 200000; i++) {
		uint64_t u = (uint64_t)unit_random(&random) << 32;
		uint64_t step = (uint64_t)1 << unit_random(&random) % 40;

		u |= unit_random(&random);
		u >>= unit_random(&random) % 8;
		if(u > UINT64_MAX - step)
			continue;
		ck_often(uax_owner_score(u) >= uax_owner_score(u + step),
				"%llu has less than %llu", (unsigned long long)u,
				(unsigned long long)(u + step));
	}
}
END_TEST

START_TEST(scores_are_logarithms)
{
	uint64_t random = 5;
	int i;

	for(i = 0; i < 200000; i++) {
		uint64_t u =
				(uint64_t)unit_random(&random) << 32 | unit_random(&random);
		long double want, got;

		u >>= unit_random(&random) % 64;
		if(u == 0)
			continue;
		want = 64 - log2l((long double)u);
		got = ldexpl((long double)uax_owner_score(u), -32);
		/* rounded up, by what 32 digits leave */
		ck_often(got >= want - 1e-13L && got - want <= ldexpl(1.01L, -32),
				"of %llu: %.15Lf, not %.15Lf", (unsigned long long)u, got,
				want);
	}
}
END_TEST

/* The published mixing, a second time. */
static uint64_t even(uint64_t account, const struct uax_share *node)
{
	uint64_t z = (account ^ node->key) + 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* No short cuts: of all scores the smallest. */
START_TEST(short_cuts_lead_to_the_same_owner)
{
	struct uax_share node[NODES];
	uint64_t random = 13;
	int round, i, want;

	for(i = 0; i < NODES; i++)
		node[i] = node_of(i, 1);
	for(round = 0; round < 50000; round++) {
		uint64_t account = account_key(round);
		unsigned __int128 left, right;

		/* close to each other, and far apart */
		for(i = 0; i < NODES; i++)
			node[i].weight = round % 2 ? 1 + unit_random(&random) % 1000
									   : 500 + unit_random(&random) % 3;
		for(want = 0, i = 1; i < NODES; i++) {
			left = (unsigned __int128)uax_owner_score(even(account, &node[i]))
				   * node[want].weight;
			right = (unsigned __int128)uax_owner_score(
							even(account, &node[want]))
					* node[i].weight;
			want = left < right ? i : want;
		}
		ck_often(uax_owner_of(account, node, NODES) == want, "%d: not node %d",
				round, want);
	}
}
END_TEST

/* With weights that differ the decision is the one of -log2(u)/weight, here in
 * floating point. */
static double score_by_libm(uint64_t account, const struct uax_share *node)
{
	return (64 - log2((double)even(account, node))) / node->weight;
}

START_TEST(unequal_weights_are_decided_as_libm_does)
{
	uint64_t random = 9;
	int round, close = 0;

	for(round = 0; round < 100000; round++) {
		uint64_t account = account_key(round);
		struct uax_share a =
				node_of(1, 1 + unit_random(&random) % UAX_WEIGHT_MAX);
		struct uax_share b =
				node_of(2, 1 + unit_random(&random) % UAX_WEIGHT_MAX);
		double left = score_by_libm(account, &a);
		double right = score_by_libm(account, &b);

		if(fabs(left - right) < 1e-9 * left) {
			close++;
			continue;
		}
		ck_often(uax_owner_prefers(account, &a, &b) == (left < right),
				"%d: %.12f and %.12f", round, left, right);
	}
	ck_assert_int_lt(close, 10);
}
END_TEST

START_TEST(no_weight_owns_nothing)
{
	struct uax_share node[3] = {node_of(1, 0), node_of(2, 0), node_of(3, 0)};
	int got[4];

	ck_assert_int_eq(uax_owner_of(1, node, 3), -1);
	ck_assert_int_eq(uax_owner_of(1, NULL, 0), -1);
	ck_assert_int_eq(uax_owner_prefers(1, &node[0], &node[1]), 0);
	node[1].weight = 1;
	ck_assert_int_eq(uax_owner_prefers(1, &node[0], &node[1]), 0);
	ck_assert_int_eq(uax_owner_prefers(1, &node[1], &node[0]), 1);
	count(node, 3, got);
	ck_assert_int_eq(got[1], ACCOUNTS);
}
END_TEST

/* Two nodes with one key can't be told apart; one of them is the owner. */
START_TEST(ties_are_broken)
{
	struct uax_share same[2] = {node_of(1, 5), node_of(1, 5)};
	struct uax_share heavier = same[0];

	ck_assert_int_eq(uax_owner_of(1, same, 2), 0);
	ck_assert_int_eq(uax_owner_prefers(1, &same[0], &same[1]), 0);
	heavier.weight = 6;
	ck_assert_int_eq(uax_owner_prefers(1, &heavier, &same[0]), 1);
	ck_assert_int_eq(uax_owner_prefers(1, &same[0], &heavier), 0);
}
END_TEST

Suite *suite_uax_owner(void)
{
	Suite *s = suite_create("uax_owner");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, keys_stay_what_they_are, 0, 4);
	tcase_add_test(t, a_key_takes_any_bytes);
	tcase_add_loop_test(t, shares_are_as_the_weights, 0, 6);
	tcase_add_loop_test(
			t, a_node_that_comes_or_goes_moves_its_share_only, 0, 4);
	tcase_add_test(t, the_order_of_nodes_means_nothing);
	tcase_add_test(t, the_owner_comes_before_all_others);
	tcase_add_test(t, scores_go_the_way_of_the_numbers);
	tcase_add_test(t, scores_are_logarithms);
	tcase_add_test(t, short_cuts_lead_to_the_same_owner);
	tcase_add_test(t, unequal_weights_are_decided_as_libm_does);
	tcase_add_test(t, no_weight_owns_nothing);
	tcase_add_test(t, ties_are_broken);
	suite_add_tcase(s, t);
	return s;
}

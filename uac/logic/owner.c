/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Weighted rendezvous hashing.
 *
 *   u     = mix(account, node), even over 0 .. 2^64-1
 *   score = -log2(u / 2^64) / weight, the smallest owns
 *
 * -ln(u) of an even u is what the time until a rare event is like, and of such
 * events the first is node i's with the probability weight i / sum of all.
 *
 * Order: score, then the larger u, then the smaller key. The score never gets
 * larger with u, so of two nodes one of which has the larger u and no smaller
 * weight, that one comes first: with equal weights no logarithm is taken. With
 * others most nodes are out of the race by a bound of theirs. */
#include "owner.h"

/* The end of splitmix64: every bit of the sum is in every bit of the result. */
static uint64_t mix(uint64_t z)
{
	z += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

uint64_t uax_owner_key(const str *text)
{
	uint64_t h = 0xcbf29ce484222325u;
	int i;

	for(i = 0; i < text->len; i++)
		h = (h ^ (unsigned char)text->s[i]) * 0x100000001b3u;
	return mix(h);
}

uint64_t uax_owner_score(uint64_t u)
{
	uint64_t log, x = u;
	int bit, whole = 63;

	if(u == 0)
		return (uint64_t)64 << 32;
	whole -= __builtin_clzll(u);
	/* x / 2^63 is in [1, 2): its square tells the next digit. Cutting off
	 * keeps the order. */
	x <<= 63 - whole;
	log = whole;
	for(bit = 0; bit < 32; bit++) {
		unsigned __int128 square = (unsigned __int128)x * x;

		x = square >> 63;
		log <<= 1;
		if(square >> 127 != 0) {
			x = square >> 64;
			log |= 1;
		}
	}
	return ((uint64_t)64 << 32) - log;
}

/* A node as one account sees it. */
struct candidate
{
	uint64_t u;
	uint64_t score; /* 0: not taken yet */
	const struct uax_share *node;
};

static struct candidate see(uint64_t account, const struct uax_share *node)
{
	return (struct candidate){mix(account ^ node->key), 0, node};
}

static uint64_t score_of(struct candidate *c)
{
	if(c->score == 0)
		c->score = uax_owner_score(c->u);
	return c->score;
}

/* At least, and never more than the score: -log2(1 - d) >= d / ln 2, which is
 * close where it matters, at the small scores. */
static uint64_t score_at_least(uint64_t u)
{
	return ((UINT64_MAX - u) >> 32) * 6196328018u >> 32;
}

/* Whether a comes before b; both have weight. */
static int comes_first(struct candidate *a, struct candidate *b)
{
	uint64_t left, right;

	if(a->u > b->u && a->node->weight >= b->node->weight)
		return 1;
	if(a->u < b->u && a->node->weight <= b->node->weight)
		return 0;
	if(a->node->weight != b->node->weight) {
		/* up to 64 * 2^32 * 1000: fits */
		right = score_of(b) * a->node->weight;
		if(score_at_least(a->u) * b->node->weight > right)
			return 0;
		left = score_of(a) * b->node->weight;
		if(left != right)
			return left < right;
	}
	if(a->u != b->u)
		return a->u > b->u;
	return a->node->key < b->node->key;
}

int uax_owner_of(uint64_t account, const struct uax_share *node, int n)
{
	struct candidate best = {0}, next;
	int i, owner = -1;

	for(i = 0; i < n; i++) {
		if(node[i].weight == 0)
			continue;
		next = see(account, &node[i]);
		if(owner < 0 || comes_first(&next, &best)) {
			best = next;
			owner = i;
		}
	}
	return owner;
}

int uax_owner_prefers(
		uint64_t account, const struct uax_share *a, const struct uax_share *b)
{
	struct candidate first, second;

	if(a->weight == 0 || b->weight == 0)
		return a->weight != 0;
	first = see(account, a);
	second = see(account, b);
	return comes_first(&first, &second);
}

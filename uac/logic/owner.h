/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which node of a cluster owns an account: weighted rendezvous hashing. Each
 * node has a number for each account, and the one with the best number owns
 * it; so a node that comes or goes moves its own share only, and nodes that
 * know the same nodes agree without a word. Whole numbers only: the result is
 * the same on every machine and in every release. */
#ifndef UAX_OWNER_H
#define UAX_OWNER_H

#include "kx_str.h"

enum uax_owner_limits
{
	/** The largest weight of a node. */
	UAX_WEIGHT_MAX = 1000
};

/** A node, as far as shares are concerned; a plain struct. */
struct uax_share
{
	uint64_t key;	 /**< uax_owner_key() of its name */
	uint32_t weight; /**< 0: owns nothing; at most UAX_WEIGHT_MAX */
};

/**
 * The number of a text: 64-bit FNV-1a, then mixed. Sent between nodes and
 * part of what they agree on, so it never changes.
 *
 * @param text the l_uuid of an account, or the name of a node; any bytes, may
 *             be empty
 */
uint64_t uax_owner_key(const str *text);

/**
 * Who owns an account. Of many accounts each node gets its weight's part of
 * the sum of all weights. The order of the array means nothing, unless two
 * nodes have the same key.
 *
 * @param account uax_owner_key() of its l_uuid
 * @param node    borrowed for the call; may be NULL with n 0
 * @return index, or -1 when no node has weight
 */
int uax_owner_of(uint64_t account, const struct uax_share *node, int n);

/**
 * Whether a node comes before another one for an account: whether a takes it
 * over from b, its owner, when a joins. A node without weight comes before
 * nobody, and nobody comes before itself.
 */
int uax_owner_prefers(
		uint64_t account, const struct uax_share *a, const struct uax_share *b);

/**
 * -log2(u / 2^64) in 1/2^32, rounded up: the score of a node before it is
 * divided by its weight, the smallest wins. Never smaller for a smaller u, at
 * least 1, for u = 0 as for 1.
 */
uint64_t uax_owner_score(uint64_t u);

#endif

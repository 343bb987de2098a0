/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which bindings a request is sent to, in which order (lookup). */
#ifndef RGR_SELECT_H
#define RGR_SELECT_H

#include "gruu_token.h"

/** What a binding must be like to be a target. */
struct rgr_select_policy
{
	int64_t now;
	int use_expired; /**< expired bindings are targets as well */
	uint32_t method; /**< bit of the request's method; 0: no filter */
	uint32_t bflags; /**< one of these cflags must be set; 0: no filter */
	int need_living_connection; /**< leave out those whose TCP is gone */
	int keep_store_order; /**< usrloc sorts by time, and is to be believed */
	str gruu_instance;	  /**< only this instance (public GRUU); empty: any */
	str ruid;			  /**< only this one (temporary GRUU); empty: any */
	/** with ruid: the binding must still have the Call-ID of this tag; NULL:
	 * whichever it has */
	const struct rgr_mac *mac;
	uint64_t callid_tag;
};

/** Why there are no targets. */
enum rgr_select_result
{
	RGR_SELECT_FOUND = 1,
	RGR_SELECT_NONE = -1,
	RGR_SELECT_METHOD = -2 /**< there are bindings, none takes the method */
};

/**
 * Choose and order targets: highest q first, those of equal q in the
 * store's order (RFC 3261 16.6).
 *
 * @param target [out] up to max bindings, the best ones; max may be 0: the
 *               result alone tells whether there are any
 * @param n      [out] how many
 * @param dropped [out] how many more would have fitted the policy
 */
enum rgr_select_result rgr_select(const struct rgr_select_policy *pol,
		const struct rgr_bindings *all, struct rgr_binding *target, int max,
		int *n, int *dropped);

/**
 * Keep one flow per instance (RFC 5626 7: a request goes to one of them, the
 * others are for when it fails): of equal q the one refreshed last. Bindings
 * without instance or reg-id stay as they are.
 *
 * @param target in the order of rgr_select(); changed to what is kept
 * @param n      [in,out] how many
 * @param spare  [out] the others, in order; as many elements as *n
 * @return how many are spare
 */
int rgr_select_flows(
		struct rgr_binding *target, int *n, struct rgr_binding *spare);

#endif

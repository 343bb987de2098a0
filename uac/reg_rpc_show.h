/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How RPC shows remote registrations. */
#ifndef UA_REG_RPC_SHOW_H
#define UA_REG_RPC_SHOW_H

#include "core/rpc.h"

#include "reg_rec.h"

/**
 * Add one account to a result, with the stock module's fields. Password and
 * HA1 are masked unless reg_dump_secrets is set.
 *
 * @return 0, or -1 when the result takes no more
 */
int ua_rpc_show(rpc_t *rpc, void *ctx, struct ua_rec *rec);

/** What of all accounts is wanted. */
struct ua_list_wish
{
	int state;	/**< of enum uax_state, or of enum ua_list_state */
	int offset; /**< matching accounts to pass over */
	int limit;	/**< accounts to show */
	str text; /**< stands in l_uuid, l_username, r_username or r_domain; empty:
				 any */
};

/** What is wished for besides a state. */
enum ua_list_state
{
	UA_LIST_ALL = -1,
	UA_LIST_FAILING = -2 /**< the last attempt failed, whatever comes next */
};

enum ua_due_limits
{
	/** Slots of a time line. */
	UA_DUE_SLOTS = 360
};

/** Read the name of a state; NULL, "" and "all" mean all.
 *
 * @param out [out] of enum uax_state, or of enum ua_list_state
 * @return 0, or -1: no such state */
int ua_rpc_list_state(const char *name, int *out);

/** Add the summary, and the accounts wished for. */
void ua_rpc_list(rpc_t *rpc, void *ctx, const struct ua_list_wish *wish);

/**
 * Add when accounts are due: how many in each slot of a time line.
 *
 * @param step_s length of a slot, seconds, at least 1
 * @param slots  1 to UA_DUE_SLOTS
 */
void ua_rpc_due(rpc_t *rpc, void *ctx, int step_s, int slots);

#endif

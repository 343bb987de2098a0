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
	int state;	/**< of enum uax_state, or -1: all */
	int offset; /**< matching accounts to pass over */
	int limit;	/**< accounts to show */
};

/** Read the name of a state; NULL, "" and "all" mean all.
 *
 * @param out [out] of enum uax_state, or -1
 * @return 0, or -1: no such state */
int ua_rpc_list_state(const char *name, int *out);

/** Add the summary, and the accounts wished for. */
void ua_rpc_list(rpc_t *rpc, void *ctx, const struct ua_list_wish *wish);

#endif

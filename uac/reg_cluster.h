/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The cluster: messages of this server and of the others over Kamailio's dmq
 * module, and what they tell of who is there. Which accounts move because of
 * it is the business of reg_move. */
#ifndef UA_REG_CLUSTER_H
#define UA_REG_CLUSTER_H

#include "core/rpc.h"

#include "fsm.h"
#include "members.h"

/**
 * Join dmq under the name of reg_cluster, in mod_init. Without it there is no
 * cluster, and all of this says so.
 *
 * @return 0, or -1 with the reason logged
 */
int ua_cluster_init(void);

/** Whether there is a cluster. */
int ua_cluster_is_on(void);

/** Name of this server: its dmq address; empty without a cluster. */
const str *ua_cluster_name(void);

/** Whether other servers are there now. */
int ua_cluster_has_others(void);

/** Who shares the accounts. A copy. */
struct ua_cluster_view
{
	unsigned int no; /**< number of the view; 0: none yet */
	int n;
	struct uax_share share[UAX_NODES_MAX];
	int index[UAX_NODES_MAX]; /**< of the servers; 0: this one */
	int may_claim;			  /**< what became its own in this view */
	int is_taken;			  /**< that has begun */
};

/** Look at the view. */
void ua_cluster_view(struct ua_cluster_view *out);

/** Number of the view; cheaper. */
unsigned int ua_cluster_view_no(void);

/** What is not ours in a view is given away and saved; it is told. */
void ua_cluster_settled(unsigned int view_no);

/** What became ours in a view is being taken: a new account that is ours is
 * from now on. */
void ua_cluster_taken(unsigned int view_no);

/** All accounts of this server that ends are saved: the others may have
 * them. */
void ua_cluster_saved(void);

/**
 * Do what is due, in the process for it: notice who is silent, send a message
 * when it is time or something changed. Nothing is sent under a lock.
 */
void ua_cluster_beat(int64_t now_ms);

/** The server ends: say so, wait until its accounts are saved, say good-bye.
 * In the process for it. */
void ua_cluster_leave(void);

/** Tell the other servers what an operator told this one: an event that
 * struct uax_beat has. */
void ua_cluster_tell(const str *uuid, enum uax_event event);

/**
 * Name of a server.
 *
 * @param index as in struct ua_cluster_view
 * @param mem   UAX_BEAT_NODE_MAX bytes, for the result
 * @return empty without a cluster
 */
str ua_cluster_node(int index, char *mem);

/** Whether the server of that name is there now, this one included. */
int ua_cluster_is_live(const str *name);

/** Give all accounts away, or take part again. @return 0, or -1: no cluster */
int ua_cluster_set_leaving(int is_leaving);

/**
 * Add the servers to an RPC result.
 *
 * @param owned accounts of each, by its number
 */
void ua_cluster_show(rpc_t *rpc, void *ctx, const int *owned);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Use case: accounts go to another server of the cluster, and come from one.
 * Each belongs to one, found from its l_uuid and who is there. */
#ifndef UA_REG_MOVE_H
#define UA_REG_MOVE_H

#include "reg_rec.h"

/**
 * Whose a new record is. Before it is in the table.
 *
 * @param is_local it was put in memory here, and the other servers do not
 *                 know it: it is ours whatever happens
 */
void ua_move_place(struct ua_rec *rec, int is_local);

/** The same for one that is in the table already: who is there may have
 * changed meanwhile. */
void ua_move_place_again(struct ua_rec *rec);

/** An account that was put in memory here is in the database now, and belongs
 * to whom it falls. */
void ua_move_share(struct ua_rec *rec);

/**
 * Do what a change of the cluster asks for, a step at a time, in the process
 * that may wait for the database: give away what is not ours, save it, tell;
 * then take what is ours. No-op without a cluster.
 */
void ua_move_work(int64_t now_ms);

/** Whether a change of the cluster is being worked on, in the process for it:
 * what is ours is not to be saved until the rows of the others were read. */
int ua_move_is_under_way(void);

/** The server ends: it gives all away, if others are there to take it. What is
 * then saved is its last word. */
void ua_move_leave(void);

/** All it had is saved. */
void ua_move_end(void);

/** Count the accounts of each server.
 *
 * @param owned [out] UAX_NODES_MAX of them, by number of the server */
void ua_move_count(int *owned);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Use case: registrations survive a restart. What changed is written to a
 * table, in batches, by a process of its own; at start the table is read. */
#ifndef UA_REG_STATE_H
#define UA_REG_STATE_H

#include "reg_db_state.h"
#include "reg_own.h"

/**
 * Make the queue of what is to be saved, in mod_init, when reg_state_table is
 * set.
 *
 * @return 0, or -1 with the reason logged
 */
int ua_state_init(void);

/** Whether registrations are kept at all. */
int ua_state_is_on(void);

/**
 * A record is to be saved: it is queued, unless it is already or nothing is
 * kept. The record is locked (rank 2; this takes rank 4).
 */
void ua_state_touch_locked(struct ua_rec *rec);

/** The same for a record that is not locked, if it is this server's. */
void ua_state_touch(struct ua_rec *rec);

/** How many are to be saved. */
int ua_state_waiting(void);

/**
 * Accounts that wait for their first REGISTER go on where they left off, when
 * a row of theirs says so. After the first load, before anything is sent. In a
 * cluster, where nobody knows yet whose they are, they only show how they
 * stand.
 *
 * @return 0, or -1: the database; they begin anew then (logged)
 */
int ua_state_restore(void);

/** Whose accounts are written. */
enum ua_state_whose
{
	UA_STATE_ALL,
	/** What another server has now. What is ours stays queued: a row of it may
	 * be the word of one that had it at the same time, and is to be read
	 * first. */
	UA_STATE_GIVEN,
	/** What became ours and is held for this. */
	UA_STATE_HELD
};

/**
 * Write what is queued now. In the process for it.
 *
 * @return 0, or -1: the database; what was not written is queued again
 */
int ua_state_flush(enum ua_state_whose whose);

/**
 * Read rows and hand over what each means for its account.
 *
 * @param is_take_over see struct uax_saved_about
 * @param fn   called without a lock; what it does not take is released. The
 *             last argument is the server that wrote the row
 * @param page called between pages, when the database may be asked something
 *             else; NULL: nobody wants to
 * @param skipped [out] rows that could not be used; NULL: nobody asks
 * @return rows read, or -1 (logged)
 */
int ua_state_read(const struct ua_db_state_wish *wish, int is_take_over,
		void (*fn)(void *param, struct ua_rec *rec, struct ua_thaw *thaw,
				const str *node),
		void (*page)(void *param), void *param, int *skipped);

/** The server ends: write what is queued, and that the rows are its last
 * word. */
void ua_state_end(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Use case: accounts come, change and go. A reload is a difference: what did
 * not change keeps everything, what changed registers anew, what is gone
 * leaves. */
#ifndef UA_REG_LOAD_H
#define UA_REG_LOAD_H

#include "reg_rec.h"

enum ua_load_result
{
	UA_LOAD_OK = 0,
	UA_LOAD_BUSY = -1,	 /**< another process is loading */
	UA_LOAD_EARLY = -2,	 /**< sooner than reload_delta allows */
	UA_LOAD_FAILED = -3, /**< the database; what was loaded stays */
	UA_LOAD_NONE = -4,	 /**< ua_load_one(): no such row, or a bad one */
	UA_LOAD_NOMEM = -5
};

/** Make what loaders share, in mod_init. @return 0, or -1 (logged) */
int ua_load_init(void);

/**
 * Read the whole table.
 *
 * @param is_reload an operator's wish: not sooner than the least time after
 *                  the last one
 * @return of enum ua_load_result
 */
int ua_load_all(int is_reload, int64_t now_ms);

/** Whether a load has succeeded since start. */
int ua_load_is_done(void);

/**
 * Read one account; when its row is gone, the account leaves.
 *
 * @return of enum ua_load_result
 */
int ua_load_one(const str *uuid, int64_t now_ms);

/**
 * Put an account in, or in the place of one with the same l_uuid.
 *
 * @param row  a good one
 * @param seen mark for the loader's sweep; 0: it is not from the database
 * @return UA_LOAD_OK or UA_LOAD_NOMEM
 */
int ua_load_put(const struct uax_row *row, unsigned int seen, int64_t now_ms);

/**
 * Take an account out. The caller keeps its reference.
 *
 * @param is_replaced its binding lives on in a record that took its place:
 *                    it is not unregistered, whatever reg_unregister_on says
 */
void ua_load_remove(struct ua_rec *rec, int is_replaced);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The table of kept registrations, in the database of the accounts. */
#ifndef UA_REG_DB_STATE_H
#define UA_REG_DB_STATE_H

#include "saved.h"

/**
 * Bind the driver of reg_db_url, and look at the table, in mod_init.
 *
 * @return 0, also when the database can't be reached now; or -1 with the
 *         reason logged: one whose SQL is not known, no such table, or one of
 *         another version
 */
int ua_db_state_init(void);

/** Connect this process, unless it is; the table is looked at then. All that
 * follows does so by itself. @return 0, or -1 (logged) */
int ua_db_state_open(void);

/** Which rows are wished for. All zero: all of them. */
struct ua_db_state_wish
{
	str not_node; /**< of other servers than this; empty: of any */
	/** And those of that one that were saved then or later; 0: none of them */
	int64_t own_from;
	int64_t saved_from; /**< saved then or later, seconds since the epoch */
};

/** Told about each row; views valid for the call. */
typedef void (*ua_db_state_fn)(void *param, const struct uax_saved *row);

/**
 * Read rows, in pages; page() is called after each. The process keeps its connection; one that failed is
 * made anew by the next call.
 *
 * @return rows read, or -1 with the reason logged; then rows that were told
 *         about before were read all the same
 */
int ua_db_state_read(const struct ua_db_state_wish *wish, ua_db_state_fn fn,
		void (*page)(void *param), void *param);

/** Begin a statement that writes rows. @return as kx_buf_add() */
int ua_db_state_begin(struct kx_buf *b);

/** Append a row. @return as kx_buf_add() */
int ua_db_state_add(
		struct kx_buf *b, const struct uax_saved *row, int is_first);

/** End the statement and carry it out. @return 0, or -1 (logged): nothing
 * was written */
int ua_db_state_end(struct kx_buf *b);

/** Remove the row of an account. @return 0, or -1 (logged) */
int ua_db_state_remove(const str *uuid);

/**
 * Write down that the rows of a server are its last word (it ends), or are not
 * any more (it begins).
 *
 * @return 0, or -1 (logged)
 */
int ua_db_state_seal(const str *node, int is_exact);

/** Whether they are. @return 1, 0, or -1 (logged) */
int ua_db_state_is_sealed(const str *node);

/** Close the connection of this process, if there is one. */
void ua_db_state_close(void);

#endif

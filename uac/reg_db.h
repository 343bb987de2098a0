/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The table of accounts in a database; the only file that knows databases. */
#ifndef UA_REG_DB_H
#define UA_REG_DB_H

#include "row.h"

/**
 * Bind the driver that reg_db_url names, in mod_init.
 *
 * @return 0, or -1 with the reason logged
 */
int ua_db_init(void);

/** Told about each row; views valid for the call. `bad_number` names a
 * number column that is NULL, negative or no number at all; NULL: none. */
typedef void (*ua_db_row_fn)(
		void *param, const struct uax_row *row, const char *bad_number);

/** Who reads the table. */
struct ua_db_reader
{
	/** How many rows will come, before the first; not called when the
	 * database does not say. NULL: nobody asks. */
	void (*expect)(int64_t rows);
	ua_db_row_fn row;
	void *param; /**< of row() */
};

/**
 * Read the table: all of it, or the row with one l_uuid. Opens a connection
 * and closes it. All of it is read in pages, so that no result is ever
 * larger than a page: by a range of the key where the driver runs SQL, by
 * its fetch where it has one; only a driver that has neither gives the whole
 * table at once.
 *
 * @param uuid NULL: all rows
 * @param to   may not call this again
 * @return rows read, or -1 with the reason logged; then rows that were told
 *         about before were read all the same
 */
int ua_db_read(const str *uuid, const struct ua_db_reader *to);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the readers of both tables share: values of whatever type a driver
 * makes of a column, and the memory that results take. */
#ifndef UA_REG_DB_VALUE_H
#define UA_REG_DB_VALUE_H

#include <stdint.h>

#include "lib/srdb1/db.h"

/** A text; empty for NULL and for what is none. @param out [out] a view */
void ua_db_text(const db_val_t *v, str *out);

/** A number of whatever type. @return KX_OK; KX_E_NONE: NULL; KX_E_SYNTAX: no
 * number */
int ua_db_number(const db_val_t *v, int64_t *out);

/**
 * Free pieces of memory of the size of a column. The default allocator looks
 * for one through every size up to the next that it has, and joins what is
 * freed; without these it looks through two thousand for every column of every
 * row, which is most of the time it takes to load. Each piece has something
 * beside it that stays, so that it is not joined.
 */
struct ua_db_shelves;

/** Put up so many. @return NULL: without them it is only slower */
struct ua_db_shelves *ua_db_shelves_make(int n);

/** Take them down; NULL is fine. */
void ua_db_shelves_free(struct ua_db_shelves *shelves);

#endif

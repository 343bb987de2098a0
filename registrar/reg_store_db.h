/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What usrloc's API cannot tell when the database is its only store
 * (db_mode 3). Part of the adapter to usrloc. */
#ifndef REG_STORE_DB_H
#define REG_STORE_DB_H

#include "kx_buf.h"

struct udomain;

/**
 * Borrow usrloc's database connection. Without it (another usrloc) the
 * functions below say KX_E_END.
 */
void reg_store_db_init(void);

/**
 * Whether the table can be read at all: usrloc answers "no such AoR" also
 * when its query failed.
 *
 * @param aor asked for, so that the query costs one index look-up
 * @return KX_OK; KX_E_NONE when the query fails (the driver has logged it);
 *         KX_E_END when that can't be found out
 */
int reg_store_db_check(struct udomain *d, const str *aor);

/**
 * Find the AoR of a binding.
 *
 * @param b [out] the AoR appended
 * @return KX_OK; KX_E_NONE when there is no such binding or the query
 *         fails; KX_E_END when that can't be found out
 */
int reg_store_db_aor(struct udomain *d, const str *ruid, struct kx_buf *b);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Adapter to usrloc: all AoRs of a table. */
#include "modules/usrloc/hslot.h"

#include "reg_store_priv.h"

int reg_store_each(struct udomain *d,
		void (*fn)(struct reg_store *st, void *param), void *param)
{
	struct reg_store st = {.d = d};
	int i;

	if(reg_usrloc.api.db_mode == DB_ONLY)
		return KX_E_NONE;
	for(i = 0; i < d->size; i++) {
		rec_lock_get(&d->table[i].rlock);
		for(st.r = d->table[i].first; st.r != NULL; st.r = st.r->next) {
			st.aor = &st.r->aor;
			fn(&st, param);
		}
		rec_lock_release(&d->table[i].rlock);
	}
	return KX_OK;
}

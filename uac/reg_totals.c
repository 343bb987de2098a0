/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Gauges of all records. */
#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#include "reg_totals.h"

static struct ua_totals *totals;

int ua_totals_init(void)
{
	totals = shm_mallocxz(sizeof(*totals));
	if(totals == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	return 0;
}

struct ua_totals *ua_totals(void)
{
	return totals;
}

void ua_totals_move(struct ua_facts was, struct ua_facts is)
{
	if(is.is_online != was.is_online)
		atomic_add(&totals->active, is.is_online - was.is_online);
	if(is.state == was.state)
		return;
	if(was.state >= 0)
		atomic_dec(&totals->state[was.state]);
	if(is.state >= 0)
		atomic_inc(&totals->state[is.state]);
}

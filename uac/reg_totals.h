/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How many records are what: gauges that move with the records. */
#ifndef UA_REG_TOTALS_H
#define UA_REG_TOTALS_H

#include "reg_rec.h"

/** Gauges of all records, right at every moment: they move with the records,
 * nobody walks the table to read them. */
struct ua_totals
{
	atomic_t active; /**< with a valid binding, of this server */
	atomic_t ending; /**< given to another server, with a request under way */
	atomic_t state[UAX_S_COUNT];
};

/** Make them, in mod_init. @return 0, or -1 (logged) */
int ua_totals_init(void);

/** Move the gauges from what a record counted as to what it counts as. */
void ua_totals_move(struct ua_facts was, struct ua_facts is);

/** Them; NULL before ua_totals_init(). */
struct ua_totals *ua_totals(void);

#endif

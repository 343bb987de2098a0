/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Statistics of the group `registrar`. */
#ifndef REG_STATS_H
#define REG_STATS_H

#include "verdict.h"

/** Register them (in mod_init only). @return 0 or -1 */
int reg_stats_init(void);

/** Count a REGISTER by what it came to. */
void reg_stats_count(enum rgr_verdict v);

#endif

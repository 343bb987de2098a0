/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Counters of the group `uac`. */
#ifndef UA_REG_STATS_H
#define UA_REG_STATS_H

/** Register them, in mod_init. @return 0, or -1 (logged) */
int ua_stats_init(void);

#endif

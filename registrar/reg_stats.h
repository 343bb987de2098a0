/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Statistics of the group `registrar`. Each process counts for itself, the
 * core adds up when somebody asks: counting takes no lock. */
#ifndef REG_STATS_H
#define REG_STATS_H

#include "plan.h"

/** Register them (in mod_init only). @return 0 or -1 */
int reg_stats_init(void);

/**
 * Count a REGISTER by what it came to: in the stock totals, and by its
 * outcome or by the cause of its refusal.
 *
 * @param plan read with RGR_V_FINE only
 */
void reg_stats_count(enum rgr_verdict v, const struct rgr_plan *plan);

/** What becomes of bindings. */
enum reg_stats_contact
{
	REG_STATS_INSERTED,
	REG_STATS_REFRESHED,
	REG_STATS_REMOVED, /**< by a REGISTER or unregister() */
	REG_STATS_EVICTED, /**< to make room, see max_contacts_policy */
	REG_STATS_EXPIRED,
	REG_STATS_CONTACT_COUNT
};

/** Count bindings. */
void reg_stats_contacts(enum reg_stats_contact what, int n);

#endif

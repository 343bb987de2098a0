/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Counters of the group `uac`. Each process counts for itself, so counting
 * costs no lock; gauges are read where they stand. */
#ifndef UA_REG_STATS_H
#define UA_REG_STATS_H

#include "tally.h"

/** What is counted besides how REGISTERs end. */
enum ua_stats_what
{
	UA_STATS_SENT,	   /**< REGISTERs */
	UA_STATS_ANSWERED, /**< those with a final answer, also one of tm's own */
	UA_STATS_ATTEMPT,  /**< attempts that follow no failure: first, refresh */
	UA_STATS_RETRY,	   /**< attempts after a failure */
	UA_STATS_LAPSED,   /**< bindings that ended without a refresh */
	UA_STATS_SAVED,	   /**< rows of reg_state_table that were written */
	UA_STATS_UNSAVED,  /**< writes of such rows that failed */
	UA_STATS_SKIPPED,  /**< such rows that could not be used */
	UA_STATS_BEATS,	   /**< messages to the other servers */
	UA_STATS_HEARD,	   /**< messages of theirs */
	UA_STATS_REFUSED,  /**< messages that changed nothing */
	UA_STATS_GIVEN,	   /**< accounts that went to other servers */
	UA_STATS_TAKEN,	   /**< accounts that came from them */
	UA_STATS_COUNT
};

/** Register them, in mod_init. @return 0, or -1 (logged) */
int ua_stats_init(void);

/** So many more. */
void ua_stats_add(enum ua_stats_what what, int n);

/** One more. */
void ua_stats_count(enum ua_stats_what what);

/** A REGISTER ended this way. */
void ua_stats_outcome(enum uax_outcome how);

/** A registrar answered after so many ms. */
void ua_stats_rtt(int64_t ms);

/** How many so far, of all processes. */
long ua_stats_read(enum ua_stats_what what);

#endif

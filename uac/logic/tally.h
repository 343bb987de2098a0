/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is counted of REGISTERs: how each ended, and in what time. */
#ifndef UAX_TALLY_H
#define UAX_TALLY_H

#include <stdint.h>

#include "fsm.h"

/** How a REGISTER ended: name of the counter, what it counts. Every one ends
 * in exactly one of these ways. */
#define UAX_OUTCOMES(X)                                                      \
	X(ACCEPTED, "accepted", "REGISTERs answered with a 2xx that counts")     \
	X(CHALLENGED, "challenged", "REGISTERs challenged, and sent again")      \
	X(TOO_BRIEF, "too_brief", "REGISTERs answered with 423, and sent again") \
	X(REDIRECTED, "redirected",                                              \
			"REGISTERs answered with 3xx that is "                           \
			"followed")                                                      \
	X(BUSY, "busy", "REGISTERs whose registrar asked to wait (Retry-After)") \
	X(REJECTED, "rejected",                                                  \
			"REGISTERs whose credentials were refused, or "                  \
			"no credentials fit")                                            \
	X(REFUSED, "refused", "REGISTERs refused in another way")                \
	X(NO_ANSWER, "no_answer", "REGISTERs without an answer (408)")           \
	X(UNSENT, "unsent",                                                      \
			"REGISTERs that could not be sent: transport, DNS, "             \
			"memory, or dropped by the script")                              \
	X(OUTDATED, "outdated",                                                  \
			"REGISTERs whose account was changed or told "                   \
			"something else before the answer")

enum uax_outcome
{
#define UAX_OUTCOME_ENUM(id, name, text) UAX_O_##id,
	UAX_OUTCOMES(UAX_OUTCOME_ENUM)
#undef UAX_OUTCOME_ENUM
			UAX_O_COUNT
};

/**
 * How a REGISTER ended.
 *
 * @param event what its end means to the machine
 * @param code  of the answer, the registrar's or tm's own
 */
enum uax_outcome uax_outcome_of(enum uax_event event, int code);

/** Upper bounds of the buckets of round-trip times, ms; one more has what is
 * longer. */
#define UAX_RTT_BOUNDS(X) \
	X(5)                  \
	X(10)                 \
	X(20)                 \
	X(50)                 \
	X(100)                \
	X(200)                \
	X(500)                \
	X(1000)               \
	X(2000)               \
	X(5000)               \
	X(10000)

enum uax_rtt_bucket
{
#define UAX_RTT_ENUM(bound_ms) UAX_RTT_LE_##bound_ms,
	UAX_RTT_BOUNDS(UAX_RTT_ENUM)
#undef UAX_RTT_ENUM
			UAX_RTT_LONGER,
	UAX_RTT_COUNT
};

/**
 * Where an attempt stands on a time line of `slots` slots of step_s seconds
 * from now on.
 *
 * @param due_ms when it is due; what is over is in the first slot
 * @return 0 to slots - 1; slots: later than all of them
 */
int uax_due_slot(int64_t due_ms, int64_t now_ms, uint32_t step_s, int slots);

/** The bucket of a round-trip time: the first whose bound is not below it. A
 * time below zero, of a clock that was set back, is none. */
enum uax_rtt_bucket uax_rtt_bucket(int64_t ms);

#endif

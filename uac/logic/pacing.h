/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How many registrations may be under way at once: a window per next hop
 * that opens while answers come back quickly and halves when they do not,
 * and a cap on the rate of the whole instance. */
#ifndef UAX_PACING_H
#define UAX_PACING_H

#include <stdint.h>

/** Where a window begins and ends; attempts. */
enum uax_pace_limits
{
	UAX_PACE_START = 16,
	UAX_PACE_MIN = 2,
	UAX_PACE_MAX = 256,
	/** An answer later than this was probably asked for twice: T1 of RFC
	 * 3261 17.1.1.1, after which a request is retransmitted; ms. */
	UAX_PACE_SLOW_MS = 500,
	/** At most one halving in this time: all that was under way when the hop
	 * began to choke comes back slow; ms. */
	UAX_PACE_HOLD_MS = 1000
};

/** The window of one next hop. All zero is not valid: init. */
struct uax_pace
{
	uint32_t window;	/**< attempts, in 1/256 */
	uint32_t threshold; /**< above it the window opens slowly; attempts */
	uint32_t inflight;	/**< attempts under way */
	int64_t halved_ms;	/**< when it was last halved */
};

/** How an attempt ended, as far as the path to the hop is concerned. */
enum uax_pace_end
{
	UAX_PACE_ANSWERED, /**< any answer of the hop itself */
	UAX_PACE_LOST,	   /**< none came */
	UAX_PACE_CHOKED	   /**< 503: the hop says it is too much */
};

/** A window nobody has used. */
void uax_pace_init(struct uax_pace *p);

/** Whether one more attempt may start now. */
int uax_pace_is_open(const struct uax_pace *p);

/** An attempt starts. */
void uax_pace_start(struct uax_pace *p);

/**
 * An attempt ended.
 *
 * @param rtt_ms the time its last answer took
 * @param now_ms monotonic
 */
void uax_pace_end(struct uax_pace *p, enum uax_pace_end how, uint32_t rtt_ms,
		int64_t now_ms);

/** An attempt that was started did not come to be: as if it never was. */
void uax_pace_cancel(struct uax_pace *p);

/** A cap on sends per second; a bucket of a tenth of a second's worth. */
struct uax_rate
{
	uint32_t per_s;	 /**< 0: no cap */
	int64_t tokens;	 /**< in 1/1000 of a send */
	int64_t last_ms; /**< monotonic */
};

/** Begin with a full bucket. */
void uax_rate_init(struct uax_rate *r, uint32_t per_s, int64_t now_ms);

/** Take one send out of the bucket. @return whether it may be sent now */
int uax_rate_take(struct uax_rate *r, int64_t now_ms);

#endif

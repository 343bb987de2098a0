/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * When a registration is due again. */
#ifndef UAX_SCHEDULE_H
#define UAX_SCHEDULE_H

#include <stdint.h>

enum uax_schedule_limits
{
	/** A transaction without an answer takes this long to say so (64*T1 of
	 * RFC 3261 17.1.2.2), seconds. */
	UAX_TRANSACTION_S = 32,
	/** A refresh is over this long before the binding ends, whatever the
	 * parameters say, as in the stock module; seconds. */
	UAX_REFRESH_GUARD_S = 3,
	/** Longest wait a registrar may ask for in Retry-After, seconds. */
	UAX_RETRY_AFTER_MAX_S = 3600
};

/**
 * When to refresh a binding, counted from when it was granted.
 *
 * Not before interval_s + 3 seconds from its end, as the stock module's
 * reg_timer_interval has it, or 83 seconds if that is more; spread from there
 * to the last moment that still leaves room for a transaction that times out
 * and another try: 67 seconds before the end.
 *
 * A grant that is not at least twice such a window is refreshed at 50 to
 * 85 % of it; but no later than 67 seconds before the end where those are
 * at 60 % or later (grants from 168 seconds), or else 35 seconds, one try,
 * where those are (from 88 seconds).
 *
 * @param granted_s  lifetime of the binding, seconds, at least 1
 * @param interval_s parameter reg_timer_interval, seconds
 * @param rnd        uniform 32-bit value: spreads those granted together
 * @return milliseconds after the grant, at least 250, before the end of any
 *         binding of a second or more; 49 days for one that lives longer
 */
uint32_t uax_refresh_ms(uint32_t granted_s, uint32_t interval_s, uint32_t rnd);

/**
 * When to try again after a failure.
 *
 * @param interval_s parameter reg_retry_interval, at least 1: about so many
 *                   seconds, up to a tenth less
 * @param max_s      ceiling of the doubling, or 0: no back-off
 * @param failures   in a row, this one included
 * @return milliseconds; 49 days for what is longer
 */
uint32_t uax_retry_ms(
		uint32_t interval_s, uint32_t max_s, unsigned failures, uint32_t rnd);

/**
 * When to try again after a registrar said Retry-After.
 *
 * @param after_s what it said; clamped to an hour. Up to a tenth is added,
 *                so that those who were sent away together do not return
 *                together
 * @return milliseconds, at least 1000
 */
uint32_t uax_retry_after_ms(uint32_t after_s, uint32_t rnd);

/**
 * When to send the first REGISTER of an account.
 *
 * @param delay_s  its own reg_delay, seconds; clamped to a day
 * @param random_s parameter reg_random_delay: spreads accounts without a
 *                 delay of their own over so many seconds; clamped to a day
 * @return milliseconds
 */
uint32_t uax_first_ms(uint32_t delay_s, uint32_t random_s, uint32_t rnd);

/**
 * How long it is until a moment, as people are told.
 *
 * Both are of the same clock. Two clocks, or time() beside it, differ by up
 * to a tick: a binding of 600 seconds would end in 601.
 *
 * @return whole seconds, rounded up: what was granted is what is shown at
 *         once; negative when it is over, clamped to an int
 */
int uax_left_s(int64_t moment_ms, int64_t now_ms);

#endif

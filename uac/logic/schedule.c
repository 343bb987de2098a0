/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Due times of remote registrations. */
#include <limits.h>

#include "schedule.h"
#include "kx_delay.h"

enum
{
	/* a transaction that times out, another that does, and the guard */
	ROOM_S = 2 * UAX_TRANSACTION_S + UAX_REFRESH_GUARD_S,
	/* one that times out, and another that is answered */
	ROOM_ONCE_S = UAX_TRANSACTION_S + UAX_REFRESH_GUARD_S,
	/* shortest time that refreshes are spread over */
	SPREAD_S = 16,
	MIN_MS = 250,
	DAY_S = 86400
};

/* Seconds as milliseconds, as far as they go. */
static uint32_t ms(uint32_t seconds)
{
	return seconds > UINT32_MAX / 1000 ? UINT32_MAX : seconds * 1000;
}

/* The last moment to refresh a binding that is too short for a window of its
 * own. */
static uint64_t last_ms(uint32_t granted_s)
{
	const uint64_t end = (uint64_t)granted_s * 1000;
	const uint64_t soon = (uint64_t)granted_s * 600;
	uint64_t last = (uint64_t)granted_s * 850;

	if(end >= soon + ROOM_S * 1000) {
		if(last > end - ROOM_S * 1000)
			last = end - ROOM_S * 1000;
	} else if(end >= soon + ROOM_ONCE_S * 1000) {
		last = end - ROOM_ONCE_S * 1000;
	}
	return last;
}

uint32_t uax_refresh_ms(uint32_t granted_s, uint32_t interval_s, uint32_t rnd)
{
	uint64_t window_s = (uint64_t)interval_s + UAX_REFRESH_GUARD_S;
	uint64_t low, high;

	/* an interval as short as a transaction leaves no window at all: then
	 * the room comes first */
	if(window_s < ROOM_S + SPREAD_S)
		window_s = ROOM_S + SPREAD_S;
	if(granted_s > 2 * window_s) {
		low = (granted_s - window_s) * 1000;
		high = (uint64_t)(granted_s - ROOM_S) * 1000;
	} else {
		low = (uint64_t)granted_s * 500;
		high = last_ms(granted_s);
	}
	if(high > UINT32_MAX) {
		/* later than can be said: as late as can be, spread as far */
		low = high - low < UINT32_MAX ? UINT32_MAX - (high - low) : 0;
		high = UINT32_MAX;
	}
	if(low < MIN_MS)
		low = MIN_MS;
	return kx_delay_between((uint32_t)low, (uint32_t)high, rnd);
}

uint32_t uax_retry_ms(
		uint32_t interval_s, uint32_t max_s, unsigned failures, uint32_t rnd)
{
	return kx_delay_retry(ms(interval_s), ms(max_s), failures, 10, rnd);
}

uint32_t uax_retry_after_ms(uint32_t after_s, uint32_t rnd)
{
	if(after_s < 1)
		after_s = 1;
	if(after_s > UAX_RETRY_AFTER_MAX_S)
		after_s = UAX_RETRY_AFTER_MAX_S;
	return kx_delay_between(after_s * 1000, after_s * 1100, rnd);
}

uint32_t uax_first_ms(uint32_t delay_s, uint32_t random_s, uint32_t rnd)
{
	if(delay_s > 0)
		return ms(delay_s < DAY_S ? delay_s : DAY_S);
	return kx_delay_between(0, ms(random_s < DAY_S ? random_s : DAY_S), rnd);
}

int uax_left_s(int64_t moment_ms, int64_t now_ms)
{
	int64_t left_ms = moment_ms - now_ms;
	int64_t left_s = left_ms / 1000 + (left_ms > 0 && left_ms % 1000 != 0);

	if(left_s > INT_MAX)
		return INT_MAX;
	return left_s < INT_MIN ? INT_MIN : (int)left_s;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Due times of remote registrations. */
#include "schedule.h"
#include "kx_delay.h"

uint32_t uax_refresh_ms(uint32_t granted_s, uint32_t interval_s, uint32_t rnd)
{
	const uint32_t room_s = 2 * UAX_TRANSACTION_S + UAX_REFRESH_GUARD_S;
	uint32_t window_s = interval_s + UAX_REFRESH_GUARD_S;
	uint64_t low, high;

	/* an interval as short as a transaction leaves no window at all: then
	 * the room comes first and the window is as long as the room */
	if(window_s < room_s + room_s / 4)
		window_s = room_s + room_s / 4;
	if(granted_s > 2 * window_s) {
		low = (uint64_t)(granted_s - window_s) * 1000;
		high = (uint64_t)(granted_s - room_s) * 1000;
	} else {
		low = (uint64_t)granted_s * 500;
		high = (uint64_t)granted_s * 850;
	}
	if(high > UINT32_MAX)
		high = UINT32_MAX;
	if(low > high)
		low = high;
	if(low < 250)
		low = 250;
	return kx_delay_between((uint32_t)low, (uint32_t)high, rnd);
}

uint32_t uax_retry_ms(
		uint32_t interval_s, uint32_t max_s, unsigned failures, uint32_t rnd)
{
	return kx_delay_retry(interval_s * 1000, max_s * 1000, failures, 10, rnd);
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
		return delay_s > 86400 ? 86400000u : delay_s * 1000;
	return kx_delay_between(0, random_s * 1000, rnd);
}

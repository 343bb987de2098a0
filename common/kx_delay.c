/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Retry delays. */
#include "kx_delay.h"

uint32_t kx_delay_between(uint32_t low, uint32_t high, uint32_t rnd)
{
	if(high <= low)
		return low;
	/* the upper 32 bits of a 64-bit product: no modulo bias to speak of */
	return low + (uint32_t)(((uint64_t)(high - low) * rnd + rnd) >> 32);
}

uint32_t kx_delay_retry(uint32_t base_ms, uint32_t max_ms, unsigned failures,
		unsigned spread_pct, uint32_t rnd)
{
	uint64_t delay = base_ms;

	while(failures > 1 && delay > 0 && delay < max_ms) {
		delay *= 2;
		failures--;
	}
	if(max_ms > base_ms && delay > max_ms)
		delay = max_ms;
	if(spread_pct > 100)
		spread_pct = 100;
	return kx_delay_between(
			(uint32_t)(delay - delay * spread_pct / 100), (uint32_t)delay, rnd);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How long to wait before the next try. */
#ifndef KX_DELAY_H
#define KX_DELAY_H

#include <stdint.h>

/**
 * A number in [low, high], both included, picked by a random number.
 *
 * @param rnd uniform 32-bit value
 * @return low when high <= low
 */
uint32_t kx_delay_between(uint32_t low, uint32_t high, uint32_t rnd);

/**
 * The delay before a retry: base, doubled with every failed try up to a
 * ceiling, then spread downwards so that those who failed together do not
 * come back together.
 *
 * @param base_ms    delay after the first failure
 * @param max_ms     ceiling of the doubling; at or below base_ms the delay
 *                   stays base_ms (no back-off)
 * @param failures   failures in a row, this one included; 0 counts as 1
 * @param spread_pct how much is taken away at most, 0 to 100
 * @param rnd        uniform 32-bit value
 * @return milliseconds
 */
uint32_t kx_delay_retry(uint32_t base_ms, uint32_t max_ms, unsigned failures,
		unsigned spread_pct, uint32_t rnd);

#endif

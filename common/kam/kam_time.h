/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The clocks: one that only goes forward, for timers, and how it relates to
 * the time of day that people read. */
#ifndef KAM_TIME_H
#define KAM_TIME_H

#include <stdint.h>
#include <time.h>

/** Milliseconds of a clock that all processes share and nobody sets. */
static inline int64_t kam_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/** The time of day of a moment of kam_now_ms(), seconds since the epoch. */
static inline int64_t kam_epoch_s(int64_t ms)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000
				   + (ms - kam_now_ms()))
		   / 1000;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Random numbers for jitter; never for what must not be guessed. */
#ifndef KAM_RANDOM_H
#define KAM_RANDOM_H

#include <stdint.h>

#include "core/rand/kam_rand.h"

/** A random number of 32 bits. The core's has 31: an odd factor spreads them
 * over all, one to one. */
static inline uint32_t kam_random32(void)
{
	return (uint32_t)kam_rand() * 2654435761u;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Messages between nodes that come twice: sent again by the network, or by
 * somebody who kept them. */
#ifndef UAX_REPLAY_H
#define UAX_REPLAY_H

#include <stdint.h>

enum uax_replay_limits
{
	/** A message may be overtaken by so many less one. */
	UAX_REPLAY_WINDOW = 64
};

/** Which messages of one sender, boot and type were seen: a window over their
 * numbers. All zero: none. */
struct uax_replay
{
	uint32_t last; /**< the highest */
	uint64_t mask; /**< bit i: last - i was seen */
};

/**
 * See a message. For another boot begin with a window of zeros: a later boot
 * replaces the former one, whose messages are replays from then on.
 *
 * @return 1 when it is the first with this number and the number is within
 *         the window or above it; else 0: ignore the message
 */
int uax_replay_take(struct uax_replay *r, uint32_t seq);

#endif

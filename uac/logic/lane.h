/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which next hops may be sent to by the process that everybody waits for. A
 * request is sent where its name is resolved: a name server that does not
 * answer holds up the sender for seconds, once for each such name. */
#ifndef UAX_LANE_H
#define UAX_LANE_H

#include <stdint.h>

#include "kx_str.h"

enum uax_lane
{
	UAX_LANE_QUICK,
	UAX_LANE_SLOW, /**< has a process of its own */
	UAX_LANE_COUNT
};

enum uax_lane_limits
{
	/** Sending that takes this long is slow, ms: more than a busy machine keeps
	 * a process waiting. */
	UAX_LANE_SLOW_MS = 500
};

/**
 * Where a next hop begins: quick when nothing is to be resolved.
 *
 * @param hop a URI, or host and port: what the requests go to
 */
enum uax_lane uax_lane_first(const str *hop);

/**
 * Where it goes on after a request: quick once one was sent quickly, slow
 * when one took long. What fails at once changes nothing: it may be a failure
 * that the resolver remembers for a minute.
 *
 * @param is_sent whether it left
 * @param took_ms how long that took
 */
enum uax_lane uax_lane_next(enum uax_lane lane, int is_sent, int64_t took_ms);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A window over the numbers of messages. */
#include "replay.h"

int uax_replay_take(struct uax_replay *r, uint32_t seq)
{
	uint32_t age;

	if(seq == 0)
		return 0;
	if(seq > r->last) {
		age = seq - r->last;
		r->mask = age < UAX_REPLAY_WINDOW ? r->mask << age : 0;
		r->mask |= 1;
		r->last = seq;
		return 1;
	}
	age = r->last - seq;
	if(age >= UAX_REPLAY_WINDOW || r->mask >> age & 1)
		return 0;
	r->mask |= (uint64_t)1 << age;
	return 1;
}

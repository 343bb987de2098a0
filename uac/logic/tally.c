/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sorting the ends of REGISTERs. */
#include "tally.h"

enum
{
	CODE_TIMEOUT = 408
};

enum uax_outcome uax_outcome_of(enum uax_event event, int code)
{
	switch(event) {
		case UAX_E_OK:
			return UAX_O_ACCEPTED;
		case UAX_E_CHALLENGE:
			return UAX_O_CHALLENGED;
		case UAX_E_TOO_BRIEF:
			return UAX_O_TOO_BRIEF;
		case UAX_E_REDIRECT:
			return UAX_O_REDIRECTED;
		case UAX_E_BUSY:
			return UAX_O_BUSY;
		case UAX_E_REJECTED:
			return UAX_O_REJECTED;
		case UAX_E_REFUSED:
			return UAX_O_REFUSED;
		case UAX_E_UNREACHABLE:
			return code == CODE_TIMEOUT ? UAX_O_NO_ANSWER : UAX_O_UNSENT;
		default:
			return UAX_O_OUTDATED;
	}
}

enum uax_rtt_bucket uax_rtt_bucket(int64_t ms)
{
	static const int64_t bound_ms[] = {
#define UAX_RTT_BOUND(bound) bound,
			UAX_RTT_BOUNDS(UAX_RTT_BOUND)
#undef UAX_RTT_BOUND
	};
	int i = 0;

	while(i < UAX_RTT_LONGER && ms > bound_ms[i])
		i++;
	return (enum uax_rtt_bucket)i;
}

int uax_due_slot(int64_t due_ms, int64_t now_ms, uint32_t step_s, int slots)
{
	int64_t slot;

	if(due_ms <= now_ms)
		return 0;
	slot = (due_ms - now_ms) / ((int64_t)step_s * 1000);
	return slot < slots ? (int)slot : slots;
}

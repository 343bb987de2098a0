/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A server of a cluster for the tests of uac/logic/members.c. */
#include "membership.h"

struct uax_members unit_alone(void)
{
	struct uax_members m;
	str name = unit_str(UNIT_SELF);

	uax_members_init(
			&m, &name, UNIT_OWN_BOOT, 100, UNIT_TIMEOUT_MS, UNIT_BEGAN_MS);
	return m;
}

struct uax_beat unit_beat_of(const char *name, uint64_t boot, uint32_t seq)
{
	str own = unit_str(UNIT_SELF);
	struct uax_beat beat = {.type = UAX_BEAT_ALIVE,
			.node = unit_str(name),
			.boot = boot,
			.seq = seq,
			.weight = 100,
			.heard = {{uax_owner_key(&own), UNIT_OWN_BOOT}},
			.n_heard = 1};

	return beat;
}

enum uax_hearing unit_hear(
		struct uax_members *m, const struct uax_beat *beat, int64_t now_ms)
{
	int is_urgent;

	return uax_members_hear(m, beat, now_ms, &is_urgent);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A server of a cluster for the tests of uac/logic/members.c, and what another
 * one tells it. */
#ifndef MEMBERSHIP_H
#define MEMBERSHIP_H

#include "members.h"
#include "unit.h"

enum
{
	/** How long a server may be silent. */
	UNIT_TIMEOUT_MS = 6000,
	/** When the server began. */
	UNIT_BEGAN_MS = 1000000,
	/** Its boot. */
	UNIT_OWN_BOOT = 500
};

/** The server's name. */
#define UNIT_SELF "sip:192.0.2.1:5060"
/** Another server's. */
#define UNIT_OTHER "sip:192.0.2.2:5060"

/** The server UNIT_SELF of weight 100, as it begins: it knows nobody. */
struct uax_members unit_alone(void);

/** A heartbeat of a server of weight 100 that hears UNIT_SELF, and nobody
 * else. */
struct uax_beat unit_beat_of(const char *name, uint64_t boot, uint32_t seq);

/** uax_members_hear() for who does not ask whether to answer at once. */
enum uax_hearing unit_hear(
		struct uax_members *m, const struct uax_beat *beat, int64_t now_ms);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A module for the benches: datagrams "callgrind zero" and "callgrind dump"
 * do so in the worker that receives them. */
#include <string.h>
#include <valgrind/callgrind.h>

#include "core/events.h"
#include "core/sr_module.h"

MODULE_VERSION

static int is(const char *what, const char *buf, int len)
{
	return len == (int)strlen(what) && memcmp(buf, what, len) == 0;
}

static int on_datagram(sr_event_param_t *evp)
{
	void **given = evp->data; /* the bytes, their number, the source */
	const char *buf = given[0];
	int len = *(int *)given[1];

	if(is("callgrind zero", buf, len)) {
		CALLGRIND_ZERO_STATS;
		return -1;
	}
	if(is("callgrind dump", buf, len)) {
		CALLGRIND_DUMP_STATS;
		return -1;
	}
	return 0;
}

static int init(void)
{
	return sr_event_register_cb(SREV_NET_DGRAM_IN, on_datagram);
}

struct module_exports exports = {"kxcount", DEFAULT_DLFLAGS, NULL, NULL, NULL,
		NULL, NULL, init, NULL, NULL};

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Events for the script: an event_route, or the KEMI function of the
 * parameter event_callback in its place. */
#ifndef UA_EVENT_H
#define UA_EVENT_H

#include "core/parser/msg_parser.h"

/** One event; looked up in mod_init, read only afterwards. */
struct ua_event
{
	str name;  /**< as in event_route[name] */
	int route; /**< index; -1: the script has none */
};

/**
 * Find the route of an event, in mod_init.
 *
 * @param name a literal
 * @return 0, or -1 with the reason logged
 */
int ua_event_init(struct ua_event *event, const char *name);

/** Whether the script wants to hear of it. */
int ua_event_is_wanted(const struct ua_event *event);

/**
 * Tell the script. No lock may be held: it can take its time.
 *
 * @param msg what the script sees as its message; NULL: a faked request
 */
void ua_event_run(const struct ua_event *event, sip_msg_t *msg);

#endif

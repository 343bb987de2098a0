/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What happened to registrations, told to the script: queued where it
 * happens, in order, and told by a process of its own, so that a script that
 * takes its time delays neither a SIP worker nor a refresh. */
#ifndef UA_REG_EVENT_H
#define UA_REG_EVENT_H

#include "reg_rec.h"

/** Events, and the names of their routes. */
#define UA_HAPPENINGS(X)          \
	X(ONLINE, "uac:reg-online")   \
	X(OFFLINE, "uac:reg-offline") \
	X(FAILED, "uac:reg-failed")

enum ua_happening
{
#define UA_HAPPENING_ENUM(name, text) UA_REG_##name,
	UA_HAPPENINGS(UA_HAPPENING_ENUM)
#undef UA_HAPPENING_ENUM
			UA_REG_HAPPENINGS
};

/** One event on its way; shm. */
struct ua_told;

/** Make the queue, in mod_init, when reg_events is set and the script has a
 * use for an event. @return 0, or -1 (logged) */
int ua_reg_event_init(void);

/** Fork the process that tells, from the main process, if there is a queue.
 * @return 0 or -1 (logged) */
int ua_reg_event_fork(void);

/**
 * Fetch room for events that a step may cause, before the record is locked.
 *
 * @return NULL: nobody wants to hear, or memory is short
 */
struct ua_told *ua_reg_event_room(void);

/**
 * Queue an event. The record is locked (rank 2; this takes rank 4), so the
 * events of one record come in order.
 *
 * @param room [in, out] of ua_reg_event_room(), may hold NULL: then nothing
 *             is queued; NULL afterwards
 */
void ua_reg_event_post_locked(
		struct ua_told **room, struct ua_rec *rec, enum ua_happening what);

/** Give back room that was not used; NULL is fine. */
void ua_reg_event_drop(struct ua_told *room);

/** The record of the event that is being told in this process, or NULL. */
struct ua_rec *ua_reg_event_record(void);

/** How it looked when it happened; valid with ua_reg_event_record(). */
const struct ua_view *ua_reg_event_view(void);

#endif

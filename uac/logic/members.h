/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who is in the cluster: what a server makes of the messages of the others,
 * and of their silence.
 *
 * A server counts as live when it was heard lately and says that it hears us,
 * as the process we are: so a message of an earlier life, of it or of us,
 * makes nobody live. One that was live and started anew stays so until it would
 * have been missed: it takes nothing before it has heard the others, or waited
 * as long for them. Those that are live make the view, and a number that is
 * the same for all who see the same. When the view changes, each server first
 * gives away what is not its own any more, saves it and says so: it has
 * settled. What became its own it takes when all of its view, itself included,
 * have settled in the same view, or when one of them takes longer than a server may
 * be silent. */
#ifndef UAX_MEMBERS_H
#define UAX_MEMBERS_H

#include "beat.h"
#include "owner.h"
#include "replay.h"

/** One server. */
struct uax_member
{
	char name[UAX_BEAT_NODE_MAX];
	int name_len;
	uint64_t key; /**< uax_owner_key() of the name */
	uint64_t boot;
	struct uax_replay alive; /**< messages seen, by type */
	struct uax_replay tell;
	uint32_t weight;
	unsigned char is_live;
	unsigned char is_gone; /**< said so */
	unsigned char hears_us;
	unsigned char is_leaving;
	unsigned char is_settled; /**< in the view below */
	uint64_t view;
	int64_t heard_ms; /**< monotonic; 0: never */
	/** It started anew and does not hear us yet: when it would have been
	 * missed if it had not; 0: else. */
	int64_t awaited_ms;
};

/** The servers that are known; the first is this one. Plain data. */
struct uax_members
{
	struct uax_member node[UAX_NODES_MAX];
	int n;
	int64_t timeout_ms;
	int64_t began_ms;
	int64_t view_ms;		  /**< when the view changed last */
	unsigned int view_no;	  /**< counts the views of this process; 0: none */
	unsigned char was_joined; /**< has taken accounts once */
	uint32_t seq[UAX_BEAT_TYPE_COUNT]; /**< last sent */
};

/**
 * Begin: this server, alone.
 *
 * @param name   as the others know it, up to UAX_BEAT_NODE_MAX bytes
 * @param boot   when it started, ms since the epoch
 * @param weight up to UAX_WEIGHT_MAX
 * @param now_ms monotonic, as all times here
 */
void uax_members_init(struct uax_members *m, const str *name, uint64_t boot,
		uint32_t weight, int64_t timeout_ms, int64_t now_ms);

/** What became of a message. */
#define UAX_HEARINGS(X)                                                   \
	X(OK, "good")                                                         \
	X(SELF, "it has the name of this server")                             \
	X(OLD, "it is of a process that ended, or of a clock that went back") \
	X(REPLAY, "it came before")                                           \
	X(STRANGER, "it is a command of a server that is not in view")        \
	X(FULL, "it is of one server more than are known")

enum uax_hearing
{
#define UAX_HEARING_ENUM(id, text) UAX_HEAR_##id,
	UAX_HEARINGS(UAX_HEARING_ENUM)
#undef UAX_HEARING_ENUM
			UAX_HEAR_COUNT
};

/** That in words, to stand after "ignored: ". */
const char *uax_hearing_text(enum uax_hearing hearing);

/**
 * A message of another server came.
 *
 * @param beat      its fields were checked by uax_beat_read()
 * @param is_urgent [out] it does not hear us: an answer should not wait
 * @return UAX_HEAR_OK; all else: it changed nothing
 */
enum uax_hearing uax_members_hear(struct uax_members *m,
		const struct uax_beat *beat, int64_t now_ms, int *is_urgent);

/** A server is not known to dmq any more: it is gone.
 *
 * @param i 1 to m->n - 1 */
void uax_members_lose(struct uax_members *m, int i);

/** This server gives all away, or takes part again. */
void uax_members_leave(struct uax_members *m, int is_leaving);

/**
 * Time has passed: who has been silent for too long is not live, who is heard
 * is.
 *
 * @return whether the view is another one now; this server has not settled
 *         in it
 */
int uax_members_tick(struct uax_members *m, int64_t now_ms);

/** This server has settled in a view; an old one's number is ignored. */
void uax_members_settle(struct uax_members *m, unsigned int view_no);

/** Whether this server may take what became its own in its view: see above. One
 * that begins, and is alone, waits a whole timeout for others first. */
int uax_members_may_claim(const struct uax_members *m, int64_t now_ms);

/** It has. */
void uax_members_claimed(struct uax_members *m);

/**
 * Who shares the accounts: the live ones that are not leaving; when all are,
 * all of them, for there is nobody else.
 *
 * @param share [out] UAX_NODES_MAX of them
 * @param index [out] which member each is
 * @return how many
 */
int uax_members_shares(
		const struct uax_members *m, struct uax_share *share, int *index);

/** How many others are live. */
int uax_members_others(const struct uax_members *m);

/**
 * What this server has to say now; each call is another message.
 *
 * @param beat [out] its name is a view into m; a command is for the caller to
 *             add
 */
void uax_members_speak(struct uax_members *m, enum uax_beat_type type,
		int64_t now_ms, struct uax_beat *beat);

/** Name of a member; a view into m. */
str uax_member_name(const struct uax_member *member);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How many requests may be under way at once: a window per next hop that
 * opens while answers come back quickly and halves when they do not, and a
 * cap on the rate of the whole instance. */
#ifndef UAX_PACING_H
#define UAX_PACING_H

#include <stdint.h>

/** Where a window begins and ends; requests. */
enum uax_pace_limits
{
	UAX_PACE_START = 16,
	UAX_PACE_MIN = 2,
	UAX_PACE_MAX = 256,
	/** An answer later than this was probably asked for twice: T1 of RFC
	 * 3261 17.1.1.1, after which a request is retransmitted; ms. */
	UAX_PACE_SLOW_MS = 500,
	/** At most one halving in this time: all that was under way when the hop
	 * began to choke comes back slow; ms. */
	UAX_PACE_HOLD_MS = 1000,
	/** So many late answers of a hundred are lost packets; more are a hop that
	 * can't keep up. */
	UAX_PACE_LATE_PCT = 12,
	/** A request that has no answer after so many seconds takes no room any
	 * more: whoever never answers for some users would else stop all. */
	UAX_PACE_STUCK_S = 4,
	/** Seconds told apart; a power of two above UAX_PACE_STUCK_S. */
	UAX_PACE_SLOTS = 8
};

/** The window of one next hop. All zero is not valid: init. */
struct uax_pace
{
	uint32_t window;	/**< requests, in 1/256 */
	uint32_t threshold; /**< above it the window opens slowly; requests */
	uint32_t inflight;	/**< requests under way that take room */
	uint32_t stuck;		/**< older ones that do not any more */
	uint32_t slot[UAX_PACE_SLOTS]; /**< of inflight, by second of the start */
	int64_t second;				   /**< up to which that is sorted */
	uint32_t prompt;   /**< answers in time, the older the less they count */
	uint32_t late;	   /**< the other answers */
	int64_t halved_ms; /**< when it was last halved */
};

/** How a request ended, as far as the path to the hop is concerned. */
enum uax_pace_end
{
	UAX_PACE_ANSWERED, /**< any answer of the hop itself */
	UAX_PACE_LOST,	   /**< none came */
	UAX_PACE_CHOKED	   /**< 503: the hop says it is too much */
};

/** A window nobody has used.
 *
 * @param now_ms monotonic, as all times here; never back */
void uax_pace_init(struct uax_pace *p, int64_t now_ms);

/** Whether one more attempt may start now. Requests without an answer for
 * UAX_PACE_STUCK_S give their room back here; when nothing was answered
 * lately, that halves the window. */
int uax_pace_is_open(struct uax_pace *p, int64_t now_ms);

/** A request starts; one that goes on with an attempt starts even when the
 * window is shut. */
void uax_pace_start(struct uax_pace *p, int64_t now_ms);

/**
 * A request ended.
 *
 * An answer in time opens the window, if at least half of it was in use. Late
 * answers halve it when they are more than UAX_PACE_LATE_PCT of the last
 * ones, 503 always, no answer when nothing else was answered lately.
 *
 * @param started_ms as at its uax_pace_start()
 */
void uax_pace_end(struct uax_pace *p, enum uax_pace_end how, int64_t started_ms,
		int64_t now_ms);

/** A request that was started was not sent after all: as if it never was. */
void uax_pace_cancel(struct uax_pace *p, int64_t started_ms, int64_t now_ms);

/** A cap on sends per second; a bucket of a tenth of a second's worth. */
struct uax_rate
{
	uint32_t per_s;	 /**< 0: no cap */
	int64_t tokens;	 /**< in 1/1000 of a send */
	int64_t last_ms; /**< monotonic */
};

/** Begin with a full bucket. */
void uax_rate_init(struct uax_rate *r, uint32_t per_s, int64_t now_ms);

/** Take one send out of the bucket. @return whether it may be sent now */
int uax_rate_take(struct uax_rate *r, int64_t now_ms);

/** Take one send that cannot wait: what comes later waits for it, a second at
 * most. */
void uax_rate_force(struct uax_rate *r, int64_t now_ms);

/** Shared memory is needed for more than registrations. */
enum uax_room_limits
{
	/** What a transaction of tm takes: cell, request, reply; bytes. */
	UAX_ROOM_BYTES = 9000,
	/** How long it stays after its end: tm's wt_timer; seconds. */
	UAX_ROOM_HELD_S = 5,
	/** Of a hundred bytes that transactions of ours hold or nobody, so many
	 * are for us; the rest is for calls. */
	UAX_ROOM_PCT = 75
};

/** The rate at which REGISTERs may be sent without their transactions taking
 * the memory that everything else needs. All zero is not valid: init. */
struct uax_room
{
	struct uax_rate rate;
	uint32_t slot[UAX_PACE_SLOTS]; /**< sends, by second */
	int64_t second;				   /**< of the newest slot */
};

/** Without a limit, until the memory is known. */
void uax_room_init(struct uax_room *room, int64_t now_ms);

/**
 * Find the rate for the memory there is; one send a second always goes.
 *
 * @param free_bytes of shared memory; UINT64_MAX: not known, no limit
 */
void uax_room_set(struct uax_room *room, uint64_t free_bytes, int64_t now_ms);

/** As uax_rate_take(). */
int uax_room_take(struct uax_room *room, int64_t now_ms);

/** As uax_rate_force(). */
void uax_room_force(struct uax_room *room, int64_t now_ms);

#endif

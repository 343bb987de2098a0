/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * When which registration is due, and how many may be under way to each next
 * hop: the timing wheels, the hops' queues and windows, all under one lock. */
#ifndef UA_REG_SCHED_H
#define UA_REG_SCHED_H

#include "lane.h"
#include "pacing.h"
#include "reg_rec.h"

enum ua_sched_sizes
{
	/** Length of a tick of the wheels, ms. */
	UA_TICK_MS = 100
};

/**
 * Make wheels and hops, in mod_init.
 *
 * @param rate_per_s cap on new attempts of this instance; 0: none
 * @return 0, or -1 with the reason logged
 */
int ua_sched_init(unsigned int rate_per_s, int64_t now_ms);

/**
 * The next hop of that name, made if it is new.
 *
 * @param name URI the requests go to
 * @return a reference, or NULL when memory is short (logged)
 */
struct ua_hop *ua_hop_get(const str *name);

/** Drop a reference; NULL is fine. */
void ua_hop_drop(struct ua_hop *hop);

/**
 * Set, move or stop the timer of a record's next attempt. It holds a
 * reference of its own while it is set. The record is locked (rank 2; this
 * takes rank 3).
 *
 * @param due_ms monotonic; 0: stop
 */
void ua_sched_due_locked(struct ua_rec *rec, int64_t due_ms);

/** The same for the end of a record's binding. */
void ua_sched_lapse_locked(struct ua_rec *rec, int64_t until_ms);

/**
 * Records whose binding has ended by now.
 *
 * @param rec [out] up to max records, each held
 * @return how many; call again while it is max
 */
int ua_sched_take_lapsed(struct ua_rec **rec, int max, int64_t now_ms);

/**
 * Records whose turn it is: their timer has fired and their hop has room, and
 * is in this lane. For each a place in the hop's window is taken; ua_hop_end() or
 * ua_hop_cancel() gives it back.
 *
 * @param rec [out] up to max records, each held
 * @return how many; fewer than max: nothing more may start now
 */
int ua_sched_take_ready(
		enum uax_lane lane, struct ua_rec **rec, int max, int64_t now_ms);

/** How long nobody's turn can come, unless something happens meanwhile.
 * @return ms, up to about most_ms; 0 while requests are under way or wait for
 *         room */
unsigned int ua_sched_idle_ms(unsigned int most_ms);

/** A request to a hop was sent, or could not be: which process sends the next
 * ones depends on how long that took. The caller holds a reference. */
void ua_hop_took(struct ua_hop *hop, int is_sent, int64_t took_ms);

/** One more request of an attempt that has begun. */
void ua_hop_begin(struct ua_hop *hop, int64_t now_ms);

/** A request ended; see uax_pace_end(). */
void ua_hop_end(struct ua_hop *hop, enum uax_pace_end how, int64_t started_ms,
		int64_t now_ms);

/** A request was not sent after all. */
void ua_hop_cancel(struct ua_hop *hop, int64_t started_ms, int64_t now_ms);

/** Numbers for people. */
struct ua_sched_view
{
	unsigned int hops;
	unsigned int inflight; /**< attempts under way, all hops */
	unsigned int waiting;  /**< due, but held back by pacing */
};

/** Read them. */
void ua_sched_view(struct ua_sched_view *out);

#endif

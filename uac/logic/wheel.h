/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A timing wheel: a million timers, each set, moved or stopped at the same
 * small price. It knows ticks, not time. */
#ifndef UAX_WHEEL_H
#define UAX_WHEEL_H

#include <stdint.h>

/** A member of a list; sits in what it times. All zero: in no list. */
struct uax_node
{
	struct uax_node *next;
	struct uax_node *prev;
	uint64_t due; /**< tick */
};

/** A list of nodes, first in first out. Its head points to itself when
 * empty, so it must not be copied. */
struct uax_list
{
	struct uax_node head;
};

enum uax_wheel_size
{
	UAX_WHEEL_BITS = 8,
	UAX_WHEEL_SLOTS = 1 << UAX_WHEEL_BITS,
	/** Timers of up to 2^32 ticks; what is due later is looked at then. */
	UAX_WHEEL_LEVELS = 4
};

/** About 64 kB; nodes point into it, so it stays where it is. */
struct uax_wheel
{
	uint64_t now; /**< the tick it was advanced to */
	struct uax_list slot[UAX_WHEEL_LEVELS][UAX_WHEEL_SLOTS];
	struct uax_list ripe; /**< due, and not taken yet */
};

/** Make a list empty. */
void uax_list_init(struct uax_list *list);

/** Whether a list has no node. */
int uax_list_is_empty(const struct uax_list *list);

/** Put a node that is in no list at the end of one. */
void uax_list_add(struct uax_list *list, struct uax_node *node);

/** Take the first node out. @return it, or NULL when the list is empty */
struct uax_node *uax_list_take(struct uax_list *list);

/** Take a node out of whatever list or wheel it is in; no-op when in none. */
void uax_node_unlink(struct uax_node *node);

/** Whether a node is in a list or a wheel. */
int uax_node_is_linked(const struct uax_node *node);

/** Make a wheel that stands at a tick. */
void uax_wheel_init(struct uax_wheel *w, uint64_t now);

/**
 * Set a timer.
 *
 * @param node in no list
 * @param due  tick; one that is over is due at the next advance
 */
void uax_wheel_add(struct uax_wheel *w, struct uax_node *node, uint64_t due);

/**
 * Take the next timer that is due, moving the wheel on. Call it until it
 * returns NULL; stop in between as you like, nothing is lost.
 *
 * @param now tick; never back
 * @return a node that is in no list any more, or NULL: none is due
 */
struct uax_node *uax_wheel_take(struct uax_wheel *w, uint64_t now);

/**
 * How long nothing will be due, as it stands now.
 *
 * @param most ticks, less than UAX_WHEEL_SLOTS
 * @return ticks to the first that may have something, from the one the wheel
 *         was advanced to, at most `most`; 0: something is due already
 */
unsigned int uax_wheel_idle(const struct uax_wheel *w, unsigned int most);

#endif

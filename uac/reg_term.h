/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Ending without breaking off.
 *
 * A child of Kamailio ends in its signal handler, wherever it is: with a lock
 * of tm or of the timers held, or inside a timer's function. The main process
 * then waits for that lock, or for that function, when it tears tm down: for a
 * minute, until exit_timeout. With thousands of transactions under way, in
 * half of all stops. So the two processes that work on the transactions of
 * registrations, uac's own and the core's timer, take SIGTERM and SIGINT only
 * between two pieces of work. */
#ifndef UA_REG_TERM_H
#define UA_REG_TERM_H

#include "core/locking.h"

/**
 * Let the core's timer process end between two timers only, where a timer of
 * its own, run at every tick, lets it. In mod_init.
 *
 * @return 0, or -1 (logged)
 */
int ua_term_init(void);

/** From here on the process does not end, until ua_term_release(). */
void ua_term_hold(void);

/** It may end from here on; it ends here when it was told to meanwhile. */
void ua_term_release(void);

/** While held: whether the process was told to end. Cheap. */
int ua_term_is_told(void);

/**
 * Take a lock that a worker may have taken with it: one that is told to end
 * does so wherever it is. While the server runs nobody holds a lock for so
 * long that this fails.
 *
 * @return 0, or -1 after a second: it will never be free
 */
int ua_term_lock(gen_lock_t *lock);

/** While held: sleep so many microseconds, or until it is told to end. */
void ua_term_sleep(unsigned int us);

#endif

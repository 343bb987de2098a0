/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The process that starts attempts and notices bindings that ended, and the
 * one for next hops whose names are slow to resolve. */
#ifndef UA_REG_TIMER_H
#define UA_REG_TIMER_H

/** Reserve the processes, in mod_init. @return 0, or -1 (logged) */
int ua_timer_init(void);

/** Fork them, from the main process. @return 0, or -1 (logged) */
int ua_timer_fork(void);

/** Switch the start of attempts on or off (parameter and RPC reg_active). */
void ua_timer_set_active(int is_active);

/** Whether it is on. */
int ua_timer_is_active(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * event_route[usrloc:contact-expired]. */
#ifndef REG_EVENT_H
#define REG_EVENT_H

/**
 * Listen for expired contacts, if the script has a route or a callback for
 * them (in mod_init only).
 *
 * usrloc tells about them with its lock held. The contact is copied there
 * and the script runs later, in the timer process, with no lock held: it may
 * call every function of this module.
 *
 * @return 0 or -1
 */
int reg_event_init(void);

/** Drop what is still waiting. */
void reg_event_destroy(void);

#endif

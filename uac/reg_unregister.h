/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * When an account is unregistered without being told: parameter
 * reg_unregister_on. */
#ifndef UA_REG_UNREGISTER_H
#define UA_REG_UNREGISTER_H

/** When: a set. */
enum ua_unregister_on
{
	UA_UNREGISTER_NONE = 0,
	UA_UNREGISTER_DISABLE = 1,
	UA_UNREGISTER_REMOVE = 2,
	UA_UNREGISTER_SHUTDOWN = 4
};

/**
 * Read the parameter, in mod_init.
 *
 * @return 0, or -1 with the reason logged
 */
int ua_unregister_init(void);

/** Whether one of the set is on. */
int ua_unregister_is_on(enum ua_unregister_on what);

#endif

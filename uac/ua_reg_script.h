/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Remote registrations: what scripts see of them. */
#ifndef UA_REG_SCRIPT_H
#define UA_REG_SCRIPT_H

#include "core/kemi.h"
#include "core/sr_module.h"

/** Rows of the module's tables; each ends with a comma. */
#define UA_REG_CMDS
#define UA_REG_PVS
#define UA_REG_KEMI

/** Prepare in mod_init, before the processes are forked. @return 0 or -1 */
static inline int ua_reg_init(void)
{
	return 0;
}

/** Prepare a process after the fork. @return 0 or -1 */
static inline int ua_reg_init_child(int rank)
{
	return 0;
}

/** The server ends. */
static inline void ua_reg_destroy(void)
{
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Authentication: what scripts see of uac_auth. */
#ifndef UA_AUTH_SCRIPT_H
#define UA_AUTH_SCRIPT_H

#include "core/kemi.h"
#include "core/sr_module.h"

/** Rows of the module's tables; each ends with a comma. */
#define UA_AUTH_CMDS
#define UA_AUTH_PARAMS
#define UA_AUTH_PVS
#define UA_AUTH_KEMI

/** Prepare in mod_init, before the processes are forked. @return 0 or -1 */
static inline int ua_auth_init(void)
{
	return 0;
}

/** Prepare a process after the fork. @return 0 or -1 */
static inline int ua_auth_init_child(int rank)
{
	return 0;
}

#endif

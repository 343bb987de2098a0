/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From and To: what scripts see of uac_replace and uac_restore. */
#ifndef UA_REPLACE_SCRIPT_H
#define UA_REPLACE_SCRIPT_H

#include "core/kemi.h"
#include "core/sr_module.h"

/** Rows of the module's tables; each ends with a comma. */
#define UA_REPLACE_CMDS
#define UA_REPLACE_PARAMS
#define UA_REPLACE_PVS
#define UA_REPLACE_KEMI

/** Prepare in mod_init, before the processes are forked. @return 0 or -1 */
static inline int ua_replace_init(void)
{
	return 0;
}

/** Prepare a process after the fork. @return 0 or -1 */
static inline int ua_replace_init_child(int rank)
{
	return 0;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Requests from the script: what scripts see of uac_req_send and $uac_req. */
#ifndef UA_REQ_SCRIPT_H
#define UA_REQ_SCRIPT_H

#include "core/kemi.h"
#include "core/sr_module.h"

/** Rows of the module's tables; each ends with a comma. */
#define UA_REQ_CMDS
#define UA_REQ_PARAMS
#define UA_REQ_PVS
#define UA_REQ_KEMI

/** Prepare in mod_init, before the processes are forked. @return 0 or -1 */
static inline int ua_req_init(void)
{
	return 0;
}

/** Prepare a process after the fork. @return 0 or -1 */
static inline int ua_req_init_child(int rank)
{
	return 0;
}

#endif

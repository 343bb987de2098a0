/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * RPC commands of remote registrations. */
#ifndef UA_REG_RPC_H
#define UA_REG_RPC_H

/** Register the commands, in mod_init. @return 0, or -1 (logged) */
int ua_rpc_init(void);

#endif

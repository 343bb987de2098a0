/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * RPC commands of the credentials. */
#ifndef UA_CRED_RPC_H
#define UA_CRED_RPC_H

/** Register them, in mod_init. @return 0, or -1 (logged) */
int ua_cred_rpc_init(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * RPC commands of the registrar. */
#ifndef REG_RPC_H
#define REG_RPC_H

/** Register them, in mod_init. @return 0, or -1 (logged) */
int reg_rpc_init(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sockets under their advertised names (parameter sock_mode). */
#ifndef REG_SOCK_H
#define REG_SOCK_H

#include "core/ip_addr.h"

/** Make the list (in mod_init only). @return 0 or -1 */
int reg_sock_init(void);

/**
 * A socket for usrloc to keep that has the advertised address as its name,
 * in its memory, its database and its RPC answers. It sends like the real
 * one, and lives as long as the server.
 *
 * @return the socket itself when nothing is advertised for it or memory is
 *         short
 */
struct socket_info *reg_sock_advertised(struct socket_info *sock);

/** The core's own socket behind one that usrloc keeps; may be NULL. */
struct socket_info *reg_sock_real(struct socket_info *sock);

#endif

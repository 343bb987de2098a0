/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The socket that is kept with a contact (sock_mode, sock_flag,
 * sock_hdr_name, xavp_cfg). */
#ifndef REG_SOCK_H
#define REG_SOCK_H

#include "core/ip_addr.h"

struct sip_msg;

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

/** The socket that the script or a trusted front says the request came in
 * on. @return NULL: they don't, or it is none of ours */
struct socket_info *reg_sock_told(struct sip_msg *msg);

#endif

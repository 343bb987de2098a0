/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Two use cases around the source of a request: was the user registered from
 * there, and by which socket did it come. */
#ifndef REG_ADDRESS_H
#define REG_ADDRESS_H

#include "core/parser/msg_parser.h"

struct udomain;

/** What besides the IP address must agree. */
enum reg_source_mode
{
	REG_SOURCE_PORT = 1,
	REG_SOURCE_PROTO = 2
};

/**
 * Whether a user has a living binding made from where the request comes
 * from: the address it was received from if known, else that of its contact.
 *
 * @param uri  whose; NULL or empty: the Request-URI
 * @param mode of enum reg_source_mode
 * @return 1 or -1; -3 when the store can't be asked
 */
int reg_from_user(
		struct sip_msg *msg, struct udomain *d, const str *uri, int mode);

/**
 * Add a header to the request that names the socket it came by
 * (proto:address:port), for the next registrar to read.
 *
 * @return 1 or -1
 */
int reg_add_sock_hdr(struct sip_msg *msg, const str *name);

#endif

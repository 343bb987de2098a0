/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Use case: the server itself removes bindings. */
#ifndef REG_UNREGISTER_H
#define REG_UNREGISTER_H

#include "core/parser/msg_parser.h"

struct udomain;

/**
 * Remove all bindings of an AoR, or the one with a ruid.
 *
 * @param uri  whose; may be empty when a ruid is given
 * @param ruid NULL or empty: all bindings
 * @return 1, also when the AoR has no bindings to remove; -1 the URI can't be
 *         read; -2 the store refused; -3 there is no binding of that ruid
 */
int reg_unregister(struct sip_msg *msg, struct udomain *d, const str *uri,
		const str *ruid);

#endif

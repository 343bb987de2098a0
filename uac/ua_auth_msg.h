/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Puts answers to challenges into a request. Knows nothing of credentials. */
#ifndef UA_AUTH_MSG_H
#define UA_AUTH_MSG_H

#include "core/parser/msg_parser.h"
#include "modules/tm/h_table.h"

#include "challenge.h"

/**
 * Put the headers into the request, take those of the same realms out, point
 * it to uri and have the dialog module raise its CSeq.
 *
 * @param t       the transaction of the request
 * @param uri     Request-URI that was answered for
 * @param headers complete header lines; copied
 * @param done    the challenges that they answer
 * @param n       how many
 * @return 0, or -1 without memory (logged); the request may have lost old
 *         headers then and must not be sent
 */
int ua_auth_put(struct sip_msg *msg, struct cell *t, str *uri,
		const str *headers, const struct uax_challenge *done, int n);

#endif

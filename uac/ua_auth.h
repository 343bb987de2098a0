/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Answering the challenges of a reply in a failure route. */
#ifndef UA_AUTH_H
#define UA_AUTH_H

#include "core/parser/msg_parser.h"

#include "challenge.h"

/** Bits of the mode of uac_auth(). */
#define UA_AUTH_HA1 1 /**< the passwords are HA1 */

/**
 * Read the parameters and bind tm, in mod_init.
 *
 * @return 0, or -1: the server must not start (logged)
 */
int ua_auth_prepare(void);

/** How challenges are chosen: the parameters auth_prefer and
 * auth_min_algorithm. */
const struct uax_auth_policy *ua_auth_policy(void);

/**
 * Answer the challenges of the picked branch's reply: add the headers to the
 * request, in place of such of the same realm, and point it to where that
 * branch went, so that t_relay() sends it. Answers to other realms that the
 * branch had are given again.
 *
 * @param msg  the request of a failure or branch failure route
 * @param mode set of UA_AUTH_HA1
 * @return 1, or -1 with the request unchanged: no challenge, nobody to
 *         answer as, or our answer was refused already
 */
int ua_auth_answer(struct sip_msg *msg, int mode);

#endif

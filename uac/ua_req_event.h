/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * event_route[uac:reply]: the script sees the answer to its request. */
#ifndef UA_REQ_EVENT_H
#define UA_REQ_EVENT_H

#include "core/parser/msg_parser.h"

#include "reqspec.h"

/** Look up the route, or the KEMI function of event_callback. In mod_init.
 *
 * @return 0, or -1: logged, the server must not start */
int ua_req_event_init(void);

/**
 * Run the event, if the request asked for it and this answer is one it asked
 * for. $uac_req shows the request that was answered; what the script changes
 * in it is gone afterwards.
 *
 * @param req  borrowed; evcode and evtype are told to the script in place of
 *             its own
 * @param rpl  the answer, not in shm, or NULL when it was made here: the script then sees
 *             a faked request
 * @param code of the answer, final
 */
void ua_req_event_run(const struct uax_req *req, sip_msg_t *rpl, int code);

#endif

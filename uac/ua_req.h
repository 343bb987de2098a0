/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Requests that the script puts together and sends: the one file of them
 * that calls tm. */
#ifndef UA_REQ_H
#define UA_REQ_H

#include "reqspec.h"

/**
 * Bind to tm and resolve default_socket. In mod_init.
 *
 * @return 0, or -1: logged, the server must not start
 */
int ua_req_bind(void);

/** The request that the script of this process is putting together, or,
 * in event_route[uac:reply], the one that was answered. */
struct uax_reqspec *ua_req_current(void);

/**
 * Make another request the current one.
 *
 * @param spec kept until the next call
 * @return the former one
 */
struct uax_reqspec *ua_req_swap(struct uax_reqspec *spec);

/**
 * Send the current request; its keys keep their values. Also the req_send of
 * the C API.
 *
 * @return 1, also when event_route[tm:local-request] dropped it; -1 when it
 *         is not complete, a key was refused, or tm can't send it (logged)
 */
int ua_req_send(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The C API that other modules bind by find_export("bind_uac", 1, 0); its
 * layout is that of the stock module. */
#ifndef UA_API_H
#define UA_API_H

#include "core/parser/msg_parser.h"

/**
 * Change From or To of a request.
 *
 * @param display NULL, or one that points nowhere, keeps the display name;
 *                an empty one removes it
 * @param uri     NULL or empty keeps the URI
 * @return 0, or -1 (logged): the request is as it was
 */
typedef int (*ua_api_replace_f)(sip_msg_t *msg, str *display, str *uri);

/** Send what $uac_req holds. @return as uac_req_send() */
typedef int (*ua_api_req_send_f)(void);

/** What a binding module gets. */
struct ua_api
{
	ua_api_replace_f replace_from;
	ua_api_replace_f replace_to;
	ua_api_req_send_f req_send;
};

/** Fill the functions in. @return 0, or -1 when api is NULL */
int bind_uac(struct ua_api *api);

#endif

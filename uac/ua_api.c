/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The C API that other modules bind. */
#include "core/dprint.h"

#include "ua_api.h"
#include "ua_replace.h"
#include "ua_req.h"

static int api_replace(
		sip_msg_t *msg, enum ua_side side, const str *display, const str *uri)
{
	struct uax_addr_new change = {display, uri};

	/* callers leave a display name they have not set as zeros */
	if(display != NULL && display->s == NULL)
		change.display = NULL;
	return ua_replace(msg, side, &change);
}

static int replace_from(sip_msg_t *msg, str *display, str *uri)
{
	return api_replace(msg, UA_FROM, display, uri);
}

static int replace_to(sip_msg_t *msg, str *display, str *uri)
{
	return api_replace(msg, UA_TO, display, uri);
}

int bind_uac(struct ua_api *api)
{
	if(api == NULL) {
		LM_ERR("bind_uac() needs somewhere to put the functions\n");
		return -1;
	}
	api->replace_from = replace_from;
	api->replace_to = replace_to;
	api->req_send = ua_req_send;
	return 0;
}

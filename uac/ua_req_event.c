/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Runs event_route[uac:reply] or the KEMI function in its place. */
#include "kam/kam_mem.h"
#include "ua_event.h"
#include "ua_req.h"
#include "ua_req_event.h"

static struct ua_event event_reply;

int ua_req_event_init(void)
{
	return ua_event_init(&event_reply, "uac:reply");
}

static int is_wanted(const struct uax_req *req, int code)
{
	int evroute = uax_req_number(req, UAX_REQ_EVROUTE);

	if(evroute == 0 || (evroute == UAX_REQ_EV_FAILURE && code < 300))
		return 0;
	return ua_event_is_wanted(&event_reply);
}

void ua_req_event_run(const struct uax_req *req, sip_msg_t *rpl, int code)
{
	struct uax_reqspec spec, *former;

	if(!is_wanted(req, code))
		return;
	uax_reqspec_borrow(&spec, req, &kam_pkg);
	uax_req_number(&spec.req, UAX_REQ_EVCODE) = code;
	uax_req_number(&spec.req, UAX_REQ_EVTYPE) =
			rpl != NULL ? UAX_REQ_EV_REAL : UAX_REQ_EV_LOCAL;
	former = ua_req_swap(&spec);
	ua_event_run(&event_reply, rpl);
	ua_req_swap(former);
	uax_reqspec_clear(&spec);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Runs event_route[uac:reply] or the KEMI function in its place. */
#include "core/fmsg.h"
#include "core/kemi.h"
#include "core/route.h"

#include "kam/kam_mem.h"
#include "ua_cfg.h"
#include "ua_req.h"
#include "ua_req_event.h"

static const str event_name = STR_STATIC_INIT("uac:reply");

/* index of the route, -1 when the script has none; set in mod_init */
static int event_route = -1;

int ua_req_event_init(void)
{
	event_route = route_lookup(&event_rt, event_name.s);
	if(event_route >= 0 && event_rt.rlist[event_route] == NULL)
		event_route = -1;
	if(faked_msg_init() < 0) {
		LM_ERR("no faked message for events\n");
		return -1;
	}
	return 0;
}

static int is_wanted(const struct uax_req *req, int code)
{
	int evroute = uax_req_number(req, UAX_REQ_EVROUTE);

	if(evroute == 0 || (evroute == UAX_REQ_EV_FAILURE && code < 300))
		return 0;
	return event_route >= 0 || ua_cfg.event_callback.len > 0;
}

static void run_script(sip_msg_t *msg)
{
	sr_kemi_eng_t *engine = sr_kemi_eng_get();
	str callback = ua_cfg.event_callback, name = event_name;
	int route_type = get_route_type();
	run_act_ctx_t run;

	set_route_type(REQUEST_ROUTE);
	init_run_actions_ctx(&run);
	if(event_route >= 0)
		run_top_route(event_rt.rlist[event_route], msg, &run);
	else if(engine == NULL)
		LM_WARN("event_callback is set, but no KEMI engine is loaded\n");
	else if(sr_kemi_route(engine, msg, EVENT_ROUTE, &callback, &name) < 0)
		LM_ERR("event_callback %.*s failed\n", callback.len, callback.s);
	set_route_type(route_type);
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
	run_script(rpl != NULL ? rpl : faked_msg_get_next());
	ua_req_swap(former);
	uax_reqspec_clear(&spec);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Running the script's events. */
#include "core/fmsg.h"
#include "core/kemi.h"
#include "core/route.h"

#include "ua_cfg.h"
#include "ua_event.h"

int ua_event_init(struct ua_event *event, const char *name)
{
	event->name.s = (char *)name;
	event->name.len = (int)strlen(name);
	event->route = route_lookup(&event_rt, event->name.s);
	if(event->route >= 0 && event_rt.rlist[event->route] == NULL)
		event->route = -1;
	if(faked_msg_init() < 0) {
		LM_ERR("no faked message for events\n");
		return -1;
	}
	return 0;
}

int ua_event_is_wanted(const struct ua_event *event)
{
	return event->route >= 0 || ua_cfg.event_callback.len > 0;
}

void ua_event_run(const struct ua_event *event, sip_msg_t *msg)
{
	sr_kemi_eng_t *engine = sr_kemi_eng_get();
	str callback = ua_cfg.event_callback, name = event->name;
	int route_type = get_route_type();
	run_act_ctx_t run;

	if(msg == NULL)
		msg = faked_msg_get_next();
	set_route_type(REQUEST_ROUTE);
	init_run_actions_ctx(&run);
	if(event->route >= 0)
		run_top_route(event_rt.rlist[event->route], msg, &run);
	else if(engine == NULL)
		LM_WARN("event_callback is set, but no KEMI engine is loaded\n");
	else if(sr_kemi_route(engine, msg, EVENT_ROUTE, &callback, &name) < 0)
		LM_ERR("event_callback %.*s failed\n", callback.len, callback.s);
	set_route_type(route_type);
}

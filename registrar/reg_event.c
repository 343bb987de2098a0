/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Expired contacts: copied under usrloc's lock, told to the script without
 * it. */
#include "core/action.h"
#include "core/fmsg.h"
#include "core/kemi.h"
#include "core/locking.h"
#include "core/mem/mem.h"
#include "core/mem/shm_mem.h"
#include "core/receive.h"
#include "core/route.h"
#include "core/timer.h"

#include "reg_cfg.h"
#include "reg_event.h"
#include "reg_fetch.h"
#include "reg_store.h"

enum
{
	/* seconds between an expiry and its event at most */
	EVENT_INTERVAL_S = 1
};

static const str event_name = STR_STATIC_INIT("usrloc:contact-expired");
static const str event_profile = STR_STATIC_INIT("exp");

/* A contact that waits for its event, in shm. */
struct waiting
{
	struct waiting *next;
	size_t size; /* of the profile behind */
};

static struct
{
	int route; /* of event_rt; -1: KEMI */
	struct queue
	{
		gen_lock_t lock; /* rank: below all of usrloc's; guards the list */
		struct waiting *first;
		struct waiting **end;
	} * queue; /* shm */
} event;

static void on_expired(
		const str *table, const str *aor, const struct rgr_bindings *one)
{
	size_t size = reg_fetch_size(&event_profile, aor, table, one);
	struct waiting *w = shm_malloc(sizeof(*w) + size);

	if(w == NULL) {
		SHM_MEM_ERROR;
		return;
	}
	w->next = NULL;
	w->size = size;
	reg_fetch_copy(w + 1, &event_profile, aor, table, reg_store_hash(aor), one);
	lock_get(&event.queue->lock);
	*event.queue->end = w;
	event.queue->end = &w->next;
	lock_release(&event.queue->lock);
}

static struct waiting *take_all(void)
{
	struct waiting *first;

	lock_get(&event.queue->lock);
	first = event.queue->first;
	event.queue->first = NULL;
	event.queue->end = &event.queue->first;
	lock_release(&event.queue->lock);
	return first;
}

static void run_script(void)
{
	sr_kemi_eng_t *kemi;
	struct run_act_ctx ctx;
	int route_type = get_route_type();
	sip_msg_t *msg;
	str name = event_name;

	if(faked_msg_init() < 0 || (msg = faked_msg_next()) == NULL)
		return;
	set_route_type(EVENT_ROUTE);
	if(event.route >= 0) {
		init_run_actions_ctx(&ctx);
		run_top_route(event_rt.rlist[event.route], msg, &ctx);
	} else {
		kemi = sr_kemi_eng_get();
		if(kemi != NULL
				&& sr_kemi_route(kemi, msg, EVENT_ROUTE,
						   &reg_cfg.p.event_callback, &name)
						   < 0)
			LM_ERR("event_callback %.*s failed\n", reg_cfg.p.event_callback.len,
					reg_cfg.p.event_callback.s);
	}
	set_route_type(route_type);
	/* what the script left in AVPs and XAVPs ends with the event */
	ksr_msg_env_reset();
}

static void on_timer(unsigned int ticks, void *param)
{
	struct waiting *w, *next;

	for(w = take_all(); w != NULL; w = next) {
		next = w->next;
		if(reg_fetch_put_clone((struct reg_profile *)(w + 1), w->size) == 0)
			run_script();
		shm_free(w);
	}
	reg_fetch_free(&event_profile);
}

int reg_event_init(void)
{
	event.route = route_lookup(&event_rt, (char *)event_name.s);
	if(event.route < 0 || event_rt.rlist[event.route] == NULL) {
		event.route = -1;
		if(reg_cfg.p.event_callback.len == 0)
			return reg_store_on_expired(NULL) < 0 ? -1 : 0;
	}
	/* the callback goes before a route of the same name */
	if(reg_cfg.p.event_callback.len > 0)
		event.route = -1;
	event.queue = shm_mallocxz(sizeof(*event.queue));
	if(event.queue == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	event.queue->end = &event.queue->first;
	if(lock_init(&event.queue->lock) == NULL
			|| register_timer(on_timer, NULL, EVENT_INTERVAL_S) < 0
			|| reg_store_on_expired(on_expired) < 0) {
		LM_ERR("can't listen for expired contacts\n");
		return -1;
	}
	return 0;
}

void reg_event_destroy(void)
{
	struct waiting *w, *next;

	if(event.queue == NULL)
		return;
	for(w = take_all(); w != NULL; w = next) {
		next = w->next;
		shm_free(w);
	}
	lock_destroy(&event.queue->lock);
	shm_free(event.queue);
	event.queue = NULL;
}

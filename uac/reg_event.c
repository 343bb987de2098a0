/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Queue and process of registration events. */
#include "core/cfg/cfg.h"
#include "core/cfg/cfg_struct.h"
#include "core/mem/shm_mem.h"
#include "core/pt.h"
#include "core/sr_module.h"
#include "core/ut.h"

#include "reg_event.h"
#include "reg_ops.h"
#include "ua_cfg.h"
#include "ua_event.h"

enum
{
	/* a script that never keeps up loses events, not the server its memory */
	QUEUE_MAX = 200000,
	POLL_US = 20000
};

struct ua_told
{
	struct ua_told *next;
	struct ua_rec *rec; /* held */
	enum ua_happening what;
	struct ua_view view;
};

struct queue
{
	gen_lock_t lock; /* rank 4, the last */
	struct ua_told *first, *last;
	int count;
	int lost; /* since the last one told */
};

static struct
{
	struct ua_event event[UA_REG_HAPPENINGS];
	struct queue *queue;	 /* shm; NULL: nobody wants to hear */
	struct ua_told *current; /* of this process: being told */
} events;

int ua_reg_event_init(void)
{
	static const char *const name[] = {
#define UA_HAPPENING_NAME(id, text) text,
			UA_HAPPENINGS(UA_HAPPENING_NAME)
#undef UA_HAPPENING_NAME
	};
	int i, is_wanted = 0;

	if(!ua_cfg.reg_events)
		return 0;
	for(i = 0; i < UA_REG_HAPPENINGS; i++) {
		if(ua_event_init(&events.event[i], name[i]) != 0)
			return -1;
		is_wanted |= ua_event_is_wanted(&events.event[i]);
	}
	if(!is_wanted) {
		LM_WARN("reg_events is set, but there is neither event_callback nor "
				"an event_route[uac:reg-...]\n");
		return 0;
	}
	events.queue = shm_mallocxz(sizeof(*events.queue));
	if(events.queue == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	lock_init(&events.queue->lock);
	register_procs(1);
	cfg_register_child(1);
	return 0;
}

struct ua_told *ua_reg_event_room(void)
{
	struct ua_told *told;

	if(events.queue == NULL)
		return NULL;
	told = shm_mallocxz(sizeof(*told));
	if(told == NULL)
		SHM_MEM_ERROR;
	return told;
}

void ua_reg_event_drop(struct ua_told *room)
{
	if(room == NULL)
		return;
	ua_rec_drop(room->rec);
	shm_free(room);
}

void ua_reg_event_post_locked(
		struct ua_told **room, struct ua_rec *rec, enum ua_happening what)
{
	struct queue *q = events.queue;
	struct ua_told *told = *room;

	if(told == NULL || !ua_event_is_wanted(&events.event[what]))
		return;
	told->what = what;
	told->next = NULL;
	ua_ops_view_locked(rec, &told->view);
	lock_get(&q->lock);
	if(q->count < QUEUE_MAX) {
		ua_rec_hold(rec);
		told->rec = rec;
		if(q->last != NULL)
			q->last->next = told;
		else
			q->first = told;
		q->last = told;
		q->count++;
		*room = NULL;
	} else {
		q->lost++;
	}
	lock_release(&q->lock);
}

struct ua_rec *ua_reg_event_record(void)
{
	return events.current != NULL ? events.current->rec : NULL;
}

const struct ua_view *ua_reg_event_view(void)
{
	return events.current != NULL ? &events.current->view : NULL;
}

static struct ua_told *take(int *lost)
{
	struct queue *q = events.queue;
	struct ua_told *told;

	lock_get(&q->lock);
	told = q->first;
	if(told != NULL) {
		q->first = told->next;
		if(q->first == NULL)
			q->last = NULL;
		q->count--;
	}
	*lost = q->lost;
	q->lost = 0;
	lock_release(&q->lock);
	return told;
}

/* Tell all that is queued. */
static void tell(void)
{
	struct ua_told *told;
	int lost;

	while((told = take(&lost)) != NULL) {
		if(lost > 0)
			LM_WARN("%d registration events lost: the script is too slow\n",
					lost);
		events.current = told;
		/* the view's texts moved with it */
		told->view.reason.s = told->view.mem;
		ua_event_run(&events.event[told->what], NULL);
		events.current = NULL;
		ua_reg_event_drop(told);
	}
}

int ua_reg_event_fork(void)
{
	int pid;

	if(events.queue == NULL)
		return 0;
	pid = fork_process(PROC_TIMER, "uac events", 1);
	if(pid < 0) {
		LM_ERR("can't fork the process for registration events\n");
		return -1;
	}
	if(pid > 0)
		return 0;
	if(cfg_child_init() != 0)
		return -1;
	for(;;) {
		sleep_us(POLL_US);
		cfg_update();
		tell();
	}
}

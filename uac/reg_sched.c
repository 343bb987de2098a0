/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Scheduling of remote registrations. */
#include <limits.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"

#include "kam/kam_time.h"
#include "reg_sched.h"

enum
{
	HOP_BUCKETS = 4096,
	/* timers moved to the queues at once, so that the lock stays short */
	MOVE_MAX = 256,
	LOOK_MS = 1000
};

struct ua_hop
{
	/* all guarded by the scheduler's lock */
	struct ua_hop *next; /* in its bucket */
	unsigned int refs;
	unsigned int waiting; /* in ready */
	struct uax_pace pace;
	struct uax_list ready; /* records, by their node `due` */
	struct uax_node open;  /* in sched->open or sched->shut: has work */
	int is_open;		   /* in which of the two */
	enum uax_lane lane;
	/* set once */
	int name_len;
	char name[];
};

static struct sched
{
	gen_lock_t lock; /* rank 3, the last */
	struct uax_wheel due;
	struct uax_wheel lapse;
	/* hops with work that can start an attempt, by who starts it */
	struct uax_list open[UAX_LANE_COUNT];
	struct uax_list shut; /* hops with work that have no room */
	int64_t looked_ms;	  /* when these were last looked through */
	struct uax_rate rate;
	struct uax_room room;
	struct ua_sched_view view;
	struct ua_hop *hop[HOP_BUCKETS];
} * sched;

#define OWNER(node, type, member) \
	((type *)((char *)(node)-offsetof(type, member)))

static uint64_t tick_at(int64_t ms)
{
	return (uint64_t)(ms / UA_TICK_MS);
}

int ua_sched_init(unsigned int rate_per_s, int64_t now_ms)
{
	sched = shm_mallocxz(sizeof(*sched));
	if(sched == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	lock_init(&sched->lock);
	uax_wheel_init(&sched->due, tick_at(now_ms));
	uax_wheel_init(&sched->lapse, tick_at(now_ms));
	uax_list_init(&sched->open[UAX_LANE_QUICK]);
	uax_list_init(&sched->open[UAX_LANE_SLOW]);
	uax_list_init(&sched->shut);
	uax_rate_init(&sched->rate, rate_per_s, now_ms);
	uax_room_init(&sched->room, now_ms);
	return 0;
}

static struct ua_hop **bucket_of(const str *name)
{
	return &sched->hop[kx_str_hash(name, 0) % HOP_BUCKETS];
}

static struct ua_hop *find_locked(const str *name)
{
	struct ua_hop *hop;

	for(hop = *bucket_of(name); hop != NULL; hop = hop->next) {
		if(hop->name_len == name->len
				&& memcmp(hop->name, name->s, name->len) == 0) {
			hop->refs++;
			return hop;
		}
	}
	return NULL;
}

struct ua_hop *ua_hop_get(const str *name)
{
	struct ua_hop *hop, *fresh = NULL;

	lock_get(&sched->lock);
	hop = find_locked(name);
	lock_release(&sched->lock);
	if(hop != NULL)
		return hop;

	fresh = shm_mallocxz(sizeof(*fresh) + name->len);
	if(fresh == NULL) {
		SHM_MEM_ERROR;
		return NULL;
	}
	uax_pace_init(&fresh->pace, kam_now_ms());
	uax_list_init(&fresh->ready);
	fresh->refs = 1;
	fresh->lane = uax_lane_first(name);
	fresh->name_len = name->len;
	memcpy(fresh->name, name->s, name->len);

	lock_get(&sched->lock);
	hop = find_locked(name);
	if(hop == NULL) {
		hop = fresh;
		fresh = NULL;
		hop->next = *bucket_of(name);
		*bucket_of(name) = hop;
		sched->view.hops++;
	}
	lock_release(&sched->lock);
	if(fresh != NULL)
		shm_free(fresh); /* somebody else was faster */
	return hop;
}

void ua_hop_drop(struct ua_hop *hop)
{
	struct ua_hop **at;
	str name;
	int is_last;

	if(hop == NULL)
		return;
	lock_get(&sched->lock);
	is_last = --hop->refs == 0;
	if(is_last) {
		name = kx_str_span(hop->name, hop->name + hop->name_len);
		for(at = bucket_of(&name); *at != hop; at = &(*at)->next)
			;
		*at = hop->next;
		uax_node_unlink(&hop->open);
		sched->view.hops--;
	}
	lock_release(&sched->lock);
	if(is_last)
		shm_free(hop);
}

/* Keep the hop in the list of the open ones exactly while it has both work
 * and room, in the other while it has work only: that one is looked through
 * once in a second, because time alone can make room. */
static void sort_hop_locked(struct ua_hop *hop, int64_t now_ms)
{
	int is_open = uax_pace_is_open(&hop->pace, now_ms);

	if(hop->waiting == 0) {
		uax_node_unlink(&hop->open);
		return;
	}
	if(uax_node_is_linked(&hop->open) && hop->is_open == is_open)
		return;
	uax_node_unlink(&hop->open);
	hop->is_open = is_open;
	uax_list_add(is_open ? &sched->open[hop->lane] : &sched->shut, &hop->open);
}

static void look_through_locked(int64_t now_ms)
{
	struct uax_list part;
	struct uax_node *node;

	if(now_ms - sched->looked_ms < LOOK_MS)
		return;
	sched->looked_ms = now_ms;
	uax_list_init(&part);
	while((node = uax_list_take(&sched->shut)) != NULL)
		uax_list_add(&part, node);
	while((node = uax_list_take(&part)) != NULL)
		sort_hop_locked(OWNER(node, struct ua_hop, open), now_ms);
}

/* Take a record's due node out of wherever it is. */
static int unlink_due_locked(struct ua_rec *rec)
{
	if(!uax_node_is_linked(&rec->due))
		return 0;
	uax_node_unlink(&rec->due);
	if(rec->is_queued) {
		rec->is_queued = 0;
		rec->hop->waiting--;
		sched->view.waiting--;
		sort_hop_locked(rec->hop, kam_now_ms());
	}
	return 1;
}

void ua_sched_due_locked(struct ua_rec *rec, int64_t due_ms)
{
	int was_set;

	lock_get(&sched->lock);
	was_set = unlink_due_locked(rec);
	/* rounded up: never before its time */
	if(due_ms > 0)
		uax_wheel_add(&sched->due, &rec->due, tick_at(due_ms + UA_TICK_MS - 1));
	lock_release(&sched->lock);
	if(due_ms > 0 && !was_set)
		ua_rec_hold(rec);
	else if(due_ms <= 0 && was_set)
		ua_rec_drop(rec);
}

void ua_sched_lapse_locked(struct ua_rec *rec, int64_t until_ms)
{
	int was_set;

	lock_get(&sched->lock);
	was_set = uax_node_is_linked(&rec->lapse);
	uax_node_unlink(&rec->lapse);
	if(until_ms > 0)
		uax_wheel_add(
				&sched->lapse, &rec->lapse, tick_at(until_ms + UA_TICK_MS - 1));
	lock_release(&sched->lock);
	if(until_ms > 0 && !was_set)
		ua_rec_hold(rec);
	else if(until_ms <= 0 && was_set)
		ua_rec_drop(rec);
}

int ua_sched_take_lapsed(struct ua_rec **rec, int max, int64_t now_ms)
{
	struct uax_node *node;
	int n = 0;

	lock_get(&sched->lock);
	while(n < max
			&& (node = uax_wheel_take(&sched->lapse, tick_at(now_ms))) != NULL)
		rec[n++] = OWNER(node, struct ua_rec, lapse);
	lock_release(&sched->lock);
	/* the timer's reference is the caller's now */
	return n;
}

/* Move timers that have fired to their hops' queues. */
static void queue_due_locked(int64_t now_ms)
{
	struct uax_node *node;
	struct ua_rec *rec;
	int i;

	for(i = 0; i < MOVE_MAX; i++) {
		node = uax_wheel_take(&sched->due, tick_at(now_ms));
		if(node == NULL)
			return;
		rec = OWNER(node, struct ua_rec, due);
		uax_list_add(&rec->hop->ready, node);
		rec->is_queued = 1;
		rec->hop->waiting++;
		sched->view.waiting++;
		sort_hop_locked(rec->hop, now_ms);
	}
}

/* Whether the caps let one more REGISTER go; it counts then. */
static int may_send_locked(int64_t now_ms)
{
	if(!uax_rate_take(&sched->rate, now_ms))
		return 0;
	return uax_room_take(&sched->room, now_ms);
}

int ua_sched_take_ready(
		enum uax_lane lane, struct ua_rec **rec, int max, int64_t now_ms)
{
	/* an unsigned long of all ones: the allocator does not count */
	unsigned long left = shm_available();
	struct uax_node *node;
	struct ua_hop *hop;
	int n = 0;

	lock_get(&sched->lock);
	uax_room_set(&sched->room, left == ULONG_MAX ? UINT64_MAX : left, now_ms);
	queue_due_locked(now_ms);
	look_through_locked(now_ms);
	while(n < max && (node = uax_list_take(&sched->open[lane])) != NULL) {
		hop = OWNER(node, struct ua_hop, open);
		if(!uax_pace_is_open(&hop->pace, now_ms)) {
			sort_hop_locked(hop, now_ms);
			continue;
		}
		if(!may_send_locked(now_ms)) {
			sort_hop_locked(hop, now_ms);
			break;
		}
		rec[n] = OWNER(uax_list_take(&hop->ready), struct ua_rec, due);
		rec[n]->is_queued = 0;
		hop->waiting--;
		sched->view.waiting--;
		uax_pace_start(&hop->pace, now_ms);
		sched->view.inflight++;
		n++;
		/* to the end of the line: every open hop gets its turn */
		sort_hop_locked(hop, now_ms);
	}
	lock_release(&sched->lock);
	return n;
}

unsigned int ua_sched_idle_ms(unsigned int most_ms)
{
	unsigned int due, lapse, most = most_ms / UA_TICK_MS;

	lock_get(&sched->lock);
	due = uax_wheel_idle(&sched->due, most);
	lapse = uax_wheel_idle(&sched->lapse, most);
	if(sched->view.waiting > 0 || sched->view.inflight > 0)
		due = 0;
	lock_release(&sched->lock);
	return (due < lapse ? due : lapse) * UA_TICK_MS;
}

void ua_hop_took(struct ua_hop *hop, int is_sent, int64_t took_ms)
{
	enum uax_lane lane;
	int has_moved;

	lock_get(&sched->lock);
	lane = uax_lane_next(hop->lane, is_sent, took_ms);
	has_moved = lane != hop->lane;
	hop->lane = lane;
	if(has_moved) {
		uax_node_unlink(&hop->open);
		sort_hop_locked(hop, kam_now_ms());
	}
	lock_release(&sched->lock);
	if(took_ms >= UAX_LANE_SLOW_MS)
		LM_WARN("next hop %.*s: sending took %lld ms, others go first; is its "
				"name server well?\n",
				hop->name_len, hop->name, (long long)took_ms);
}

void ua_hop_begin(struct ua_hop *hop, int64_t now_ms)
{
	lock_get(&sched->lock);
	uax_rate_force(&sched->rate, now_ms);
	uax_room_force(&sched->room, now_ms);
	uax_pace_start(&hop->pace, now_ms);
	sched->view.inflight++;
	sort_hop_locked(hop, now_ms);
	lock_release(&sched->lock);
}

void ua_hop_end(struct ua_hop *hop, enum uax_pace_end how, int64_t started_ms,
		int64_t now_ms)
{
	lock_get(&sched->lock);
	uax_pace_end(&hop->pace, how, started_ms, now_ms);
	sched->view.inflight--;
	sort_hop_locked(hop, now_ms);
	lock_release(&sched->lock);
}

void ua_hop_cancel(struct ua_hop *hop, int64_t started_ms, int64_t now_ms)
{
	lock_get(&sched->lock);
	uax_pace_cancel(&hop->pace, started_ms, now_ms);
	sched->view.inflight--;
	sort_hop_locked(hop, now_ms);
	lock_release(&sched->lock);
}

void ua_sched_view(struct ua_sched_view *out)
{
	lock_get(&sched->lock);
	*out = sched->view;
	lock_release(&sched->lock);
}

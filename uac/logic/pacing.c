/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Pacing of REGISTERs. */
#include <string.h>

#include "pacing.h"

enum
{
	ONE = 256
};

void uax_pace_init(struct uax_pace *p, int64_t now_ms)
{
	memset(p, 0, sizeof(*p));
	p->window = UAX_PACE_START * ONE;
	p->threshold = UAX_PACE_MAX;
	p->second = now_ms / 1000;
	p->halved_ms = now_ms - UAX_PACE_HOLD_MS;
}

static void halve(struct uax_pace *p, int64_t now_ms)
{
	if(now_ms - p->halved_ms < UAX_PACE_HOLD_MS)
		return;
	p->halved_ms = now_ms;
	p->window /= 2;
	if(p->window < UAX_PACE_MIN * ONE)
		p->window = UAX_PACE_MIN * ONE;
	p->threshold = p->window / ONE;
}

/* One second is over: the slot that comes up again holds what is stuck, and
 * what was answered counts half. */
static void next_second(struct uax_pace *p, int64_t now_ms)
{
	uint32_t *old;

	p->second++;
	old = &p->slot[(p->second - UAX_PACE_STUCK_S) & (UAX_PACE_SLOTS - 1)];
	p->inflight -= *old;
	p->stuck += *old;
	if(*old > 0 && p->prompt + p->late == 0)
		halve(p, now_ms);
	*old = 0;
	p->prompt /= 2;
	p->late /= 2;
}

static void age(struct uax_pace *p, int64_t now_ms)
{
	int64_t second = now_ms / 1000;

	/* after a pause of many seconds all slots are stuck and nothing counts
	 * as answered: no need to go through each of them */
	if(second > p->second + 64)
		p->second = second - 64;
	while(p->second < second)
		next_second(p, now_ms);
}

int uax_pace_is_open(struct uax_pace *p, int64_t now_ms)
{
	age(p, now_ms);
	return p->inflight < p->window / ONE;
}

void uax_pace_start(struct uax_pace *p, int64_t now_ms)
{
	age(p, now_ms);
	p->inflight++;
	p->slot[p->second & (UAX_PACE_SLOTS - 1)]++;
}

/* Take a request out of the slot it is in by now. */
static void take_out(struct uax_pace *p, int64_t started_ms)
{
	uint32_t *slot = &p->slot[(started_ms / 1000) & (UAX_PACE_SLOTS - 1)];

	if(started_ms / 1000 <= p->second - UAX_PACE_STUCK_S) {
		if(p->stuck > 0)
			p->stuck--;
	} else if(*slot > 0) {
		(*slot)--;
		p->inflight--;
	}
}

void uax_pace_cancel(struct uax_pace *p, int64_t started_ms, int64_t now_ms)
{
	age(p, now_ms);
	take_out(p, started_ms);
}

static void open_up(struct uax_pace *p)
{
	/* one more for every answer below the threshold, one more for a window
	 * of answers above it */
	if(p->window / ONE < p->threshold)
		p->window += ONE;
	else
		p->window += ONE * ONE / p->window + 1;
	if(p->window > UAX_PACE_MAX * ONE)
		p->window = UAX_PACE_MAX * ONE;
}

void uax_pace_end(struct uax_pace *p, enum uax_pace_end how, int64_t started_ms,
		int64_t now_ms)
{
	int was_used;

	age(p, now_ms);
	was_used = p->inflight * 2 >= p->window / ONE;
	take_out(p, started_ms);
	switch(how) {
		case UAX_PACE_ANSWERED:
			if(now_ms - started_ms < UAX_PACE_SLOW_MS) {
				p->prompt++;
				if(was_used)
					open_up(p);
				break;
			}
			p->late++;
			if((uint64_t)p->late * 100
					> (uint64_t)(p->late + p->prompt) * UAX_PACE_LATE_PCT)
				halve(p, now_ms);
			break;
		case UAX_PACE_LOST:
			if(p->prompt + p->late == 0)
				halve(p, now_ms);
			break;
		case UAX_PACE_CHOKED:
			halve(p, now_ms);
			break;
	}
}

static int64_t bucket_size(const struct uax_rate *r)
{
	return (r->per_s < 10 ? 1 : r->per_s / 10) * 1000LL;
}

void uax_rate_init(struct uax_rate *r, uint32_t per_s, int64_t now_ms)
{
	r->per_s = per_s;
	r->tokens = bucket_size(r);
	r->last_ms = now_ms;
}

static void refill(struct uax_rate *r, int64_t now_ms)
{
	int64_t rest_ms = now_ms - r->last_ms;

	if(rest_ms <= 0)
		return;
	/* a second fills any bucket; more would only overflow */
	r->tokens += (rest_ms < 1000 ? rest_ms : 1000) * r->per_s;
	r->last_ms = now_ms;
	if(r->tokens > bucket_size(r))
		r->tokens = bucket_size(r);
}

int uax_rate_take(struct uax_rate *r, int64_t now_ms)
{
	if(r->per_s == 0)
		return 1;
	refill(r, now_ms);
	if(r->tokens < 1000)
		return 0;
	r->tokens -= 1000;
	return 1;
}

void uax_rate_force(struct uax_rate *r, int64_t now_ms)
{
	if(r->per_s == 0)
		return;
	refill(r, now_ms);
	r->tokens -= 1000;
	if(r->tokens < -1000LL * r->per_s)
		r->tokens = -1000LL * r->per_s;
}

void uax_room_init(struct uax_room *room, int64_t now_ms)
{
	memset(room, 0, sizeof(*room));
	uax_rate_init(&room->rate, 0, now_ms);
	room->second = now_ms / 1000;
}

static void room_age(struct uax_room *room, int64_t now_ms)
{
	int64_t second = now_ms / 1000;

	if(second > room->second + UAX_PACE_SLOTS)
		room->second = second - UAX_PACE_SLOTS;
	while(room->second < second)
		room->slot[++room->second & (UAX_PACE_SLOTS - 1)] = 0;
}

void uax_room_set(struct uax_room *room, uint64_t free_bytes, int64_t now_ms)
{
	uint64_t per_s, held = 0;
	int i;

	room_age(room, now_ms);
	if(free_bytes == UINT64_MAX) {
		room->rate.per_s = 0;
		return;
	}
	for(i = 0; i < UAX_ROOM_HELD_S; i++)
		held += room->slot[(room->second - i) & (UAX_PACE_SLOTS - 1)];
	per_s = (held + free_bytes / UAX_ROOM_BYTES) * UAX_ROOM_PCT / 100
			/ UAX_ROOM_HELD_S;
	/* more than any machine sends */
	if(per_s > UINT16_MAX)
		per_s = UINT16_MAX;
	room->rate.per_s = per_s > 0 ? (uint32_t)per_s : 1;
}

int uax_room_take(struct uax_room *room, int64_t now_ms)
{
	if(!uax_rate_take(&room->rate, now_ms))
		return 0;
	room_age(room, now_ms);
	room->slot[room->second & (UAX_PACE_SLOTS - 1)]++;
	return 1;
}

void uax_room_force(struct uax_room *room, int64_t now_ms)
{
	uax_rate_force(&room->rate, now_ms);
	room_age(room, now_ms);
	room->slot[room->second & (UAX_PACE_SLOTS - 1)]++;
}

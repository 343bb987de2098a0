/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Pacing of REGISTERs. */
#include "pacing.h"

enum
{
	ONE = 256
};

void uax_pace_init(struct uax_pace *p)
{
	p->window = UAX_PACE_START * ONE;
	p->threshold = UAX_PACE_MAX;
	p->inflight = 0;
	p->halved_ms = -UAX_PACE_HOLD_MS;
}

int uax_pace_is_open(const struct uax_pace *p)
{
	return p->inflight < p->window / ONE;
}

void uax_pace_start(struct uax_pace *p)
{
	p->inflight++;
}

void uax_pace_cancel(struct uax_pace *p)
{
	if(p->inflight > 0)
		p->inflight--;
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

void uax_pace_end(struct uax_pace *p, enum uax_pace_end how, uint32_t rtt_ms,
		int64_t now_ms)
{
	if(p->inflight > 0)
		p->inflight--;
	if(how == UAX_PACE_ANSWERED && rtt_ms < UAX_PACE_SLOW_MS)
		open_up(p);
	else
		halve(p, now_ms);
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

int uax_rate_take(struct uax_rate *r, int64_t now_ms)
{
	if(r->per_s == 0)
		return 1;
	if(now_ms > r->last_ms) {
		/* a second fills any bucket; more would only overflow */
		int64_t rest_ms = now_ms - r->last_ms;

		r->tokens += (rest_ms < 1000 ? rest_ms : 1000) * r->per_s;
		r->last_ms = now_ms;
		if(r->tokens > bucket_size(r))
			r->tokens = bucket_size(r);
	}
	if(r->tokens < 1000)
		return 0;
	r->tokens -= 1000;
	return 1;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An account in the simulated day of a cluster: when it is due, what its
 * registrar answers, who has it. */
#include <stddef.h>
#include <stdlib.h>

#include "cluster_sim_priv.h"
#include "fsm.h"
#include "schedule.h"

enum
{
	DUE_TICK_MS = 100,
	TRANSACTION_MS = 32000
};

void sim_account_due(struct sim *s, struct account *a, int64_t at_ms)
{
	at_ms = (at_ms + DUE_TICK_MS - 1) / DUE_TICK_MS * DUE_TICK_MS;
	uax_wheel_add(&s->wheel, &a->node, at_ms / STEP_MS);
}

static void set_ready(struct sim *s, struct account *a)
{
	struct hop *hop = hop_of(s, a->holder, a->registrar);

	a->flags |= IN_READY;
	uax_list_add(&hop->ready, &a->node);
	if(!hop->is_active) {
		hop->is_active = 1;
		s->active[s->n_active++] = (int)(hop - s->hop);
	}
}

static int is_silent(const struct sim *s, int registrar)
{
	return registrar == 0 && s->phase == SIM_OUTAGE
		   && s->now_ms < (s->out->phase[SIM_OUTAGE].began_s + SIM_OUTAGE_S)
								  * 1000;
}

/* The registrar gets a request: which answer comes, and when. */
static void serve(struct sim *s, struct account *a)
{
	int64_t delay_ms = 5 + next_random(s) % 45, *free_us;
	int64_t resend_ms;

	s->sent++;
	s->sent_to[a->registrar]++;
	s->sent_by[a->holder]++;
	seen(s)->requests++;
	seen(s)->move_requests += (a->flags & IS_MOVING) != 0;
	a->sent_ms = (uint32_t)s->now_ms;
	if(is_silent(s, a->registrar)) {
		a->answer = UAX_E_UNREACHABLE;
		delay_ms = TRANSACTION_MS;
	} else {
		free_us = &s->free_us[a->registrar];
		if(*free_us < s->now_ms * 1000)
			*free_us = s->now_ms * 1000;
		*free_us += 1000000 / s->plan.served_per_s;
		/* one packet of a hundred is lost and sent again */
		for(resend_ms = 500;
				next_random(s) % 100 == 0 && delay_ms < TRANSACTION_MS / 2;
				resend_ms *= 2)
			delay_ms += resend_ms;
		delay_ms += *free_us / 1000 - s->now_ms;
		larger(&seen(s)->wait_ms, *free_us / 1000 - s->now_ms);
		a->answer = UAX_E_OK;
	}
	uax_wheel_add(&s->wheel, &a->node,
			(s->now_ms + delay_ms + STEP_MS - 1) / STEP_MS);
}

static void granted(struct sim *s, struct account *a)
{
	const struct node *before = &s->node[a->at];

	if(a->until_ms < s->now_ms) {
		seen(s)->lapses++;
		larger(&seen(s)->lapse_ms, s->now_ms - a->until_ms);
	} else if(!before->is_up && !s->plan.is_shared) {
		seen(s)->strays++;
		larger(&seen(s)->stray_ms, s->now_ms - before->down_ms);
	}
	if(a->flags & IS_MOVING) {
		a->flags &= ~IS_MOVING;
		s->open_moves--;
		larger(&seen(s)->settled_ms, s->now_ms - s->moved_at_ms);
	}
	a->at = a->holder;
	a->until_ms = a->sent_ms + SIM_GRANT_S * 1000;
	a->failures = 0;
}

/* An event of an account, and what follows from it. */
static void step(struct sim *s, struct account *a, enum uax_event event)
{
	uint32_t rnd = next_random(s);
	struct uax_step step;

	if(uax_fsm_step(a->state, event, 1, &step) != KX_OK)
		abort();
	a->state = step.next;
	if(event == UAX_E_OK)
		granted(s, a);
	else if(event == UAX_E_UNREACHABLE && a->failures < 255)
		a->failures++;
	if(step.action == UAX_A_SEND)
		serve(s, a);
	else if(step.timer == UAX_T_REFRESH)
		sim_account_due(s, a,
				a->sent_ms
						+ uax_refresh_ms(SIM_GRANT_S, s->plan.interval_s, rnd));
	else if(step.timer == UAX_T_RETRY)
		sim_account_due(s, a,
				s->now_ms + uax_retry_ms(SIM_RETRY_S, 0, a->failures, rnd));
}

/* What a new owner makes of a row whose request was under way. */
static void forget_request(struct sim *s, struct account *a)
{
	if(!uax_state_is_ongoing(a->state))
		return;
	uax_node_unlink(&a->node);
	if(a->holder != NONE && s->node[a->holder].is_up)
		uax_pace_cancel(&hop_of(s, a->holder, a->registrar)->pace, a->sent_ms,
				s->now_ms);
	a->state = a->until_ms > s->now_ms ? UAX_S_ONLINE : UAX_S_INIT;
}

static void take_off(struct account *a)
{
	if(a->flags & IN_READY)
		uax_node_unlink(&a->node);
	a->flags &= ~IN_READY;
}

void sim_account_give_up(struct sim *s, struct account *a)
{
	forget_request(s, a);
	take_off(a);
	a->holder = NONE;
}

void sim_account_take_over(struct sim *s, struct account *a, int node)
{
	forget_request(s, a);
	take_off(a);
	a->holder = node;
	if(s->plan.is_shared && uax_node_is_linked(&a->node))
		return;
	uax_node_unlink(&a->node);
	if(!(a->flags & IS_MOVING))
		s->open_moves++;
	a->flags |= IS_MOVING;
	seen(s)->moves_sent++;
	set_ready(s, a);
}

int sim_account_has_owner(const struct sim *s, const struct account *a)
{
	return a->holder != NONE && s->node[a->holder].is_up;
}

void sim_take_due(struct sim *s)
{
	struct uax_node *node;

	while((node = uax_wheel_take(&s->wheel, s->now_ms / STEP_MS)) != NULL) {
		struct account *a =
				(struct account *)((char *)node
								   - offsetof(struct account, node));

		if(!sim_account_has_owner(s, a))
			continue;
		if(!uax_state_is_ongoing(a->state)) {
			set_ready(s, a);
			continue;
		}
		uax_pace_end(&hop_of(s, a->holder, a->registrar)->pace,
				a->answer == UAX_E_OK ? UAX_PACE_ANSWERED : UAX_PACE_LOST,
				a->sent_ms, s->now_ms);
		seen(s)->timeouts += a->answer == UAX_E_UNREACHABLE;
		step(s, a, a->answer);
	}
}

void sim_start_attempts(struct sim *s)
{
	int i, n = s->n_active;

	s->n_active = 0;
	for(i = 0; i < n; i++) {
		struct hop *hop = &s->hop[s->active[i]];

		while(!uax_list_is_empty(&hop->ready)
				&& uax_pace_is_open(&hop->pace, s->now_ms)) {
			struct uax_node *node = uax_list_take(&hop->ready);
			struct account *a =
					(struct account *)((char *)node
									   - offsetof(struct account, node));

			a->flags &= ~IN_READY;
			uax_pace_start(&hop->pace, s->now_ms);
			step(s, a, UAX_E_DUE);
		}
		hop->is_active = !uax_list_is_empty(&hop->ready);
		if(hop->is_active)
			s->active[s->n_active++] = s->active[i];
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Applying events to records. */
#include "core/dprint.h"
#include "core/mem/mem.h"
#include "core/mem/shm_mem.h"

#include "kam/kam_random.h"
#include "kam/kam_time.h"
#include "reg_event.h"
#include "reg_sched.h"
#include "reg_state.h"
#include "reg_stats.h"
#include "reg_step.h"
#include "reg_unregister.h"
#include "schedule.h"
#include "ua_cfg.h"

void ua_binding_set_locked(struct ua_rec *rec, int is_online)
{
	rec->is_online = is_online;
	if(!is_online)
		rec->until_ms = 0;
	ua_sched_lapse_locked(rec, rec->state == UAX_S_AWAY ? 0 : rec->until_ms);
}

static void drop_redirect_locked(struct ua_rec *rec)
{
	if(rec->redirect != NULL)
		shm_free(rec->redirect);
	rec->redirect = NULL;
}

static void drop_former_locked(struct ua_rec *rec)
{
	if(rec->former != NULL)
		shm_free(rec->former);
	rec->former = NULL;
}

/* What was to be removed is, if the request named it. */
static void forget_former_locked(struct ua_rec *rec)
{
	if(rec->is_former_sent)
		drop_former_locked(rec);
}

static void drop_nonces_locked(struct ua_rec *rec)
{
	int i;

	for(i = 0; i < UA_NONCES; i++) {
		ua_nonce_drop(rec->nonce[i]);
		rec->nonce[i] = NULL;
	}
}

/* Take a new nonce in the place of the former one of its kind. */
static void take_nonce_locked(struct ua_rec *rec, struct ua_step_in *in)
{
	if(in->nonce == NULL)
		return;
	ua_nonce_drop(rec->nonce[in->is_proxy]);
	rec->nonce[in->is_proxy] = in->nonce;
	rec->nc[in->is_proxy] = 0;
	in->nonce = NULL;
}

/* The nonces that are there have served a request before. */
static void mark_kept_locked(struct ua_rec *rec)
{
	int i;

	for(i = 0; i < UA_NONCES; i++)
		rec->nonce_was_kept[i] = rec->nonce[i] != NULL;
}

/* An attempt begins. */
static void begin_locked(struct ua_rec *rec)
{
	ua_stats_count(rec->failures > 0 ? UA_STATS_RETRY : UA_STATS_ATTEMPT);
	/* the documented meaning of reg_keep_callid: a Call-ID is kept from one
	 * registration to the next, until one fails */
	if(rec->cseq == 0
			|| (!rec->is_continued
					&& (!ua_cfg.reg_keep_callid || rec->failures > 0)))
		ua_rec_new_dialog_locked(rec);
	rec->is_continued = 0;
	rec->auth_tries = rec->brief_tries = rec->redirect_tries = 0;
	mark_kept_locked(rec);
	drop_redirect_locked(rec);
}

static void granted_locked(struct ua_rec *rec, const struct uax_answer *a)
{
	rec->failures = 0;
	rec->granted_s = a->granted_s;
	/* from when it was sent: the registrar cannot have begun before */
	rec->until_ms = rec->sent_ms + (int64_t)a->granted_s * 1000;
	ua_binding_set_locked(rec, 1);
}

/* It is as if there were no binding, but the registrar knows of one. */
static void disable_locked(struct ua_rec *rec)
{
	rec->lingers_ms = rec->is_online ? rec->until_ms : 0;
	ua_binding_set_locked(rec, 0);
}

/* What was learnt before goes, also where the answer says nothing (RFC 3608
 * 6.1). */
static void take_learnt_locked(struct ua_rec *rec, struct ua_step_in *in)
{
	struct ua_learnt *former = rec->learnt;

	rec->learnt = in->learnt;
	in->learnt = former; /* dropped after the lock */
}

/* Change what an event changes besides the state. */
static void apply_locked(struct ua_rec *rec, enum uax_event event,
		enum uax_state former, struct ua_step_in *in)
{
	switch(event) {
		case UAX_E_DUE:
			begin_locked(rec);
			break;
		case UAX_E_OK:
			if(uax_state_is_removal(former))
				ua_binding_set_locked(rec, 0);
			else
				granted_locked(rec, in->answer);
			forget_former_locked(rec);
			take_learnt_locked(rec, in);
			take_nonce_locked(rec, in);
			break;
		case UAX_E_CHALLENGE:
			take_nonce_locked(rec, in);
			rec->nonce_was_kept[in->is_proxy] = 0;
			rec->auth_tries++;
			break;
		case UAX_E_TOO_BRIEF:
			rec->ask_s = in->answer->ask_s;
			rec->brief_tries++;
			mark_kept_locked(rec);
			break;
		case UAX_E_REDIRECT:
			drop_redirect_locked(rec);
			rec->redirect = in->redirect;
			in->redirect = NULL;
			rec->redirect_tries++;
			mark_kept_locked(rec);
			break;
		case UAX_E_REJECTED:
			drop_nonces_locked(rec);
			/* fall through */
		case UAX_E_BUSY:
		case UAX_E_UNREACHABLE:
		case UAX_E_REFUSED:
			rec->failures++;
			/* better one contact too many than none */
			if(event == UAX_E_REFUSED)
				drop_former_locked(rec);
			if(uax_state_is_removal(former))
				ua_binding_set_locked(rec, 0);
			break;
		case UAX_E_DISABLE:
			disable_locked(rec);
			break;
		case UAX_E_ENABLE:
			rec->failures = 0;
			break;
		case UAX_E_REGISTER:
		case UAX_E_UNREGISTER:
		case UAX_E_RELEASE:
		case UAX_E_CLAIM:
		case UAX_E_COUNT:
			break;
	}
}

static int64_t due_of_locked(const struct ua_rec *rec, enum uax_timer timer,
		const struct uax_answer *answer, int64_t now_ms)
{
	uint32_t rnd = kam_random32();

	switch(timer) {
		case UAX_T_STOP:
			return 0;
		case UAX_T_NOW:
			return UA_AT_ONCE_MS;
		case UAX_T_REFRESH:
			return rec->sent_ms
				   + uax_refresh_ms(
						   rec->granted_s, ua_cfg.reg_timer_interval, rnd);
		case UAX_T_RETRY:
			return now_ms
				   + uax_retry_ms(ua_cfg.reg_retry_interval,
						   ua_cfg.reg_retry_max, rec->failures, rnd);
		case UAX_T_AFTER:
			return now_ms + uax_retry_after_ms(answer->retry_after_s, rnd);
	}
	return 0;
}

static char *pkg_copy(const char *s)
{
	size_t len = strlen(s) + 1;
	char *copy = pkg_malloc(len);

	if(copy == NULL)
		PKG_MEM_ERROR;
	else
		memcpy(copy, s, len);
	return copy;
}

/* Write down what the next request is made of. */
static void aim_locked(struct ua_rec *rec, int64_t now_ms, struct ua_shot *shot)
{
	int i;

	memset(shot, 0, sizeof(*shot));
	rec->cseq++;
	rec->sent_ms = now_ms;
	rec->sent_gen = rec->gen;
	memcpy(shot->callid, rec->callid, sizeof(shot->callid));
	memcpy(shot->tag, rec->tag, sizeof(shot->tag));
	shot->cseq = rec->cseq;
	shot->expires_s = uax_state_is_removal(rec->state) ? 0 : rec->ask_s;
	if(rec->redirect != NULL)
		shot->redirect = pkg_copy(rec->redirect);
	if(rec->former != NULL)
		shot->former = pkg_copy(rec->former);
	rec->is_former_sent = shot->former != NULL;
	/* whether or not its answer comes */
	rec->is_ours_too |= rec->is_former_sent;
	for(i = 0; i < UA_NONCES; i++) {
		shot->nonce[i] = ua_nonce_hold(rec->nonce[i]);
		if(shot->nonce[i] != NULL)
			shot->nc[i] = ++rec->nc[i];
	}
	rec->is_under_way = 1;
}

void ua_shot_release(struct ua_shot *shot)
{
	int i;

	if(shot->redirect != NULL)
		pkg_free(shot->redirect);
	shot->redirect = NULL;
	if(shot->former != NULL)
		pkg_free(shot->former);
	shot->former = NULL;
	for(i = 0; i < UA_NONCES; i++) {
		ua_nonce_drop(shot->nonce[i]);
		shot->nonce[i] = NULL;
	}
}

/* Disabling may mean to unregister first; and whoever enables an account that
 * is on its way out wants it back. */
static enum uax_event wish_locked(struct ua_rec *rec, enum uax_event event)
{
	if(event == UAX_E_DISABLE && rec->state != UAX_S_OFF && rec->is_online
			&& !rec->wish_off && ua_unregister_is_on(UA_UNREGISTER_DISABLE)) {
		rec->wish_off = 1;
		return UAX_E_UNREGISTER;
	}
	if(rec->wish_off && (event == UAX_E_ENABLE || event == UAX_E_REGISTER)) {
		rec->wish_off = 0;
		return UAX_E_REGISTER;
	}
	return event;
}

/* What of a step the script hears. */
static void tell_locked(struct ua_rec *rec, enum uax_event event,
		enum uax_state former, int was_online, struct ua_told **room)
{
	if(former == UAX_S_AWAY)
		return; /* heard where it is registered */
	if(rec->is_online != was_online)
		ua_reg_event_post_locked(
				room, rec, rec->is_online ? UA_REG_ONLINE : UA_REG_OFFLINE);
	else if((event == UAX_E_BUSY || event == UAX_E_UNREACHABLE
					|| event == UAX_E_REJECTED || event == UAX_E_REFUSED)
			&& !uax_state_is_removal(former))
		ua_reg_event_post_locked(room, rec, UA_REG_FAILED);
}

/* When it is tried next: by this server, or by the one that has it. */
static void schedule_locked(struct ua_rec *rec, enum uax_timer timer,
		const struct uax_answer *answer, int64_t now_ms)
{
	struct uax_step release;

	/* a failure that ends in OFF takes the account out of service, but the
	 * binding it still has goes on until it ends */
	rec->due_ms = due_of_locked(rec, timer, answer, now_ms);
	if(rec->state == UAX_S_ONLINE && rec->former != NULL)
		rec->due_ms = UA_AT_ONCE_MS; /* it came to light meanwhile */
	if(!rec->is_mine
			&& uax_fsm_step(rec->state, UAX_E_RELEASE, 0, &release) == KX_OK) {
		rec->state = release.next;
		ua_binding_set_locked(rec, rec->is_online);
		ua_sched_due_locked(rec, 0);
	} else {
		ua_sched_due_locked(rec, rec->due_ms);
	}
}

static int step_locked(struct ua_rec *rec, enum uax_event event,
		struct ua_step_in *in, int64_t now_ms, struct ua_shot *shot)
{
	enum uax_state former = rec->state;
	struct uax_step step;

	if(rec->is_dead || (in->gen != 0 && in->gen != rec->gen))
		return KX_E_NONE;
	if(event == UAX_E_DUE && rec->is_under_way) {
		rec->is_due_again = 1;
		return KX_E_NONE;
	}
	if(event == UAX_E_ENABLE || event == UAX_E_DISABLE
			|| event == UAX_E_REGISTER || event == UAX_E_UNREGISTER)
		rec->told_s = kam_epoch_s(now_ms);
	event = wish_locked(rec, event);
	if(uax_fsm_step(former, event, ua_cfg.reg_retry_interval > 0, &step)
			!= KX_OK)
		return KX_E_NONE;
	rec->state = step.next;
	ua_rec_move_on_locked(rec);
	if(in->code > 0)
		ua_rec_note_locked(rec, in->code, &in->reason);
	apply_locked(rec, event, former, in);
	if(rec->state == UAX_S_IDLE && rec->wish_off) {
		rec->state = UAX_S_OFF;
		rec->wish_off = 0;
	}
	rec->is_dead = rec->is_gone && rec->state == UAX_S_IDLE;
	schedule_locked(rec, step.timer, in->answer, now_ms);
	if(step.action != UAX_A_SEND)
		return 0;
	aim_locked(rec, now_ms, shot);
	return 1;
}

int ua_step(struct ua_rec *rec, enum uax_event event, struct ua_step_in *in,
		int64_t now_ms, struct ua_shot *shot)
{
	struct ua_told *room = ua_reg_event_room();
	struct ua_facts was;
	enum uax_state former;
	int ret, was_online;

	lock_get(&rec->lock);
	was = ua_rec_facts_locked(rec);
	was_online = rec->is_online;
	former = rec->state;
	ret = step_locked(rec, event, in, now_ms, shot);
	if(ret != KX_E_NONE) {
		tell_locked(rec, event, former, was_online, &room);
		/* an account of another server is that one's to save */
		if((rec->is_mine || rec->is_ending)
				&& (!uax_state_is_ongoing(rec->state)
						|| uax_state_is_removal(rec->state)))
			ua_state_touch_locked(rec);
	}
	/* last: who sees the gauge move may stop the server, and what was done is
	 * queued then */
	ua_totals_move(was, ua_rec_facts_locked(rec));
	ua_own_ended_locked(rec);
	lock_release(&rec->lock);
	ua_reg_event_drop(room);

	if(ret != KX_E_NONE) {
		str uuid = ua_rec_text(rec, UAX_R_l_uuid);

		LM_DBG("%.*s: %s in %s\n", uuid.len, uuid.s, uax_event_name(event),
				uax_state_name(former));
	}
	ua_nonce_drop(in->nonce);
	if(in->redirect != NULL)
		shm_free(in->redirect);
	ua_learnt_drop(in->learnt);
	in->learnt = NULL;
	in->nonce = NULL;
	in->redirect = NULL;
	return ret;
}

void ua_step_end(struct ua_rec *rec)
{
	lock_get(&rec->lock);
	rec->is_under_way = 0;
	if(rec->is_due_again) {
		rec->is_due_again = 0;
		ua_sched_due_locked(rec, UA_AT_ONCE_MS);
	}
	ua_own_ended_locked(rec);
	lock_release(&rec->lock);
}

int ua_step_plain(struct ua_rec *rec, enum uax_event event, int64_t now_ms)
{
	struct ua_step_in in = {0};
	struct ua_shot shot;
	int ret = ua_step(rec, event, &in, now_ms, &shot);

	if(ret == 1) {
		LM_BUG("an operator's event sends at once\n");
		ua_shot_release(&shot);
	}
	return ret == KX_E_NONE ? KX_E_NONE : 0;
}

void ua_step_enter(struct ua_rec *rec, uint32_t delay_ms, int64_t now_ms)
{
	struct ua_facts was;

	lock_get(&rec->lock);
	was = ua_rec_facts_locked(rec);
	rec->is_entered = 1;
	if(rec->gen == 0)
		rec->gen = 1;
	ua_totals_move(was, ua_rec_facts_locked(rec));
	if(rec->is_online)
		ua_binding_set_locked(rec, 1);
	if(rec->state == UAX_S_INIT) {
		rec->due_ms = delay_ms > 0 ? now_ms + delay_ms : UA_AT_ONCE_MS;
		ua_sched_due_locked(rec, rec->due_ms);
	}
	lock_release(&rec->lock);
}

void ua_step_leave(struct ua_rec *rec, int is_replaced, int64_t now_ms)
{
	struct ua_told *room = ua_reg_event_room();
	struct ua_facts was;
	int was_online, is_polite;

	lock_get(&rec->lock);
	was = ua_rec_facts_locked(rec);
	was_online = rec->is_online;
	is_polite = was_online && !is_replaced && rec->state != UAX_S_AWAY
				&& ua_unregister_is_on(UA_UNREGISTER_REMOVE);
	if(!rec->is_gone) {
		rec->is_gone = 1;
		ua_rec_move_on_locked(rec);
		ua_totals_move(was, ua_rec_facts_locked(rec));
		ua_binding_set_locked(rec, 0);
		if(was.is_online && !is_replaced)
			ua_reg_event_post_locked(&room, rec, UA_REG_OFFLINE);
		rec->is_dead = !is_polite;
		if(is_polite)
			rec->state = UAX_S_LEAVING;
		ua_sched_due_locked(rec, is_polite ? UA_AT_ONCE_MS : 0);
		if(rec->is_mine && !is_replaced)
			ua_state_touch_locked(rec);
		ua_own_ended_locked(rec);
	}
	lock_release(&rec->lock);
	ua_reg_event_drop(room);
}

void ua_step_lapse(struct ua_rec *rec, int64_t now_ms)
{
	struct ua_told *room = ua_reg_event_room();
	struct ua_facts was;
	str uuid;
	int has_ended = 0;

	lock_get(&rec->lock);
	was = ua_rec_facts_locked(rec);
	if(rec->is_online && rec->until_ms <= now_ms) {
		ua_binding_set_locked(rec, 0);
		has_ended = 1;
		ua_reg_event_post_locked(&room, rec, UA_REG_OFFLINE);
		if(rec->is_mine)
			ua_state_touch_locked(rec);
	}
	ua_totals_move(was, ua_rec_facts_locked(rec));
	lock_release(&rec->lock);
	ua_reg_event_drop(room);
	if(has_ended) {
		ua_stats_count(UA_STATS_LAPSED);
		uuid = ua_rec_text(rec, UAX_R_l_uuid);
		LM_WARN("account %.*s: its binding ended without a refresh\n", uuid.len,
				uuid.s);
	}
}

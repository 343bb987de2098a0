/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Records and kept rows. */
#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#include "kam/kam_time.h"
#include "reg_own.h"
#include "reg_sched.h"
#include "reg_state.h"
#include "reg_step.h"
#include "reg_term.h"

enum
{
	/* how far the clocks of servers that share a table may differ */
	CLOCKS_S = 30
};

/* Contacts as one text, with blanks between them. @return shm, NUL-terminated;
 * NULL: none, or memory is short (logged) */
static char *join(const str *contact, int n)
{
	char mem[UA_URI_SIZE], *copy;
	struct kx_buf b;
	int i;

	kx_buf_init(&b, mem, sizeof(mem));
	for(i = 0; i < n && b.len + contact[i].len + 1 < sizeof(mem); i++) {
		if(i > 0)
			kx_buf_char(&b, ' ');
		kx_buf_str(&b, &contact[i]);
	}
	if(b.len == 0)
		return NULL;
	copy = shm_malloc(b.len + 1);
	if(copy == NULL)
		SHM_MEM_ERROR;
	else
		memcpy(copy, mem, b.len + 1);
	return copy;
}

void ua_thaw_make(const struct uax_warm *warm, struct ua_thaw *thaw)
{
	int i;

	memset(thaw, 0, sizeof(*thaw));
	thaw->warm = *warm;
	for(i = 0; i < UA_NONCES; i++) {
		if(warm->challenge[i].nonce.is_given)
			thaw->nonce[i] = ua_nonce_new(&warm->challenge[i]);
	}
	ua_learnt_new(&warm->learnt, &thaw->learnt);
	thaw->former = join(warm->former, warm->n_former);
}

void ua_thaw_cold(struct ua_thaw *thaw)
{
	memset(thaw, 0, sizeof(*thaw));
	thaw->warm.state = UAX_S_INIT;
}

void ua_thaw_release(struct ua_thaw *thaw)
{
	int i;

	for(i = 0; i < UA_NONCES; i++)
		ua_nonce_drop(thaw->nonce[i]);
	ua_learnt_drop(thaw->learnt);
	if(thaw->former != NULL)
		shm_free(thaw->former);
}

/* Exchange: what the record had is freed with the thaw, after the lock. */
static void take_locked(struct ua_rec *rec, struct ua_thaw *thaw)
{
	struct ua_learnt *learnt = rec->learnt;
	char *former = rec->former;
	int i;

	rec->learnt = thaw->learnt;
	thaw->learnt = learnt;
	rec->former = thaw->former;
	thaw->former = former;
	for(i = 0; i < UA_NONCES; i++) {
		struct ua_nonce *nonce = rec->nonce[i];

		rec->nonce[i] = thaw->nonce[i];
		rec->nc[i] = thaw->warm.nc[i];
		thaw->nonce[i] = nonce;
	}
}

static int64_t moment_ms(uint32_t in_s, int64_t now_ms)
{
	return in_s > 0 ? now_ms + (int64_t)in_s * 1000 : UA_AT_ONCE_MS;
}

/* The record is to the registrar what the row says. */
static void identify_locked(struct ua_rec *rec, struct ua_thaw *thaw)
{
	const struct uax_warm *w = &thaw->warm;

	if(w->cseq > 0) {
		memcpy(rec->callid, w->callid, sizeof(rec->callid));
		memcpy(rec->tag, w->tag, sizeof(rec->tag));
		rec->cseq = w->cseq;
		rec->is_continued = 1;
	}
	rec->failures = w->failures;
	rec->granted_s = w->granted_s;
	rec->is_ours_too = w->is_ours != 0;
	take_locked(rec, thaw);
}

/* And goes on as it says: binding, attempt. */
static void thaw_locked(struct ua_rec *rec, struct ua_thaw *thaw,
		uint32_t delay_ms, int64_t now_ms)
{
	const struct uax_warm *w = &thaw->warm;

	identify_locked(rec, thaw);
	rec->state = w->state;
	rec->until_ms = w->is_online ? now_ms + (int64_t)w->left_s * 1000 : 0;
	rec->lingers_ms = w->state == UAX_S_OFF ? rec->until_ms : 0;
	ua_binding_set_locked(rec, w->is_online && w->state != UAX_S_OFF);
	if(w->state == UAX_S_ONLINE || w->state == UAX_S_BACKOFF)
		rec->due_ms = moment_ms(w->due_in_s, now_ms);
	else if(w->state == UAX_S_LEAVING)
		rec->due_ms = UA_AT_ONCE_MS;
	else if(w->state == UAX_S_INIT)
		rec->due_ms = delay_ms > 0 ? now_ms + delay_ms : UA_AT_ONCE_MS;
	else
		rec->due_ms = 0;
	ua_sched_due_locked(rec, rec->due_ms);
	ua_rec_move_on_locked(rec);
}

int ua_own_restore(struct ua_rec *rec, struct ua_thaw *thaw, int64_t now_ms)
{
	struct ua_facts was;
	uint32_t delay_ms;
	int is_waiting;

	lock_get(&rec->lock);
	was = ua_rec_facts_locked(rec);
	is_waiting = rec->state == UAX_S_INIT && !rec->is_gone && rec->cseq == 0;
	if(is_waiting) {
		delay_ms = rec->due_ms > now_ms ? (uint32_t)(rec->due_ms - now_ms) : 0;
		thaw_locked(rec, thaw, delay_ms, now_ms);
	}
	ua_totals_move(was, ua_rec_facts_locked(rec));
	lock_release(&rec->lock);
	return is_waiting;
}

static int is_unwanted(enum uax_state state)
{
	return state == UAX_S_OFF || state == UAX_S_IDLE || state == UAX_S_LEAVING;
}

/* Whether an operator told this server what is to become of an account after
 * a row of it was written. Every server hears that, but the one that had the
 * account may have ended before it did. */
static int is_outdated_locked(
		const struct ua_rec *rec, const struct uax_warm *warm)
{
	return rec->told_s > 0 && warm->saved_s <= rec->told_s + CLOCKS_S;
}

/* An account that is not to be registered becomes ours. */
static void claim_unwanted_locked(
		struct ua_rec *rec, struct ua_thaw *thaw, int64_t now_ms)
{
	const struct uax_warm *w = &thaw->warm;

	if(uax_state_is_busy(rec->state))
		return;
	if(w->cseq > 0)
		identify_locked(rec, thaw);
	if(rec->state != UAX_S_IDLE || !w->is_online || is_unwanted(w->state))
		return;
	/* the server that had it was gone when it was to be unregistered */
	rec->state = UAX_S_LEAVING;
	rec->until_ms = now_ms + (int64_t)w->left_s * 1000;
	ua_binding_set_locked(rec, 1);
	rec->due_ms = UA_AT_ONCE_MS;
	ua_sched_due_locked(rec, rec->due_ms);
}

int ua_own_claim(struct ua_rec *rec, struct ua_thaw *thaw, uint32_t delay_ms,
		int64_t now_ms)
{
	struct ua_facts was;
	struct uax_step step;
	int is_new;

	lock_get(&rec->lock);
	was = ua_rec_facts_locked(rec);
	is_new = !rec->is_mine && !rec->is_gone;
	if(is_new) {
		rec->is_mine = 1;
		if(rec->is_ending) {
			/* it was given away, and comes back before that was done */
			rec->is_ending = 0;
			atomic_dec(&ua_totals()->ending);
		}
		if(is_unwanted(thaw->warm.state)
				&& is_outdated_locked(rec, &thaw->warm)) {
			thaw->warm.state = thaw->warm.is_online ? UAX_S_ONLINE : UAX_S_INIT;
			thaw->warm.failures = 0;
		}
		if(uax_fsm_step(rec->state, UAX_E_CLAIM, 0, &step) == KX_OK)
			thaw_locked(rec, thaw, delay_ms, now_ms);
		else
			claim_unwanted_locked(rec, thaw, now_ms);
		if(rec->due_ms > 0 && !uax_state_is_ongoing(rec->state)) {
			rec->is_held = 1;
			ua_sched_due_locked(rec, 0);
		}
		ua_state_touch_locked(rec);
	}
	ua_totals_move(was, ua_rec_facts_locked(rec));
	lock_release(&rec->lock);
	return is_new;
}

void ua_own_begin(struct ua_rec *rec)
{
	lock_get(&rec->lock);
	if(rec->is_held && rec->is_mine && !rec->is_gone && rec->due_ms > 0
			&& !uax_state_is_ongoing(rec->state))
		ua_sched_due_locked(rec, rec->due_ms);
	rec->is_held = 0;
	lock_release(&rec->lock);
}

int ua_own_reclaim(struct ua_rec *rec, struct ua_thaw *thaw, int64_t now_ms)
{
	const struct uax_warm *w = &thaw->warm;
	char *former;
	int is_due;

	lock_get(&rec->lock);
	is_due = rec->is_mine && !rec->is_gone && w->is_online
			 && thaw->former != NULL && !is_unwanted(rec->state)
			 && !uax_state_is_removal(rec->state);
	if(is_due) {
		former = rec->former;
		rec->former = thaw->former;
		thaw->former = former;
		rec->is_former_sent = 0;
		rec->is_ours_too = 1;
		if(memcmp(rec->callid, w->callid, sizeof(rec->callid)) == 0
				&& rec->cseq < w->cseq)
			rec->cseq = w->cseq;
		rec->is_continued = 1;
		if(rec->state == UAX_S_ONLINE) {
			rec->due_ms = UA_AT_ONCE_MS;
			ua_sched_due_locked(rec, rec->due_ms);
		}
		ua_state_touch_locked(rec);
	}
	lock_release(&rec->lock);
	return is_due;
}

int ua_own_release(struct ua_rec *rec)
{
	struct ua_facts was;
	struct uax_step step;
	int was_mine;

	/* also while the server ends */
	if(ua_term_lock(&rec->lock) != 0)
		return 0;
	was = ua_rec_facts_locked(rec);
	was_mine = rec->is_mine && !rec->is_gone;
	if(was_mine) {
		rec->is_mine = 0;
		rec->is_ending =
				rec->is_under_way || uax_state_is_busy(rec->state) ? 1 : 0;
		if(rec->is_ending)
			atomic_inc(&ua_totals()->ending);
		if(uax_fsm_step(rec->state, UAX_E_RELEASE, 0, &step) == KX_OK) {
			rec->state = step.next;
			ua_rec_move_on_locked(rec);
			ua_binding_set_locked(rec, rec->is_online);
			ua_sched_due_locked(rec, 0);
		} else if(rec->state == UAX_S_OFF && rec->is_online) {
			/* its end is for the other to see */
			rec->lingers_ms = rec->until_ms;
			ua_binding_set_locked(rec, 0);
		}
		/* the server that has it next reads how it stands */
		ua_state_touch_locked(rec);
	}
	ua_totals_move(was, ua_rec_facts_locked(rec));
	lock_release(&rec->lock);
	return was_mine;
}

void ua_own_ended_locked(struct ua_rec *rec)
{
	if(!rec->is_ending || rec->is_under_way
			|| (uax_state_is_busy(rec->state) && !rec->is_dead))
		return;
	rec->is_ending = 0;
	atomic_dec(&ua_totals()->ending);
}

/* How an account of another server shows: as its row says, unless the table
 * of accounts or an operator said otherwise since. */
static enum uax_state shadow_state_locked(
		const struct ua_rec *rec, const struct uax_warm *w)
{
	if(is_outdated_locked(rec, w) || (rec->row_is_disabled && rec->told_s == 0))
		return rec->state;
	if(w->state == UAX_S_LEAVING)
		return UAX_S_IDLE;
	return is_unwanted(w->state) ? w->state : UAX_S_AWAY;
}

void ua_own_shadow(struct ua_rec *rec, struct ua_thaw *thaw, int64_t now_ms)
{
	const struct uax_warm *w = &thaw->warm;
	struct ua_learnt *learnt;
	struct ua_facts was;

	lock_get(&rec->lock);
	was = ua_rec_facts_locked(rec);
	if(!rec->is_mine && !rec->is_gone && !rec->is_ending) {
		rec->state = shadow_state_locked(rec, w);
		rec->granted_s = w->granted_s;
		rec->failures = w->failures;
		rec->cseq = w->cseq;
		memcpy(rec->callid, w->callid, sizeof(rec->callid));
		memcpy(rec->tag, w->tag, sizeof(rec->tag));
		rec->is_online = w->is_online && rec->state == UAX_S_AWAY;
		rec->until_ms = rec->is_online ? now_ms + (int64_t)w->left_s * 1000 : 0;
		rec->due_ms = w->due_in_s > 0 ? moment_ms(w->due_in_s, now_ms) : 0;
		learnt = rec->learnt;
		rec->learnt = thaw->learnt;
		thaw->learnt = learnt;
	}
	ua_totals_move(was, ua_rec_facts_locked(rec));
	lock_release(&rec->lock);
}

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
#include "ua_cfg.h"
#include "ua_hash.h"

enum
{
	URI_SIZE = 512
};

/* Contacts as one text, with blanks between them. @return shm, NUL-terminated;
 * NULL: none, or memory is short (logged) */
static char *join(const str *contact, int n)
{
	char mem[URI_SIZE], *copy;
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
	else if(w->state == UAX_S_INIT)
		rec->due_ms = delay_ms > 0 ? now_ms + delay_ms : UA_AT_ONCE_MS;
	else
		rec->due_ms = 0;
	ua_sched_due_locked(rec, rec->due_ms);
	if(++rec->gen == 0)
		rec->gen = 1; /* 0 means any */
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

/* Whether a row says that an account is not to be registered, and an operator
 * has told this server something since. Every server hears that, but the one
 * that had the account may have ended before it did. */
static int is_outdated_locked(
		const struct ua_rec *rec, const struct uax_warm *warm)
{
	return rec->is_told
		   && (warm->state == UAX_S_OFF || warm->state == UAX_S_IDLE);
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
		if(is_outdated_locked(rec, &thaw->warm)) {
			thaw->warm.state = thaw->warm.is_online ? UAX_S_ONLINE : UAX_S_INIT;
			thaw->warm.failures = 0;
		}
		if(uax_fsm_step(rec->state, UAX_E_CLAIM, 0, &step) == KX_OK)
			thaw_locked(rec, thaw, delay_ms, now_ms);
		else if(!uax_state_is_busy(rec->state) && thaw->warm.cseq > 0)
			identify_locked(rec, thaw); /* disabled, unregistered: for later */
		ua_state_touch_locked(rec);
	}
	ua_totals_move(was, ua_rec_facts_locked(rec));
	lock_release(&rec->lock);
	return is_new;
}

int ua_own_reclaim(struct ua_rec *rec, struct ua_thaw *thaw, int64_t now_ms)
{
	const struct uax_warm *w = &thaw->warm;
	char *former;
	int is_due;

	lock_get(&rec->lock);
	is_due = rec->is_mine && !rec->is_gone && w->is_online
			 && thaw->former != NULL && rec->state == UAX_S_ONLINE;
	if(is_due) {
		former = rec->former;
		rec->former = thaw->former;
		thaw->former = former;
		if(memcmp(rec->callid, w->callid, sizeof(rec->callid)) == 0
				&& rec->cseq < w->cseq)
			rec->cseq = w->cseq;
		rec->is_continued = 1;
		rec->due_ms = UA_AT_ONCE_MS;
		ua_sched_due_locked(rec, rec->due_ms);
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
			if(++rec->gen == 0)
				rec->gen = 1;
			ua_binding_set_locked(rec, rec->is_online);
			ua_sched_due_locked(rec, 0);
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

void ua_own_shadow(struct ua_rec *rec, struct ua_thaw *thaw, int64_t now_ms)
{
	const struct uax_warm *w = &thaw->warm;
	struct ua_learnt *learnt;
	struct ua_facts was;

	lock_get(&rec->lock);
	was = ua_rec_facts_locked(rec);
	if(!rec->is_mine && !rec->is_gone && !rec->is_ending) {
		if(!rec->is_told)
			rec->state = w->state == UAX_S_OFF || w->state == UAX_S_IDLE
								 ? w->state
								 : UAX_S_AWAY;
		rec->granted_s = w->granted_s;
		rec->failures = w->failures;
		rec->cseq = w->cseq;
		rec->until_ms = w->is_online ? now_ms + (int64_t)w->left_s * 1000 : 0;
		rec->is_online = w->is_online;
		rec->due_ms = w->due_in_s > 0 ? moment_ms(w->due_in_s, now_ms) : 0;
		learnt = rec->learnt;
		rec->learnt = thaw->learnt;
		thaw->learnt = learnt;
	}
	ua_totals_move(was, ua_rec_facts_locked(rec));
	lock_release(&rec->lock);
}

/* What of a record must be read under its lock. */
struct copy
{
	enum uax_state state;
	int is_exact, is_gone;
	int is_bound; /* the registrar has a contact, until until_ms */
	uint32_t granted_s, failures, cseq, nc[UA_NONCES];
	int64_t until_ms, due_ms;
	unsigned char callid[UA_ID_BYTES], tag[UA_TAG_BYTES];
	struct ua_nonce *nonce[UA_NONCES]; /* references */
	struct ua_learnt *learnt;		   /* a reference */
	char former[URI_SIZE];
};

static void copy_locked(struct ua_rec *rec, struct copy *c)
{
	int i;

	memset(c, 0, sizeof(*c));
	c->state = rec->state;
	c->is_gone = rec->is_gone;
	c->is_exact = !rec->is_mine && !rec->is_ending;
	c->until_ms = rec->is_online ? rec->until_ms : rec->lingers_ms;
	c->is_bound = rec->is_online
				  || (rec->state == UAX_S_OFF && c->until_ms > kam_now_ms());
	c->granted_s = rec->granted_s;
	c->failures = rec->failures;
	c->cseq = rec->cseq;
	c->due_ms = rec->due_ms;
	memcpy(c->callid, rec->callid, sizeof(c->callid));
	memcpy(c->tag, rec->tag, sizeof(c->tag));
	for(i = 0; i < UA_NONCES; i++) {
		c->nonce[i] = ua_nonce_hold(rec->nonce[i]);
		c->nc[i] = rec->nc[i];
	}
	c->learnt = ua_learnt_hold(rec->learnt);
	if(rec->former != NULL && strlen(rec->former) < sizeof(c->former))
		memcpy(c->former, rec->former, strlen(rec->former) + 1);
}

static void copy_release(struct copy *c)
{
	int i;

	for(i = 0; i < UA_NONCES; i++)
		ua_nonce_drop(c->nonce[i]);
	ua_learnt_drop(c->learnt);
}

/* The texts of a row that stand nowhere yet. */
struct texts
{
	char account[UAX_FINGERPRINT_LEN + 1];
	char callid[2 * UA_ID_BYTES + 1];
	char tag[2 * UA_TAG_BYTES + 1];
	char contact[URI_SIZE];
	char challenge[UA_NONCES][2048];
};

static void write_hex(
		const unsigned char *bytes, int len, char *mem, size_t size, str *out)
{
	struct kx_buf b;
	int i;

	kx_buf_init(&b, mem, size);
	for(i = 0; i < len; i++)
		kx_buf_hex(&b, bytes[i], 2);
	kx_buf_end(&b, out);
}

static void write_challenge(
		const struct ua_nonce *nonce, char *mem, size_t size, str *out)
{
	struct uax_challenge challenge;
	struct kx_buf b;

	if(nonce == NULL
			|| uax_challenge_unpack(nonce->block, nonce->len, &challenge)
					   != KX_OK)
		return;
	kx_buf_init(&b, mem, size);
	uax_saved_write_challenge(&b, &challenge);
	/* one that no column takes is asked for again, once */
	if(kx_buf_end(&b, out) != KX_OK || !kx_str_is_utf8(out))
		out->len = 0;
}

/* A header of a registrar, if a column can take it. */
static void copy_learnt(
		const struct ua_learnt *learnt, enum uax_learnt_kind kind, str *out)
{
	str text = ua_learnt_text(learnt, kind);

	if(kx_str_is_utf8(&text))
		*out = text;
}

static void fill_texts(struct uax_saved *s, const struct ua_rec *rec,
		const struct copy *c, struct texts *t)
{
	struct uax_row row;
	struct kx_buf b;

	ua_rec_row(rec, &row);
	s->text[UAX_SV_l_uuid] = row.text[UAX_R_l_uuid];
	uax_fingerprint(&row, ua_hashes(), t->account);
	s->text[UAX_SV_account] =
			kx_str_span(t->account, t->account + UAX_FINGERPRINT_LEN);
	s->text[UAX_SV_state].s = (char *)uax_state_name(c->state);
	s->text[UAX_SV_state].len = (int)strlen(uax_state_name(c->state));
	kx_buf_init(&b, t->contact, sizeof(t->contact));
	uax_row_write_contact(&b, &row, &ua_cfg.reg_contact_addr);
	kx_buf_end(&b, &s->text[UAX_SV_own_contact]);
	if(c->former[0] != '\0')
		s->text[UAX_SV_contact] =
				kx_str_span(c->former, c->former + strlen(c->former));
	else if(c->is_bound)
		s->text[UAX_SV_contact] = s->text[UAX_SV_own_contact];
	write_hex(c->callid, UA_ID_BYTES, t->callid, sizeof(t->callid),
			&s->text[UAX_SV_callid]);
	write_hex(c->tag, UA_TAG_BYTES, t->tag, sizeof(t->tag),
			&s->text[UAX_SV_fromtag]);
	write_challenge(c->nonce[0], t->challenge[0], sizeof(t->challenge[0]),
			&s->text[UAX_SV_challenge]);
	write_challenge(c->nonce[1], t->challenge[1], sizeof(t->challenge[1]),
			&s->text[UAX_SV_proxy_challenge]);
	if(c->learnt == NULL)
		return;
	copy_learnt(c->learnt, UAX_LEARNT_SERVICE_ROUTE,
			&s->text[UAX_SV_service_route]);
	copy_learnt(c->learnt, UAX_LEARNT_PATH, &s->text[UAX_SV_path]);
	copy_learnt(
			c->learnt, UAX_LEARNT_ASSOCIATED, &s->text[UAX_SV_associated_uri]);
}

static void fill_numbers(
		struct uax_saved *s, const struct copy *c, int64_t now_ms)
{
	int64_t due_ms = c->due_ms;

	/* a moment that is over has no meaning to another clock */
	if(due_ms > 0 && due_ms < now_ms)
		due_ms = now_ms;
	s->number[UAX_SV_registered_until] =
			c->is_bound ? kam_epoch_s(c->until_ms) : 0;
	s->number[UAX_SV_next_due] = due_ms > 0 ? kam_epoch_s(due_ms) : 0;
	s->number[UAX_SV_granted] = c->granted_s;
	s->number[UAX_SV_failures] = c->failures;
	s->number[UAX_SV_cseq] = c->cseq;
	s->number[UAX_SV_nc] = c->nc[0];
	s->number[UAX_SV_proxy_nc] = c->nc[1];
	s->number[UAX_SV_is_exact] = c->is_exact;
	s->number[UAX_SV_saved] = kam_epoch_s(now_ms);
}

int ua_own_save(struct ua_rec *rec, const str *node,
		int (*write)(void *param, const struct uax_saved *row), void *param)
{
	struct uax_saved row;
	struct texts texts;
	struct copy copy;
	int ret = 0;

	if(ua_term_lock(&rec->lock) != 0)
		return 0; /* its worker ended with it; the row stays as it was */
	copy_locked(rec, &copy);
	lock_release(&rec->lock);
	if(!copy.is_gone) {
		memset(&row, 0, sizeof(row));
		row.text[UAX_SV_node] = *node;
		fill_texts(&row, rec, &copy, &texts);
		fill_numbers(&row, &copy, kam_now_ms());
		ret = write(param, &row);
	}
	copy_release(&copy);
	return ret;
}

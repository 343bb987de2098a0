/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Keeping registrations in a table. */
#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#include "kam/kam_mem.h"
#include "kam/kam_time.h"
#include "reg_cluster.h"
#include "reg_db_state.h"
#include "reg_state.h"
#include "reg_stats.h"
#include "reg_table.h"
#include "reg_term.h"
#include "ua_cfg.h"
#include "ua_hash.h"

enum
{
	/* rows of one statement, and bytes at which it is carried out earlier */
	BATCH = 200,
	STATEMENT_BYTES = 256 * 1024,
	STATEMENT_MAX = 1024 * 1024,
	/* rows that are not used, logged of one read */
	LOG_MAX = 20,
	/* tries, until it must be the row and not the database: SQLite refuses
	 * now and then, while somebody else writes */
	REFUSALS = 3
};

static struct state
{
	gen_lock_t lock; /* rank 4, the last */
	struct uax_list unsaved;
	int waiting;
} * state; /* shm; NULL: nothing is kept */

#define OWNER(node) \
	((struct ua_rec *)((char *)(node)-offsetof(struct ua_rec, unsaved)))

int ua_state_init(void)
{
	if(ua_cfg.reg_state_table.len == 0)
		return 0;
	if(ua_db_state_init() != 0)
		return -1;
	state = shm_mallocxz(sizeof(*state));
	if(state == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	lock_init(&state->lock);
	uax_list_init(&state->unsaved);
	return 0;
}

int ua_state_is_on(void)
{
	return state != NULL;
}

void ua_state_touch_locked(struct ua_rec *rec)
{
	int is_new;

	if(state == NULL)
		return;
	lock_get(&state->lock);
	is_new = !uax_node_is_linked(&rec->unsaved);
	if(is_new) {
		uax_list_add(&state->unsaved, &rec->unsaved);
		state->waiting++;
	}
	lock_release(&state->lock);
	if(is_new)
		ua_rec_hold(rec);
}

void ua_state_touch(struct ua_rec *rec)
{
	if(state == NULL || ua_term_lock(&rec->lock) != 0)
		return;
	if(rec->is_mine)
		ua_state_touch_locked(rec);
	lock_release(&rec->lock);
}

int ua_state_waiting(void)
{
	int n;

	if(state == NULL || ua_term_lock(&state->lock) != 0)
		return 0;
	n = state->waiting;
	lock_release(&state->lock);
	return n;
}

/* Records to be saved; the queue's references are the caller's now. */
static int take(struct ua_rec **rec, int max)
{
	struct uax_node *node;
	int n = 0;

	if(ua_term_lock(&state->lock) != 0)
		return 0;
	while(n < max && (node = uax_list_take(&state->unsaved)) != NULL) {
		rec[n++] = OWNER(node);
		state->waiting--;
	}
	lock_release(&state->lock);
	return n;
}

/* A statement in work. */
struct batch
{
	struct kx_buf b;
	int rows;
};

static int add_row(void *param, const struct uax_saved *row)
{
	struct batch *batch = param;

	return ua_db_state_add(&batch->b, row, batch->rows++ == 0);
}

/* Whether an account is gone for good: it is not replaced by another record.
 * Its row goes then. @return 0, or -1: the database */
static int remove_gone(struct ua_rec *rec)
{
	str uuid = ua_rec_text(rec, UAX_R_l_uuid);
	struct ua_rec *other;
	int is_gone;

	if(ua_term_lock(&rec->lock) != 0)
		return 0;
	is_gone = rec->is_gone;
	lock_release(&rec->lock);
	if(!is_gone)
		return 0;
	other = ua_table_find(UA_KEY_UUID, &uuid);
	ua_rec_drop(other);
	return other != NULL ? 0 : ua_db_state_remove(&uuid);
}

/* Put as many of these into a statement as fit. @return how many */
static int fill(struct batch *batch, struct ua_rec **rec, int n)
{
	int i;

	if(ua_db_state_begin(&batch->b) != KX_OK)
		return -1;
	for(i = 0; i < n && batch->b.len < STATEMENT_BYTES; i++) {
		if(ua_own_save(rec[i], ua_cluster_name(), add_row, batch) != 0)
			return -1;
	}
	return i;
}

/* Saves in a row that ended at one row, of the process that saves. */
static int refusals;

/* The database takes the rows of others and not this one. It does without,
 * rather than that nothing is saved any more. @return 0, or -1: the database,
 * after all */
static int give_up(struct ua_rec *rec)
{
	str uuid = ua_rec_text(rec, UAX_R_l_uuid);

	if(ua_db_state_remove(&uuid) != 0)
		return -1;
	ua_stats_count(UA_STATS_UNSAVED);
	LM_ERR("the database does not take the row of account %.*s: after a "
		   "restart it is registered anew\n",
			uuid.len, uuid.s);
	return 0;
}

/* Write some of these. @return how many are done, or -1 */
static int save_some(struct ua_rec **rec, int n)
{
	struct batch batch = {.rows = 0};
	int i, done, is_refused;

	kx_buf_init_grow(&batch.b, NULL, 0, &kam_pkg, STATEMENT_MAX);
	done = fill(&batch, rec, n);
	is_refused = done > 0 && batch.rows > 0 && ua_db_state_end(&batch.b) != 0;
	kx_buf_release(&batch.b);
	if(is_refused && ua_db_state_open() != 0)
		return -1;
	/* one of the rows may be why: look for it */
	if(is_refused && done > 1)
		return save_some(rec, done / 2);
	if(is_refused)
		return ++refusals >= REFUSALS && give_up(rec[0]) == 0 ? 1 : -1;
	for(i = 0; i < done; i++) {
		if(remove_gone(rec[i]) != 0)
			return -1;
	}
	if(done > 0)
		ua_stats_add(UA_STATS_SAVED, batch.rows);
	return done;
}

static void put_back(struct ua_rec *rec)
{
	if(ua_term_lock(&rec->lock) != 0)
		return;
	ua_state_touch_locked(rec);
	lock_release(&rec->lock);
}

/* Queue again what is not to be written now. @return how many are left */
static int pick(struct ua_rec **rec, int n, enum ua_state_whose whose)
{
	int i, left = 0;

	for(i = 0; i < n; i++) {
		if(whose == UA_STATE_ALL
				|| (whose == UA_STATE_GIVEN ? !rec[i]->is_mine
											: rec[i]->is_held)) {
			rec[left++] = rec[i];
		} else {
			put_back(rec[i]);
			ua_rec_drop(rec[i]);
		}
	}
	return left;
}

int ua_state_flush(enum ua_state_whose whose)
{
	struct ua_rec *rec[BATCH];
	/* what is queued meanwhile is for the next time */
	int left = ua_state_waiting(), i, n, at, done = 0;

	while(left > 0 && done >= 0 && (n = take(rec, BATCH)) > 0) {
		left -= n;
		n = pick(rec, n, whose);
		for(at = 0; at < n && done >= 0; at += done > 0 ? done : 0)
			done = save_some(rec + at, n - at);
		for(i = 0; i < n; i++) {
			if(i >= at)
				put_back(rec[i]);
			ua_rec_drop(rec[i]);
		}
	}
	if(done < 0)
		ua_stats_count(UA_STATS_UNSAVED);
	else
		refusals = 0;
	return done < 0 ? -1 : 0;
}

/* What was sent last is in no row yet, and its answer never will be. */
static void touch_under_way(void *unused, struct ua_rec *rec)
{
	if(rec->is_under_way)
		ua_state_touch(rec);
}

void ua_state_end(void)
{
	int i, is_saved;

	ua_table_each(touch_under_way, NULL);
	is_saved = ua_state_flush(UA_STATE_ALL) == 0;
	for(i = 1; i < REFUSALS && !is_saved && ua_db_state_open() == 0; i++)
		is_saved = ua_state_flush(UA_STATE_ALL) == 0;
	/* in a cluster each row has its own last word: see ua_move_leave() */
	if(is_saved && !ua_cluster_is_on())
		is_saved = ua_db_state_seal(ua_cluster_name(), 1) == 0;
	if(is_saved) {
		LM_INFO("what is registered is saved\n");
	} else {
		LM_ERR("what changed of %d accounts could not be saved: they are "
			   "registered anew\n",
				ua_state_waiting());
	}
	ua_db_state_close();
}

/* A read of rows in work. */
struct reading
{
	int is_take_over;
	int is_sealed; /* of our own rows */
	void (*fn)(void *param, struct ua_rec *rec, struct ua_thaw *thaw,
			const str *node);
	void *param;
	void (*page)(void *param);
	int skipped;
};

static void on_page(void *param)
{
	struct reading *r = param;

	if(r->page != NULL)
		r->page(r->param);
}

static void skip(struct reading *r, const str *uuid, enum uax_saved_fault fault)
{
	ua_stats_count(UA_STATS_SKIPPED);
	if(r->skipped++ < LOG_MAX)
		LM_WARN("the kept registration of account %.*s is not used: it %s\n",
				uuid->len, uuid->s, uax_saved_fault_text(fault));
}

static void on_row(void *param, const struct uax_saved *row)
{
	struct reading *r = param;
	struct ua_rec *rec = ua_table_find(UA_KEY_UUID, &row->text[UAX_SV_l_uuid]);
	char fingerprint[UAX_FINGERPRINT_LEN + 1], contact[UA_URI_SIZE];
	struct uax_saved_about about = {.fingerprint = fingerprint};
	enum uax_saved_fault fault;
	struct ua_thaw thaw;
	struct uax_warm warm;
	struct uax_row account;

	if(rec == NULL)
		return; /* of an account that is gone, or not here yet */
	ua_rec_row(rec, &account);
	uax_fingerprint(&account, ua_hashes(), fingerprint);
	ua_rec_contact(&account, contact, &about.contact);
	about.now_s = kam_epoch_s(kam_now_ms());
	about.is_take_over = r->is_take_over;
	about.is_sealed = r->is_sealed
					  && kx_str_eq(&row->text[UAX_SV_node], ua_cluster_name());
	fault = uax_saved_read(row, &about, &warm);
	if(fault == UAX_SAVED_GOOD) {
		ua_thaw_make(&warm, &thaw);
		r->fn(r->param, rec, &thaw, &row->text[UAX_SV_node]);
		ua_thaw_release(&thaw);
	} else {
		skip(r, &row->text[UAX_SV_l_uuid], fault);
	}
	ua_rec_drop(rec);
}

int ua_state_read(const struct ua_db_state_wish *wish, int is_take_over,
		void (*fn)(void *param, struct ua_rec *rec, struct ua_thaw *thaw,
				const str *node),
		void (*page)(void *param), void *param, int *skipped)
{
	struct reading r = {is_take_over, 0, fn, param, page, 0};
	int rows;

	if(!ua_cluster_is_on())
		r.is_sealed = ua_db_state_is_sealed(ua_cluster_name()) == 1;
	rows = ua_db_state_read(wish, on_row, on_page, &r);
	if(r.skipped > LOG_MAX)
		LM_WARN("and %d more kept registrations are not used\n",
				r.skipped - LOG_MAX);
	if(skipped != NULL)
		*skipped = r.skipped;
	return rows;
}

static void restore(
		void *param, struct ua_rec *rec, struct ua_thaw *thaw, const str *node)
{
	int *count = param;

	*count += ua_own_restore(rec, thaw, kam_now_ms());
}

/* Nobody's yet: the cluster tells later whose it is. */
static void show(
		void *param, struct ua_rec *rec, struct ua_thaw *thaw, const str *node)
{
	ua_own_shadow(rec, thaw, kam_now_ms());
}

static int restore_shadows(void)
{
	const struct ua_db_state_wish all = {{NULL, 0}, 0, 0};
	int rows = ua_state_read(&all, 1, show, NULL, NULL, NULL);

	ua_db_state_close();
	return rows < 0 ? -1 : 0;
}

int ua_state_restore(void)
{
	const struct ua_db_state_wish all = {{NULL, 0}, 0, 0};
	int rows, count = 0, skipped = 0, ret = 0;

	if(ua_cluster_is_on())
		return restore_shadows();
	rows = ua_state_read(&all, 0, restore, NULL, &count, &skipped);
	/* from here on its rows are no last word, whether or not they were read */
	if(ua_db_state_seal(ua_cluster_name(), 0) != 0 || rows < 0)
		ret = -1;
	ua_db_state_close();
	if(ret != 0)
		LM_ERR("what was registered before the start can't be told: %d "
			   "accounts go on, the others are registered anew\n",
				count);
	else
		LM_INFO("%d kept registrations read: %d accounts go on, %d rows can't "
				"be used\n",
				rows, count, skipped);
	return ret;
}

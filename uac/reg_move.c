/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Accounts on the move. */
#include "core/dprint.h"

#include "kam/kam_random.h"
#include "kam/kam_time.h"
#include "reg_cluster.h"
#include "reg_load.h"
#include "reg_move.h"
#include "reg_state.h"
#include "reg_stats.h"
#include "reg_step.h"
#include "reg_table.h"
#include "reg_term.h"
#include "schedule.h"
#include "ua_cfg.h"

enum
{
	/* to the next try to save what was given away */
	RETRY_MS = 1000,
	/* rows that others saved are looked for again from so long ago, for
	 * writes that took their time and clocks that differ; seconds */
	OVERLAP_S = 90,
	/* accounts that became ours whose rows are written together: at least as
	 * many as a page of rows has */
	HELD_MAX = 512,
	OWN = 0
};

/* Of the process that does it. */
static struct
{
	struct ua_cluster_view view;
	/* what was done for the view */
	int is_saved; /* what was given away, and it was told */
	int is_taken; /* what became ours */
	int64_t began_ms;
	int64_t retry_ms;
	int64_t watch_ms; /* next look at what others saved */
	int64_t watched_s;
	int64_t gave_s; /* when accounts were given away last; 0: never */
	int has_joined; /* took accounts once */
	int warm;		/* accounts of the take-over in work that go on */
	/* those that became ours and whose rows do not say so yet */
	struct ua_rec *held[HELD_MAX];
	int n_held;
	int repaired; /* accounts that another one had as well */
} move;

/* The server an account belongs to. */
static int owner_of(
		const struct ua_cluster_view *view, const struct ua_rec *rec)
{
	str uuid = ua_rec_text(rec, UAX_R_l_uuid);
	int i;

	if(rec->is_local)
		return OWN;
	i = uax_owner_of(uax_owner_key(&uuid), view->share, view->n);
	/* all are leaving, or without weight: it stays where it is */
	return i < 0 ? rec->owner : view->index[i];
}

static void set_owner(struct ua_rec *rec, int owner)
{
	lock_get(&rec->lock);
	rec->owner = (unsigned short)owner;
	lock_release(&rec->lock);
}

void ua_move_place(struct ua_rec *rec, int is_local)
{
	struct ua_cluster_view view;
	struct uax_step step;

	if(!ua_cluster_is_on())
		return;
	ua_cluster_view(&view);
	rec->is_local = is_local != 0;
	rec->owner = (unsigned short)owner_of(&view, rec);
	rec->is_mine = rec->is_local || (rec->owner == OWN && view.is_taken);
	if(!rec->is_mine
			&& uax_fsm_step(rec->state, UAX_E_RELEASE, 0, &step) == KX_OK)
		rec->state = step.next;
}

static uint32_t first_delay_ms(const struct ua_rec *rec)
{
	return uax_first_ms(
			rec->reg_delay_s, ua_cfg.reg_random_delay, kam_random32());
}

static int claim_cold(struct ua_rec *rec)
{
	struct ua_thaw thaw;
	int is_new;

	ua_thaw_cold(&thaw);
	is_new = ua_own_claim(rec, &thaw, first_delay_ms(rec), kam_now_ms());
	ua_thaw_release(&thaw);
	return is_new;
}

void ua_move_place_again(struct ua_rec *rec)
{
	struct ua_cluster_view view;
	int owner;

	if(!ua_cluster_is_on())
		return;
	ua_cluster_view(&view);
	owner = owner_of(&view, rec);
	set_owner(rec, owner);
	if(owner != OWN)
		ua_own_release(rec);
	else if(view.is_taken && claim_cold(rec))
		ua_own_begin(rec);
}

void ua_move_share(struct ua_rec *rec)
{
	lock_get(&rec->lock);
	rec->is_local = 0;
	lock_release(&rec->lock);
	ua_move_place_again(rec);
}

static void release_one(void *param, struct ua_rec *rec)
{
	int *gone = param, owner = owner_of(&move.view, rec);

	set_owner(rec, owner);
	if(owner != OWN)
		*gone += ua_own_release(rec);
}

/* Give away what is not ours in this view. */
static void release_all(void)
{
	int gone = 0;

	ua_table_each(release_one, &gone);
	ua_stats_add(UA_STATS_GIVEN, gone);
	if(gone == 0)
		return;
	move.gave_s = kam_epoch_s(kam_now_ms());
	LM_NOTICE("%d accounts go to other servers\n", gone);
}

/* Whether who is there has changed since: what is ours now is not known. */
static int is_over(void)
{
	return ua_cluster_view_no() != move.view.no || ua_term_is_told();
}

/* Another server wrote a row of an account that is ours: it had it after us, or
 * at the same time. While a network is cut each side has its own idea of whose
 * an account is, and they do not fight over it. */
static void repair(struct ua_rec *rec, struct ua_thaw *thaw, const str *node)
{
	if(!rec->is_local && !kx_str_eq(node, ua_cluster_name())
			&& ua_cluster_is_live(node))
		move.repaired += ua_own_reclaim(rec, thaw, kam_now_ms());
}

/* Write whose the accounts are that became ours, then let them begin. A
 * database that fails costs only what the next owner would know. */
static void begin_held(void *unused)
{
	int i;

	if(move.n_held == 0)
		return;
	ua_state_flush(UA_STATE_HELD);
	for(i = 0; i < move.n_held; i++) {
		ua_own_begin(move.held[i]);
		ua_rec_drop(move.held[i]);
	}
	move.n_held = 0;
}

/* Remember one that became ours. @return 1 */
static int hold(struct ua_rec *rec)
{
	ua_rec_hold(rec);
	move.held[move.n_held++] = rec;
	return 1;
}

/* A row at the time of a take-over. */
static void on_row(
		void *param, struct ua_rec *rec, struct ua_thaw *thaw, const str *node)
{
	int64_t now_ms = kam_now_ms();

	if(is_over())
		return;
	if(rec->owner != OWN)
		ua_own_shadow(rec, thaw, now_ms);
	else if(ua_own_claim(rec, thaw, first_delay_ms(rec), now_ms))
		move.warm += hold(rec);
	else
		repair(rec, thaw, node);
}

/* The rows that tell how what becomes ours stands. */
static struct ua_db_state_wish rows_to_take(void)
{
	struct ua_db_state_wish wish = {{NULL, 0}, 0, 0};

	/* one that begins wants its own of before as well */
	if(!move.has_joined)
		return wish;
	wish.not_node = *ua_cluster_name();
	/* what it gave away, to one that did not get to write its own */
	if(move.gave_s > 0)
		wish.own_from = move.gave_s - OVERLAP_S;
	return wish;
}

/* One that has no row of use. */
static void take_cold(void *param, struct ua_rec *rec)
{
	int *cold = param;

	if(rec->owner == OWN && !is_over() && claim_cold(rec))
		*cold += hold(rec);
	if(move.n_held == HELD_MAX)
		begin_held(NULL);
}

/* Take what is ours in this view. Rows first: they tell how to go on. */
static void take_all(void)
{
	struct ua_db_state_wish wish = rows_to_take();
	int cold = 0;

	move.warm = 0;
	move.watched_s = kam_epoch_s(kam_now_ms());
	if(ua_state_read(&wish, 1, on_row, begin_held, NULL, NULL) < 0)
		LM_ERR("it can't be told how the accounts of other servers stand: they "
			   "are registered anew\n");
	if(!is_over())
		ua_cluster_taken(move.view.no);
	ua_table_each(take_cold, &cold);
	begin_held(NULL);
	move.has_joined = 1;
	ua_stats_add(UA_STATS_TAKEN, move.warm + cold);
	if(move.warm + cold > 0)
		LM_NOTICE("%d accounts are taken over, %d of them go on where they "
				  "were left\n",
				move.warm + cold, move.warm);
}

static void on_watched(
		void *param, struct ua_rec *rec, struct ua_thaw *thaw, const str *node)
{
	if(rec->owner != OWN)
		ua_own_shadow(rec, thaw, kam_now_ms());
	else
		repair(rec, thaw, node);
}

/* What others saved lately, so that every server can tell of every account. */
static void watch(int64_t now_ms)
{
	int64_t now_s = kam_epoch_s(now_ms);
	struct ua_db_state_wish wish = {*ua_cluster_name(), 0, 0};

	if(now_ms < move.watch_ms)
		return;
	move.watch_ms = now_ms + ua_cfg.reg_state_interval * 1000LL;
	move.repaired = 0;
	wish.saved_from =
			move.watched_s - OVERLAP_S - 2 * ua_cfg.reg_state_interval;
	if(ua_state_read(&wish, 1, on_watched, NULL, NULL, NULL) >= 0)
		move.watched_s = now_s;
	/* the row is ours again: nothing is repaired twice */
	if(move.repaired > 0) {
		LM_NOTICE("%d accounts were another server's as well\n", move.repaired);
		ua_state_flush(UA_STATE_ALL);
	}
}

/* Save what was given away, and say so; what is under way for it ends first. */
static void save(int64_t now_ms)
{
	int has_waited =
			now_ms - move.began_ms >= ua_cfg.reg_cluster_timeout * 1000LL;

	if(now_ms < move.retry_ms
			|| (atomic_get(&ua_totals()->ending) > 0 && !has_waited))
		return;
	move.retry_ms = now_ms + RETRY_MS;
	if(ua_state_flush(UA_STATE_GIVEN) != 0)
		return;
	move.is_saved = 1;
	ua_cluster_settled(move.view.no);
}

static void begin(const struct ua_cluster_view *view, int64_t now_ms)
{
	move.view = *view;
	move.is_saved = move.is_taken = 0;
	move.began_ms = now_ms;
	move.retry_ms = 0;
	release_all();
}

void ua_move_work(int64_t now_ms)
{
	struct ua_cluster_view view;

	if(!ua_cluster_is_on() || !ua_load_is_done())
		return;
	ua_cluster_view(&view);
	if(view.no == 0)
		return;
	if(view.no != move.view.no)
		begin(&view, now_ms);
	if(!move.is_saved)
		save(now_ms);
	if(move.is_taken) {
		watch(now_ms);
	} else if(view.may_claim) {
		take_all();
		move.is_taken = 1;
		/* what waited until the rows of the others were read */
		ua_state_flush(UA_STATE_ALL);
	}
}

int ua_move_is_under_way(void)
{
	return ua_cluster_is_on() && !move.is_taken;
}

static void leave_one(void *unused, struct ua_rec *rec)
{
	ua_own_release(rec);
}

void ua_move_leave(void)
{
	if(ua_cluster_has_others())
		ua_table_each(leave_one, NULL);
}

void ua_move_end(void)
{
	if(ua_cluster_is_on())
		ua_cluster_saved();
}

static void count_one(void *param, struct ua_rec *rec)
{
	int *owned = param;

	if(rec->owner < UAX_NODES_MAX)
		owned[rec->owner]++;
}

void ua_move_count(int *owned)
{
	memset(owned, 0, sizeof(*owned) * UAX_NODES_MAX);
	ua_table_each(count_one, owned);
}

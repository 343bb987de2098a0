/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Loading accounts. */
#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#include "kam/kam_compat.h"
#include "kam/kam_random.h"
#include "kam/kam_time.h"
#include "reg_db.h"
#include "reg_load.h"
#include "reg_move.h"
#include "reg_rejected.h"
#include "reg_sched.h"
#include "reg_state.h"
#include "reg_step.h"
#include "reg_table.h"
#include "schedule.h"
#include "ua_cfg.h"

enum
{
	/* least seconds between reloads where nothing else is said */
	DELTA_S = 30
};

static struct loader
{
	gen_lock_t lock; /* guards what follows, for moments only */
	int is_busy;
	int is_done;
	int64_t reloaded_ms; /* 0: never */
	unsigned int seq;	 /* number of the last load */
} * loader;

int ua_load_init(void)
{
	loader = shm_mallocxz(sizeof(*loader));
	if(loader == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	lock_init(&loader->lock);
	return 0;
}

static int least_ms(void)
{
	int delta_s = ua_cfg.reload_delta;

	if(delta_s < 0)
		delta_s = VERSIONVAL < 6000000 ? ua_cfg.reg_gc_interval : DELTA_S;
	return delta_s * 1000;
}

static int begin(int is_reload, int64_t now_ms)
{
	int ret = UA_LOAD_OK;

	lock_get(&loader->lock);
	if(loader->is_busy)
		ret = UA_LOAD_BUSY;
	else if(is_reload && loader->reloaded_ms != 0
			&& now_ms - loader->reloaded_ms < least_ms())
		ret = UA_LOAD_EARLY;
	else
		loader->is_busy = 1;
	lock_release(&loader->lock);
	return ret;
}

static void end(int is_reload, int is_done, int64_t now_ms)
{
	lock_get(&loader->lock);
	loader->is_busy = 0;
	if(is_done)
		loader->is_done = 1;
	if(is_done && is_reload)
		loader->reloaded_ms = now_ms;
	lock_release(&loader->lock);
}

int ua_load_is_done(void)
{
	int is_done;

	lock_get(&loader->lock);
	is_done = loader->is_done;
	lock_release(&loader->lock);
	return is_done;
}

/* One load in work. */
struct load
{
	unsigned int seq;
	int64_t now_ms;
	int bad, fresh;
	int is_out_of_memory;
};

void ua_load_remove(struct ua_rec *rec, int is_replaced)
{
	/* out of the table first: nobody finds it any more while it leaves */
	ua_table_remove(rec);
	ua_step_leave(rec, is_replaced, kam_now_ms());
}

/* Where the requests of an account go, for pacing. */
static struct ua_hop *hop_of(const struct uax_row *row)
{
	const str *proxy = &row->text[UAX_R_auth_proxy];

	return ua_hop_get(proxy->len > 0 ? proxy : &row->text[UAX_R_r_domain]);
}

int ua_load_put(const struct uax_row *row, unsigned int seen, int64_t now_ms)
{
	struct ua_rec *old = ua_table_find(UA_KEY_UUID, &row->text[UAX_R_l_uuid]);
	struct ua_hop *hop;
	struct ua_rec *rec = NULL;
	struct uax_row former;
	uint32_t delay_ms = 0;
	int ret = UA_LOAD_NOMEM;

	if(old != NULL) {
		ua_rec_row(old, &former);
		if(uax_row_same(&former, row)) {
			old->seen = seen;
			/* put in here before it came to the table, where all know it */
			if(seen != 0 && old->is_local)
				ua_move_share(old);
			ret = UA_LOAD_OK;
			goto out;
		}
	}
	hop = hop_of(row);
	if(hop != NULL)
		rec = ua_rec_new(row, hop, now_ms);
	if(rec == NULL)
		goto out;
	rec->seen = seen;
	if(old != NULL) {
		ua_load_remove(old, ua_rec_adopt(rec, old));
	} else {
		delay_ms = uax_first_ms(
				row->reg_delay_s, ua_cfg.reg_random_delay, kam_random32());
	}
	ua_move_place(rec, seen == 0);
	if(ua_table_add(rec) == KX_OK) {
		ua_step_enter(rec, delay_ms, now_ms);
		ua_move_place_again(rec);
		if(old != NULL)
			ua_state_touch(rec);
	}
	ret = UA_LOAD_OK;
out:
	ua_rec_drop(rec);
	ua_rec_drop(old);
	return ret;
}

static void on_row(
		void *param, const struct uax_row *row, const char *bad_number)
{
	struct load *load = param;
	const str *uuid = &row->text[UAX_R_l_uuid];
	enum uax_row_fault fault = UAX_ROW_NUMBER;
	struct ua_rec *old;
	const char *column = bad_number;
	int where = 0, before = ua_table_count();

	if(bad_number == NULL) {
		fault = uax_row_check(row, &ua_cfg.reg_contact_addr, &where);
		column = where < UAX_R_COUNT ? uax_row_text_name(where) : "expires";
	}
	old = ua_table_find(UA_KEY_UUID, uuid);
	if(fault != UAX_ROW_GOOD) {
		ua_rejected_add(uuid, column, uax_row_fault_text(fault));
		load->bad++;
		/* a slip of the pen does not take a working account away */
		if(old != NULL)
			old->seen = load->seq;
	} else if(old != NULL && old->seen == load->seq) {
		ua_rejected_add(
				uuid, "l_uuid", "stands in the table twice, the first counts");
		load->bad++;
	} else if(ua_load_put(row, load->seq, load->now_ms) != UA_LOAD_OK) {
		load->is_out_of_memory = 1;
	}
	load->fresh += ua_table_count() - before;
	ua_rec_drop(old);
}

/* A sweep in work. */
struct sweep
{
	unsigned int seq;
	int gone;
};

static void sweep_one(void *param, struct ua_rec *rec)
{
	struct sweep *sweep = param;

	if(rec->seen == sweep->seq)
		return;
	ua_load_remove(rec, 0);
	sweep->gone++;
}

/* Take out what the load did not see. */
static int sweep(unsigned int seq)
{
	struct sweep one = {seq, 0};

	ua_table_each(sweep_one, &one);
	return one.gone;
}

int ua_load_all(int is_reload, int64_t now_ms)
{
	struct load load = {.now_ms = now_ms};
	struct ua_db_reader to = {ua_table_reserve, on_row, &load};
	int rows, gone = 0, ret = begin(is_reload, now_ms);

	if(ret != UA_LOAD_OK)
		return ret;
	load.seq = ++loader->seq;
	ua_rejected_clear();
	rows = ua_db_read(NULL, &to);
	if(rows < 0)
		ret = UA_LOAD_FAILED;
	else if(load.is_out_of_memory)
		ret = UA_LOAD_NOMEM;
	else
		gone = sweep(load.seq);
	end(is_reload, ret == UA_LOAD_OK, now_ms);
	if(ret == UA_LOAD_OK)
		LM_INFO("%d rows read: %d accounts came, %d left, %d rows can't be "
				"used, %d accounts now\n",
				rows, load.fresh, gone, load.bad, ua_table_count());
	return ret;
}

int ua_load_one(const str *uuid, int64_t now_ms)
{
	struct load load = {.now_ms = now_ms};
	struct ua_db_reader to = {NULL, on_row, &load};
	struct ua_rec *rec;
	int rows, ret = begin(0, now_ms);

	if(ret != UA_LOAD_OK)
		return ret;
	load.seq = ++loader->seq;
	rows = ua_db_read(uuid, &to);
	rec = ua_table_find(UA_KEY_UUID, uuid);
	if(rows < 0)
		ret = UA_LOAD_FAILED;
	else if(load.is_out_of_memory)
		ret = UA_LOAD_NOMEM;
	else if(rows == 0 || load.bad > 0)
		ret = UA_LOAD_NONE;
	if(rows == 0 && rec != NULL)
		ua_load_remove(rec, 0);
	ua_rec_drop(rec);
	end(0, 0, now_ms);
	return ret;
}

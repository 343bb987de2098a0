/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The processes that start attempts. */
#include "core/cfg/cfg.h"
#include "core/cfg/cfg_struct.h"
#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/pt.h"
#include "core/sr_module.h"
#include "core/timer.h"
#include "core/ut.h"

#include "kam/kam_random.h"
#include "kam/kam_time.h"
#include "kx_delay.h"
#include "reg_cluster.h"
#include "reg_load.h"
#include "reg_move.h"
#include "reg_run.h"
#include "reg_sched.h"
#include "reg_state.h"
#include "reg_step.h"
#include "reg_table.h"
#include "reg_term.h"
#include "reg_timer.h"
#include "reg_unregister.h"
#include "ua_cfg.h"

enum
{
	/* between passes: while registrations are under way or wait for room, and
	 * the longest else, which an operator's wish may wait; a process that only
	 * wakes up costs half a percent of a core for two times a second on a
	 * small virtual machine */
	BUSY_US = 10000,
	IDLE_MS = 500,
	/* between looks for slow next hops that have work */
	SLOW_US = 100000,
	/* attempts started in one pass: what a socket's buffer takes at once */
	BATCH = 64,
	/* waits for a database that is down */
	RELOAD_FIRST_MS = 1000,
	RELOAD_MAX_MS = 30000,
	/* unregistering at the end of the server: how long, and how many a second
	 * where reg_rate says nothing */
	FAREWELL_MS = 5000,
	FAREWELL_RATE = 2000,
	/* how long the workers of a server that ends may go on with what they are
	 * at, before what they did is saved */
	LAST_WORD_MS = 50,
	/* between looks for what a cluster wants, and where there is none */
	KEEPER_US = 50000,
	KEEPER_IDLE_US = 500000
};

/* A server may be told to end before its processes have begun. */
enum stage
{
	STAGE_NONE,
	STAGE_RUNS,
	STAGE_OVER /* it has sent its last request */
};

static struct
{
	/* shm */
	int *is_active;
	int *stage; /* of the uac process, an enum stage */
	/* of the uac process alone */
	int64_t load_ms; /* next try to load; 0: not waiting */
	unsigned int load_failures;
} timer;

int ua_timer_init(void)
{
	int procs;

	timer.is_active = shm_mallocxz(sizeof(*timer.is_active));
	if(timer.is_active == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	*timer.is_active = ua_cfg.reg_active != 0;
	timer.stage = shm_mallocxz(sizeof(*timer.stage));
	if(timer.stage == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	procs = 2 + ua_state_is_on() + ua_cluster_is_on();
	register_procs(procs);
	cfg_register_child(procs);
	return 0;
}

void ua_timer_set_active(int is_active)
{
	*timer.is_active = is_active != 0;
}

int ua_timer_is_active(void)
{
	return *timer.is_active;
}

/* The database was down at start: ask again, more and more seldom. */
static void load_if_needed(int64_t now_ms)
{
	int err;

	if(now_ms < timer.load_ms || ua_load_is_done())
		return;
	/* of all this process does it may last, and nobody waits for it */
	ua_term_release();
	err = ua_load_all(0, now_ms);
	if(err == UA_LOAD_OK && ua_state_is_on())
		ua_state_restore();
	ua_term_hold();
	if(err == UA_LOAD_OK)
		return;
	timer.load_failures++;
	timer.load_ms = kam_now_ms()
					+ kx_delay_retry(RELOAD_FIRST_MS, RELOAD_MAX_MS,
							timer.load_failures, 10, kam_random32());
}

static void notice_lapsed(int64_t now_ms)
{
	struct ua_rec *rec[BATCH];
	int i, n;

	do {
		n = ua_sched_take_lapsed(rec, BATCH, now_ms);
		for(i = 0; i < n; i++) {
			ua_step_lapse(rec[i], now_ms);
			ua_rec_drop(rec[i]);
		}
	} while(n == BATCH && !ua_term_is_told());
}

/* Start attempts. @return how many */
static int start_ready(int64_t now_ms)
{
	struct ua_rec *rec[BATCH];
	int i, n = ua_sched_take_ready(UAX_LANE_QUICK, rec, BATCH, now_ms);

	for(i = 0; i < n; i++) {
		if(ua_term_is_told())
			ua_rec_drop(rec[i]);
		else
			ua_run_start(rec[i], now_ms);
	}
	return n;
}

/* Do what is due. @return microseconds to the next pass */
static unsigned int pass(int64_t now_ms)
{
	unsigned int idle_ms;

	notice_lapsed(now_ms);
	if(!ua_timer_is_active())
		return IDLE_MS * 1000;
	if(start_ready(now_ms) == BATCH)
		return 0;
	idle_ms = ua_sched_idle_ms(IDLE_MS);
	return idle_ms > 0 ? idle_ms * 1000 : BUSY_US;
}

/* Unregister what is online, as far as that goes in a few seconds: the main
 * process waits for this one. */
static void say_farewell(void)
{
	struct ua_walk walk = {0};
	struct ua_rec *rec[BATCH];
	int rate = ua_cfg.reg_rate > 0 ? ua_cfg.reg_rate : FAREWELL_RATE;
	int64_t began_ms = kam_now_ms(), took_ms = 0, sent = 0;
	int i, n, online = atomic_get(&ua_totals()->active);

	while((n = ua_table_walk(&walk, rec, BATCH)) > 0) {
		for(i = 0; i < n; i++) {
			if(took_ms < FAREWELL_MS)
				sent += ua_run_farewell(rec[i]);
			ua_rec_drop(rec[i]);
			took_ms = kam_now_ms() - began_ms;
		}
		if(sent * 1000 / rate > took_ms)
			sleep_us((unsigned int)(sent * 1000 / rate - took_ms) * 1000);
	}
	LM_NOTICE("%lld accounts unregistered before the end, %lld are left to end "
			  "by themselves\n",
			(long long)sent, (long long)(online - sent));
}

/* The uac process: whatever is due, but for slow next hops. */
static void run_quick(void)
{
	ua_term_hold();
	*timer.stage = STAGE_RUNS;
	while(!ua_term_is_told()) {
		int64_t now_ms = kam_now_ms();
		unsigned int wait_us;

		load_if_needed(now_ms);
		wait_us = pass(now_ms);
		cfg_update();
		if(wait_us > 0)
			ua_term_sleep(wait_us);
	}
	/* others go on with what this server had */
	if(ua_unregister_is_on(UA_UNREGISTER_SHUTDOWN) && !ua_cluster_has_others())
		say_farewell();
	*timer.stage = STAGE_OVER;
	ua_term_release();
}

/* What is to be saved is all there: nobody sends or answers any more. */
static void wait_for_the_end(void)
{
	int64_t began_ms = kam_now_ms();

	sleep_us(LAST_WORD_MS * 1000);
	while(*timer.stage == STAGE_RUNS
			&& kam_now_ms() - began_ms < FAREWELL_MS * 2)
		sleep_us(BUSY_US);
}

/* A process of its own waits for the database, so that nobody else does: it
 * saves what changed, and moves accounts from and to other servers. */
static void run_keeper(void)
{
	int64_t next_ms = kam_now_ms() + ua_cfg.reg_state_interval * 1000LL;

	ua_term_hold();
	while(!ua_term_is_told()) {
		ua_move_work(kam_now_ms());
		if(kam_now_ms() >= next_ms) {
			if(!ua_move_is_under_way())
				ua_state_flush(UA_STATE_ALL);
			next_ms = kam_now_ms() + ua_cfg.reg_state_interval * 1000LL;
		}
		cfg_update();
		ua_term_sleep(ua_cluster_is_on() ? KEEPER_US : KEEPER_IDLE_US);
	}
	wait_for_the_end();
	ua_move_leave();
	ua_state_end();
	ua_move_end();
	ua_term_release();
}

/* Another one talks to the other servers: it waits for nothing else, or they
 * would take it for gone. */
static void run_cluster(void)
{
	ua_term_hold();
	while(!ua_term_is_told()) {
		ua_cluster_beat(kam_now_ms());
		cfg_update();
		ua_term_sleep(KEEPER_US);
	}
	ua_cluster_leave();
	ua_term_release();
}

/* Another one sends where names are slow to resolve, one at a time. It ends
 * wherever it is: most likely while it waits for a name server, for whom the
 * end of the server does not wait. */
static void run_slow(void)
{
	for(;;) {
		struct ua_rec *rec;
		int64_t now_ms = kam_now_ms();

		cfg_update();
		if(ua_timer_is_active()
				&& ua_sched_take_ready(UAX_LANE_SLOW, &rec, 1, now_ms) == 1)
			ua_run_start(rec, now_ms);
		else
			sleep_us(SLOW_US);
	}
}

/* @return 0 in the main process, or -1 (logged) */
static int fork_one(char *name, void (*run)(void))
{
	int pid = fork_process(PROC_TIMER, name, 1);

	if(pid < 0) {
		LM_ERR("can't fork the process '%s'\n", name);
		return -1;
	}
	if(pid > 0)
		return 0;
	if(cfg_child_init() != 0)
		return -1;
	run();
	LM_BUG("told to end, and still here\n");
	return -1;
}

int ua_timer_fork(void)
{
	if(fork_one("uac registrations", run_quick) != 0)
		return -1;
	if(fork_one("uac registrations, slow names", run_slow) != 0)
		return -1;
	if(ua_state_is_on() && fork_one("uac registrations, kept", run_keeper) != 0)
		return -1;
	if(ua_cluster_is_on() && fork_one("uac cluster", run_cluster) != 0)
		return -1;
	return 0;
}

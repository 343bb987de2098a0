/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * When a process takes the signals that end it. */
#include <signal.h>
#include <time.h>

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/timer.h"
#include "core/ut.h"

#include "reg_term.h"

enum
{
	LOCK_SPINS = 100,
	LOCK_TRIES = LOCK_SPINS + 1000,
	LOCK_US = 1000
};

static void end_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
}

void ua_term_hold(void)
{
	sigset_t set;

	end_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

void ua_term_release(void)
{
	sigset_t set;

	end_signals(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int ua_term_is_told(void)
{
	sigset_t set;

	return sigpending(&set) == 0
		   && (sigismember(&set, SIGTERM) == 1
				   || sigismember(&set, SIGINT) == 1);
}

int ua_term_lock(gen_lock_t *lock)
{
	int i;

	for(i = 0; i < LOCK_TRIES; i++) {
		if(lock_try(lock) == 0)
			return 0;
		if(i > LOCK_SPINS)
			sleep_us(LOCK_US);
	}
	return -1;
}

void ua_term_sleep(unsigned int us)
{
	const struct timespec wait = {us / 1000000, us % 1000000 * 1000L};
	sigset_t set;
	int sig;

	end_signals(&set);
	sig = sigtimedwait(&set, NULL, &wait);
	if(sig > 0)
		raise(sig); /* it was taken; held, it is pending again */
}

/* Run by the timer process alone, which holds no lock now. */
static ticks_t between_timers(ticks_t now, struct timer_ln *tl, void *data)
{
	ua_term_hold(); /* from the first tick on */
	if(ua_term_is_told())
		ua_term_release(); /* the core's handler does not return */
	return (ticks_t)-1;
}

int ua_term_init(void)
{
	struct timer_ln *tick = timer_alloc();

	if(tick == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	timer_init(tick, between_timers, NULL, F_TIMER_FAST);
	if(timer_add(tick, 1) < 0) {
		LM_ERR("can't add a timer\n");
		timer_free(tick);
		return -1;
	}
	return 0;
}

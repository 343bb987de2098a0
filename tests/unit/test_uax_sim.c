/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A day of many accounts at one registrar, on the pure logic alone: machine,
 * schedule, pacing and wheel, with a simulated clock and registrar. It is
 * late, loses packets, is overloaded by more than it can serve, answers 503
 * for ten minutes, and later nothing for ten more.
 *
 * SIM_ACCOUNTS=1000000 runs it with so many; its numbers are printed then. */
#include <stdio.h>
#include <stdlib.h>

#include "fsm.h"
#include "pacing.h"
#include "schedule.h"
#include "unit.h"
#include "wheel.h"

enum
{
	STEP_MS = 20, /* of the clock */
	TICK_MS = 100,
	DAY_MS = 86400000,
	GRANT_S = 3600,
	INTERVAL_S = 90,
	RETRY_S = 30,
	AFTER_S = 120,
	TIMEOUT_MS = 32000,
	SERVED_PER_S = 2000, /* what the registrar can do */
	BUSY_MS = 6 * 3600000,
	SILENT_MS = 14 * 3600000,
	OUTAGE_MS = 600000
};

struct account
{
	struct uax_node due;   /* in the wheel or in ready */
	struct uax_node reply; /* in the registrar's wheel */
	enum uax_state state;
	enum uax_event answer; /* the one that is on its way */
	int has_nonce;
	unsigned failures;
	int64_t sent_ms, until_ms;
	int64_t paced_ms; /* when the window counted its last request */
};

struct sim
{
	struct account *account;
	int n, online;
	struct uax_wheel due, reply;
	struct uax_list ready;
	struct uax_pace pace;
	struct uax_rate rate;
	int64_t now_ms;
	int64_t free_us; /* when the registrar has served all it has */
	uint64_t random;
	uint32_t rate_per_s, spread_s;
	/* what is measured */
	int64_t all_online_ms;
	int messages_to_start, lapses, worst_lapse_ms;
	int unlucky; /* lapses before the first outage */
	int timeouts;
	uint16_t sent[DAY_MS / 1000 + 1];	 /* requests per second */
	uint16_t started[DAY_MS / 1000 + 1]; /* attempts per second */
};

#define OWNER(node, member) \
	((struct account *)((char *)(node)-offsetof(struct account, member)))

static int is_within(int64_t at, int64_t from, int64_t length)
{
	return at >= from && at < from + length;
}

/* How long after an outage an account may wait for its turn: what it was
 * told, a transaction begun before, and the queue. */
static int64_t patience_ms(const struct sim *s)
{
	uint32_t per_s = s->rate_per_s > 0 ? s->rate_per_s : SERVED_PER_S / 2;

	return TIMEOUT_MS + AFTER_S * 1100 + 20000 + s->n * 1000LL / per_s;
}

/* The registrar gets a request: which answer comes, and when. */
static void serve(struct sim *s, struct account *a)
{
	uint32_t r = unit_random(&s->random);
	int64_t delay_ms = 5 + r % 45, wait_ms;
	int64_t resend_ms;

	s->sent[s->now_ms / 1000]++;
	a->sent_ms = s->now_ms;
	/* some requests never get an answer, whatever the path is like */
	if(is_within(s->now_ms, SILENT_MS, OUTAGE_MS)
			|| unit_random(&s->random) % 1000 == 0) {
		a->answer = UAX_E_UNREACHABLE;
		delay_ms = TIMEOUT_MS;
	} else {
		if(s->free_us < s->now_ms * 1000)
			s->free_us = s->now_ms * 1000;
		s->free_us += 1000000 / SERVED_PER_S;
		wait_ms = s->free_us / 1000 - s->now_ms;
		/* one packet of a hundred is lost and sent again */
		for(resend_ms = 500;
				unit_random(&s->random) % 100 == 0 && delay_ms < TIMEOUT_MS / 2;
				resend_ms *= 2)
			delay_ms += resend_ms;
		delay_ms += wait_ms;
		if(is_within(s->now_ms, BUSY_MS, OUTAGE_MS))
			a->answer = r >> 16 & 1 ? UAX_E_BUSY : UAX_E_REFUSED;
		else
			a->answer = a->has_nonce || a->state == UAX_S_AUTHING
								? UAX_E_OK
								: UAX_E_CHALLENGE;
	}
	uax_wheel_add(&s->reply, &a->reply, (s->now_ms + delay_ms) / STEP_MS);
}

static void granted(struct sim *s, struct account *a)
{
	int64_t from = a->until_ms;

	if(from < 0) {
		s->online++;
		if(s->online == s->n)
			s->all_online_ms = s->now_ms;
	} else if(from < s->now_ms) {
		/* it was without a binding from then until now */
		s->lapses++;
		if(s->now_ms - from > s->worst_lapse_ms)
			s->worst_lapse_ms = (int)(s->now_ms - from);
		/* one request without an answer costs no binding; two in a row, one
		 * refresh of a million, do: tm waits 32 s for each */
		ck_often(a->failures >= 2
						 || (from >= BUSY_MS
								 && s->now_ms < BUSY_MS + OUTAGE_MS
														+ patience_ms(s))
						 || (from >= SILENT_MS
								 && s->now_ms < SILENT_MS + OUTAGE_MS
														+ patience_ms(s)),
				"without a binding from %d to %d s, no outage",
				(int)(from / 1000), (int)(s->now_ms / 1000));
		s->unlucky += from < BUSY_MS;
	}
	a->until_ms = a->sent_ms + GRANT_S * 1000;
	a->failures = 0;
	a->has_nonce = 1;
}

static void set_due(struct sim *s, struct account *a, int64_t at_ms)
{
	uax_wheel_add(&s->due, &a->due, (at_ms + TICK_MS - 1) / TICK_MS);
}

/* An event of an account, and what follows from it. */
static void step(struct sim *s, struct account *a, enum uax_event event)
{
	uint32_t rnd = unit_random(&s->random);
	struct uax_step step;

	ck_often(uax_fsm_step(a->state, event, 1, &step) == KX_OK, "%s in %s",
			uax_event_name(event), uax_state_name(a->state));
	a->state = step.next;
	if(event == UAX_E_OK)
		granted(s, a);
	else if(event >= UAX_E_BUSY)
		a->failures++;
	if(step.action == UAX_A_SEND)
		serve(s, a);
	switch(step.timer) {
		case UAX_T_REFRESH:
			set_due(s, a,
					a->sent_ms + uax_refresh_ms(GRANT_S, INTERVAL_S, rnd));
			break;
		case UAX_T_RETRY:
			set_due(s, a,
					s->now_ms + uax_retry_ms(RETRY_S, 0, a->failures, rnd));
			break;
		case UAX_T_AFTER:
			set_due(s, a, s->now_ms + uax_retry_after_ms(AFTER_S, rnd));
			break;
		default:
			break;
	}
}

static void take_replies(struct sim *s)
{
	struct uax_node *node;

	while((node = uax_wheel_take(&s->reply, s->now_ms / STEP_MS)) != NULL) {
		struct account *a = OWNER(node, reply);
		enum uax_pace_end how = UAX_PACE_ANSWERED;

		if(a->answer == UAX_E_BUSY || a->answer == UAX_E_REFUSED)
			how = UAX_PACE_CHOKED;
		else if(a->answer == UAX_E_UNREACHABLE)
			how = UAX_PACE_LOST;
		s->timeouts += how == UAX_PACE_LOST;
		uax_pace_end(&s->pace, how, a->paced_ms, s->now_ms);
		if(a->answer == UAX_E_CHALLENGE) {
			a->paced_ms = s->now_ms;
			uax_pace_start(&s->pace, s->now_ms);
		}
		step(s, a, a->answer);
	}
}

static void start_attempts(struct sim *s)
{
	struct uax_node *node;

	while((node = uax_wheel_take(&s->due, s->now_ms / TICK_MS)) != NULL)
		uax_list_add(&s->ready, node);
	while(!uax_list_is_empty(&s->ready) && uax_pace_is_open(&s->pace, s->now_ms)
			&& uax_rate_take(&s->rate, s->now_ms)) {
		struct account *a = OWNER(uax_list_take(&s->ready), due);

		s->started[s->now_ms / 1000]++;
		uax_pace_start(&s->pace, s->now_ms);
		a->paced_ms = s->now_ms;
		step(s, a, UAX_E_DUE);
	}
}

/* All start within a time, and live for a day. */
static struct sim *run_day(int n, uint32_t rate_per_s, uint32_t spread_s)
{
	struct sim *s = calloc(1, sizeof(*s));
	int i;

	ck_assert_ptr_nonnull(s);
	s->n = n;
	s->rate_per_s = rate_per_s;
	s->spread_s = spread_s;
	s->random = 42;
	s->account = calloc(n, sizeof(*s->account));
	ck_assert_ptr_nonnull(s->account);
	uax_wheel_init(&s->due, 0);
	uax_wheel_init(&s->reply, 0);
	uax_list_init(&s->ready);
	uax_pace_init(&s->pace, 0);
	uax_rate_init(&s->rate, rate_per_s, 0);
	for(i = 0; i < n; i++) {
		s->account[i].state = UAX_S_INIT;
		s->account[i].until_ms = -1;
		set_due(s, &s->account[i],
				uax_first_ms(0, spread_s, unit_random(&s->random)));
	}
	for(; s->now_ms < DAY_MS; s->now_ms += STEP_MS) {
		take_replies(s);
		start_attempts(s);
	}
	for(i = 0; i < (int)(s->all_online_ms / 1000) + 1; i++)
		s->messages_to_start += s->sent[i];
	return s;
}

static int accounts(void)
{
	const char *env = getenv("SIM_ACCOUNTS");

	return env != NULL ? (int)strtol(env, NULL, 10) : 10000;
}

static int busiest(const uint16_t *count, int64_t from_ms, int64_t to_ms)
{
	int64_t i;
	int max = 0;

	for(i = from_ms / 1000; i < to_ms / 1000 && i < DAY_MS / 1000; i++)
		max = count[i] > max ? count[i] : max;
	return max;
}

/* Busiest second of the first refreshes, in percent of the mean of a refresh
 * window that holds all of them: 100 would be an even spread of accounts that
 * were granted in the same moment. */
static int peak_of_refresh_pct(const struct sim *s)
{
	int64_t from = (GRANT_S - INTERVAL_S - 10) * 1000;
	int64_t to = GRANT_S * 1000 + s->all_online_ms;

	return busiest(s->started, from, to) * (INTERVAL_S + 3 - 67) * 100 / s->n;
}

static void check_day(const struct sim *s)
{
	int spread_ms = s->spread_s * 1000;
	int after_busy = busiest(s->sent, BUSY_MS + OUTAGE_MS,
			BUSY_MS + OUTAGE_MS + 2 * GRANT_S * 1000);
	int after_silence = busiest(s->sent, SILENT_MS + OUTAGE_MS,
			SILENT_MS + OUTAGE_MS + 2 * GRANT_S * 1000);
	int most = busiest(s->sent, 0, DAY_MS);
	int64_t now_ms = DAY_MS;
	int i, caught = 0, peak = peak_of_refresh_pct(s);

	if(getenv("SIM_ACCOUNTS") != NULL)
		printf("%d accounts, cap %u/s: online after %.1f s with %.2f requests "
			   "each; busiest second %d, after 503 %d, after silence %d; "
			   "refresh peak %d %% of mean; %d lapses, longest %d s; %d "
			   "timeouts\n",
				s->n, s->rate_per_s, s->all_online_ms / 1000.0,
				(double)s->messages_to_start / s->n, most, after_busy,
				after_silence, peak, s->lapses, s->worst_lapse_ms / 1000,
				s->timeouts);
	ck_assert_int_eq(s->online, s->n);
	/* refreshes until then, of which a millionth, and as many by chance */
	ck_assert_int_le(s->unlucky, s->n / 50000 + 3);
	/* an account whose second request in a row has no answer yet may be caught
	 * by the end of the day */
	for(i = 0; i < s->n; i++) {
		ck_often(s->account[i].until_ms > now_ms || s->account[i].failures > 0,
				"%d ends the day lapsed", i);
		caught += s->account[i].until_ms <= now_ms;
	}
	ck_assert_int_le(caught, s->n / 500000 + 1);
	/* starting together: two requests each, and the lost ones again */
	ck_assert_int_lt(s->messages_to_start, s->n * 21 / 10 + 100);
	ck_assert_int_lt(s->all_online_ms, spread_ms + patience_ms(s) + s->n / 2);
	/* never more than the registrar serves and one window */
	ck_assert_int_le(most, SERVED_PER_S + 2 * UAX_PACE_MAX);
	ck_assert_int_le(after_busy, SERVED_PER_S + UAX_PACE_MAX);
	ck_assert_int_le(after_silence, SERVED_PER_S + UAX_PACE_MAX);
	ck_assert_int_lt(peak, 130);
}

/* All start at once. */
START_TEST(a_day_without_a_cap)
{
	struct sim *s = run_day(accounts(), 0, 0);

	check_day(s);
	free(s->account);
	free(s);
}
END_TEST

START_TEST(a_day_with_reg_rate)
{
	struct sim *s = run_day(accounts(), 500, 0);

	check_day(s);
	ck_assert_int_le(busiest(s->started, 0, DAY_MS), 500 + 500 / 10);
	free(s->account);
	free(s);
}
END_TEST

/* Spread over the whole time, so that the outages meet a share of them. */
START_TEST(a_day_with_reg_random_delay)
{
	struct sim *s = run_day(accounts(), 0, GRANT_S);

	check_day(s);
	/* the outages are there, and do harm */
	ck_assert_int_gt(s->lapses, 0);
	ck_assert_int_gt(s->timeouts, 0);
	free(s->account);
	free(s);
}
END_TEST

Suite *suite_uax_sim(void)
{
	Suite *s = suite_create("uax_sim");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, getenv("SIM_ACCOUNTS") != NULL ? 3600 : 600);
	tcase_add_test(t, a_day_without_a_cap);
	tcase_add_test(t, a_day_with_reg_rate);
	tcase_add_test(t, a_day_with_reg_random_delay);
	suite_add_tcase(s, t);
	return s;
}

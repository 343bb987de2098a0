/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Counters of remote registrations. Gauges are read when asked from where the
 * records count themselves, so they are right at every moment. */
#include "core/counters.h"
#include "core/dprint.h"

#include "kx_buf.h"
#include "reg_sched.h"
#include "reg_stats.h"
#include "reg_step.h"
#include "reg_table.h"

static struct
{
	counter_handle_t what[UA_STATS_COUNT];
	counter_handle_t outcome[UAX_O_COUNT];
	counter_handle_t rtt[UAX_RTT_COUNT];
	counter_handle_t rtt_sum;
} stats;

static counter_val_t total(counter_handle_t handle, void *unused)
{
	return ua_table_count();
}

/* An atomic of ua_totals(), whose place in it is the parameter: they are made
 * after this table. */
static counter_val_t gauge(counter_handle_t handle, void *offset)
{
	int n = atomic_get((atomic_t *)((char *)ua_totals() + (size_t)offset));

	return n > 0 ? n : 0;
}

#define OFFSET(member) ((void *)offsetof(struct ua_totals, member))

/* One of a struct of numbers, whose place in it is the parameter. */
static counter_val_t sched_gauge(counter_handle_t handle, void *offset)
{
	struct ua_sched_view view;

	ua_sched_view(&view);
	return *(unsigned int *)((char *)&view + (size_t)offset);
}

#define SCHED(member) ((void *)offsetof(struct ua_sched_view, member))

/* Buckets are told as a histogram has them: each with all that is below. */
static counter_val_t rtt_up_to(counter_handle_t handle, void *last)
{
	counter_val_t sum = 0;
	size_t i;

	for(i = 0; i <= (size_t)last; i++)
		sum += counter_get_raw_val(stats.rtt[i]);
	return sum;
}

#define GAUGE(name, read, param, text)             \
	{                                              \
		0, name, CNT_F_NO_RESET, read, param, text \
	}
#define COUNTER(handle, name, text)        \
	{                                      \
		&stats.handle, name, 0, 0, 0, text \
	}

static counter_def_t table[] = {
		/* the stock ones */
		GAUGE("regtotal", total, 0, "accounts"),
		GAUGE("regactive", gauge, OFFSET(active),
				"accounts whose binding is valid"),
		GAUGE("regdisabled", gauge, OFFSET(state[UAX_S_OFF]),
				"accounts that are disabled"),
		/* our own */
		GAUGE("reg_next_hops", sched_gauge, SCHED(hops),
				"registrars and proxies that accounts send to"),
		GAUGE("reg_under_way", sched_gauge, SCHED(inflight),
				"REGISTERs that wait for an answer"),
		GAUGE("reg_held_back", sched_gauge, SCHED(waiting),
				"accounts that are due and wait for room"),
		COUNTER(what[UA_STATS_SENT], "reg_sent", "REGISTERs"),
		COUNTER(what[UA_STATS_ANSWERED], "reg_answered",
				"REGISTERs that ended after they were sent"),
		COUNTER(what[UA_STATS_ATTEMPT], "reg_attempts",
				"first REGISTERs, refreshes and removals that began"),
		COUNTER(what[UA_STATS_RETRY], "reg_retries",
				"attempts that began after a failure"),
		COUNTER(what[UA_STATS_LAPSED], "reg_lapsed",
				"bindings that ended without a refresh"),
		COUNTER(what[UA_STATS_SAVED], "reg_kept_saved",
				"rows written to reg_state_table"),
		COUNTER(what[UA_STATS_UNSAVED], "reg_kept_failed",
				"writes to reg_state_table that failed"),
		COUNTER(what[UA_STATS_SKIPPED], "reg_kept_skipped",
				"rows of reg_state_table that could not be used"),
		COUNTER(what[UA_STATS_BEATS], "reg_cluster_sent",
				"messages to the other servers of the cluster"),
		COUNTER(what[UA_STATS_HEARD], "reg_cluster_heard",
				"messages of the other servers"),
		COUNTER(what[UA_STATS_REFUSED], "reg_cluster_refused",
				"messages to the cluster that are broken, forged, old, or of a "
				"stranger"),
		COUNTER(what[UA_STATS_GIVEN], "reg_cluster_given",
				"accounts that went to other servers"),
		COUNTER(what[UA_STATS_TAKEN], "reg_cluster_taken",
				"accounts that this server took: its share when it came, those "
				"of "
				"others"),
#define OUTCOME(id, name, text) \
	COUNTER(outcome[UAX_O_##id], "reg_end_" name, text),
		UAX_OUTCOMES(OUTCOME)
#undef OUTCOME
#define BUCKET(name, id)                                                    \
	{                                                                       \
		&stats.rtt[id], "reg_rtt_le_" name, CNT_F_NO_RESET, rtt_up_to,      \
				(void *)id, "answers of registrars after at most that time" \
	}
#define BUCKET_MS(ms) BUCKET(#ms "ms", UAX_RTT_LE_##ms),
				UAX_RTT_BOUNDS(BUCKET_MS) BUCKET("inf", UAX_RTT_LONGER),
#undef BUCKET_MS
#undef BUCKET
		{&stats.rtt_sum, "reg_rtt_sum_ms", CNT_F_NO_RESET, 0, 0,
				"round-trip times of all these answers together, ms"},
		{0, 0, 0, 0, 0, 0}};

/* One gauge per state: reg_state_ and its name. */
static int register_state(enum uax_state state)
{
	char name[48];
	const char *c;
	struct kx_buf b;

	kx_buf_init(&b, name, sizeof(name));
	kx_buf_lit(&b, "reg_state_");
	for(c = uax_state_name(state); *c != '\0'; c++)
		kx_buf_char(&b, *c == '-' ? '_' : *c);
	kx_buf_char(&b, '\0');
	if(b.err != KX_OK)
		return -1;
	return counter_register(0, "uac", name, CNT_F_NO_RESET, gauge,
			(void *)(offsetof(struct ua_totals, state)
					 + state * sizeof(atomic_t)),
			"accounts in that state", 0);
}

int ua_stats_init(void)
{
	int i, err = counter_register_array("uac", table);

	for(i = 0; i < UAX_S_COUNT && err >= 0; i++)
		err = register_state((enum uax_state)i);
	if(err < 0) {
		LM_ERR("can't register the counters\n");
		return -1;
	}
	return 0;
}

void ua_stats_count(enum ua_stats_what what)
{
	counter_inc(stats.what[what]);
}

void ua_stats_add(enum ua_stats_what what, int n)
{
	counter_add(stats.what[what], n);
}

void ua_stats_outcome(enum uax_outcome how)
{
	counter_inc(stats.outcome[how]);
}

void ua_stats_rtt(int64_t ms)
{
	counter_inc(stats.rtt[uax_rtt_bucket(ms)]);
	if(ms > 0)
		counter_add(stats.rtt_sum, (int)ms);
}

long ua_stats_read(enum ua_stats_what what)
{
	return counter_get_raw_val(stats.what[what]);
}

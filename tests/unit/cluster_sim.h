/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A day of a cluster, on the pure logic alone: who is a member, who owns what,
 * when it is due, how fast it may be sent. Clock, network, database and
 * registrars are simulated. Used by a unit test with few accounts and by
 * tests/bench/bench_cluster.py with many. */
#ifndef CLUSTER_SIM_H
#define CLUSTER_SIM_H

#include <stdint.h>

/** What happens on that day, in this order; each has until the next one. */
#define SIM_PHASES(X)                                             \
	X(QUIET, "nothing happens")                                   \
	X(CRASH, "a node crashes")                                    \
	X(JOIN, "it comes back")                                      \
	X(CRASH_MANY, "a tenth of the nodes crash together")          \
	X(JOIN_MANY, "they come back together")                       \
	X(OUTAGE, "a registrar is silent for ten minutes")            \
	X(ROLLING, "all nodes restart, one after the other, planned") \
	X(EVENING, "nothing happens any more")

enum sim_phase
{
#define SIM_ENUM(name, text) SIM_##name,
	SIM_PHASES(SIM_ENUM)
#undef SIM_ENUM
			SIM_PHASE_COUNT
};

enum sim_constants
{
	SIM_NODES_MAX = 120,
	SIM_REGISTRARS_MAX = 250,
	SIM_GRANT_S = 3600,
	/** Parameters of the module, as they are by default. */
	SIM_RETRY_S = 30,
	SIM_BEAT_MS = 2000,
	SIM_TIMEOUT_MS = 6000,
	SIM_OUTAGE_S = 600
};

/** What is simulated. */
struct sim_plan
{
	int accounts;
	int nodes;		/**< 4 to SIM_NODES_MAX */
	int registrars; /**< up to SIM_REGISTRARS_MAX */
	/** What a registrar can do, requests a second. */
	int served_per_s;
	/** Parameter reg_timer_interval: how long before its end a binding is
	 * refreshed; 83 to 1800, seconds. */
	int interval_s;
	/** The nodes have one contact address: a take-over waits for the refresh
	 * that was due. Else each has its own, and it sends a REGISTER. */
	int is_shared;
};

/** What was seen in a phase. */
struct sim_seen
{
	int64_t began_s, ended_s;
	/** Accounts that changed owner, and how many should have. */
	int64_t moved;
	double ideal;
	/** Requests: all, in the busiest second, in that of one registrar, of one
	 * node; because of a move. */
	int64_t requests;
	int busiest, busiest_registrar, busiest_node;
	int64_t move_requests, moves_sent;
	/** The longest that a registrar let a request wait, ms. */
	int64_t wait_ms;
	/** From a crash, start or stop until the last account that moves because
	 * of it is registered by its new owner, ms. */
	int64_t settled_ms;
	/** Accounts without a binding at the registrar, and the longest, ms. */
	int64_t lapses, lapse_ms;
	/** Accounts whose binding was of a node that is down, and the longest,
	 * ms. */
	int64_t strays, stray_ms;
	/** Requests that nobody answered. */
	int64_t timeouts;
};

/** What was seen on that day. */
struct sim_result
{
	struct sim_seen phase[SIM_PHASE_COUNT];
	/** Largest and smallest share of a node against the mean. */
	double most, least;
	/** Accounts that end the day without a binding or without an owner. */
	int64_t lost;
	/** Accounts that a node took while another one still had them. */
	int64_t taken_early;
	int64_t messages; /**< between nodes */
	int64_t bytes;	  /**< of memory */
};

/** Live through it. @return 0, or -1: no memory, or the plan is outside of
 * what is said above */
int sim_run(const struct sim_plan *plan, struct sim_result *out);

/** What happens in a phase. */
const char *sim_phase_text(enum sim_phase phase);

#endif

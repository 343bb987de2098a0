/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Run the simulated day of a cluster and print what was seen, a line a phase.
 *
 *   cluster_day ACCOUNTS NODES REGISTRARS PER_S INTERVAL own|shared */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster_sim.h"

static void print_phase(const struct sim_seen *p, const char *text)
{
	printf("phase\t%s\t%lld\t%lld\t%lld\t%.0f\t%lld\t%d\t%d\t%d\t%lld\t%lld\t%"
		   "lld\t"
		   "%lld\t%lld\t%lld\t%lld\t%lld\t%lld\n",
			text, (long long)p->began_s, (long long)p->ended_s,
			(long long)p->moved, p->ideal, (long long)p->requests, p->busiest,
			p->busiest_registrar, p->busiest_node, (long long)p->move_requests,
			(long long)p->moves_sent, (long long)p->settled_ms,
			(long long)p->lapses, (long long)p->lapse_ms, (long long)p->strays,
			(long long)p->stray_ms, (long long)p->timeouts,
			(long long)p->wait_ms);
}

int main(int argc, char **argv)
{
	struct sim_plan plan;
	struct sim_result got;
	int i;

	if(argc != 7) {
		fprintf(stderr,
				"ACCOUNTS NODES REGISTRARS PER_S INTERVAL own|shared\n");
		return 2;
	}
	plan.accounts = (int)strtol(argv[1], NULL, 10);
	plan.nodes = (int)strtol(argv[2], NULL, 10);
	plan.registrars = (int)strtol(argv[3], NULL, 10);
	plan.served_per_s = (int)strtol(argv[4], NULL, 10);
	plan.interval_s = (int)strtol(argv[5], NULL, 10);
	plan.is_shared = strcmp(argv[6], "shared") == 0;
	if(sim_run(&plan, &got) != 0) {
		fprintf(stderr, "no memory, or numbers out of range\n");
		return 1;
	}
	for(i = 0; i < SIM_PHASE_COUNT; i++)
		print_phase(&got.phase[i], sim_phase_text(i));
	printf("day\t%.4f\t%.4f\t%lld\t%lld\t%lld\t%lld\n", got.most, got.least,
			(long long)got.lost, (long long)got.taken_early,
			(long long)got.messages, (long long)got.bytes);
	return 0;
}

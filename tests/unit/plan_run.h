/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A request to plan, and the bindings it is planned against, for the tests of
 * registrar/logic/plan.c. */
#ifndef PLAN_RUN_H
#define PLAN_RUN_H

#include "bindings.h"
#include "plan.h"

enum
{
	/** What rgr_plan_build() may use for four contacts. */
	UNIT_OPS = 8
};

/** One run: up to six bindings, up to four contacts. */
struct unit_run
{
	struct rgr_policy pol;
	struct rgr_request req;
	struct rgr_contact c[4];
	struct rgr_binding b[6];
	struct unit_store st;
	struct rgr_op op[UNIT_OPS + 1];
	struct rgr_met met[4];
	struct rgr_plan plan;
};

/**
 * Set up a run with the default policy, to be changed before the plan is
 * built.
 *
 * @param n_contacts sip:a@10.0.0.1, sip:b@10.0.0.1 and so on
 * @param n_bindings of the same URIs
 */
void unit_run_begin(struct unit_run *r, int n_contacts, int n_bindings);

/** Build r->plan, which may not have more than UNIT_OPS operations. */
enum rgr_verdict unit_run_build(struct unit_run *r);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Runs for the tests of registrar/logic/plan.c. */
#include "plan_run.h"

void unit_run_begin(struct unit_run *r, int n_contacts, int n_bindings)
{
	static const char *const uri[] = {"sip:a@10.0.0.1", "sip:b@10.0.0.1",
			"sip:c@10.0.0.1", "sip:d@10.0.0.1", "sip:e@10.0.0.1",
			"sip:f@10.0.0.1"};
	int i;

	memset(r, 0, sizeof(*r));
	r->pol = unit_policy();
	for(i = 0; i < 4; i++)
		r->c[i] = unit_contact(uri[i]);
	for(i = 0; i < 6; i++) {
		r->b[i] = unit_binding(uri[i]);
		/* what a caller left there must not count */
		r->op[i].kind = RGR_OP_DELETE;
		r->op[i].ref = &r->b[i];
	}
	r->req = unit_request(r->c, n_contacts);
	r->st.binding = r->b;
	r->st.n = n_bindings;
	r->plan.op = r->op;
	r->plan.met = r->met;
	memset(r->met, 0x5a, sizeof(r->met));
}

enum rgr_verdict unit_run_build(struct unit_run *r)
{
	static const char beyond;
	struct rgr_bindings all = unit_bindings(&r->st);
	enum rgr_verdict v;
	int i;

	for(i = 0; i < r->req.n_contacts; i++)
		r->c[i].has_parts = kx_uri_parse(&r->c[i].uri, &r->c[i].parts) == KX_OK;
	r->op[UNIT_OPS].ref = &beyond;
	v = rgr_plan_build(&r->pol, &r->req, &all, &r->plan);
	ck_assert_ptr_eq(r->op[UNIT_OPS].ref, &beyond);
	return v;
}

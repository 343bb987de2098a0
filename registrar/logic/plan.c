/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From a REGISTER to operations on bindings. */
#include "plan.h"

static int is_repeated(
		const struct rgr_policy *pol, const struct rgr_request *req, int i)
{
	int k;

	for(k = 0; k < i; k++) {
		if(rgr_match_contacts(pol, &req->contact[k], &req->contact[i]))
			return 1;
	}
	return 0;
}

/* Whether an earlier contact has taken a binding already. Two contacts that
 * have nothing in common can mean the same one: the first by its instance,
 * the second by the URI. */
static int is_taken(const struct rgr_plan *plan, const void *ref)
{
	int k;

	for(k = 0; k < plan->n_ops; k++) {
		if(plan->op[k].ref == ref)
			return 1;
	}
	return 0;
}

/* What the plan does to the number of living bindings. */
struct tally
{
	int64_t living; /* before it; only asked for when some are gained */
	int64_t gained;
	int64_t lost;
};

/* Drop a binding that no contact of the request names. */
static void add_delete(struct rgr_plan *plan, const void *ref)
{
	plan->op[plan->n_ops].kind = RGR_OP_DELETE;
	plan->op[plan->n_ops].ref = ref;
	plan->n_ops++;
}

/* A contact that means no binding: a new one, perhaps in place of one that
 * the store can't give an instance. */
static enum rgr_verdict plan_new(const struct rgr_contact *c, int i,
		struct rgr_plan *plan, struct tally *tally)
{
	const struct rgr_meant *old = &plan->met[i].promoted;

	if(old->ref != NULL && !is_taken(plan, old->ref)) {
		if(old->order == RGR_ORDER_STALE)
			return RGR_V_BAD_CSEQ;
		add_delete(plan, old->ref);
		tally->lost++;
		plan->replaces = 1;
	}
	if(c->granted > 0) {
		plan->op[i].kind = RGR_OP_INSERT;
		tally->gained++;
	}
	return RGR_V_FINE;
}

static enum rgr_verdict plan_contact(const struct rgr_contact *c, int i,
		struct rgr_plan *plan, struct tally *tally)
{
	const struct rgr_meant *b = &plan->met[i].meant;
	struct rgr_op *op = &plan->op[i];

	if(b->ref == NULL)
		return plan_new(c, i, plan, tally);
	if(is_taken(plan, b->ref))
		return RGR_V_FINE;
	op->ref = b->ref;
	switch(b->order) {
		case RGR_ORDER_STALE:
			return RGR_V_BAD_CSEQ;
		case RGR_ORDER_REPEAT:
			return RGR_V_FINE;
		case RGR_ORDER_NEWER:
			break;
	}
	if(c->granted > 0) {
		op->kind = RGR_OP_UPDATE;
		tally->gained += !b->is_living;
	} else {
		op->kind = RGR_OP_DELETE;
		tally->lost += b->is_living;
	}
	return RGR_V_FINE;
}

static void note_outcome(struct rgr_plan *plan, enum rgr_op_kind kind)
{
	switch(kind) {
		case RGR_OP_NONE:
			return;
		case RGR_OP_INSERT:
			plan->outcome = RGR_DID_INSERT;
			break;
		case RGR_OP_UPDATE:
			plan->outcome = RGR_DID_UPDATE;
			break;
		case RGR_OP_DELETE:
			plan->outcome = RGR_DID_DELETE;
			break;
	}
	plan->changes = 1;
}

static enum rgr_verdict plan_star(const struct rgr_policy *pol,
		const struct rgr_request *req, const struct rgr_bindings *all,
		struct rgr_plan *plan)
{
	const void *at = NULL;
	struct rgr_binding b;

	while((at = all->next(all->owner, at, RGR_WANT_ALL, &b)) != NULL) {
		/* RFC 3261 10.3 step 6: the same Call-ID needs a higher CSeq */
		if(rgr_binding_is_valid(&b, req->now)
				&& rgr_match_order(pol, req, &b) != RGR_ORDER_NEWER)
			return RGR_V_BAD_CSEQ;
		plan->changes = 1;
	}
	plan->sweep = RGR_SWEEP_ALL;
	plan->outcome = RGR_DID_DELETE;
	return RGR_V_FINE;
}

/* Whether the request is newer than what it sweeps away: one that was
 * overtaken must not replace the binding of the one that overtook it. */
static enum rgr_verdict plan_sweep(const struct rgr_policy *pol,
		const struct rgr_request *req, const struct rgr_bindings *all,
		const struct rgr_plan *plan)
{
	const void *at = NULL;
	struct rgr_binding b;

	if(plan->sweep != RGR_SWEEP_OTHERS)
		return RGR_V_FINE;
	while((at = all->next(all->owner, at, RGR_WANT_ALL, &b)) != NULL) {
		if(rgr_binding_is_valid(&b, req->now) && !is_taken(plan, b.ref)
				&& req->cseq < b.cseq
				&& rgr_match_order(pol, req, &b) == RGR_ORDER_STALE)
			return RGR_V_BAD_CSEQ;
	}
	return RGR_V_FINE;
}

/* When a binding goes before others: the lowest first. */
static int64_t rank_of(
		const struct rgr_policy *pol, const struct rgr_binding *b)
{
	if(pol->eviction != RGR_EVICT_FIRST)
		return b->last_modified;
	/* permanent ones expire last */
	return b->expires != 0 ? b->expires : INT64_MAX;
}

/* Put a binding in its place among the first max to go, behind those of the
 * same rank; gives how many there are then. */
static int line_up(
		struct rgr_op *line, int n, int max, const void *ref, int64_t rank)
{
	int i = n;

	while(i > 0 && line[i - 1].rank > rank)
		i--;
	if(i == max)
		return n;
	if(n < max)
		n++;
	memmove(&line[i + 1], &line[i], (n - 1 - i) * sizeof(*line));
	line[i].kind = RGR_OP_DELETE;
	line[i].ref = ref;
	line[i].rank = rank;
	return n;
}

/* Add deletions of max living bindings that the request does not name. */
static enum rgr_verdict plan_evict(const struct rgr_policy *pol,
		const struct rgr_request *req, const struct rgr_bindings *all,
		struct rgr_plan *plan, int max)
{
	struct rgr_op *line = &plan->op[plan->n_ops];
	const void *at = NULL;
	struct rgr_binding b;
	int n = 0;

	while((at = all->next(all->owner, at, RGR_WANT_NUMBERS, &b)) != NULL) {
		if(rgr_binding_is_valid(&b, req->now) && !is_taken(plan, b.ref))
			n = line_up(line, n, max, b.ref, rank_of(pol, &b));
	}
	plan->n_ops += n;
	plan->n_evicted = n;
	return n == max ? RGR_V_FINE : RGR_V_TOO_MANY;
}

static enum rgr_verdict plan_count(const struct rgr_policy *pol,
		const struct rgr_request *req, const struct rgr_bindings *all,
		struct rgr_plan *plan, const struct tally *tally)
{
	int64_t excess;

	if(pol->max_contacts == 0 || tally->gained <= tally->lost
			|| plan->sweep == RGR_SWEEP_OTHERS)
		return RGR_V_FINE;
	excess = tally->living + tally->gained - tally->lost - pol->max_contacts;
	if(excess <= 0)
		return RGR_V_FINE;
	/* no more go than come: a limit lowered at run time takes effect when
	 * bindings end, not by throwing them all out */
	if(pol->eviction == RGR_EVICT_NONE)
		return RGR_V_TOO_MANY;
	if(excess > tally->gained - tally->lost)
		excess = tally->gained - tally->lost;
	return plan_evict(pol, req, all, plan, (int)excess);
}

/* Plan the contacts one after the other. */
static enum rgr_verdict plan_contacts(const struct rgr_policy *pol,
		const struct rgr_request *req, struct rgr_plan *plan,
		struct tally *tally)
{
	enum rgr_verdict v;
	int i;

	for(i = 0; i < req->n_contacts; i++) {
		const struct rgr_contact *c = &req->contact[i];
		struct rgr_op *op = &plan->op[i];

		if(is_repeated(pol, req, i))
			continue;
		/* one binding per AoR: the first contact that stays is it */
		if(plan->sweep == RGR_SWEEP_OTHERS && c->granted > 0)
			continue;
		v = plan_contact(c, i, plan, tally);
		if(v != RGR_V_FINE)
			return v;
		if(pol->is_single && c->granted > 0
				&& (op->kind != RGR_OP_NONE || op->ref != NULL)) {
			plan->sweep = RGR_SWEEP_OTHERS;
			plan->changes = 1;
		}
		note_outcome(plan, op->kind);
		if(plan->replaces) {
			note_outcome(plan, c->granted > 0 ? RGR_OP_UPDATE : RGR_OP_DELETE);
			plan->replaces = 0;
		}
	}
	return RGR_V_FINE;
}

enum rgr_verdict rgr_plan_build(const struct rgr_policy *pol,
		const struct rgr_request *req, const struct rgr_bindings *all,
		struct rgr_plan *plan)
{
	struct tally tally = {0, 0, 0};
	enum rgr_verdict v;

	plan->n_ops = req->n_contacts;
	plan->sweep = RGR_SWEEP_NONE;
	plan->n_evicted = 0;
	plan->changes = 0;
	plan->replaces = 0;
	if(req->has_star)
		return plan_star(pol, req, all, plan);
	if(req->n_contacts == 0) {
		plan->outcome = RGR_DID_QUERY;
		return RGR_V_FINE;
	}
	plan->outcome = RGR_DID_INSERT;
	/* all zero: no operation */
	memset(plan->op, 0, req->n_contacts * sizeof(*plan->op));
	tally.living = rgr_match_all(pol, req, all, plan->met);
	v = plan_contacts(pol, req, plan, &tally);
	if(v != RGR_V_FINE)
		return v;
	v = plan_sweep(pol, req, all, plan);
	if(v != RGR_V_FINE)
		return v;
	return plan_count(pol, req, all, plan, &tally);
}

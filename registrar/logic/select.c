/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Choosing targets among bindings. */
#include "select.h"

static int is_candidate(
		const struct rgr_select_policy *pol, const struct rgr_binding *b)
{
	if(!pol->use_expired && !rgr_binding_is_valid(b, pol->now))
		return 0;
	if(pol->gruu_instance.len > 0
			&& (b->instance.len == 0
					|| !rgr_gruu_is_instance(
							&pol->gruu_instance, &b->instance)))
		return 0;
	if(pol->ruid.len > 0 && !kx_str_eq(&pol->ruid, &b->ruid))
		return 0;
	if(pol->ruid.len > 0 && pol->mac != NULL
			&& rgr_gruu_callid_tag(pol->mac, &b->callid) != pol->callid_tag)
		return 0;
	if(pol->bflags != 0 && (b->cflags & pol->bflags) == 0)
		return 0;
	return !(pol->need_living_connection && b->has_dead_connection);
}

/* Put a binding in its place among the best so far: behind all of the same
 * or a better q. Only ref and q are moved about. */
static void place(const struct rgr_select_policy *pol,
		const struct rgr_binding *b, struct rgr_binding *target, int max,
		int *n)
{
	int i, at = *n;

	if(!pol->keep_store_order) {
		while(at > 0 && target[at - 1].q < b->q)
			at--;
	}
	if(at >= max)
		return;
	if(*n < max)
		(*n)++;
	for(i = *n - 1; i > at; i--) {
		target[i].ref = target[i - 1].ref;
		target[i].q = target[i - 1].q;
	}
	target[at].ref = b->ref;
	target[at].q = b->q;
}

enum rgr_select_result rgr_select(const struct rgr_select_policy *pol,
		const struct rgr_bindings *all, struct rgr_binding *target, int max,
		int *n, int *dropped)
{
	enum rgr_want want = pol->gruu_instance.len > 0 || pol->ruid.len > 0
								 ? RGR_WANT_ALL
								 : RGR_WANT_NUMBERS;
	const void *at = NULL;
	struct rgr_binding b;
	int i, others = 0, found = 0;

	*n = 0;
	while((at = all->next(all->owner, at, want, &b)) != NULL) {
		if(!is_candidate(pol, &b))
			continue;
		if(pol->method != 0 && (b.methods & pol->method) == 0) {
			others++;
			continue;
		}
		found++;
		place(pol, &b, target, max, n);
	}
	for(i = 0; i < *n; i++)
		all->read(all->owner, target[i].ref, &target[i]);
	*dropped = found - *n;
	if(found > 0)
		return RGR_SELECT_FOUND;
	return others > 0 ? RGR_SELECT_METHOD : RGR_SELECT_NONE;
}

/* Which of the first n is another flow of the same instance, or -1. */
static int find_flow(
		const struct rgr_binding *target, int n, const struct rgr_binding *b)
{
	int i;

	for(i = 0; i < n; i++) {
		if(target[i].reg_id != 0
				&& kx_str_eq(&target[i].instance, &b->instance))
			return i;
	}
	return -1;
}

int rgr_select_flows(
		struct rgr_binding *target, int *n, struct rgr_binding *spare)
{
	int i, other, kept = 0, spares = 0;

	for(i = 0; i < *n; i++) {
		struct rgr_binding b = target[i];

		other = b.reg_id != 0 && b.instance.len > 0
						? find_flow(target, kept, &b)
						: -1;
		if(other < 0) {
			target[kept++] = b;
		} else if(target[other].q == b.q
				  && target[other].last_modified < b.last_modified) {
			spare[spares++] = target[other];
			target[other] = b;
		} else {
			spare[spares++] = b;
		}
	}
	*n = kept;
	return spares;
}

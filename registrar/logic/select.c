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
	if(pol->bflags != 0 && (b->cflags & pol->bflags) == 0)
		return 0;
	return !(pol->need_living_connection && b->has_dead_connection);
}

/* Put a binding in its place among the best so far: behind all of the same
 * or a better q. */
static void place(const struct rgr_select_policy *pol,
		const struct rgr_binding *b, struct rgr_binding *target, int max,
		int *n)
{
	int i = *n;

	if(!pol->keep_store_order) {
		while(i > 0 && target[i - 1].q < b->q)
			i--;
	}
	if(i >= max)
		return;
	if(*n < max)
		(*n)++;
	memmove(&target[i + 1], &target[i], (*n - 1 - i) * sizeof(*target));
	target[i] = *b;
}

enum rgr_select_result rgr_select(const struct rgr_select_policy *pol,
		const struct rgr_bindings *all, struct rgr_binding *target, int max,
		int *n, int *dropped)
{
	const void *at = NULL;
	struct rgr_binding b;
	int others = 0, found = 0;

	*n = 0;
	while(all->next(all->owner, &at, &b)) {
		if(!is_candidate(pol, &b))
			continue;
		if(pol->method != 0 && (b.methods & pol->method) == 0) {
			others++;
			continue;
		}
		found++;
		place(pol, &b, target, max, n);
	}
	*dropped = found - *n;
	if(found > 0)
		return RGR_SELECT_FOUND;
	return others > 0 ? RGR_SELECT_METHOD : RGR_SELECT_NONE;
}

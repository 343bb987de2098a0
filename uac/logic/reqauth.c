/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bounded answers to challenges. */
#include "reqauth.h"

static int end_of(const struct uax_challenge *ch)
{
	return ch->is_proxy ? UAX_REQAUTH_PROXY : UAX_REQAUTH_SERVER;
}

/* Whether this end has answered another realm before: it has one credential,
 * which is for one realm of each end. */
static int is_other_realm(
		const struct uax_reqauth *st, const struct uax_challenge *ch)
{
	int end = end_of(ch);

	return st->is_held[end] && !uax_text_same(&st->held[end].realm, &ch->realm);
}

/* Take a challenge of our realm. Fails when it refuses what was answered. */
static int take(struct uax_reqauth *st, const struct uax_challenge *ch)
{
	int end = end_of(ch);

	if(st->is_held[end]) {
		if(st->stale >= UAX_REQAUTH_STALE_MAX
				|| uax_challenge_refuses(ch, &st->held[end].nonce, 0))
			return KX_E_NONE;
		st->stale++;
	}
	st->held[end] = *ch;
	st->is_held[end] = 1;
	return KX_OK;
}

int uax_reqauth_step(struct uax_reqauth *st, const struct uax_challenge *list,
		int n, const struct uax_cred *cred, const struct uax_auth_policy *pol)
{
	struct uax_reqauth next = *st;
	int pos = 0, taken = 0, first, i;

	while((first = uax_realm_next(list, n, &pos)) >= 0) {
		if(is_other_realm(&next, &list[first]))
			continue;
		i = uax_challenge_choose(list, n, first, cred, pol);
		if(i < 0)
			continue;
		if(take(&next, &list[i]) != KX_OK)
			return KX_E_NONE;
		taken++;
	}
	if(taken == 0)
		return KX_E_NONE;
	*st = next;
	return KX_OK;
}

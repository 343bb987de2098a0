/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lifetime of a binding. */
#include "expires.h"
#include "kx_delay.h"

enum
{
	HOUR_S = 3600
};

uint64_t rgr_expires_read(const str *text)
{
	uint64_t n;

	if(kx_str_to_u64(text, &n) != KX_OK)
		return RGR_UNSET;
	return n > UINT32_MAX ? UINT32_MAX : n;
}

static uint32_t shorten(uint32_t seconds, uint32_t pct, uint32_t rnd)
{
	uint32_t low;

	if(pct == 0)
		return seconds;
	if(pct > 100)
		pct = 100;
	low = seconds - (uint32_t)((uint64_t)seconds * pct / 100);
	return kx_delay_between(low, seconds, rnd);
}

enum rgr_verdict rgr_expires_grant(const struct rgr_lifetime_policy *pol,
		uint64_t contact, uint64_t header, int allow_random, uint32_t rnd,
		uint32_t *out)
{
	uint64_t asked = contact != RGR_UNSET ? contact : header;
	uint32_t range = pol->range_pct;
	uint32_t granted;
	int is_asked = 1;

	if(asked == 0) {
		*out = 0;
		return RGR_V_FINE;
	}
	if(pol->override_s != RGR_UNSET && pol->override_s > 0) {
		asked = pol->override_s;
		is_asked = 0;
	} else if(asked == RGR_UNSET) {
		asked = pol->default_s;
		range = pol->default_range_pct;
		is_asked = 0;
	}
	granted = asked > RGR_LIFETIME_MAX ? RGR_LIFETIME_MAX : (uint32_t)asked;

	if(granted < pol->min_s && granted < HOUR_S && pol->refuse_brief
			&& is_asked)
		return RGR_V_TOO_BRIEF;
	if(allow_random)
		granted = shorten(granted, range, rnd);
	if(granted < pol->min_s)
		granted = pol->min_s;
	if(pol->max_s > 0 && granted > pol->max_s)
		granted = pol->max_s;
	/* a range of 100 % can come to nothing, and nothing is a removal */
	*out = granted > 0 ? granted : 1;
	return RGR_V_FINE;
}

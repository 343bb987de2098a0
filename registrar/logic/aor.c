/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Address of record. */
#include "aor.h"
#include "kx_uri.h"

static void to_lower(char *s, char *end)
{
	for(; s < end; s++) {
		if(*s >= 'A' && *s <= 'Z')
			*s = kx_lower(*s);
	}
}

enum rgr_verdict rgr_aor_write(const struct rgr_aor_policy *pol,
		const str *user, const str *domain, struct kx_buf *b)
{
	str host = *domain;
	size_t from = b->len, keep = b->len;

	/* nothing at all would be left: one AoR for everybody */
	if(user->len <= 0 && !pol->use_domain)
		return RGR_V_AOR_NO_USER;
	if(kx_uri_unescape(b, user) == KX_E_SYNTAX)
		return RGR_V_UNESCAPE;
	if(pol->case_sensitive)
		keep = b->len;

	if(pol->use_domain) {
		if(pol->realm_prefix.len > 0 && host.len > pol->realm_prefix.len
				&& strncasecmp(
						   host.s, pol->realm_prefix.s, pol->realm_prefix.len)
						   == 0) {
			host.s += pol->realm_prefix.len;
			host.len -= pol->realm_prefix.len;
		}
		if(user->len > 0)
			kx_buf_char(b, '@');
		kx_buf_str(b, &host);
	}
	if(b->err != KX_OK)
		return b->err == KX_E_TOO_LONG ? RGR_V_AOR_TOO_LONG : RGR_V_INTERNAL;
	if(b->len - from > (size_t)pol->max_len)
		return RGR_V_AOR_TOO_LONG;
	to_lower(b->s + keep, b->s + b->len);
	return RGR_V_FINE;
}

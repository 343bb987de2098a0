/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Quick and slow next hops. */
#include "kx_uri.h"
#include "lane.h"

static int is_address(const str *host)
{
	int i;

	if(host->len > 0 && host->s[0] == '[')
		return 1;
	for(i = 0; i < host->len; i++) {
		if(host->s[i] != '.' && (host->s[i] < '0' || host->s[i] > '9'))
			return 0;
	}
	return host->len > 0;
}

/* Host and port without a scheme, up to the port. */
static str host_of(const str *hop)
{
	str host = *hop;
	int i;

	if(host.len > 0 && host.s[0] == '[')
		return host;
	for(i = 0; i < host.len && host.s[i] != ':' && host.s[i] != ';'; i++)
		;
	host.len = i;
	return host;
}

enum uax_lane uax_lane_first(const str *hop)
{
	struct kx_uri uri;
	str host;

	if(kx_uri_parse(hop, &uri) == KX_OK
			&& (uri.scheme == KX_URI_SIP || uri.scheme == KX_URI_SIPS))
		host = uri.host;
	else
		host = host_of(hop);
	return is_address(&host) ? UAX_LANE_QUICK : UAX_LANE_SLOW;
}

enum uax_lane uax_lane_next(enum uax_lane lane, int is_sent, int64_t took_ms)
{
	if(took_ms >= UAX_LANE_SLOW_MS)
		return UAX_LANE_SLOW;
	return is_sent ? UAX_LANE_QUICK : lane;
}

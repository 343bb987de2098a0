/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Push notification services in a registration (RFC 8599), as far as the
 * registrar tells the client which there are. Waking a phone is the
 * script's. */
#ifndef RGR_PUSH_H
#define RGR_PUSH_H

#include "rgr.h"

/**
 * Whether a contact may be registered: its pn-provider is one of ours, has no
 * value (a question, RFC 8599 4.1.4), or is not there.
 *
 * @param providers ours, by commas; empty: push is none of our business
 * @return RGR_V_FINE or RGR_V_PUSH_UNKNOWN (RFC 8599 8.1)
 */
enum rgr_verdict rgr_push_check(const str *providers, const str *uri);

/**
 * Append Feature-Caps (RFC 6809) with +sip.pns of every provider of ours
 * that a contact of the request names, and of all when one asks; nothing
 * when none does.
 *
 * @return KX_OK, or the error of the buffer
 */
int rgr_push_write(
		struct kx_buf *b, const str *providers, const struct rgr_request *req);

#endif

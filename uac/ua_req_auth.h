/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Requests of scripts that were challenged: the second one, with an answer. */
#ifndef UA_REQ_AUTH_H
#define UA_REQ_AUTH_H

#include "core/parser/msg_parser.h"

#include "reqauth.h"
#include "reqspec.h"

/** The request to send in answer to a challenge. */
struct ua_req_answer
{
	/** Views into the request that was challenged, into the reply and into
	 * this. */
	struct uax_req req;
	/** Authorization and Proxy-Authorization, whole lines. */
	str headers;
	struct kx_buf text;
	void *held[UAX_REQAUTH_ENDS];
};

/** Whether a request has what it takes to answer a challenge. */
int ua_req_auth_is_possible(const struct uax_req *req);

/**
 * Answer the challenges of a reply, if that may succeed.
 *
 * @param req as it was sent
 * @param rpl 401 or 407
 * @param out [out] to be given to ua_req_answer_release(); valid as long as
 *            req and rpl are
 * @return 0; -1: nothing to be done, out needs no release (logged if somebody
 *         can do something about it)
 */
int ua_req_auth_answer(
		const struct uax_req *req, sip_msg_t *rpl, struct ua_req_answer *out);

/**
 * Look at a 2xx: warn when an rspauth of it is wrong.
 *
 * @param req  as it was sent
 * @param sent the request with its credentials, as text
 */
void ua_req_auth_check(
		const struct uax_req *req, const str *sent, sip_msg_t *rpl);

/** Free what an answer holds. */
void ua_req_answer_release(struct ua_req_answer *answer);

#endif

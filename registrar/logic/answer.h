/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The header fields of the reply to a REGISTER (RFC 3261 10.3 step 8). */
#ifndef RGR_ANSWER_H
#define RGR_ANSWER_H

#include "gruu_token.h"

/** How contacts are shown. */
struct rgr_answer_policy
{
	str received_param; /**< name for the source address; empty: not shown */
	int with_gruu;		/**< the client supports GRUU and it is enabled */
	struct rgr_gruu_owner owner; /**< read only with with_gruu */
	const struct rgr_mac *mac;	 /**< for temporary GRUUs; NULL: stock ones */
	uint64_t nonce;				 /**< another one for every reply; with mac */
	int64_t now;
};

/**
 * Append one Contact header with every living binding, each with what is
 * left of its lifetime, and a CRLF. Nothing is written when none lives.
 *
 * @return KX_OK, or the error of the buffer
 */
int rgr_answer_contacts(struct kx_buf *b, const struct rgr_answer_policy *pol,
		const struct rgr_bindings *all);

/** The status code of a verdict, as the policy has it. */
int rgr_answer_code(enum rgr_verdict v, const struct rgr_policy *pol);

/** The reason phrase of a verdict, as the policy has it. */
str rgr_answer_reason(enum rgr_verdict v, const struct rgr_policy *pol);

/**
 * Append the headers a verdict and the negotiated extensions ask for, in
 * the order the stock module has: Unsupported, Path, Require, Supported,
 * Flow-Timer, Min-Expires, P-Registrar-Error, Retry-After; each with CRLF.
 * Service-Route and Feature-Caps stand behind Flow-Timer.
 * Require: outbound is for a request that registered a flow (RFC 5626 6).
 *
 * @param flow_timer_s    Flow-Timer of a reply made with outbound; 0: none
 * @param retry_after_s   Retry-After of a 5xx reply; 0: none
 * @return KX_OK, or the error of the buffer
 */
int rgr_answer_headers(struct kx_buf *b, enum rgr_verdict v,
		const struct rgr_policy *pol, const struct rgr_request *req,
		uint32_t flow_timer_s, uint32_t retry_after_s);

#endif

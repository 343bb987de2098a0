/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a REGISTER does to the bindings of its AoR (RFC 3261 10.3 step 7). */
#ifndef RGR_PLAN_H
#define RGR_PLAN_H

#include "match.h"

/** What happens because of one contact of the request. */
enum rgr_op_kind
{
	RGR_OP_NONE, /**< nothing: a retransmission, or removal of nothing */
	RGR_OP_INSERT,
	RGR_OP_UPDATE,
	RGR_OP_DELETE
};

struct rgr_op
{
	enum rgr_op_kind kind;
	const void *ref; /**< the binding meant; NULL with INSERT and mostly NONE */
	int64_t rank;	 /**< of use to rgr_plan_build() only */
};

/** Which bindings go that no contact of the request names. */
enum rgr_sweep
{
	RGR_SWEEP_NONE,
	RGR_SWEEP_ALL,	 /**< Contact: * */
	RGR_SWEEP_OTHERS /**< all without an op: one binding per AoR */
};

/** What save() returns to the script. */
enum rgr_outcome
{
	RGR_DID_INSERT = 1,
	RGR_DID_UPDATE = 2,
	RGR_DID_DELETE = 3,
	RGR_DID_QUERY = 4
};

struct rgr_plan
{
	/** one per contact, and behind them one per binding that is dropped to
	 * make room; memory of the caller */
	struct rgr_op *op;
	int n_ops;
	enum rgr_sweep sweep;
	enum rgr_outcome outcome;
	int n_evicted; /**< of the ops, those that drop a binding to make room */
	int changes;   /**< whether there is anything to commit */
	/* of use to rgr_plan_build() only */
	struct rgr_met *met; /**< one per contact; memory of the caller */
	int replaces;
};

/**
 * Turn a checked request and the current bindings into a plan, or refuse.
 * Nothing is changed. Call with the AoR locked and commit under the same
 * lock.
 *
 * The bindings are walked once, up to the last one a contact means, and once
 * more when others must go. Each is compared with every contact: a full
 * REGISTER for a full AoR, 256 contacts and a thousand bindings, is a quarter
 * of a million comparisons, some milliseconds.
 *
 * Every binding a contact means is compared in Call-ID and CSeq, also when
 * it is found by its instance; so is every living one before a "*" and before
 * it is swept away by the only binding of an AoR. A contact that means the
 * same binding as an earlier one of the request is passed over: no binding
 * has two operations.
 *
 * @param req   as rgr_request_check() left it
 * @param all   the bindings of the AoR, the expired ones included
 * @param plan  met points to at least req->n_contacts elements, op to as many,
 *              twice as many with pol->eviction or pol->compare_uris; the rest
 *              is filled here. Undefined unless RGR_V_FINE is returned
 * @return RGR_V_FINE; RGR_V_BAD_CSEQ when the request is older than a
 *         binding it means or sweeps; RGR_V_TOO_MANY when it would leave more than
 *         max_contacts bindings and more than there were
 */
enum rgr_verdict rgr_plan_build(const struct rgr_policy *pol,
		const struct rgr_request *req, const struct rgr_bindings *all,
		struct rgr_plan *plan);

#endif

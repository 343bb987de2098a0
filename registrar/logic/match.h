/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which binding a contact means, and whether the request is newer than it. */
#ifndef RGR_MATCH_H
#define RGR_MATCH_H

#include "rgr.h"

/** Whether two instance ids are the same (RFC 5626 4.1); angle brackets
 * around either do not count. */
int rgr_instance_same(const str *a, const str *b);

/** The parts of a binding's URI, once they were needed. One for each binding
 * that is compared, all zero to begin with: its URI is split once, however
 * many contacts it is compared with. */
struct rgr_split
{
	enum
	{
		RGR_SPLIT_NOT_YET,
		RGR_SPLIT_DONE,
		RGR_SPLIT_FAILED
	} state;
	struct kx_uri parts;
};

/**
 * Whether a contact of a request means a binding.
 *
 * A contact with an instance is matched by instance and reg-id alone
 * (RFC 5626 6); any other as usrloc's matching_mode says. URIs are compared
 * byte by byte, with compare_uris as RFC 3261 19.1.4 has it.
 *
 * @param b     its keys are read
 * @param split of b
 */
int rgr_match(const struct rgr_policy *pol, const struct rgr_request *req,
		const struct rgr_contact *c, const struct rgr_binding *b,
		struct rgr_split *split);

/**
 * Whether a contact with an instance means a binding that was made without
 * one: the client has learnt to say who it is, and must not be there twice.
 * Only with compare_uris; a binding that rgr_match() finds goes first.
 *
 * @param split of b
 */
int rgr_match_promoted(const struct rgr_policy *pol,
		const struct rgr_contact *c, const struct rgr_binding *b,
		struct rgr_split *split);

/** Whether two contacts of one request mean the same binding. */
int rgr_match_contacts(const struct rgr_policy *pol,
		const struct rgr_contact *a, const struct rgr_contact *b);

/** How a request stands to a binding that it means. */
enum rgr_order
{
	RGR_ORDER_NEWER,  /**< go on */
	RGR_ORDER_REPEAT, /**< a retransmission: fine, but nothing changes */
	RGR_ORDER_STALE	  /**< overtaken or replayed: refuse (RFC 3261 10.3) */
};

/**
 * Compare Call-ID and CSeq with those the binding was made with. A request
 * of another Call-ID is always newer. The same CSeq counts as a
 * retransmission for cseq_delay_s seconds after the last change.
 */
enum rgr_order rgr_match_order(const struct rgr_policy *pol,
		const struct rgr_request *req, const struct rgr_binding *b);

/** A binding that a contact means. */
struct rgr_meant
{
	const void *ref;	  /**< NULL: none */
	enum rgr_order order; /**< of the request to it */
	int is_living;
};

/** What one contact meets among the bindings. */
struct rgr_met
{
	/** a living binding before an expired one, else the first */
	struct rgr_meant meant;
	/** a living one that rgr_match_promoted() finds; undefined when there is
	 * a living one meant */
	struct rgr_meant promoted;
};

/**
 * Find for every contact of a request the binding it means, in one walk that
 * ends when there is nothing left to find. Each binding is compared with
 * every contact.
 *
 * @param met [out] one per contact
 * @return how many living bindings there are; only with max_contacts, and
 *         fewer when every contact means a living one
 */
int64_t rgr_match_all(const struct rgr_policy *pol,
		const struct rgr_request *req, const struct rgr_bindings *all,
		struct rgr_met *met);

#endif

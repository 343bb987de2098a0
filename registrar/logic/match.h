/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which binding a contact means, and whether the request is newer than it. */
#ifndef RGR_MATCH_H
#define RGR_MATCH_H

#include "rgr.h"

/** Whether two instance ids are the same (RFC 5626 4.1); angle brackets
 * around either do not count. */
int rgr_instance_same(const str *a, const str *b);

/**
 * Whether a contact of a request means a binding.
 *
 * A contact with an instance is matched by instance and reg-id alone
 * (RFC 5626 6); any other as usrloc's matching_mode says.
 */
int rgr_match(const struct rgr_policy *pol, const struct rgr_request *req,
		const struct rgr_contact *c, const struct rgr_binding *b);

/**
 * Whether two contact URIs are the same: byte by byte, with compare_uris as
 * RFC 3261 19.1.4 has it.
 */
int rgr_match_uri(const struct rgr_policy *pol, const str *a, const str *b);

/**
 * Whether a contact with an instance means a binding that was made without
 * one: the client has learnt to say who it is, and must not be there twice.
 * Only with compare_uris; a binding that rgr_match() finds goes first.
 */
int rgr_match_promoted(const struct rgr_policy *pol,
		const struct rgr_contact *c, const struct rgr_binding *b);

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

#endif

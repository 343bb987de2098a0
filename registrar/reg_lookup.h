/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Use case: the bindings of an AoR become the destinations of a request. */
#ifndef REG_LOOKUP_H
#define REG_LOOKUP_H

#include "core/parser/msg_parser.h"

struct udomain;

/** What a look-up fills. */
enum reg_lookup_to
{
	REG_LOOKUP_RURI, /**< the Request-URI, then branches */
	REG_LOOKUP_DSET	 /**< branches only */
};

/**
 * Find the bindings a URI means and make them destinations: the best one
 * first, the others as branches unless append_branches is 0. Either the
 * message gets them all, as far as the core has room, or it is not touched.
 *
 * @param uri NULL or empty: the Request-URI
 * @return 1; -1 no binding; -2 there are some, none takes the method
 *         (parameter method_filtering); -3 the URI can't be looked up or
 *         memory is short
 */
int reg_lookup(struct sip_msg *msg, struct udomain *d, const str *uri,
		enum reg_lookup_to to);

/**
 * Look up the Request-URI and every branch that is nothing but a URI: what is
 * found takes its place, further contacts become branches behind.
 *
 * @return 1 when anything was found, else as reg_lookup() of the last one
 *         that was looked up
 */
int reg_lookup_branches(struct sip_msg *msg, struct udomain *d);

/**
 * Find the bindings a URI means and write them to XAVPs, nothing else: all
 * of them, however many branches there may be. The filters and the order are
 * those of reg_lookup().
 *
 * The record: aor, count. Each contact: uri, dsturi (where it is sent to
 * first, if elsewhere), socket, and further ruid, q, path, received,
 * instance, regid, callid, user_agent, methods, cflags, expires (seconds
 * left), conid.
 *
 * @param record, contact names of the XAVPs; what they held is dropped
 * @return as reg_lookup()
 */
int reg_lookup_xavp(struct sip_msg *msg, struct udomain *d, const str *uri,
		const str *record, const str *contact);

#endif

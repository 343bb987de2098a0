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

#endif

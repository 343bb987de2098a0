/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a registrar says of the way to it, beside the binding. */
#ifndef UAX_LEARNT_H
#define UAX_LEARNT_H

#include "kx_buf.h"

/** The headers that are kept of a 2xx. */
enum uax_learnt_kind
{
	UAX_LEARNT_SERVICE_ROUTE, /**< RFC 3608: the way of requests to come */
	UAX_LEARNT_PATH,		  /**< RFC 3327: the way requests will come */
	UAX_LEARNT_ASSOCIATED,	  /**< RFC 7315: other URIs of the account */
	UAX_LEARNT_COUNT
};

enum uax_learnt_limits
{
	/** Headers of one kind; what is beyond is left out. */
	UAX_LEARNT_PARTS = 8,
	/** Text of one kind; a longer one is not kept. */
	UAX_LEARNT_MAX = 2048
};

/** What one reply has; views into it. All zero: nothing. */
struct uax_learnt
{
	str part[UAX_LEARNT_COUNT][UAX_LEARNT_PARTS];
	int n[UAX_LEARNT_COUNT];
};

/** Note a header if it is of a kind that is kept. */
void uax_learnt_note(
		struct uax_learnt *learnt, const str *name, const str *body);

/**
 * Write all of one kind as one value: in their order, with commas between
 * them. Line breaks and other control characters become blanks, so that the
 * value can be put into a header.
 *
 * @return KX_OK, also when there is nothing; as kx_buf_add()
 */
int uax_learnt_write(struct kx_buf *b, const struct uax_learnt *learnt,
		enum uax_learnt_kind kind);

#endif

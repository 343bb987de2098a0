/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lists of methods (RFC 3261 20.5, RFC 3840 9). */
#ifndef RGR_METHODS_H
#define RGR_METHODS_H

#include "rgr.h"

/** The bits of methods, as the host and usrloc have them. */
enum rgr_method
{
	RGR_METHOD_INVITE = 1 << 0,
	RGR_METHOD_CANCEL = 1 << 1,
	RGR_METHOD_ACK = 1 << 2,
	RGR_METHOD_BYE = 1 << 3,
	RGR_METHOD_INFO = 1 << 4,
	RGR_METHOD_REGISTER = 1 << 5,
	RGR_METHOD_SUBSCRIBE = 1 << 6,
	RGR_METHOD_NOTIFY = 1 << 7,
	RGR_METHOD_MESSAGE = 1 << 8,
	RGR_METHOD_OPTIONS = 1 << 9,
	RGR_METHOD_PRACK = 1 << 10,
	RGR_METHOD_UPDATE = 1 << 11,
	RGR_METHOD_REFER = 1 << 12,
	RGR_METHOD_PUBLISH = 1 << 13
};

/**
 * Read a list of the methods above, in either case, with commas between.
 *
 * @param out [out] the bits of what is named; untouched on error
 * @return KX_OK, or KX_E_SYNTAX: anything else is in there, be it a method
 *         nobody here knows; the host decides what that is
 */
int rgr_methods_read(const str *list, uint32_t *out);

#endif

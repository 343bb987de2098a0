/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How long a binding lives (RFC 3261 10.3 step 7). */
#ifndef RGR_EXPIRES_H
#define RGR_EXPIRES_H

#include "rgr.h"

/**
 * Read the value of an expires parameter or an Expires header.
 *
 * @return seconds, capped at 2^32-1, the largest RFC 3261 20.19 knows; or
 *         RGR_UNSET when empty or malformed: the caller then goes on to the
 *         next source of a lifetime, as if it were missing
 */
uint64_t rgr_expires_read(const str *text);

/**
 * Decide how long one binding lives.
 *
 * The contact's own expires wins over the Expires header, which wins over
 * the policy default (RFC 3261 10.2.1.1, 10.3 step 7); the policy's override
 * wins over both. Zero is a removal and is never raised, not even by the
 * override. A lifetime is shortened by the configured random share, then
 * raised to min_s and cut to max_s; when both collide max_s wins.
 *
 * 423 is only for those below min_s who asked for less than an hour: above
 * that RFC 3261 10.3 does not allow it, and the value is raised instead; so
 * is a default or an override, which is not the client's to change.
 *
 * @param contact      expires of the Contact, seconds, or RGR_UNSET
 * @param header       Expires header, seconds, or RGR_UNSET
 * @param allow_random whether the ranges apply (not with save flag 0x08)
 * @param rnd          uniform 32-bit value, read only when a range applies
 * @param out          [out] granted seconds, 0 to RGR_LIFETIME_MAX; untouched
 *                     on error
 * @return RGR_V_FINE or RGR_V_TOO_BRIEF (answer 423 with Min-Expires: min_s)
 */
enum rgr_verdict rgr_expires_grant(const struct rgr_lifetime_policy *pol,
		uint64_t contact, uint64_t header, int allow_random, uint32_t rnd,
		uint32_t *out);

#endif

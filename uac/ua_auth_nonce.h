/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Random text for cnonces, and how often a nonce was used. */
#ifndef UA_AUTH_NONCE_H
#define UA_AUTH_NONCE_H

#include "kx_str.h"

/** Characters of a cnonce. */
#define UA_AUTH_CNONCE_LEN 32

/**
 * Make a client nonce that nobody can guess (RFC 7616 3.4).
 *
 * @param mem UA_AUTH_CNONCE_LEN bytes, borrowed by out
 * @param out [out] the text, hexadecimal
 * @return 0, or -1 when the system has no random bytes (logged)
 */
int ua_auth_cnonce(char *mem, str *out);

/**
 * Prepare the counters of nonces, before the fork.
 *
 * @return 0, or -1 without shared memory (logged)
 */
int ua_auth_nonce_init(void);

/**
 * Count one more use of a nonce, over all processes (RFC 7616 3.4, nc): 1
 * the first time. The table is of fixed size; a nonce that was pushed out
 * begins at 1 again, which the fresh cnonce of every request makes harmless.
 */
uint32_t ua_auth_nonce_use(const str *realm, const str *nonce);

#endif

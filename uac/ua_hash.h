/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The hash functions of the Kamailio core, lent to the digest logic. */
#ifndef UA_HASH_H
#define UA_HASH_H

#include "digest.h"

/** MD5, SHA-256 and SHA-512/256; valid for ever. */
const struct uax_hashes *ua_hashes(void);

#endif

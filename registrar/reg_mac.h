/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The keyed hash behind temporary GRUUs (parameter gruu_key). */
#ifndef REG_MAC_H
#define REG_MAC_H

#include "gruu_token.h"

/** Prepare the key (in mod_init only). @return 0, or -1: it is too short */
int reg_mac_init(void);

/** HMAC-SHA-256 under the key, or NULL when there is none. */
const struct rgr_mac *reg_mac(void);

#endif

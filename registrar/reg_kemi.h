/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Entries by table name: KEMI and, through reg_api.h, other modules. */
#ifndef REG_KEMI_H
#define REG_KEMI_H

#include "core/kemi.h"

/** The functions, ended by a zero row. */
extern sr_kemi_t reg_kemi_exports[];

/* Each returns what its script function returns, -1 when there is no such
 * table: usrloc makes tables only before the server forks, so one that no
 * kamailio.cfg names must be in usrloc's parameter preload. */
int ki_save(sip_msg_t *msg, str *table, int flags);
int ki_save_uri(sip_msg_t *msg, str *table, int flags, str *uri);
int ki_lookup(sip_msg_t *msg, str *table);
int ki_lookup_uri(sip_msg_t *msg, str *table, str *uri);
int ki_lookup_to_dset(sip_msg_t *msg, str *table, str *uri);
int ki_registered(sip_msg_t *msg, str *table);
int ki_set_q_override(sip_msg_t *msg, str *q);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What other modules bind: the structure of the stock module, member for
 * member, so that a module compiled against that one works with this one. */
#ifndef REG_API_H
#define REG_API_H

#include "core/parser/msg_parser.h"

/** Every function returns what the script function of its name returns. */
typedef struct registrar_api
{
	int (*save)(sip_msg_t *msg, str *table, int flags);
	int (*save_uri)(sip_msg_t *msg, str *table, int flags, str *uri);
	int (*lookup)(sip_msg_t *msg, str *table);
	int (*lookup_uri)(sip_msg_t *msg, str *table, str *uri);
	int (*lookup_to_dset)(sip_msg_t *msg, str *table, str *uri);
	int (*registered)(sip_msg_t *msg, str *table);
	int (*set_q_override)(sip_msg_t *msg, str *q);
} registrar_api_t;

/**
 * Fill the structure; found by find_export("bind_registrar", 0, 0).
 *
 * @return 0, or -1 for a NULL pointer
 */
int bind_registrar(registrar_api_t *api);

#endif

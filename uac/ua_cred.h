/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who the server answers challenges as: the `credential` parameters and the
 * three auth_*_avp variables. */
#ifndef UA_CRED_H
#define UA_CRED_H

#include "core/parser/msg_parser.h"
#include "core/sr_module.h"

#include "digest.h"

/**
 * Take one `credential` parameter: "user:realm:password". Blanks around the
 * three are dropped, blanks in them stay; the password may have colons. A
 * realm that is empty or "*" stands for every realm that no other credential
 * names. Of two for the same realm the last one counts.
 *
 * @return 0, or -1: the server must not start (logged)
 */
int ua_cred_param(modparam_t type, void *value);

/**
 * Sort the credentials and read the names of the variables, in mod_init.
 *
 * @return 0, or -1: the server must not start (logged)
 */
int ua_cred_init(void);

/**
 * Find who answers for a realm: first the variables, if user and password
 * are set there and their realm is empty or this one, then the parameters.
 *
 * @param msg    whose variables are read
 * @param is_ha1 whether the passwords are HA1
 * @param text   memory for what the variables say; as long as out is used
 * @param out    [out] views into text and into the parameters
 * @return 0, or -1 when nobody does
 */
int ua_cred_find(struct sip_msg *msg, const struct uax_text *realm, int is_ha1,
		struct kx_buf *text, struct uax_cred *out);

#endif

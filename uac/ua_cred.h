/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who the server answers challenges as: the `credential` parameters, the lines
 * of credential_file and the three auth_*_avp variables. */
#ifndef UA_CRED_H
#define UA_CRED_H

#include "core/parser/msg_parser.h"
#include "core/sr_module.h"

#include "digest.h"

/**
 * Take one `credential` parameter: "user:realm:password", see
 * uax_cred_split().
 *
 * @return 0, or -1: the server must not start (logged)
 */
int ua_cred_param(modparam_t type, void *value);

/**
 * Load the credentials and read the names of the variables, in mod_init.
 *
 * @return 0, or -1: the server must not start (logged)
 */
int ua_cred_init(void);

/** How a load went. */
struct ua_cred_load
{
	int count;		/**< realms somebody answers for now */
	int file_errno; /**< why the file can't be read, or 0 */
	int bad_line;	/**< its first line that is no credential, or 0 */
};

/**
 * Read credential_file and use what it says from now on, in every process,
 * with the parameters; of two for the same realm the last one counts, and the
 * file comes last. All or nothing: when it can't be read, all stays as it is.
 *
 * @return 0, or -1 (logged, no secret in it)
 */
int ua_cred_load(struct ua_cred_load *out);

/**
 * Find who answers for a realm: first the variables, if user and password
 * are set there and their realm is empty or this one, then what was loaded.
 *
 * @param msg    whose variables are read
 * @param is_ha1 whether the passwords are HA1
 * @param text   memory for what is found; as long as out is used
 * @param out    [out] views into text
 * @return 0, or -1 when nobody does
 */
int ua_cred_find(struct sip_msg *msg, const struct uax_text *realm, int is_ha1,
		struct kx_buf *text, struct uax_cred *out);

#endif

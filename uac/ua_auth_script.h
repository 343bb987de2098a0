/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Authentication: what scripts see of uac_auth. */
#ifndef UA_AUTH_SCRIPT_H
#define UA_AUTH_SCRIPT_H

#include "core/kemi.h"
#include "core/route.h"
#include "core/sr_module.h"

#include "ua_cred.h"

/** uac_auth() and uac_auth("mode"), uac_auth_mode("mode"): see
 * ua_auth_answer(). */
int ua_w_auth(struct sip_msg *msg, char *mode, char *unused);

/** KEMI: uac_auth(). */
int ua_ki_auth(struct sip_msg *msg);

/** KEMI: uac_auth_mode(mode). */
int ua_ki_auth_mode(struct sip_msg *msg, int mode);

/** A number, or a variable that holds one. */
int ua_auth_fixup(void **param, int number);

/** Undo ua_auth_fixup(). */
int ua_auth_fixup_free(void **param, int number);

#define UA_AUTH_ROUTES (FAILURE_ROUTE | BRANCH_FAILURE_ROUTE | EVENT_ROUTE)

/** Rows of the module's tables; each ends with a comma. */
#define UA_AUTH_CMDS                                                      \
	{"uac_auth", (cmd_function)ua_w_auth, 0, NULL, NULL, UA_AUTH_ROUTES}, \
			{"uac_auth", (cmd_function)ua_w_auth, 1, ua_auth_fixup,       \
					ua_auth_fixup_free, UA_AUTH_ROUTES},                  \
			{"uac_auth_mode", (cmd_function)ua_w_auth, 1, ua_auth_fixup,  \
					ua_auth_fixup_free, UA_AUTH_ROUTES},
#define UA_AUTH_PARAMS \
	{"credential", PARAM_STRING | PARAM_USE_FUNC, (void *)ua_cred_param},
#define UA_AUTH_PVS
#define UA_AUTH_KEMI                                                     \
	{str_init("uac"), str_init("uac_auth"), SR_KEMIP_INT, ua_ki_auth,    \
			{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, \
					SR_KEMIP_NONE, SR_KEMIP_NONE}},                      \
			{str_init("uac"), str_init("uac_auth_mode"), SR_KEMIP_INT,   \
					ua_ki_auth_mode,                                     \
					{SR_KEMIP_INT, SR_KEMIP_NONE, SR_KEMIP_NONE,         \
							SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}},

/** Prepare in mod_init, before the processes are forked. @return 0 or -1 */
int ua_auth_init(void);

/** Prepare a process after the fork. @return 0 or -1 */
static inline int ua_auth_init_child(int rank)
{
	return 0;
}

#endif

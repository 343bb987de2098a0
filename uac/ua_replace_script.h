/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From and To: what scripts see of uac_replace and uac_restore, and the C
 * API that other modules bind. */
#ifndef UA_REPLACE_SCRIPT_H
#define UA_REPLACE_SCRIPT_H

#include "core/kemi.h"
#include "core/mod_fix.h"
#include "core/sr_module.h"

#include "ua_api.h"

/** uac_replace_from(uri), uac_replace_from(display, uri) and the same for To
 * @return 1, or -1: the request is as it was */
int w_ua_replace_from(sip_msg_t *msg, char *first, char *second);
int w_ua_replace_to(sip_msg_t *msg, char *first, char *second);

/** uac_restore_from(), uac_restore_to() @return 1, or -1: nothing known */
int w_ua_restore_from(sip_msg_t *msg, char *unused1, char *unused2);
int w_ua_restore_to(sip_msg_t *msg, char *unused1, char *unused2);

/** The same for KEMI. */
int ki_ua_replace_from(sip_msg_t *msg, str *display, str *uri);
int ki_ua_replace_to(sip_msg_t *msg, str *display, str *uri);
int ki_ua_replace_from_uri(sip_msg_t *msg, str *uri);
int ki_ua_replace_to_uri(sip_msg_t *msg, str *uri);
int ki_ua_restore_from(sip_msg_t *msg);
int ki_ua_restore_to(sip_msg_t *msg);

/** Rows of the module's tables; each ends with a comma. */
#define UA_REPLACE_CMDS                                                       \
	{"uac_replace_from", (cmd_function)w_ua_replace_from, 2, fixup_spve_spve, \
			fixup_free_spve_spve, REQUEST_ROUTE | BRANCH_ROUTE},              \
			{"uac_replace_from", (cmd_function)w_ua_replace_from, 1,          \
					fixup_spve_null, fixup_free_spve_null,                    \
					REQUEST_ROUTE | BRANCH_ROUTE},                            \
			{"uac_replace_to", (cmd_function)w_ua_replace_to, 2,              \
					fixup_spve_spve, fixup_free_spve_spve,                    \
					REQUEST_ROUTE | BRANCH_ROUTE},                            \
			{"uac_replace_to", (cmd_function)w_ua_replace_to, 1,              \
					fixup_spve_null, fixup_free_spve_null,                    \
					REQUEST_ROUTE | BRANCH_ROUTE},                            \
			{"uac_restore_from", (cmd_function)w_ua_restore_from, 0, 0, 0,    \
					REQUEST_ROUTE},                                           \
			{"uac_restore_to", (cmd_function)w_ua_restore_to, 0, 0, 0,        \
					REQUEST_ROUTE},                                           \
			{"bind_uac", (cmd_function)bind_uac, 1, 0, 0, 0},
#define UA_REPLACE_PARAMS
#define UA_REPLACE_PVS
#define UA_REPLACE_KEMI                                                        \
	{str_init("uac"), str_init("uac_replace_from"), SR_KEMIP_INT,              \
			ki_ua_replace_from,                                                \
			{SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE,         \
					SR_KEMIP_NONE, SR_KEMIP_NONE}},                            \
			{str_init("uac"), str_init("uac_replace_to"), SR_KEMIP_INT,        \
					ki_ua_replace_to,                                          \
					{SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE, \
							SR_KEMIP_NONE, SR_KEMIP_NONE}},                    \
			{str_init("uac"), str_init("uac_replace_from_uri"), SR_KEMIP_INT,  \
					ki_ua_replace_from_uri,                                    \
					{SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE,               \
							SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}},     \
			{str_init("uac"), str_init("uac_replace_to_uri"), SR_KEMIP_INT,    \
					ki_ua_replace_to_uri,                                      \
					{SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE,               \
							SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}},     \
			{str_init("uac"), str_init("uac_restore_from"), SR_KEMIP_INT,      \
					ki_ua_restore_from,                                        \
					{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,              \
							SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}},     \
			{str_init("uac"), str_init("uac_restore_to"), SR_KEMIP_INT,        \
					ki_ua_restore_to,                                          \
					{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,              \
							SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}},

/** Prepare in mod_init, before the processes are forked. @return 0 or -1 */
int ua_replace_init(void);

/** Prepare a process after the fork. @return 0 or -1 */
static inline int ua_replace_init_child(int rank)
{
	return 0;
}

#endif

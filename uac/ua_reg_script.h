/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Remote registrations: what scripts see of them. */
#ifndef UA_REG_SCRIPT_H
#define UA_REG_SCRIPT_H

#include "core/kemi.h"
#include "core/mod_fix.h"
#include "core/sr_module.h"

#include "reg_pv.h"

/* All return what enum ua_ops_result says, or the stock module's -2 and -3
 * where that has them. */

/** uac_reg_lookup(uuid, dst), uac_reg_lookup_uri(uri, dst) */
int ua_reg_w_lookup(sip_msg_t *msg, char *uuid, char *dst);
int ua_reg_w_lookup_uri(sip_msg_t *msg, char *uri, char *dst);
int ua_reg_ki_lookup(sip_msg_t *msg, str *uuid, str *dst);
int ua_reg_ki_lookup_uri(sip_msg_t *msg, str *uri, str *dst);

/** uac_reg_status(uuid or URI) */
int ua_reg_w_status(sip_msg_t *msg, char *who, char *none);
int ua_reg_ki_status(sip_msg_t *msg, str *who);

/** uac_reg_request_to(user, mode) */
int ua_reg_w_request_to(sip_msg_t *msg, char *user, char *mode);
int ua_reg_ki_request_to(sip_msg_t *msg, str *user, int mode);

/** uac_reg_enable, _disable, _send_register, _send_unregister(attr, value):
 * 1; -1 bad arguments; -2 no such account; -3 no such attribute */
int ua_reg_w_enable(sip_msg_t *msg, char *attr, char *value);
int ua_reg_w_disable(sip_msg_t *msg, char *attr, char *value);
int ua_reg_w_register(sip_msg_t *msg, char *attr, char *value);
int ua_reg_w_unregister(sip_msg_t *msg, char *attr, char *value);
int ua_reg_ki_enable(sip_msg_t *msg, str *attr, str *value);
int ua_reg_ki_disable(sip_msg_t *msg, str *attr, str *value);
int ua_reg_ki_register(sip_msg_t *msg, str *attr, str *value);
int ua_reg_ki_unregister(sip_msg_t *msg, str *attr, str *value);

/** uac_reg_refresh(uuid) */
int ua_reg_w_refresh(sip_msg_t *msg, char *uuid, char *none);
int ua_reg_ki_refresh(sip_msg_t *msg, str *uuid);

/** Fixups of (text, variable) and (text, number). */
int ua_reg_fixup_lookup(void **param, int no);
int ua_reg_fixup_free_lookup(void **param, int no);
int ua_reg_fixup_request_to(void **param, int no);
int ua_reg_fixup_free_request_to(void **param, int no);

#define UA_REG_CMD2(name, fn)                                          \
	{name, (cmd_function)fn, 2, fixup_spve_spve, fixup_free_spve_spve, \
			ANY_ROUTE},

/** Rows of the module's tables; each ends with a comma. */
#define UA_REG_CMDS                                                            \
	{"uac_reg_lookup", (cmd_function)ua_reg_w_lookup, 2, ua_reg_fixup_lookup,  \
			ua_reg_fixup_free_lookup, ANY_ROUTE},                              \
			{"uac_reg_lookup_uri", (cmd_function)ua_reg_w_lookup_uri, 2,       \
					ua_reg_fixup_lookup, ua_reg_fixup_free_lookup, ANY_ROUTE}, \
			{"uac_reg_status", (cmd_function)ua_reg_w_status, 1,               \
					fixup_spve_null, fixup_free_spve_null, ANY_ROUTE},         \
			{"uac_reg_request_to", (cmd_function)ua_reg_w_request_to, 2,       \
					ua_reg_fixup_request_to, ua_reg_fixup_free_request_to,     \
					REQUEST_ROUTE | FAILURE_ROUTE | BRANCH_ROUTE},             \
			{"uac_reg_refresh", (cmd_function)ua_reg_w_refresh, 1,             \
					fixup_spve_null, fixup_free_spve_null, ANY_ROUTE},         \
			UA_REG_CMD2("uac_reg_enable", ua_reg_w_enable) UA_REG_CMD2(        \
					"uac_reg_disable", ua_reg_w_disable)                       \
					UA_REG_CMD2("uac_reg_send_register", ua_reg_w_register)    \
							UA_REG_CMD2("uac_reg_send_unregister",             \
									ua_reg_w_unregister)

#define UA_REG_PVS                                                    \
	{{"uac_reg", sizeof("uac_reg") - 1}, PVT_OTHER, ua_reg_pv_get, 0, \
			ua_reg_pv_name, 0, 0, 0},

#define UA_REG_KI(name, fn, a, b)                               \
	{str_init("uac"), str_init(name), SR_KEMIP_INT, fn,         \
			{a, b, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, \
					SR_KEMIP_NONE}},
#define UA_REG_KI_SS(name, fn) UA_REG_KI(name, fn, SR_KEMIP_STR, SR_KEMIP_STR)
#define UA_REG_KI_S(name, fn) UA_REG_KI(name, fn, SR_KEMIP_STR, SR_KEMIP_NONE)

#define UA_REG_KEMI                                                     \
	UA_REG_KI_SS("uac_reg_lookup", ua_reg_ki_lookup)                    \
	UA_REG_KI_SS("uac_reg_lookup_uri", ua_reg_ki_lookup_uri)            \
	UA_REG_KI_S("uac_reg_status", ua_reg_ki_status)                     \
	UA_REG_KI("uac_reg_request_to", ua_reg_ki_request_to, SR_KEMIP_STR, \
			SR_KEMIP_INT)                                               \
	UA_REG_KI_SS("uac_reg_enable", ua_reg_ki_enable)                    \
	UA_REG_KI_SS("uac_reg_disable", ua_reg_ki_disable)                  \
	UA_REG_KI_SS("uac_reg_send_register", ua_reg_ki_register)           \
	UA_REG_KI_SS("uac_reg_send_unregister", ua_reg_ki_unregister)       \
	UA_REG_KI_S("uac_reg_refresh", ua_reg_ki_refresh)

/**
 * Prepare in mod_init, before the processes are forked. Without reg_db_url
 * there are no registrations, and nothing is made.
 *
 * @return 0, or -1: the server must not start
 */
int ua_reg_init(void);

/** Prepare a process after the fork. @return 0 or -1 */
int ua_reg_init_child(int rank);

#endif

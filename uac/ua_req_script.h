/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Requests from the script: what scripts see of uac_req_send and $uac_req. */
#ifndef UA_REQ_SCRIPT_H
#define UA_REQ_SCRIPT_H

#include "core/kemi.h"
#include "core/pvar.h"
#include "core/sr_module.h"

/** Rows of the module's tables; each ends with a comma. */
#define UA_REQ_CMDS {"uac_req_send", ua_req_w_send, 0, NULL, NULL, ANY_ROUTE},
#define UA_REQ_PARAMS
#define UA_REQ_PVS                                                 \
	{{"uac_req", sizeof("uac_req") - 1}, PVT_OTHER, ua_req_pv_get, \
			ua_req_pv_set, ua_req_pv_name, 0, 0, 0},
#define UA_REQ_KEMI                                                           \
	{str_init("uac"), str_init("uac_req_send"), SR_KEMIP_INT, ua_req_ki_send, \
			{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,      \
					SR_KEMIP_NONE, SR_KEMIP_NONE}},

/** uac_req_send(). @return 1 or -1, see ua_req_send() */
int ua_req_w_send(sip_msg_t *msg, char *p1, char *p2);

/** KSR.uac.uac_req_send(). @return as uac_req_send() */
int ua_req_ki_send(sip_msg_t *msg);

/** Read $uac_req(key). */
int ua_req_pv_get(sip_msg_t *msg, pv_param_t *param, pv_value_t *res);

/**
 * Set $uac_req(key), or with $null unset it.
 *
 * @return 0, or -1: the key can't take this value; it is unset, and nothing is
 *         sent until it is set or unset again
 */
int ua_req_pv_set(sip_msg_t *msg, pv_param_t *param, int op, pv_value_t *val);

/** Read the key of $uac_req(key). @return 0, or -1 for an unknown one */
int ua_req_pv_name(pv_spec_t *spec, str *name);

/** Prepare in mod_init, before the processes are forked. @return 0 or -1 */
int ua_req_init(void);

/** Prepare a process after the fork. @return 0 or -1 */
static inline int ua_req_init_child(int rank)
{
	return 0;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * $uac_reg(key) in an event of a registration, $uac_reg(l_uuid=>key)
 * anywhere. */
#ifndef UA_REG_PV_H
#define UA_REG_PV_H

#include "core/pvar.h"

/** Read the name: a key, or l_uuid => key, the l_uuid with variables in it.
 * @return 0, or -1 for an unknown key (logged) */
int ua_reg_pv_name(pv_spec_t *spec, str *name);

/** Read the value; $null when there is no such account, or outside of an
 * event. */
int ua_reg_pv_get(sip_msg_t *msg, pv_param_t *param, pv_value_t *res);

#endif

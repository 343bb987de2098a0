/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The settings of the module, as modparam gives them. */
#ifndef UA_CFG_H
#define UA_CFG_H

#include <stdint.h>

#include "core/sr_module.h"

/** Parameters; read only after mod_init. */
struct ua_params
{
#define UA_INT(name, def, min, max, text) int name;
#define UA_STR(name, def, text) str name;
#include "ua_params.def"
};

extern struct ua_params ua_cfg;

/**
 * Check the bounds of every number. Each refusal is logged with the
 * parameter's name. What an area's own texts mean is checked by its init.
 *
 * @return 0, or -1: the server must not start
 */
int ua_cfg_check(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Parameters: defaults and bounds. */
#include "core/dprint.h"

#include "ua_cfg.h"

struct ua_params ua_cfg = {
#define UA_INT(name, def, min, max, text) .name = def,
#define UA_STR(name, def, text) .name = {def, sizeof(def) - 1},
#include "ua_params.def"
};

static int check_range(const char *name, int value, int min, int max)
{
	if(value >= min && value <= max)
		return 0;
	LM_ERR("parameter %s is %d, it must be %d to %d\n", name, value, min, max);
	return -1;
}

int ua_cfg_check(void)
{
	int bad = 0;

#define UA_INT(name, def, min, max, text) \
	bad |= check_range(#name, ua_cfg.name, min, max);
#include "ua_params.def"
	return bad;
}

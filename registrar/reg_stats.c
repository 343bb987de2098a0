/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Statistics. */
#include "core/counters.h"
#include "core/dprint.h"

#include "reg_cfg.h"
#include "reg_stats.h"

static struct
{
	stat_var *accepted;
	stat_var *rejected;
} stats;

/* Settings shown as statistics: read when asked, so that they follow changes
 * at run time. */
#define MIRROR(name)                         \
	static unsigned long mirror_##name(void) \
	{                                        \
		return reg_cfg_get(name);            \
	}
MIRROR(max_expires)
MIRROR(max_contacts)
MIRROR(default_expires)
MIRROR(default_expires_range)
MIRROR(expires_range)
#undef MIRROR

static stat_export_t table[] = {
		{"max_expires", STAT_IS_FUNC, (stat_var **)mirror_max_expires},
		{"max_contacts", STAT_IS_FUNC, (stat_var **)mirror_max_contacts},
		{"default_expire", STAT_IS_FUNC, (stat_var **)mirror_default_expires},
		{"default_expires_range", STAT_IS_FUNC,
				(stat_var **)mirror_default_expires_range},
		{"expires_range", STAT_IS_FUNC, (stat_var **)mirror_expires_range},
		{"accepted_regs", 0, &stats.accepted},
		{"rejected_regs", 0, &stats.rejected}, {0, 0, 0}};

int reg_stats_init(void)
{
	if(register_module_stats("registrar", table) != 0) {
		LM_ERR("can't register the statistics\n");
		return -1;
	}
	return 0;
}

void reg_stats_count(enum rgr_verdict v)
{
	if(v == RGR_V_FINE)
		update_stat(stats.accepted, 1);
	else
		update_stat(stats.rejected, 1);
}

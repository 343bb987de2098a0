/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Counters of remote registrations: read from the gauges when asked, so they
 * are right at every moment. */
#include "core/counters.h"
#include "core/dprint.h"

#include "reg_stats.h"
#include "reg_step.h"
#include "reg_table.h"

static unsigned long total(void)
{
	return (unsigned long)ua_table_count();
}

static unsigned long gauge(atomic_t *value)
{
	int n = atomic_get(value);

	return n > 0 ? (unsigned long)n : 0;
}

static unsigned long active(void)
{
	return gauge(&ua_totals()->active);
}

static unsigned long disabled(void)
{
	return gauge(&ua_totals()->disabled);
}

static stat_export_t table[] = {{"regtotal", STAT_IS_FUNC, (stat_var **)total},
		{"regactive", STAT_IS_FUNC, (stat_var **)active},
		{"regdisabled", STAT_IS_FUNC, (stat_var **)disabled}, {0, 0, 0}};

int ua_stats_init(void)
{
	if(register_module_stats("uac", table) != 0) {
		LM_ERR("can't register the counters\n");
		return -1;
	}
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The table of verdicts. */
#include "verdict.h"

static const struct rgr_answer_line line[RGR_VERDICT_COUNT] = {
#define RGR_VERDICT_LINE(vname, vcode, vreason, verror)       \
	[RGR_V_##vname] = {.name = #vname,                        \
			.code = vcode,                                    \
			.reason = {(char *)vreason, sizeof(vreason) - 1}, \
			.error = {(char *)verror, sizeof(verror) - 1}},
		RGR_VERDICTS(RGR_VERDICT_LINE)
#undef RGR_VERDICT_LINE
};

const struct rgr_answer_line *rgr_verdict_line(enum rgr_verdict v)
{
	if(KX_NEVER((unsigned)v >= RGR_VERDICT_COUNT))
		v = RGR_V_INTERNAL;
	return &line[v];
}

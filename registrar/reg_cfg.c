/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Parameters: tables, bounds, cfg framework. */
#include "core/dset.h"
#include "core/sr_module.h"

#include "kam/kam_compat.h"
#include "kx_str.h"
#include "path.h"
#include "reg_cfg.h"

struct reg_cfg reg_cfg = {
		.p =
				{
#define REG_INT(name, def, min, max, text) .name = def,
#define REG_STR(name, def, text) .name = {def, sizeof(def) - 1},
#include "reg_params.def"
				},
		.start =
				{
#define REG_CFG_STR(param, name, text) .name = {"", 0},
#define REG_CFG_INT(param, name, def, min, max, text) .name = def,
#include "reg_params.def"
				},
};

param_export_t reg_cfg_params[] = {
#define REG_CFG_STR(param, name, text) {#param, PARAM_STR, &reg_cfg.start.name},
#define REG_CFG_INT(param, name, def, min, max, text) \
	{#param, PARAM_INT, &reg_cfg.start.name},
#define REG_INT(name, def, min, max, text) {#name, PARAM_INT, &reg_cfg.p.name},
#define REG_STR(name, def, text) {#name, PARAM_STR, &reg_cfg.p.name},
#include "reg_params.def"
		{0, 0, 0}};

static cfg_def_t reg_cfg_def[] = {
#define REG_CFG_STR(param, name, text) {#name, CFG_VAR_STR, 0, 0, 0, 0, text},
#define REG_CFG_INT(param, name, def, min, max, text) \
	{#name, CFG_VAR_INT | CFG_ATOMIC, min, max, 0, 0, text},
#include "reg_params.def"
		{0, 0, 0, 0, 0, 0, 0}};

static int check_range(const char *name, int value, int min, int max)
{
	if(value >= min && value <= max)
		return 0;
	LM_ERR("parameter %s is %d, it must be %d to %d\n", name, value, min, max);
	return -1;
}

static int check_ranges(void)
{
	int bad = 0;

#define REG_CFG_INT(param, name, def, min, max, text) \
	bad |= check_range(#param, reg_cfg.start.name, min, max);
#define REG_INT(name, def, min, max, text) \
	bad |= check_range(#name, reg_cfg.p.name, min, max);
#include "reg_params.def"
	return bad;
}

static int parse_received_avp(void)
{
	str *name = &reg_cfg.p.received_avp;

	if(kx_str_is_empty(name))
		return 0;
	if(pv_parse_spec(name, &reg_cfg.received_avp) == NULL
			|| reg_cfg.received_avp.type != PVT_AVP) {
		LM_ERR("parameter received_avp is no AVP: %.*s\n", name->len, name->s);
		return -1;
	}
	reg_cfg.has_received_avp = 1;
	return 0;
}

int reg_cfg_check(void)
{
	/* the stock module clamps this one instead of refusing */
	if(reg_cfg.start.default_q < -1)
		reg_cfg.start.default_q = -1;
	if(reg_cfg.start.default_q > 1000)
		reg_cfg.start.default_q = 1000;
	if(check_ranges() != 0 || parse_received_avp() != 0)
		return -1;

	if(reg_cfg.p.flow_timer > 0 && reg_cfg.p.outbound_mode == 0) {
		LM_ERR("parameter flow_timer needs outbound_mode 1 or 2\n");
		return -1;
	}
	if(reg_cfg.p.service_route.len > 0
			&& !rgr_path_is_loose(&reg_cfg.p.service_route)) {
		LM_ERR("parameter service_route is no list of <sip:...;lr>\n");
		return -1;
	}
	if((reg_cfg.p.sock_flag >= 0) != (reg_cfg.p.sock_hdr_name.len > 0))
		LM_WARN("sock_flag and sock_hdr_name do nothing one without the "
				"other\n");
	return 0;
}

int reg_cfg_declare(void)
{
	if(cfg_declare("registrar", reg_cfg_def, &reg_cfg.start,
			   cfg_sizeof(registrar), &reg_cfg.handle)
			!= 0) {
		LM_ERR("the cfg framework refused the group registrar\n");
		return -1;
	}
	/* usrloc's RPC commands fold the case of an AoR by this core setting */
	set_aor_case_sensitive(reg_cfg.start.case_sensitive);
	return 0;
}

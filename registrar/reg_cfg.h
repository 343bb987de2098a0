/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The settings of the module, as modparam and the cfg framework give them. */
#ifndef REG_CFG_H
#define REG_CFG_H

#include "core/cfg/cfg.h"
#include "core/pvar.h"
#include "core/sr_module.h"

/** The group `registrar` of the cfg framework: changeable at run time, read
 * through the handle. Layout as reg_params.def says. */
struct cfg_group_registrar
{
#define REG_CFG_STR(param, name, text) str name;
#define REG_CFG_INT(param, name, def, min, max, text) int name;
#include "reg_params.def"
};

/** Parameters fixed at start. */
struct reg_params
{
#define REG_INT(name, def, min, max, text) int name;
#define REG_STR(name, def, text) str name;
#include "reg_params.def"
};

/** What the parameters and usrloc's settings come to; filled in mod_init and
 * then read only. The one context of the module. */
struct reg_cfg
{
	struct reg_params p;
	struct cfg_group_registrar start; /**< modparam values of the cfg group */
	void *handle;					  /**< of the cfg group */
	int has_received_avp;
	pv_spec_t received_avp;
	int xavp_cfg_is_set;
	/* of usrloc */
	int use_domain;
	int db_mode;
	unsigned int nat_flag;
	int matching_mode;
	int cseq_delay;
	int desc_time_order;
};

extern struct reg_cfg reg_cfg;

/** Read a setting of the cfg group; take it once per request. */
#define reg_cfg_get(name) cfg_get(registrar, reg_cfg.handle, name)

/** The rows of the modparam table, ended by a zero row. */
extern param_export_t reg_cfg_params[];

/**
 * Check the bounds of every parameter and what must go together, and parse
 * the AVP. Each refusal is logged with the parameter's name.
 *
 * @return 0, or -1: the server must not start
 */
int reg_cfg_check(void);

/**
 * Declare the group `registrar` to the cfg framework (in mod_init only).
 *
 * @return 0 or -1
 */
int reg_cfg_declare(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The uac module: what it exports, and nothing else. Each area brings its
 * own rows. */
#include "core/kemi.h"
#include "core/sr_module.h"

#include "ua_auth_script.h"
#include "ua_cfg.h"
#include "ua_cred_rpc.h"
#include "ua_reg_script.h"
#include "ua_replace_script.h"
#include "ua_req_script.h"

MODULE_VERSION

static cmd_export_t cmds[] = {
		UA_AUTH_CMDS UA_REPLACE_CMDS UA_REQ_CMDS UA_REG_CMDS{0, 0, 0, 0, 0, 0}};

static param_export_t params[] = {
#define UA_INT(name, def, min, max, text) {#name, PARAM_INT, &ua_cfg.name},
#define UA_STR(name, def, text) {#name, PARAM_STR, &ua_cfg.name},
#include "ua_params.def"
		UA_AUTH_PARAMS UA_REPLACE_PARAMS UA_REQ_PARAMS{0, 0, 0}};

static pv_export_t pvs[] = {UA_AUTH_PVS UA_REPLACE_PVS UA_REQ_PVS UA_REG_PVS{
		{0, 0}, 0, 0, 0, 0, 0, 0, 0}};

/* clang-format off */
static sr_kemi_t kemi[] = {
		UA_AUTH_KEMI UA_REPLACE_KEMI UA_REQ_KEMI UA_REG_KEMI
		{{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}}};
/* clang-format on */

static int mod_init(void)
{
	if(ua_cfg_check() != 0)
		return -1;
	if(ua_auth_init() != 0 || ua_cred_rpc_init() != 0 || ua_replace_init() != 0
			|| ua_req_init() != 0)
		return -1;
	return ua_reg_init();
}

static int child_init(int rank)
{
	if(ua_auth_init_child(rank) != 0 || ua_replace_init_child(rank) != 0
			|| ua_req_init_child(rank) != 0)
		return -1;
	return ua_reg_init_child(rank);
}

struct module_exports exports = {"uac", /* name */
		DEFAULT_DLFLAGS,				/* dlopen flags */
		cmds, params, NULL, /* RPC commands: registered in mod_init() */
		pvs, NULL,			/* replies are seen through tm */
		mod_init, child_init, NULL};

/** Called by the loader when the module is registered. */
int mod_register(char *path, int *dlflags, void *p1, void *p2);

int mod_register(char *path, int *dlflags, void *p1, void *p2)
{
	sr_kemi_modules_add(kemi);
	return 0;
}

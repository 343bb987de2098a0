/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The registrar module: what it exports, and nothing else. */
#include "core/sr_module.h"

#include "reg_cfg.h"
#include "reg_event.h"
#include "reg_kemi.h"
#include "reg_mac.h"
#include "reg_pv.h"
#include "reg_reply.h"
#include "reg_rpc.h"
#include "reg_script.h"
#include "reg_sock.h"
#include "reg_stats.h"
#include "reg_store.h"

MODULE_VERSION

static int mod_init(void)
{
	if(reg_cfg_check() != 0 || reg_cfg_declare() != 0)
		return -1;
	if(reg_mac_init() != 0 || reg_stats_init() != 0 || reg_reply_init() != 0)
		return -1;
	if(reg_store_init() != 0 || reg_sock_init() != 0)
		return -1;
	return reg_rpc_init() != 0 ? -1 : reg_event_init();
}

static int child_init(int rank)
{
	return reg_store_init_child();
}

static void mod_destroy(void)
{
	reg_event_destroy();
}

struct module_exports exports = {"registrar", DEFAULT_DLFLAGS, /* loading */
		reg_script_cmds, reg_cfg_params, NULL, /* RPC: in mod_init() */
		reg_pv_exports, NULL,				   /* no reply handler */
		mod_init, child_init, mod_destroy};

/** Called by the loader when the module is registered. */
int mod_register(char *path, int *dlflags, void *p1, void *p2);

int mod_register(char *path, int *dlflags, void *p1, void *p2)
{
	sr_kemi_modules_add(reg_kemi_exports);
	return 0;
}

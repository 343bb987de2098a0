/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * uac.cred_reload. What it says has numbers, never a user or a password. */
#include "core/dprint.h"
#include "core/rpc.h"
#include "core/rpc_lookup.h"

#include "ua_cfg.h"
#include "ua_cred.h"
#include "ua_cred_rpc.h"

static void on_reload(rpc_t *rpc, void *ctx)
{
	struct ua_cred_load load;
	void *result;

	if(ua_cfg.credential_file.len == 0) {
		rpc->fault(ctx, 500, "credential_file is not set");
	} else if(ua_cred_load(&load) == 0) {
		if(rpc->add(ctx, "{", &result) == 0)
			rpc->struct_add(result, "d", "realms", load.count);
	} else if(load.file_errno != 0) {
		rpc->fault(ctx, 500, "%s", strerror(load.file_errno));
	} else if(load.bad_line != 0) {
		rpc->fault(
				ctx, 500, "Line %d is not user:realm:password", load.bad_line);
	} else {
		rpc->fault(ctx, 500, "No memory");
	}
}

static const char *on_reload_doc[] = {
		"Read credential_file again; when that fails, nothing changes", NULL};

static rpc_export_t commands[] = {
		{"uac.cred_reload", on_reload, on_reload_doc, 0},
		{NULL, NULL, NULL, 0}};

int ua_cred_rpc_init(void)
{
	if(rpc_register_array(commands) != 0) {
		LM_ERR("can't register the RPC commands\n");
		return -1;
	}
	return 0;
}

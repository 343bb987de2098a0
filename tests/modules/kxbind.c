/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A module for tests: binds the C API of uac and offers it to the script. */
#include "core/mod_fix.h"
#include "core/sr_module.h"

MODULE_VERSION

static struct
{
	int (*replace_from)(sip_msg_t *msg, str *display, str *uri);
	int (*replace_to)(sip_msg_t *msg, str *display, str *uri);
	int (*req_send)(void);
} api;

static int w_replace(sip_msg_t *msg, char *uri, char *unused)
{
	str text;

	if(get_str_fparam(&text, msg, (fparam_t *)uri) != 0)
		return -1;
	return api.replace_to(msg, NULL, &text) == 0 ? 1 : -1;
}

static int w_req_send(sip_msg_t *msg, char *unused1, char *unused2)
{
	return api.req_send();
}

static int init(void)
{
	int (*bind)(void *) = (int (*)(void *))find_export("bind_uac", 1, 0);

	return bind != NULL && bind(&api) >= 0 ? 0 : -1;
}

static cmd_export_t cmds[] = {{"bound_replace_to", (cmd_function)w_replace, 1,
									  fixup_spve_null, 0, ANY_ROUTE},
		{"bound_req_send", (cmd_function)w_req_send, 0, 0, 0, ANY_ROUTE},
		{0, 0, 0, 0, 0, 0}};

struct module_exports exports = {"kxbind", DEFAULT_DLFLAGS, cmds, NULL, NULL,
		NULL, NULL, init, NULL, NULL};

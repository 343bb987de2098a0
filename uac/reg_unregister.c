/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The parameter reg_unregister_on. */
#include "core/dprint.h"

#include "kx_scan.h"
#include "reg_unregister.h"
#include "ua_cfg.h"

/* of enum ua_unregister_on */
static int unregister_on;

int ua_unregister_init(void)
{
	struct kx_cursor c;
	str word;

	kx_cur_init(&c, &ua_cfg.reg_unregister_on);
	while(!kx_cur_at_end(&c)) {
		kx_cur_until(&c, ",", &word);
		kx_cur_char(&c, ',');
		if(kx_str_is(&word, "disable")) {
			unregister_on |= UA_UNREGISTER_DISABLE;
		} else if(kx_str_is(&word, "remove")) {
			unregister_on |= UA_UNREGISTER_REMOVE;
		} else if(kx_str_is(&word, "shutdown")) {
			unregister_on |= UA_UNREGISTER_SHUTDOWN;
		} else if(!kx_str_is(&word, "none")) {
			LM_ERR("parameter reg_unregister_on is '%.*s', it must be none or "
				   "a list of disable, remove and shutdown\n",
					ua_cfg.reg_unregister_on.len, ua_cfg.reg_unregister_on.s);
			return -1;
		}
	}
	return 0;
}

int ua_unregister_is_on(enum ua_unregister_on what)
{
	return (unregister_on & (int)what) != 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Script and KEMI entries of uac_auth. */
#include "core/dprint.h"
#include "core/mod_fix.h"

#include "ua_auth.h"
#include "ua_auth_script.h"
#include "ua_auth_nonce.h"

int ua_w_auth(struct sip_msg *msg, char *mode, char *unused)
{
	int value = 0;

	if(mode != NULL && get_int_fparam(&value, msg, (fparam_t *)mode) < 0) {
		LM_ERR("uac_auth: the mode is no number\n");
		return -1;
	}
	return ua_auth_answer(msg, value);
}

int ua_ki_auth(struct sip_msg *msg)
{
	return ua_auth_answer(msg, 0);
}

int ua_ki_auth_mode(struct sip_msg *msg, int mode)
{
	return ua_auth_answer(msg, mode);
}

int ua_auth_fixup(void **param, int number)
{
	return fixup_igp_null(param, number);
}

int ua_auth_fixup_free(void **param, int number)
{
	return fixup_free_igp_null(param, number);
}

int ua_auth_init(void)
{
	if(ua_cred_init() < 0 || ua_auth_prepare() < 0)
		return -1;
	return ua_auth_nonce_init();
}

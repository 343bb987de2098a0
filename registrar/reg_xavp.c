/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * XAVPs that steer a call. */
#include "kam/kam_compat.h"
#include "reg_cfg.h"
#include "reg_xavp.h"

static sr_xavp_t *child(const char *key)
{
	str name = {(char *)key, (int)strlen(key)};
	sr_xavp_t *top;

	if(reg_cfg.p.xavp_cfg.len == 0)
		return NULL;
	top = xavp_get(&reg_cfg.p.xavp_cfg, NULL);
	if(top == NULL || top->val.type != SR_XTYPE_XAVP)
		return NULL;
	return xavp_get(&name, top->val.v.xavp);
}

int reg_xavp_int(const char *key, int *out)
{
	sr_xavp_t *x = child(key);

	if(x == NULL || x->val.type != KAM_XAVP_INT)
		return 0;
	*out = (int)kam_xavp_int(x);
	return 1;
}

int reg_xavp_str(const char *key, str *out)
{
	sr_xavp_t *x = child(key);

	if(x == NULL || x->val.type != SR_XTYPE_STR || x->val.v.s.len <= 0)
		return 0;
	*out = x->val.v.s;
	return 1;
}

void reg_xavp_policy(struct rgr_policy *pol)
{
	int n;

	if(reg_cfg.p.xavp_cfg.len == 0)
		return;
	if(reg_xavp_int("max_contacts", &n) && n >= 0)
		pol->max_contacts = n;
	if(reg_xavp_int("expires", &n) && n >= 0)
		pol->lifetime.override_s = n;
	if(reg_xavp_int("q", &n) && n >= 0)
		pol->override_q = n > 1000 ? 1000 : n;
}

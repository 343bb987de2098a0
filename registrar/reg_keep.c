/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unknown Contact parameters in usrloc's per-contact XAVP. */
#include "kam/kam_compat.h"
#include "kx_str.h"
#include "reg_cfg.h"
#include "reg_keep.h"

static str child = STR_STATIC_INIT("contact_params");

static struct
{
	str *xavp;	 /* usrloc's; NULL: off */
	int is_made; /* the script had none of that name */
} keep;

int reg_keep_init(void)
{
	struct sr_module *usrloc = find_module_by_name("usrloc");
	modparam_t type;

	if(!reg_cfg.p.keep_params)
		return 0;
	if(usrloc != NULL)
		keep.xavp = find_param_export(usrloc, "xavp_contact", PARAM_STR, &type);
	if(keep.xavp == NULL || keep.xavp->len <= 0) {
		LM_ERR("keep_params needs usrloc's parameter xavp_contact\n");
		return -1;
	}
	return 0;
}

int reg_keep_is_on(void)
{
	return keep.xavp != NULL;
}

int reg_keep_begin(const str *params, struct _sr_xavp *former)
{
	str none = STR_STATIC_INIT("");

	if(keep.xavp == NULL)
		return 0;
	keep.is_made = xavp_get(keep.xavp, NULL) == NULL;
	if(params->len <= 0)
		params = KAM_XAVP_STAYS && reg_keep_read(former).len > 0 ? &none : NULL;
	if(params == NULL
			|| xavp_set_child_sval(keep.xavp, &child, (str *)params) >= 0)
		return 0;
	LM_ERR("no memory for the parameters of a contact\n");
	return -1;
}

void reg_keep_end(void)
{
	if(keep.xavp == NULL)
		return;
	if(keep.is_made)
		xavp_rm_by_name(keep.xavp, 0, NULL);
	else
		xavp_rm_child_by_index(keep.xavp, &child, 0);
}

str reg_keep_read(struct _sr_xavp *kept)
{
	str none = {0, 0};
	sr_xavp_t *x;

	if(keep.xavp == NULL || kept == NULL || kept->val.type != SR_XTYPE_XAVP)
		return none;
	x = xavp_get(&child, kept->val.v.xavp);
	return x != NULL && x->val.type == SR_XTYPE_STR ? x->val.v.s : none;
}

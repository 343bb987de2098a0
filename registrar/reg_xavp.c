/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * XAVPs that steer a call. */
#include "kam/kam_compat.h"
#include "reg_cfg.h"
#include "reg_store.h"
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

/* The bits of xavp_rcd_mask. */
enum
{
	NO_RUID = 1,
	NO_CONTACT = 2,
	NO_EXPIRES = 4,
	NO_RECEIVED = 8,
	NO_PATH = 16
};

static void add_text(
		sr_xavp_t **list, const char *key, const str *text, int mask)
{
	str name = {(char *)key, (int)strlen(key)};
	sr_xval_t value = {.type = SR_XTYPE_STR};

	if((reg_cfg.p.xavp_rcd_mask & mask) || text->len <= 0)
		return;
	value.v.s = *text;
	if(xavp_add_value(&name, &value, list) == NULL)
		LM_ERR("no memory for $xavp(%.*s=>%s)\n", reg_cfg.p.xavp_rcd.len,
				reg_cfg.p.xavp_rcd.s, key);
}

static void add_lifetime(sr_xavp_t **list, int64_t seconds)
{
	str name = {"expires", 7};
	sr_xavp_t value = {.val.type = KAM_XAVP_INT};

	if(reg_cfg.p.xavp_rcd_mask & NO_EXPIRES)
		return;
	kam_xavp_int(&value) = seconds;
	if(xavp_add_value(&name, &value.val, list) == NULL)
		LM_ERR("no memory for $xavp(%.*s=>expires)\n", reg_cfg.p.xavp_rcd.len,
				reg_cfg.p.xavp_rcd.s);
}

void reg_xavp_record(const struct rgr_binding *b, int64_t now)
{
	sr_xval_t value = {.type = SR_XTYPE_XAVP};
	str *name = &reg_cfg.p.xavp_rcd;
	sr_xavp_t *last, *record;

	if(name->len == 0)
		return;
	value.v.xavp = NULL;
	add_text(&value.v.xavp, "ruid", &b->ruid, NO_RUID);
	add_text(&value.v.xavp, "contact", &b->uri, NO_CONTACT);
	add_lifetime(&value.v.xavp, b->expires - now);
	add_text(&value.v.xavp, "received", &b->received, NO_RECEIVED);
	add_text(&value.v.xavp, "path", &b->path, NO_PATH);
	if(value.v.xavp == NULL)
		return;
	last = xavp_get_last(name, NULL);
	record = last != NULL ? xavp_add_value_after(name, &value, last)
						  : xavp_add_value(name, &value, NULL);
	if(record == NULL) {
		LM_ERR("no memory for $xavp(%.*s)\n", name->len, name->s);
		xavp_destroy_list(&value.v.xavp);
	}
}

void reg_xavp_restore(const void *ref)
{
	struct reg_host_part host;
	sr_xavp_t *copy;

	reg_store_host_part(ref, &host);
	if(host.xavp == NULL)
		return;
	copy = xavp_clone_level_nodata(host.xavp);
	if(copy == NULL || xavp_add(copy, NULL) < 0)
		LM_ERR("no memory for the XAVPs of a contact\n");
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

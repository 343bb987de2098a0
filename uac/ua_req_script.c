/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * uac_req_send(), $uac_req(key) and their KEMI forms. */
#include "core/dprint.h"

#include "kam/kam_compat.h"
#include "ua_req.h"
#include "ua_req_event.h"
#include "ua_req_script.h"

int ua_req_init(void)
{
	if(ua_req_bind() != 0)
		return -1;
	return ua_req_event_init();
}

int ua_req_w_send(sip_msg_t *msg, char *p1, char *p2)
{
	return ua_req_send();
}

int ua_req_ki_send(sip_msg_t *msg)
{
	return ua_req_send();
}

int ua_req_pv_name(pv_spec_t *spec, str *name)
{
	int key;

	if(spec == NULL || name == NULL)
		return -1;
	key = uax_req_key_find(name);
	if(key < 0) {
		LM_ERR("$uac_req has no key %.*s\n", name->len, name->s);
		return -1;
	}
	spec->pvp.pvn.type = PV_NAME_INTSTR;
	spec->pvp.pvn.u.isname.type = 0;
	spec->pvp.pvn.u.isname.name.n = key;
	return 0;
}

int ua_req_pv_get(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	struct uax_reqspec *spec = ua_req_current();
	int key = (int)param->pvn.u.isname.name.n;

	if(key == UAX_REQ_ALL)
		return pv_get_sintval(msg, param, res, 0);
	if(key >= UAX_REQ_TEXT_COUNT)
		return pv_get_sintval(msg, param, res, uax_req_number(&spec->req, key));
	if(spec->req.text[key].len <= 0)
		return pv_get_null(msg, param, res);
	return pv_get_strval(msg, param, res, &spec->req.text[key]);
}

static int set_value(struct uax_reqspec *spec, int key, const pv_value_t *val)
{
	if(key < UAX_REQ_TEXT_COUNT && (val->flags & PV_VAL_STR))
		return uax_reqspec_set_text(spec, key, &val->rs);
	if(key >= UAX_REQ_TEXT_COUNT && (val->flags & PV_VAL_INT))
		return uax_reqspec_set_number(spec, key, val->ri);
	uax_reqspec_refuse(spec, key);
	return KX_E_RANGE;
}

int ua_req_pv_set(sip_msg_t *msg, pv_param_t *param, int op, pv_value_t *val)
{
	struct uax_reqspec *spec = ua_req_current();
	int key = (int)param->pvn.u.isname.name.n;
	const char *why;

	if(val == NULL || (val->flags & PV_VAL_NULL)) {
		uax_reqspec_unset(spec, key);
		return 0;
	}
	if(key == UAX_REQ_ALL)
		return 0; /* as ever: only $null means something */
	switch(set_value(spec, key, val)) {
		case KX_OK:
			return 0;
		case KX_E_RANGE:
			why = key < UAX_REQ_TEXT_COUNT ? "it takes a text"
										   : "it takes a number from 0 up";
			break;
		case KX_E_SYNTAX:
			why = "a byte or line that may not be there";
			break;
		case KX_E_TOO_LONG:
			why = "too long";
			break;
		default:
			why = "no more memory of this process (pkg)";
			break;
	}
	/* the value is not logged, it may be the password */
	LM_ERR("$uac_req(%s) can't take this value and is unset now: %s\n",
			uax_req_key_name(key), why);
	return -1;
}

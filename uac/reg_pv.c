/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * $uac_reg. */
#include "core/dprint.h"
#include "core/mem/mem.h"
#include "core/pvapi.h"

#include "kam/kam_time.h"
#include "kx_scan.h"
#include "reg_cluster.h"
#include "reg_event.h"
#include "reg_ops.h"
#include "reg_pv.h"
#include "reg_table.h"
#include "schedule.h"
#include "ua_cfg.h"

/* Keys: texts of the row have their column's name, these come on top. */
#define PV_KEYS(X)   \
	X(state)         \
	X(code)          \
	X(reason)        \
	X(expires)       \
	X(next)          \
	X(tries)         \
	X(online)        \
	X(flags)         \
	X(granted)       \
	X(cseq)          \
	X(owner)         \
	X(contact)       \
	X(service_route) \
	X(path)          \
	X(associated_uri)

enum pv_key
{
	/* below it: of enum uax_row_text */
	PV_ROW_END = UAX_R_COUNT,
#define PV_KEY_ENUM(name) PV_##name,
	PV_KEYS(PV_KEY_ENUM)
#undef PV_KEY_ENUM
			PV_KEY_END
};

/* A name that was read; pkg. */
struct pv_name
{
	int key;
	pv_elem_t *uuid; /* NULL: of the event */
};

static int key_of(const str *text)
{
	static const char *const name[] = {
#define PV_KEY_NAME(name) #name,
			PV_KEYS(PV_KEY_NAME)
#undef PV_KEY_NAME
	};
	int i;

	for(i = 0; i < UAX_R_COUNT; i++) {
		str column = kx_str_span(uax_row_text_name(i),
				uax_row_text_name(i) + strlen(uax_row_text_name(i)));

		/* secrets are not for scripts either */
		if(i != UAX_R_auth_password && i != UAX_R_auth_ha1
				&& kx_str_ieq(text, &column))
			return i;
	}
	for(i = 0; i < PV_KEY_END - PV_ROW_END - 1; i++) {
		str key = kx_str_span(name[i], name[i] + strlen(name[i]));

		if(kx_str_ieq(text, &key))
			return PV_ROW_END + 1 + i;
	}
	return -1;
}

int ua_reg_pv_name(pv_spec_t *spec, str *name)
{
	struct pv_name *n;
	str key = *name, uuid;
	int i;

	for(i = name->len - 2; i >= 0; i--) {
		if(name->s[i] == '=' && name->s[i + 1] == '>')
			break;
	}
	if(i >= 0)
		key = kx_str_span(name->s + i + 2, name->s + name->len);
	kx_str_trim(&key);
	n = pkg_mallocxz(sizeof(*n));
	if(n == NULL) {
		PKG_MEM_ERROR;
		return -1;
	}
	n->key = key_of(&key);
	if(n->key < 0) {
		LM_ERR("$uac_reg has no key %.*s\n", key.len, key.s);
		goto error;
	}
	if(i >= 0) {
		uuid = kx_str_span(name->s, name->s + i);
		kx_str_trim(&uuid);
		if(uuid.len == 0 || pv_parse_format(&uuid, &n->uuid) < 0) {
			LM_ERR("$uac_reg: no l_uuid in %.*s\n", name->len, name->s);
			goto error;
		}
	}
	spec->pvp.pvn.type = PV_NAME_OTHER;
	spec->pvp.pvn.u.dname = n;
	return 0;
error:
	pkg_free(n);
	return -1;
}

/* Seconds from now to a moment; 0 when it is over or there is none. */
static int seconds_to(int64_t ms)
{
	int left_s = uax_left_s(ms, kam_now_ms());

	return left_s > 0 ? left_s : 0;
}

static int get_contact(sip_msg_t *msg, pv_param_t *param, pv_value_t *res,
		const struct ua_rec *rec)
{
	struct uax_row row;
	str text;

	ua_rec_row(rec, &row);
	if(ua_rec_contact(&row, pv_get_buffer(), &text) != KX_OK)
		return pv_get_null(msg, param, res);
	return pv_get_strval(msg, param, res, &text);
}

/* Copy a text to where it stays when the record goes. */
static int get_text(
		sip_msg_t *msg, pv_param_t *param, pv_value_t *res, const str *text)
{
	str copy = {pv_get_buffer(), text->len};

	if(text->len >= pv_get_buffer_size())
		return pv_get_null(msg, param, res);
	memcpy(copy.s, text->s, text->len);
	return pv_get_strval(msg, param, res, &copy);
}

static int get_learnt(sip_msg_t *msg, pv_param_t *param, pv_value_t *res,
		struct ua_rec *rec, enum uax_learnt_kind kind)
{
	struct ua_learnt *learnt = ua_learnt_of(rec);
	str text = {NULL, 0};
	int ret;

	if(learnt != NULL)
		text = ua_learnt_text(learnt, kind);
	ret = text.len > 0 ? get_text(msg, param, res, &text)
					   : pv_get_null(msg, param, res);
	ua_learnt_drop(learnt);
	return ret;
}

static int get_view(sip_msg_t *msg, pv_param_t *param, pv_value_t *res, int key,
		const struct ua_view *v)
{
	char mem[UAX_BEAT_NODE_MAX];
	str text;

	switch(key) {
		case PV_state:
			text.s = (char *)uax_state_name(v->state);
			text.len = (int)strlen(text.s);
			return pv_get_strval(msg, param, res, &text);
		case PV_reason:
			return get_text(msg, param, res, &v->reason);
		case PV_owner:
			text = ua_cluster_node(v->owner, mem);
			return text.len > 0 ? get_text(msg, param, res, &text)
								: pv_get_null(msg, param, res);
		case PV_code:
			return pv_get_sintval(msg, param, res, v->last_code);
		case PV_expires:
			return pv_get_sintval(msg, param, res,
					v->is_online ? seconds_to(v->until_ms) : 0);
		case PV_next:
			return pv_get_sintval(msg, param, res, seconds_to(v->due_ms));
		case PV_tries:
			return pv_get_sintval(msg, param, res, (int)v->failures);
		case PV_online:
			return pv_get_sintval(msg, param, res, v->is_online);
		case PV_flags:
			return pv_get_sintval(msg, param, res, v->flags);
		case PV_granted:
			return pv_get_sintval(msg, param, res, (int)v->granted_s);
		case PV_cseq:
			return pv_get_sintval(msg, param, res, (int)v->cseq);
		default:
			return pv_get_null(msg, param, res);
	}
}

int ua_reg_pv_get(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	const struct pv_name *n = param->pvn.u.dname;
	struct ua_rec *rec = NULL, *found = NULL;
	struct ua_view v;
	str uuid, text;
	int ret;

	if(ua_cfg.reg_db_url.len == 0)
		return pv_get_null(msg, param, res);
	if(n->uuid == NULL) {
		rec = ua_reg_event_record();
		if(rec != NULL)
			v = *ua_reg_event_view();
		v.reason.s = v.mem;
	} else if(pv_printf_s(msg, n->uuid, &uuid) == 0) {
		rec = found = ua_table_find(UA_KEY_UUID, &uuid);
		if(rec != NULL)
			ua_ops_view(rec, &v);
	}
	if(rec == NULL)
		return pv_get_null(msg, param, res);
	if(n->key < UAX_R_COUNT) {
		text = ua_rec_text(rec, n->key);
		ret = get_text(msg, param, res, &text);
	} else if(n->key == PV_contact) {
		ret = get_contact(msg, param, res, rec);
	} else if(n->key >= PV_service_route) {
		ret = get_learnt(msg, param, res, rec,
				UAX_LEARNT_SERVICE_ROUTE + n->key - PV_service_route);
	} else {
		ret = get_view(msg, param, res, n->key, &v);
	}
	ua_rec_drop(found);
	return ret;
}

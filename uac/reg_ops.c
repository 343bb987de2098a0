/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Operations on accounts. */
#include "kam/kam_time.h"
#include "kx_uri.h"
#include "reg_cluster.h"
#include "reg_ops.h"
#include "reg_step.h"
#include "reg_table.h"
#include "ua_cfg.h"

static const struct
{
	str attr;
	enum ua_key key;
} filters[] = {
		{str_init("l_uuid"), UA_KEY_UUID},
		{str_init("l_username"), UA_KEY_USER},
		{str_init("r_username"), UA_KEY_R_USER},
		{str_init("auth_username"), UA_KEY_AUTH_USER},
};

int ua_ops_find(const str *attr, const str *value, struct ua_rec **rec)
{
	const unsigned int count = sizeof(filters) / sizeof(filters[0]);
	unsigned int i;

	for(i = 0; i < count && !kx_str_eq(attr, &filters[i].attr); i++)
		;
	if(i == count)
		return UA_OPS_NO_ATTR;
	*rec = ua_table_find(filters[i].key, value);
	return *rec != NULL ? UA_OPS_OK : UA_OPS_NONE;
}

struct ua_rec *ua_ops_find_uri(const str *uri)
{
	struct kx_uri u;

	if(kx_uri_parse(uri, &u) != KX_OK || u.user.len == 0
			|| (u.scheme != KX_URI_SIP && u.scheme != KX_URI_SIPS))
		return NULL;
	if(ua_cfg.reg_use_domain)
		return ua_table_find_address(&u.user, &u.host);
	return ua_table_find(UA_KEY_USER, &u.user);
}

int ua_ops_tell(struct ua_rec *rec, enum uax_event event)
{
	int ret = ua_step_plain(rec, event, kam_now_ms());
	str uuid = ua_rec_text(rec, UAX_R_l_uuid);

	/* whichever server has it does it, the others keep it in mind */
	if(!rec->is_local)
		ua_cluster_tell(&uuid, event);
	return ret == 0 ? UA_OPS_OK : UA_OPS_NONE;
}

void ua_ops_view_locked(const struct ua_rec *rec, struct ua_view *out)
{
	out->state = rec->state;
	out->owner = rec->owner;
	out->is_online = rec->is_online && rec->until_ms > kam_now_ms();
	out->flags = uax_state_flags(rec->state, out->is_online);
	out->until_ms = rec->until_ms;
	out->due_ms = rec->due_ms;
	out->granted_s = rec->granted_s;
	out->failures = rec->failures;
	out->cseq = rec->cseq;
	out->last_code = rec->last_code;
	memcpy(out->mem, rec->reason, rec->reason_len);
	out->reason.s = out->mem;
	out->reason.len = rec->reason_len;
}

void ua_ops_view(struct ua_rec *rec, struct ua_view *out)
{
	lock_get(&rec->lock);
	ua_ops_view_locked(rec, out);
	lock_release(&rec->lock);
}

int ua_ops_status(struct ua_rec *rec)
{
	struct ua_view v;

	ua_ops_view(rec, &v);
	if(v.state == UAX_S_OFF)
		return UA_OPS_DISABLED;
	if(v.is_online)
		return UA_OPS_OK;
	return uax_state_is_ongoing(v.state) ? UA_OPS_ONGOING : UA_OPS_WAITING;
}

int ua_ops_write_local(struct kx_buf *b, const struct ua_rec *rec)
{
	str user = ua_rec_text(rec, UAX_R_l_username);
	str domain = ua_rec_text(rec, UAX_R_l_domain);

	kx_buf_lit(b, "sip:");
	kx_buf_str(b, &user);
	kx_buf_char(b, '@');
	return kx_buf_str(b, &domain);
}

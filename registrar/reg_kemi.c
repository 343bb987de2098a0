/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * KEMI entries: table by name, use case, return code out. */
#include "reg_address.h"
#include "reg_api.h"
#include "reg_fetch.h"
#include "reg_kemi.h"
#include "reg_lookup.h"
#include "reg_msg.h"
#include "reg_pv.h"
#include "reg_registered.h"
#include "reg_reply.h"
#include "reg_save.h"
#include "reg_store.h"
#include "reg_unregister.h"

enum
{
	FAILED = -1
};

static struct udomain *table_of(const str *name)
{
	struct udomain *d = reg_store_domain(name, 0);

	if(d == NULL)
		LM_ERR("usrloc has no table %.*s: name it in its parameter preload\n",
				name->len, ZSW(name->s));
	return d;
}

int ki_save(sip_msg_t *msg, str *table, int flags)
{
	return ki_save_uri(msg, table, flags, NULL);
}

int ki_save_uri(sip_msg_t *msg, str *table, int flags, str *uri)
{
	struct udomain *d = table_of(table);

	if(d == NULL)
		return FAILED;
	return reg_save(msg, d, flags, kx_str_is_empty(uri) ? NULL : uri);
}

int ki_lookup(sip_msg_t *msg, str *table)
{
	return ki_lookup_uri(msg, table, NULL);
}

int ki_lookup_uri(sip_msg_t *msg, str *table, str *uri)
{
	struct udomain *d = table_of(table);

	return d == NULL ? FAILED : reg_lookup(msg, d, uri, REG_LOOKUP_RURI);
}

int ki_lookup_to_dset(sip_msg_t *msg, str *table, str *uri)
{
	struct udomain *d = table_of(table);

	return d == NULL ? FAILED : reg_lookup(msg, d, uri, REG_LOOKUP_DSET);
}

static int ki_lookup_branches(sip_msg_t *msg, str *table)
{
	struct udomain *d = table_of(table);

	return d == NULL ? FAILED : reg_lookup_branches(msg, d);
}

static int ki_lookup_xavp(
		sip_msg_t *msg, str *table, str *uri, str *record, str *contact)
{
	struct udomain *d = table_of(table);

	return d == NULL ? FAILED : reg_lookup_xavp(msg, d, uri, record, contact);
}

static int ki_registered_action(
		sip_msg_t *msg, str *table, str *uri, int match, int action)
{
	struct udomain *d = table_of(table);

	return d == NULL ? FAILED : reg_registered(msg, d, uri, match, action);
}

int ki_registered(sip_msg_t *msg, str *table)
{
	return ki_registered_action(msg, table, NULL, 0, 0);
}

static int ki_registered_uri(sip_msg_t *msg, str *table, str *uri)
{
	return ki_registered_action(msg, table, uri, 0, 0);
}

static int ki_registered_flags(sip_msg_t *msg, str *table, str *uri, int match)
{
	return ki_registered_action(msg, table, uri, match, 0);
}

int ki_set_q_override(sip_msg_t *msg, str *q)
{
	return reg_msg_set_q(msg, q) < 0 ? FAILED : 1;
}

static int ki_add_sock_hdr(sip_msg_t *msg, str *name)
{
	return reg_add_sock_hdr(msg, name);
}

static int ki_unregister_ruid(sip_msg_t *msg, str *table, str *uri, str *ruid)
{
	struct udomain *d = table_of(table);

	return d == NULL ? FAILED : reg_unregister(msg, d, uri, ruid);
}

static int ki_unregister(sip_msg_t *msg, str *table, str *uri)
{
	return ki_unregister_ruid(msg, table, uri, NULL);
}

static int ki_fetch(sip_msg_t *msg, str *table, str *uri, str *profile)
{
	struct udomain *d = table_of(table);

	return d == NULL ? FAILED : reg_fetch(msg, d, uri, profile);
}

static int ki_free(sip_msg_t *msg, str *profile)
{
	reg_fetch_free(profile);
	return 1;
}

static int ki_from_user(sip_msg_t *msg, str *table, str *uri, int mode)
{
	struct udomain *d = table_of(table);

	return d == NULL ? FAILED : reg_from_user(msg, d, uri, mode);
}

static int ki_send_reply(sip_msg_t *msg)
{
	return reg_reply_send_kept(msg) < 0 ? FAILED : 1;
}

#define S SR_KEMIP_STR
#define N SR_KEMIP_INT
#define ROW(name, ret, fn, ...)                         \
	{                                                   \
		str_init("registrar"), str_init(name), ret, fn, \
		{                                               \
			__VA_ARGS__                                 \
		}                                               \
	}

/* clang-format off */
sr_kemi_t reg_kemi_exports[] = {
	ROW("save", N, ki_save, S, N),
	ROW("save_uri", N, ki_save_uri, S, N, S),
	ROW("lookup", N, ki_lookup, S),
	ROW("lookup_uri", N, ki_lookup_uri, S, S),
	ROW("lookup_to_dset", N, ki_lookup_to_dset, S, S),
	ROW("lookup_branches", N, ki_lookup_branches, S),
	ROW("lookup_xavp", N, ki_lookup_xavp, S, S, S, S),
	ROW("registered", N, ki_registered, S),
	ROW("registered_uri", N, ki_registered_uri, S, S),
	ROW("registered_flags", N, ki_registered_flags, S, S, N),
	ROW("registered_action", N, ki_registered_action, S, S, N, N),
	ROW("set_q_override", N, ki_set_q_override, S),
	ROW("add_sock_hdr", N, ki_add_sock_hdr, S),
	ROW("unregister", N, ki_unregister, S, S),
	ROW("unregister_ruid", N, ki_unregister_ruid, S, S, S),
	ROW("reg_fetch_contacts", N, ki_fetch, S, S, S),
	ROW("reg_free_contacts", N, ki_free, S),
	ROW("reg_from_user", N, ki_from_user, S, S, N),
	ROW("reg_send_reply", N, ki_send_reply, SR_KEMIP_NONE),
	ROW("ulc_rget", SR_KEMIP_XVAL, ki_ulc_rget, S, S),
	ROW("ulc_cget", SR_KEMIP_XVAL, ki_ulc_cget, S, S, N),
	{{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}}};
/* clang-format on */

int bind_registrar(registrar_api_t *api)
{
	if(api == NULL)
		return -1;
	api->save = ki_save;
	api->save_uri = ki_save_uri;
	api->lookup = ki_lookup;
	api->lookup_uri = ki_lookup_uri;
	api->lookup_to_dset = ki_lookup_to_dset;
	api->registered = ki_registered;
	api->set_q_override = ki_set_q_override;
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Script entries: arguments in, use case, return code out. Nothing is
 * decided here. */
#include "core/mod_fix.h"
#include "core/route.h"

#include "reg_address.h"
#include "reg_api.h"
#include "reg_fetch.h"
#include "reg_lookup.h"
#include "reg_registered.h"
#include "reg_reply.h"
#include "reg_save.h"
#include "reg_script.h"
#include "reg_store.h"
#include "reg_unregister.h"

enum
{
	FAILED = -1
};

/* A table is named once, when the script is read: usrloc makes tables only
 * before the processes are forked. */
static int fix_table(void **param)
{
	str name = {*param, (int)strlen(*param)};
	struct udomain *d = reg_store_domain(&name, 1);

	if(d == NULL) {
		LM_ERR("usrloc has no table %s\n", (char *)*param);
		return E_CFG;
	}
	*param = d;
	return 0;
}

/* 1: table; others: text with variables. */
static int fix_table_text(void **param, int no)
{
	return no == 1 ? fix_table(param) : fixup_spve_null(param, 1);
}

static int free_table_text(void **param, int no)
{
	return no == 1 ? 0 : fixup_free_spve_null(param, 1);
}

/* Text with variables. */
static int fix_text(void **param, int no)
{
	return fixup_spve_null(param, 1);
}

static int free_text(void **param, int no)
{
	return fixup_free_spve_null(param, 1);
}

static int get_text(struct sip_msg *msg, char *param, str *out)
{
	out->s = NULL;
	out->len = 0;
	if(param == NULL)
		return 0;
	if(get_str_fparam(out, msg, (fparam_t *)param) < 0) {
		LM_ERR("can't evaluate an argument\n");
		return -1;
	}
	return 0;
}

/* Whom it is about. No argument means the Request-URI; an empty one, of a
 * variable without a value, means nobody. */
static int get_uri(struct sip_msg *msg, char *param, str *out)
{
	if(get_text(msg, param, out) < 0)
		return -1;
	if(param == NULL || out->len > 0)
		return 0;
	LM_WARN("the URI to look up is empty\n");
	return -1;
}

/* A number in text: decimal, or hexadecimal after 0x. */
static int get_number(struct sip_msg *msg, char *param, int *out)
{
	char mem[16], *end;
	str text;
	long n;

	*out = 0;
	if(param == NULL)
		return 0;
	if(get_text(msg, param, &text) < 0)
		return -1;
	if(text.len > 0 && text.len < (int)sizeof(mem)) {
		memcpy(mem, text.s, text.len);
		mem[text.len] = '\0';
		n = strtol(mem, &end, 0);
		if(*end == '\0' && n >= 0 && n <= INT32_MAX) {
			*out = (int)n;
			return 0;
		}
	}
	LM_ERR("not a number: '%.*s'\n", text.len, ZSW(text.s));
	return -1;
}

static int w_save(struct sip_msg *msg, char *table, char *flags, char *uri)
{
	int n;
	str s;

	if(get_number(msg, flags, &n) < 0 || get_text(msg, uri, &s) < 0)
		return FAILED;
	return reg_save(msg, (struct udomain *)table, n, uri != NULL ? &s : NULL);
}

static int w_save2(struct sip_msg *msg, char *table, char *flags)
{
	return w_save(msg, table, flags, NULL);
}

static int w_save1(struct sip_msg *msg, char *table, char *unused)
{
	return w_save(msg, table, NULL, NULL);
}

static int w_lookup(struct sip_msg *msg, char *table, char *uri)
{
	str s;

	if(get_uri(msg, uri, &s) < 0)
		return FAILED;
	return reg_lookup(msg, (struct udomain *)table, &s, REG_LOOKUP_RURI);
}

static int w_lookup_to_dset(struct sip_msg *msg, char *table, char *uri)
{
	str s;

	if(get_uri(msg, uri, &s) < 0)
		return FAILED;
	return reg_lookup(msg, (struct udomain *)table, &s, REG_LOOKUP_DSET);
}

static int w_lookup_branches(struct sip_msg *msg, char *table, char *unused)
{
	return reg_lookup_branches(msg, (struct udomain *)table);
}

static int w_lookup_xavp(struct sip_msg *msg, char *table, char *uri,
		char *record, char *contact)
{
	str s, r, c;

	if(get_uri(msg, uri, &s) < 0 || get_text(msg, record, &r) < 0
			|| get_text(msg, contact, &c) < 0)
		return FAILED;
	return reg_lookup_xavp(msg, (struct udomain *)table, &s, &r, &c);
}

static int w_registered4(
		struct sip_msg *msg, char *table, char *uri, char *match, char *action)
{
	int match_n, action_n;
	str s;

	if(get_uri(msg, uri, &s) < 0 || get_number(msg, match, &match_n) < 0
			|| get_number(msg, action, &action_n) < 0)
		return FAILED;
	return reg_registered(msg, (struct udomain *)table, &s, match_n, action_n);
}

static int w_registered3(
		struct sip_msg *msg, char *table, char *uri, char *match)
{
	return w_registered4(msg, table, uri, match, NULL);
}

static int w_registered(struct sip_msg *msg, char *table, char *uri)
{
	return w_registered4(msg, table, uri, NULL, NULL);
}

static int w_unregister(struct sip_msg *msg, char *table, char *uri, char *ruid)
{
	str s, id;

	if(get_text(msg, uri, &s) < 0 || get_text(msg, ruid, &id) < 0)
		return FAILED;
	return reg_unregister(msg, (struct udomain *)table, &s, &id);
}

static int w_unregister2(struct sip_msg *msg, char *table, char *uri)
{
	return w_unregister(msg, table, uri, NULL);
}

static int w_fetch(struct sip_msg *msg, char *table, char *uri, char *profile)
{
	str s, name;

	if(get_uri(msg, uri, &s) < 0 || get_text(msg, profile, &name) < 0)
		return FAILED;
	return reg_fetch(msg, (struct udomain *)table, &s, &name);
}

static int w_free(struct sip_msg *msg, char *profile, char *unused)
{
	str name;

	if(get_text(msg, profile, &name) < 0)
		return FAILED;
	reg_fetch_free(&name);
	return 1;
}

static int w_from_user(struct sip_msg *msg, char *table, char *uri, char *mode)
{
	int n;
	str s;

	if(get_uri(msg, uri, &s) < 0 || get_number(msg, mode, &n) < 0)
		return FAILED;
	return reg_from_user(msg, (struct udomain *)table, &s, n);
}

static int w_add_sock_hdr(struct sip_msg *msg, char *name, char *unused)
{
	str s;

	if(get_text(msg, name, &s) < 0)
		return FAILED;
	return reg_add_sock_hdr(msg, &s);
}

static int w_send_reply(struct sip_msg *msg, char *unused, char *unused2)
{
	return reg_reply_send_kept(msg) < 0 ? FAILED : 1;
}

enum
{
	IN_REQUEST = REQUEST_ROUTE | FAILURE_ROUTE,
	IN_SAVE = REQUEST_ROUTE | FAILURE_ROUTE | ONREPLY_ROUTE
};

#define CMD(name, fn, args, fix, fix_free, routes)          \
	{                                                       \
		name, (cmd_function)fn, args, fix, fix_free, routes \
	}

cmd_export_t reg_script_cmds[] = {
		CMD("save", w_save1, 1, fix_table_text, free_table_text, IN_SAVE),
		CMD("save", w_save2, 2, fix_table_text, free_table_text, IN_SAVE),
		CMD("save", w_save, 3, fix_table_text, free_table_text, IN_SAVE),
		CMD("lookup", w_lookup, 1, fix_table_text, free_table_text, IN_REQUEST),
		CMD("lookup", w_lookup, 2, fix_table_text, free_table_text, IN_REQUEST),
		CMD("lookup_to_dset", w_lookup_to_dset, 1, fix_table_text,
				free_table_text, IN_REQUEST),
		CMD("lookup_to_dset", w_lookup_to_dset, 2, fix_table_text,
				free_table_text, IN_REQUEST),
		CMD("registered", w_registered, 1, fix_table_text, free_table_text,
				ANY_ROUTE),
		CMD("registered", w_registered, 2, fix_table_text, free_table_text,
				ANY_ROUTE),
		CMD("registered", w_registered3, 3, fix_table_text, free_table_text,
				ANY_ROUTE),
		CMD("registered", w_registered4, 4, fix_table_text, free_table_text,
				ANY_ROUTE),
		CMD("unregister", w_unregister2, 2, fix_table_text, free_table_text,
				ANY_ROUTE),
		CMD("unregister", w_unregister, 3, fix_table_text, free_table_text,
				ANY_ROUTE),
		CMD("lookup_branches", w_lookup_branches, 1, fix_table_text,
				free_table_text, IN_REQUEST),
		CMD("lookup_xavp", w_lookup_xavp, 4, fix_table_text, free_table_text,
				ANY_ROUTE),
		CMD("reg_fetch_contacts", w_fetch, 3, fix_table_text, free_table_text,
				ANY_ROUTE),
		CMD("reg_free_contacts", w_free, 1, fix_text, free_text, ANY_ROUTE),
		CMD("reg_from_user", w_from_user, 3, fix_table_text, free_table_text,
				ANY_ROUTE),
		CMD("add_sock_hdr", w_add_sock_hdr, 1, fix_text, free_text,
				REQUEST_ROUTE),
		CMD("reg_send_reply", w_send_reply, 0, NULL, NULL, IN_REQUEST),
		CMD("bind_registrar", bind_registrar, 0, NULL, NULL, 0),
		{0, 0, 0, 0, 0, 0}};

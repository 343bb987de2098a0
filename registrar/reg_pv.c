/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * $ulc. */
#include "core/ip_addr.h"
#include "core/mem/mem.h"

#include "kam/kam_compat.h"
#include "kx_str.h"
#include "reg_fetch.h"
#include "reg_pv.h"

#define ATTRS(X)  \
	X(aor)        \
	X(domain)     \
	X(aorhash)    \
	X(addr)       \
	X(path)       \
	X(received)   \
	X(expires)    \
	X(callid)     \
	X(q)          \
	X(cseq)       \
	X(flags)      \
	X(cflags)     \
	X(user_agent) \
	X(socket)     \
	X(modified)   \
	X(methods)    \
	X(count)      \
	X(ruid)       \
	X(regid)      \
	X(instance)   \
	X(conid)      \
	X(server_id)

enum attr
{
#define ATTR_ENUM(name) ATTR_##name,
	ATTRS(ATTR_ENUM)
#undef ATTR_ENUM
			ATTR_COUNT
};

static const str attr_name[ATTR_COUNT] = {
#define ATTR_NAME(name) {#name, sizeof(#name) - 1},
		ATTRS(ATTR_NAME)
#undef ATTR_NAME
};

/* What a $ulc in the script means. */
struct ulc
{
	str profile;
	enum attr attr;
};

/* The value of an attribute: nothing, a text or a number. */
struct value
{
	enum
	{
		IS_NULL,
		IS_TEXT,
		IS_NUMBER,
		IS_UNSIGNED
	} kind;
	str text;
	int64_t number;
};

static enum attr find_attr(const str *name)
{
	int i;

	for(i = 0; i < ATTR_COUNT && !kx_str_eq(name, &attr_name[i]); i++)
		;
	return i;
}

static void text(struct value *v, const str *s)
{
	v->kind = s->len > 0 ? IS_TEXT : IS_NULL;
	v->text = *s;
}

/* A text that is empty, not null, when there is none. */
static void text_or_empty(struct value *v, const str *s)
{
	static const str empty = STR_STATIC_INIT("");

	v->kind = IS_TEXT;
	v->text = s->len > 0 ? *s : empty;
}

static void number(struct value *v, int64_t n)
{
	v->kind = IS_NUMBER;
	v->number = n;
}

/* A hash or a bit mask. */
static void bits(struct value *v, uint32_t n)
{
	v->kind = IS_UNSIGNED;
	v->number = n;
}

static void profile_value(
		const struct reg_profile *p, enum attr attr, struct value *v)
{
	switch(attr) {
		case ATTR_aor:
			text(v, &p->aor);
			break;
		case ATTR_domain:
			text(v, &p->domain);
			break;
		case ATTR_aorhash:
			bits(v, p->aor_hash);
			break;
		case ATTR_count:
			number(v, p->n);
			break;
		default:
			break;
	}
}

static void contact_text(
		const struct reg_fetched *f, enum attr attr, struct value *v)
{
	switch(attr) {
		case ATTR_addr:
			text(v, &f->b.uri);
			break;
		case ATTR_path:
			text_or_empty(v, &f->b.path);
			break;
		case ATTR_received:
			text_or_empty(v, &f->b.received);
			break;
		case ATTR_callid:
			text(v, &f->b.callid);
			break;
		case ATTR_user_agent:
			text(v, &f->b.user_agent);
			break;
		case ATTR_socket:
			if(f->host.sock != NULL)
				text(v, &f->host.sock->sock_str);
			break;
		case ATTR_ruid:
			text(v, &f->b.ruid);
			break;
		case ATTR_instance:
			text(v, &f->b.instance);
			break;
		default:
			break;
	}
}

static void contact_number(
		const struct reg_fetched *f, enum attr attr, struct value *v)
{
	switch(attr) {
		case ATTR_expires:
			number(v, f->b.expires);
			break;
		case ATTR_q:
			number(v, f->b.q);
			break;
		case ATTR_cseq:
			number(v, f->b.cseq);
			break;
		case ATTR_flags:
			bits(v, f->host.flags);
			break;
		case ATTR_cflags:
			bits(v, f->b.cflags);
			break;
		case ATTR_modified:
			number(v, f->b.last_modified);
			break;
		case ATTR_methods:
			bits(v, f->b.methods);
			break;
		case ATTR_regid:
			number(v, f->b.reg_id);
			break;
		case ATTR_server_id:
			number(v, f->host.server_id);
			break;
		case ATTR_conid:
			if(f->host.tcpconn_id > 0)
				number(v, f->host.tcpconn_id);
			break;
		default:
			break;
	}
}

/* The value of $ulc(profile=>attr)[index]. As in the stock module a negative
 * index means the first contact, and behind the last one all is null. */
static void read_value(
		const str *profile, enum attr attr, int index, struct value *v)
{
	const struct reg_profile *p = reg_fetch_get(profile);

	v->kind = IS_NULL;
	if(index < 0)
		index = 0;
	if(p == NULL || index >= p->n)
		return;
	profile_value(p, attr, v);
	if(v->kind != IS_NULL)
		return;
	contact_text(&p->contact[index], attr, v);
	if(v->kind == IS_NULL)
		contact_number(&p->contact[index], attr, v);
}

static int get_ulc(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	const struct ulc *ulc = (struct ulc *)param->pvn.u.dname;
	struct value v;
	int index = 0, flags = 0;

	if(ulc == NULL || pv_get_spec_index(msg, param, &index, &flags) != 0
			|| flags == PV_IDX_ALL)
		return pv_get_null(msg, param, res);
	read_value(&ulc->profile, ulc->attr, index, &v);
	switch(v.kind) {
		case IS_TEXT:
			return pv_get_strval(msg, param, res, &v.text);
		case IS_NUMBER:
			return pv_get_sintval(msg, param, res, (kam_int_t)v.number);
		case IS_UNSIGNED:
			return pv_get_uintval(msg, param, res, (uint32_t)v.number);
		case IS_NULL:
			break;
	}
	return pv_get_null(msg, param, res);
}

/* "profile=>attr", blanks around both. */
static int parse_ulc(pv_spec_t *sp, str *in)
{
	str profile, name;
	struct ulc *ulc;
	enum attr attr;
	int i;

	for(i = 0; i + 1 < in->len; i++) {
		if(in->s[i] == '=' && in->s[i + 1] == '>')
			break;
	}
	profile = kx_str_span(in->s, in->s + i);
	name.s = in->s + i + 2;
	name.len = in->len - i - 2;
	kx_str_trim(&profile);
	if(name.len > 0)
		kx_str_trim(&name);
	attr = name.len > 0 ? find_attr(&name) : ATTR_COUNT;
	if(profile.len <= 0 || attr == ATTR_COUNT) {
		LM_ERR("no attribute of $ulc: %.*s\n", in->len, in->s);
		return -1;
	}
	ulc = pkg_malloc(sizeof(*ulc) + profile.len);
	if(ulc == NULL) {
		PKG_MEM_ERROR;
		return -1;
	}
	ulc->attr = attr;
	ulc->profile.s = (char *)(ulc + 1);
	ulc->profile.len = profile.len;
	memcpy(ulc->profile.s, profile.s, profile.len);
	sp->pvp.pvn.u.dname = ulc;
	sp->pvp.pvn.type = PV_NAME_OTHER;
	return 0;
}

pv_export_t reg_pv_exports[] = {{{"ulc", 3}, PVT_OTHER, get_ulc, NULL,
										parse_ulc, pv_parse_index, NULL, 0},
		{{0, 0}, 0, NULL, NULL, NULL, NULL, NULL, 0}};

/* KEMI hands results over in memory of the module, which the language reads
 * at once; this is that one place. */
static sr_kemi_xval_t result;

static sr_kemi_xval_t *to_kemi(const struct value *v)
{
	memset(&result, 0, sizeof(result));
	switch(v->kind) {
		case IS_TEXT:
			result.vtype = SR_KEMIP_STR;
			result.v.s = v->text;
			break;
		case IS_NUMBER:
		case IS_UNSIGNED:
			result.vtype = SR_KEMIP_INT;
			result.v.n = (int)v->number;
			break;
		case IS_NULL:
			result.vtype = SR_KEMIP_NULL;
			break;
	}
	return &result;
}

sr_kemi_xval_t *ki_ulc_rget(sip_msg_t *msg, str *profile, str *attr)
{
	const struct reg_profile *p = reg_fetch_get(profile);
	struct value v = {.kind = IS_NULL};

	if(p != NULL)
		profile_value(p, find_attr(attr), &v);
	return to_kemi(&v);
}

sr_kemi_xval_t *ki_ulc_cget(sip_msg_t *msg, str *profile, str *attr, int index)
{
	struct value v;

	read_value(profile, find_attr(attr), index, &v);
	return to_kemi(&v);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Credentials of the parameters and of the variables. */
#include <stdlib.h>

#include "core/dprint.h"
#include "core/mem/mem.h"
#include "core/pvar.h"

#include "kx_scan.h"
#include "ua_cfg.h"
#include "ua_cred.h"

/* One `credential`; views into the parameter's copy. pkg, made before the
 * fork and never changed after it. */
struct entry
{
	str user;
	str realm;
	str password;
	int order; /* of the parameters */
};

/* The credentials: by realm, of one realm the last given first. */
static struct
{
	struct entry *entry;
	int n;
	int size;
	pv_spec_t user_pv;
	pv_spec_t realm_pv;
	pv_spec_t password_pv;
	int has_pvs;
} creds;

static int is_any(const str *realm)
{
	return realm->len == 0 || kx_str_is(realm, "*");
}

/* Cut "user:realm:password"; whether it has all three parts. */
static int split(const str *text, struct entry *out)
{
	struct kx_cursor c;
	const char *colon;

	kx_cur_init(&c, text);
	colon = memchr(c.p, ':', c.end - c.p);
	if(colon == NULL)
		return 0;
	out->user = kx_str_span(c.p, colon);
	c.p = colon + 1;
	colon = memchr(c.p, ':', c.end - c.p);
	if(colon == NULL)
		return 0;
	out->realm = kx_str_span(c.p, colon);
	out->password = kx_str_span(colon + 1, c.end);
	kx_str_trim(&out->user);
	kx_str_trim(&out->realm);
	kx_str_trim(&out->password);
	return out->user.len > 0 && out->password.len > 0;
}

static int grow(void)
{
	int size = creds.size > 0 ? 2 * creds.size : 8;
	struct entry *more = pkg_realloc(creds.entry, size * sizeof(*creds.entry));

	if(more == NULL) {
		PKG_MEM_ERROR;
		return -1;
	}
	creds.entry = more;
	creds.size = size;
	return 0;
}

int ua_cred_param(modparam_t type, void *value)
{
	str text = {value, value != NULL ? (int)strlen(value) : 0};
	str copy;
	struct entry entry = {0};

	if(creds.n == creds.size && grow() < 0)
		return -1;
	copy.s = pkg_malloc(text.len + 1);
	if(copy.s == NULL) {
		PKG_MEM_ERROR;
		return -1;
	}
	memcpy(copy.s, text.s, text.len);
	copy.len = text.len;
	if(!split(&copy, &entry)) {
		/* not what it says: it may hold a password */
		LM_ERR("parameter credential, number %d: it must be "
			   "user:realm:password\n",
				creds.n + 1);
		pkg_free(copy.s);
		return -1;
	}
	entry.order = creds.n;
	creds.entry[creds.n++] = entry;
	return 0;
}

static int compare_realm(const str *a, const str *b)
{
	int len = a->len < b->len ? a->len : b->len;
	int diff = len > 0 ? memcmp(a->s, b->s, len) : 0;

	return diff != 0 ? diff : a->len - b->len;
}

static int compare_entry(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int diff = compare_realm(&x->realm, &y->realm);

	return diff != 0 ? diff : y->order - x->order;
}

static int read_pv(str *name, pv_spec_t *out, const char *param)
{
	if(pv_parse_spec(name, out) != NULL)
		return 0;
	LM_ERR("parameter %s: %.*s is no variable\n", param, name->len, name->s);
	return -1;
}

int ua_cred_init(void)
{
	int given = (ua_cfg.auth_username_avp.len > 0)
				+ (ua_cfg.auth_realm_avp.len > 0)
				+ (ua_cfg.auth_password_avp.len > 0);
	int i;

	for(i = 0; i < creds.n; i++)
		if(is_any(&creds.entry[i].realm))
			creds.entry[i].realm.len = 0;
	if(creds.n > 1)
		qsort(creds.entry, creds.n, sizeof(*creds.entry), compare_entry);
	if(given == 0)
		return 0;
	if(given != 3) {
		LM_ERR("parameters auth_username_avp, auth_realm_avp and "
			   "auth_password_avp must be set together\n");
		return -1;
	}
	creds.has_pvs = 1;
	if(read_pv(&ua_cfg.auth_username_avp, &creds.user_pv, "auth_username_avp")
			|| read_pv(
					&ua_cfg.auth_realm_avp, &creds.realm_pv, "auth_realm_avp"))
		return -1;
	return read_pv(
			&ua_cfg.auth_password_avp, &creds.password_pv, "auth_password_avp");
}

/* Append the text of a variable; its length, 0 when it has none. It is
 * copied at once: two variables may share one buffer of the core. */
static size_t add_pv(struct sip_msg *msg, pv_spec_t *pv, struct kx_buf *text)
{
	size_t from = text->len;
	pv_value_t val;

	memset(&val, 0, sizeof(val));
	if(pv_get_spec_value(msg, pv, &val) < 0 || (val.flags & PV_VAL_NULL)
			|| !(val.flags & PV_VAL_STR))
		return 0;
	kx_buf_str(text, &val.rs);
	pv_value_destroy(&val);
	return text->len - from;
}

static int find_in_pvs(struct sip_msg *msg, const struct uax_text *realm,
		struct kx_buf *text, struct uax_cred *out)
{
	size_t from = text->len, user, of_realm, password;
	const char *p;

	user = add_pv(msg, &creds.user_pv, text);
	of_realm = add_pv(msg, &creds.realm_pv, text);
	password = add_pv(msg, &creds.password_pv, text);
	if(text->err != KX_OK) {
		LM_ERR("the auth variables have too long values\n");
		return -1;
	}
	if(user == 0 || password == 0)
		return -1;
	p = text->s + from;
	out->user = kx_str_span(p, p + user);
	p += user;
	out->realm = kx_str_span(p, p + of_realm);
	p += of_realm;
	out->secret = kx_str_span(p, p + password);
	return uax_cred_covers(out, realm) ? 0 : -1;
}

/* The first entry that is not before this realm. */
static int lower_bound(const str *realm)
{
	int low = 0, high = creds.n;

	while(low < high) {
		int mid = low + (high - low) / 2;

		if(compare_realm(&creds.entry[mid].realm, realm) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The realm without quoted-pairs; most have none and are not copied. */
static int plain_realm(
		const struct uax_text *realm, struct kx_buf *text, str *out)
{
	size_t from = text->len;

	*out = realm->s;
	if(!realm->is_quoted || kx_str_chr(&realm->s, '\\') == NULL)
		return 0;
	if(uax_text_plain(text, realm) != KX_OK)
		return -1;
	*out = kx_str_span(text->s + from, text->s + text->len);
	return 0;
}

static int find_in_params(
		const struct uax_text *realm, struct kx_buf *text, struct uax_cred *out)
{
	const struct entry *found = NULL;
	str plain;
	int i;

	if(creds.n == 0 || plain_realm(realm, text, &plain) < 0)
		return -1;
	i = lower_bound(&plain);
	if(i < creds.n && compare_realm(&creds.entry[i].realm, &plain) == 0)
		found = &creds.entry[i];
	else if(creds.entry[0].realm.len == 0)
		found = &creds.entry[0];
	if(found == NULL)
		return -1;
	out->user = found->user;
	out->realm = found->realm;
	out->secret = found->password;
	return 0;
}

int ua_cred_find(struct sip_msg *msg, const struct uax_text *realm, int is_ha1,
		struct kx_buf *text, struct uax_cred *out)
{
	memset(out, 0, sizeof(*out));
	out->is_ha1 = is_ha1;
	if(creds.has_pvs && find_in_pvs(msg, realm, text, out) == 0)
		return 0;
	kx_buf_clear(text);
	return find_in_params(realm, text, out);
}

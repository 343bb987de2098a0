/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Credentials of the parameters, of the file and of the variables. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/mem.h"
#include "core/pvar.h"

#include "credset.h"
#include "kam/kam_mem.h"
#include "ua_cfg.h"
#include "ua_cred.h"

/* A file of more is none of ours. */
#define FILE_MAX (64 << 20)

/* What all processes answer from, in shared memory. */
struct shared
{
	gen_lock_t lock; /* guards set; what is found is copied under it */
	struct uax_credset *set;
};

struct lines
{
	struct uax_cred_line *line;
	int n;
	int size;
};

static struct
{
	struct lines params; /* pkg, made before the fork, never changed after it */
	struct shared *shared;
	pv_spec_t user_pv;
	pv_spec_t realm_pv;
	pv_spec_t password_pv;
	int has_pvs;
} creds;

static int add_line(struct lines *list, const struct uax_cred_line *line)
{
	int size = list->size > 0 ? 2 * list->size : 8;
	struct uax_cred_line *more;

	if(list->n == list->size) {
		more = pkg_realloc(list->line, size * sizeof(*more));
		if(more == NULL) {
			PKG_MEM_ERROR;
			return -1;
		}
		list->line = more;
		list->size = size;
	}
	list->line[list->n++] = *line;
	return 0;
}

int ua_cred_param(modparam_t type, void *value)
{
	str text = {value, value != NULL ? (int)strlen(value) : 0};
	struct uax_cred_line line;
	str copy;

	copy.s = pkg_malloc(text.len + 1);
	if(copy.s == NULL) {
		PKG_MEM_ERROR;
		return -1;
	}
	memcpy(copy.s, text.s, text.len);
	copy.len = text.len;
	if(uax_cred_split(&copy, &line) == KX_OK)
		return add_line(&creds.params, &line);
	/* not what it says: it may hold a password */
	LM_ERR("parameter credential, number %d: it must be user:realm:password\n",
			creds.params.n + 1);
	pkg_free(copy.s);
	return -1;
}

/* ---- the file ---- */

/* How many lines there may be. */
static int count_lines(const str *text)
{
	const char *p = text->s, *end = text->s + text->len;
	int n = 1;

	while(p < end && (p = memchr(p, '\n', end - p)) != NULL) {
		n++;
		p++;
	}
	return n;
}

/* The parameters, then the lines of a text. @return 0, or the number of a bad
 * line */
static int collect(const str *text, struct lines *list)
{
	struct uax_cred_line line;
	struct kx_cursor c;
	int err, number = 0;

	for(list->n = 0; list->n < creds.params.n; list->n++)
		list->line[list->n] = creds.params.line[list->n];
	kx_cur_init(&c, text);
	while((err = uax_cred_line_next(&c, &number, &line)) != KX_E_END) {
		if(err != KX_OK)
			return number;
		list->line[list->n++] = line;
	}
	return 0;
}

/* Fill len bytes from a file. @return 0, or an errno */
static int read_all(int fd, char *mem, size_t len)
{
	ssize_t got;

	while(len > 0) {
		got = read(fd, mem, len);
		if(got == 0)
			return EIO; /* it became shorter */
		if(got < 0 && errno != EINTR)
			return errno;
		if(got > 0) {
			mem += got;
			len -= got;
		}
	}
	return 0;
}

/* Read a whole file into shm, for the file may be larger than pkg.
 * @param out [out] to be given to wipe(), also on failure
 * @return 0, or an errno */
static int read_file(const char *name, str *out)
{
	struct stat st;
	int err = 0, fd = open(name, O_RDONLY | O_CLOEXEC);

	if(fd < 0)
		return errno;
	if(fstat(fd, &st) < 0)
		err = errno;
	else if(!S_ISREG(st.st_mode))
		err = EINVAL;
	else if(st.st_size > FILE_MAX)
		err = EFBIG;
	if(err == 0 && st.st_size > 0) {
		out->s = shm_malloc(st.st_size);
		out->len = out->s != NULL ? (int)st.st_size : 0;
		err = out->s != NULL ? read_all(fd, out->s, out->len) : ENOMEM;
	}
	close(fd);
	return err;
}

static void wipe(str *text)
{
	if(text->len == 0)
		return;
	explicit_bzero(text->s, text->len);
	shm_free(text->s);
}

/* Put a set in the place of the one that is used. */
static void swap(struct uax_credset *set)
{
	struct uax_credset *old;

	lock_get(&creds.shared->lock);
	old = creds.shared->set;
	creds.shared->set = set;
	lock_release(&creds.shared->lock);
	uax_credset_free(old, &kam_shm);
}

/* Make a set of the parameters and the text of the file. */
static int load_text(const str *text, struct ua_cred_load *out)
{
	struct uax_credset *set = NULL;
	struct lines list;

	list.line = shm_malloc(
			(size_t)(creds.params.n + count_lines(text)) * sizeof(*list.line));
	if(list.line == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	out->bad_line = collect(text, &list);
	if(out->bad_line > 0) {
		LM_ERR("credential_file, line %d: it must be user:realm:password\n",
				out->bad_line);
	} else {
		set = uax_credset_new(list.line, list.n, &kam_shm);
		if(set == NULL)
			SHM_MEM_ERROR;
	}
	shm_free(list.line);
	if(set == NULL)
		return -1;
	out->count = uax_credset_count(set);
	swap(set);
	return 0;
}

int ua_cred_load(struct ua_cred_load *out)
{
	const str *name = &ua_cfg.credential_file;
	str text = {"", 0};
	int err = -1;

	memset(out, 0, sizeof(*out));
	if(name->len > 0)
		out->file_errno = read_file(name->s, &text);
	if(out->file_errno != 0)
		LM_ERR("credential_file %s: %s\n", name->s, strerror(out->file_errno));
	else
		err = load_text(&text, out);
	wipe(&text);
	return err;
}

/* ---- the variables ---- */

static int read_pv(str *name, pv_spec_t *out, const char *param)
{
	if(pv_parse_spec(name, out) != NULL)
		return 0;
	LM_ERR("parameter %s: %.*s is no variable\n", param, name->len, name->s);
	return -1;
}

static int read_pvs(void)
{
	int given = (ua_cfg.auth_username_avp.len > 0)
				+ (ua_cfg.auth_realm_avp.len > 0)
				+ (ua_cfg.auth_password_avp.len > 0);

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

int ua_cred_init(void)
{
	struct ua_cred_load load;

	creds.shared = shm_mallocxz(sizeof(*creds.shared));
	if(creds.shared == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	lock_init(&creds.shared->lock);
	return ua_cred_load(&load) < 0 || read_pvs() < 0 ? -1 : 0;
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

/* User, realm and secret stand in a text one behind the other. */
static void point(struct uax_cred *out, const char *p, size_t user,
		size_t realm, size_t secret)
{
	out->user = kx_str_span(p, p + user);
	p += user;
	out->realm = kx_str_span(p, p + realm);
	p += realm;
	out->secret = kx_str_span(p, p + secret);
}

static int find_in_pvs(struct sip_msg *msg, const struct uax_text *realm,
		struct kx_buf *text, struct uax_cred *out)
{
	size_t from = text->len, user, of_realm, password;

	user = add_pv(msg, &creds.user_pv, text);
	of_realm = add_pv(msg, &creds.realm_pv, text);
	password = add_pv(msg, &creds.password_pv, text);
	if(text->err != KX_OK) {
		LM_ERR("the auth variables have too long values\n");
		return -1;
	}
	if(user == 0 || password == 0)
		return -1;
	point(out, text->s + from, user, of_realm, password);
	return uax_cred_covers(out, realm) ? 0 : -1;
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

/* Append a copy of what is found, while nobody can free it. */
static int copy_found_locked(
		const str *realm, struct kx_buf *text, struct uax_cred_line *out)
{
	if(uax_credset_find(creds.shared->set, realm, out) != KX_OK)
		return KX_E_NONE;
	kx_buf_str(text, &out->user);
	kx_buf_str(text, &out->realm);
	return kx_buf_str(text, &out->secret);
}

static int find_in_set(
		const struct uax_text *realm, struct kx_buf *text, struct uax_cred *out)
{
	struct uax_cred_line found;
	str plain;
	size_t from;
	int err;

	if(plain_realm(realm, text, &plain) < 0)
		return -1;
	from = text->len;
	lock_get(&creds.shared->lock);
	err = copy_found_locked(&plain, text, &found);
	lock_release(&creds.shared->lock);
	if(err != KX_OK)
		return -1;
	point(out, text->s + from, found.user.len, found.realm.len,
			found.secret.len);
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
	return find_in_set(realm, text, out);
}

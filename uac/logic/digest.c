/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Digest arithmetic. */
#include "digest.h"
#include "kx_scan.h"

/* One hash of a request under construction. */
struct hash_run
{
	const struct uax_hash *fn;
	struct uax_hash_state state;
	int hex_len;
};

static const struct
{
	const char *name;
	enum uax_alg alg;
} alg_names[] = {
		{"MD5", UAX_ALG_MD5},
		{"SHA-256", UAX_ALG_SHA256},
		{"SHA-512-256", UAX_ALG_SHA512_256},
};

enum uax_alg uax_alg_of(const str *name, int *is_sess)
{
	str base = *name;
	size_t i;
	int sess = 0;

	if(base.len > 5 && strncasecmp(base.s + base.len - 5, "-sess", 5) == 0) {
		base.len -= 5;
		sess = 1;
	}
	for(i = 0; i < sizeof(alg_names) / sizeof(alg_names[0]); i++) {
		str want = {(char *)alg_names[i].name, strlen(alg_names[i].name)};

		if(!kx_str_ieq(&base, &want))
			continue;
		if(is_sess != NULL)
			*is_sess = sess;
		return alg_names[i].alg;
	}
	return UAX_ALG_UNKNOWN;
}

int uax_alg_hex_len(enum uax_alg alg)
{
	switch(alg) {
		case UAX_ALG_MD5:
			return 32;
		case UAX_ALG_SHA256:
		case UAX_ALG_SHA512_256:
			return 64;
		default:
			return 0;
	}
}

/* Whether the byte at i begins a quoted-pair. A backslash at the very end is
 * the remains of one and stands for nothing. */
static int is_pair(const struct uax_text *t, int i)
{
	return t->is_quoted && t->s.s[i] == '\\';
}

/* The next byte that a text means, or -1 at its end. */
static int text_byte(const struct uax_text *t, int *i)
{
	if(*i < t->s.len && is_pair(t, *i))
		(*i)++;
	if(*i >= t->s.len)
		return -1;
	return (unsigned char)t->s.s[(*i)++];
}

static int has_pairs(const struct uax_text *t)
{
	return t->is_quoted && kx_str_chr(&t->s, '\\') != NULL;
}

int uax_text_same(const struct uax_text *a, const struct uax_text *b)
{
	int i = 0, j = 0, x, y;

	if(!has_pairs(a) && !has_pairs(b))
		return kx_str_eq(&a->s, &b->s);
	do {
		x = text_byte(a, &i);
		y = text_byte(b, &j);
		if(x != y)
			return 0;
	} while(x >= 0);
	return 1;
}

int uax_text_is(const struct uax_text *t, const str *plain)
{
	struct uax_text other = {*plain, 1, 0};

	return uax_text_same(t, &other);
}

int uax_text_echo(struct kx_buf *b, const struct uax_text *t)
{
	if(!t->is_quoted)
		return kx_buf_quoted(b, &t->s);
	kx_buf_char(b, '"');
	kx_buf_str(b, &t->s);
	return kx_buf_char(b, '"');
}

int uax_text_plain(struct kx_buf *b, const struct uax_text *t)
{
	return t->is_quoted ? kx_unquote(b, &t->s) : kx_buf_str(b, &t->s);
}

int uax_cred_covers(const struct uax_cred *cred, const struct uax_text *realm)
{
	if(kx_str_is_empty(&cred->realm) || kx_str_is(&cred->realm, "*"))
		return 1;
	return uax_text_is(realm, &cred->realm);
}

int uax_cred_can(const struct uax_cred *cred, enum uax_alg alg)
{
	int i;

	if(uax_alg_hex_len(alg) == 0)
		return 0;
	if(!cred->is_ha1)
		return 1;
	if(cred->ha1_alg != UAX_ALG_UNKNOWN && cred->ha1_alg != alg)
		return 0;
	if(cred->secret.len != uax_alg_hex_len(alg))
		return 0;
	for(i = 0; i < cred->secret.len; i++)
		if(kx_hex_value(cred->secret.s[i]) < 0)
			return 0;
	return 1;
}

/* The caller has checked that alg is known. */
static void run_begin(
		struct hash_run *r, const struct uax_hashes *h, enum uax_alg alg)
{
	switch(alg) {
		case UAX_ALG_SHA256:
			r->fn = &h->sha256;
			break;
		case UAX_ALG_SHA512_256:
			r->fn = &h->sha512_256;
			break;
		default:
			r->fn = &h->md5;
			break;
	}
	r->hex_len = uax_alg_hex_len(alg);
	r->fn->init(&r->state);
}

static void run_str(struct hash_run *r, const str *s)
{
	if(!kx_str_is_empty(s))
		r->fn->add(&r->state, s->s, s->len);
}

static void run_hex(struct hash_run *r, const char *hex)
{
	r->fn->add(&r->state, hex, r->hex_len);
}

static void run_colon(struct hash_run *r)
{
	r->fn->add(&r->state, ":", 1);
}

/* What the text means, without copying it. */
static void run_text(struct hash_run *r, const struct uax_text *t)
{
	int i, from = 0;

	for(i = 0; i < t->s.len; i++) {
		if(!is_pair(t, i))
			continue;
		r->fn->add(&r->state, t->s.s + from, i - from);
		from = ++i;
	}
	if(from < t->s.len)
		r->fn->add(&r->state, t->s.s + from, t->s.len - from);
}

/* Write the digits and leave nothing of the secret on the stack. */
static void run_end(struct hash_run *r, char *hex)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[32];
	int i;

	r->fn->end(&r->state, raw);
	for(i = 0; i < r->hex_len / 2; i++) {
		hex[2 * i] = digits[raw[i] >> 4];
		hex[2 * i + 1] = digits[raw[i] & 15];
	}
	hex[r->hex_len] = '\0';
	explicit_bzero(raw, sizeof(raw));
	explicit_bzero(&r->state, sizeof(r->state));
}

int uax_digest_ha1(const struct uax_cred *cred, const struct uax_text *realm,
		enum uax_alg alg, const struct uax_hashes *h, char *hex)
{
	struct hash_run r;
	int i;

	if(!uax_cred_can(cred, alg))
		return KX_E_RANGE;
	if(cred->is_ha1) {
		for(i = 0; i < cred->secret.len; i++)
			hex[i] = kx_lower(cred->secret.s[i]);
		hex[i] = '\0';
		return KX_OK;
	}
	run_begin(&r, h, alg);
	run_str(&r, &cred->user);
	run_colon(&r);
	run_text(&r, realm);
	run_colon(&r);
	run_str(&r, &cred->secret);
	run_end(&r, hex);
	return KX_OK;
}

int uax_digest_userhash(const str *user, const struct uax_text *realm,
		enum uax_alg alg, const struct uax_hashes *h, char *hex)
{
	struct hash_run r;

	if(uax_alg_hex_len(alg) == 0)
		return KX_E_RANGE;
	run_begin(&r, h, alg);
	run_str(&r, user);
	run_colon(&r);
	run_text(&r, realm);
	run_end(&r, hex);
	return KX_OK;
}

/* HA1 of a session: H(HA1 ":" nonce ":" cnonce), in place. */
static void make_session(
		const struct uax_digest *d, const struct uax_hashes *h, char *ha1)
{
	struct hash_run r;

	run_begin(&r, h, d->alg);
	run_hex(&r, ha1);
	run_colon(&r);
	run_text(&r, &d->nonce);
	run_colon(&r);
	run_str(&r, &d->cnonce);
	run_end(&r, ha1);
}

/* HA2 = H(method ":" uri [":" H(body)]). */
static void make_ha2(
		const struct uax_digest *d, const struct uax_hashes *h, char *ha2)
{
	struct hash_run r;
	char body[UAX_HEX_SIZE];

	if(d->qop == UAX_QOP_AUTH_INT) {
		run_begin(&r, h, d->alg);
		run_str(&r, &d->body);
		run_end(&r, body);
	}
	run_begin(&r, h, d->alg);
	run_str(&r, &d->method);
	run_colon(&r);
	run_str(&r, &d->uri);
	if(d->qop == UAX_QOP_AUTH_INT) {
		run_colon(&r);
		run_hex(&r, body);
	}
	run_end(&r, ha2);
}

/* ":" nc ":" cnonce ":" qop */
static void run_qop(struct hash_run *r, const struct uax_digest *d)
{
	char mem[16];
	struct kx_buf b;
	str nc = {0, 0};
	str qop = d->qop == UAX_QOP_AUTH ? KX_STR("auth") : KX_STR("auth-int");

	kx_buf_init(&b, mem, sizeof(mem));
	kx_buf_hex(&b, d->nc, 8);
	kx_buf_end(&b, &nc);
	run_colon(r);
	run_str(r, &nc);
	run_colon(r);
	run_str(r, &d->cnonce);
	run_colon(r);
	run_str(r, &qop);
}

int uax_digest_response(const struct uax_digest *d, const struct uax_cred *cred,
		const struct uax_hashes *h, char *hex)
{
	char ha1[UAX_HEX_SIZE], ha2[UAX_HEX_SIZE];
	struct hash_run r;
	int err;

	if(KX_NEVER((d->qop != UAX_QOP_NONE || d->is_sess)
				&& kx_str_is_empty(&d->cnonce)))
		return KX_E_BUG;
	err = uax_digest_ha1(cred, &d->realm, d->alg, h, ha1);
	if(err != KX_OK)
		return err;
	if(d->is_sess)
		make_session(d, h, ha1);
	make_ha2(d, h, ha2);

	run_begin(&r, h, d->alg);
	run_hex(&r, ha1);
	run_colon(&r);
	run_text(&r, &d->nonce);
	if(d->qop != UAX_QOP_NONE)
		run_qop(&r, d);
	run_colon(&r);
	run_hex(&r, ha2);
	run_end(&r, hex);
	explicit_bzero(ha1, sizeof(ha1));
	return KX_OK;
}

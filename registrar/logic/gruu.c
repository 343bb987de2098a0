/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * GRUU (RFC 5627). */
#include "gruu.h"
#include "kx_uri.h"

/* pvalue of RFC 3261 25.1: what may stand unescaped in a parameter. */
static int is_param_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
		   || (c >= '0' && c <= '9')
		   || (c != '\0' && strchr("[]/:&+$-_.!~*'()", c) != NULL);
}

static str bare_instance(const str *instance)
{
	str v = *instance;

	if(v.len >= 2 && v.s[0] == '<' && v.s[v.len - 1] == '>') {
		v.s++;
		v.len -= 2;
	}
	return v;
}

void rgr_gruu_owner_read(const str *aor, int has_domain, const str *host,
		struct rgr_gruu_owner *owner)
{
	int at = aor->len;

	owner->aor_user = *aor;
	owner->aor_domain = owner->host = *host;
	if(!has_domain)
		return;
	/* a user may have an '@', a domain has none */
	while(at > 0 && aor->s[at - 1] != '@')
		at--;
	owner->aor_domain = kx_str_span(aor->s + at, aor->s + aor->len);
	owner->aor_user.len = at > 0 ? at - 1 : 0;
}

/* A part of a URI. The GRUU stands in a quoted parameter, so what no URI may
 * have is escaped, and what the part itself may not. */
static void write_part(struct kx_buf *b, const str *part, const char *also)
{
	int i;

	for(i = 0; i < part->len; i++) {
		unsigned char c = part->s[i];

		if(c <= ' ' || c == 0x7f || strchr("\"<>\\@", c) != NULL
				|| strchr(also, c) != NULL) {
			kx_buf_char(b, '%');
			kx_buf_hex(b, c, 2);
		} else {
			kx_buf_char(b, (char)c);
		}
	}
}

static void write_scheme(struct kx_buf *b, const struct rgr_gruu_owner *owner)
{
	if(owner->is_sips)
		kx_buf_lit(b, "sips:");
	else
		kx_buf_lit(b, "sip:");
}

int rgr_gruu_pub_write(struct kx_buf *b, const struct rgr_gruu_owner *owner,
		const str *instance)
{
	str v = bare_instance(instance);
	int i;

	write_scheme(b, owner);
	/* a ':' would begin a password */
	write_part(b, &owner->aor_user, "%:");
	kx_buf_char(b, '@');
	write_part(b, &owner->aor_domain, "");
	kx_buf_lit(b, ";gr=");
	for(i = 0; i < v.len; i++) {
		if(is_param_char(v.s[i])) {
			kx_buf_char(b, v.s[i]);
		} else {
			kx_buf_char(b, '%');
			kx_buf_hex(b, (unsigned char)v.s[i], 2);
		}
	}
	return b->err;
}

int rgr_gruu_temp_write(
		struct kx_buf *b, const struct rgr_gruu_owner *owner, const str *ruid)
{
	write_scheme(b, owner);
	kx_buf_str(b, ruid);
	kx_buf_char(b, '-');
	kx_buf_hex(b, owner->aor_hash, 8);
	kx_buf_char(b, '@');
	write_part(b, &owner->host, "");
	return kx_buf_lit(b, ";gr");
}

void rgr_gruu_read(const str *user, const str *params, struct rgr_gruu *out)
{
	struct kx_param gr;
	str hash;
	int i;

	memset(out, 0, sizeof(*out));
	if(params->len <= 0
			|| kx_uri_param_find(params, &KX_STR("gr"), &gr) != KX_OK)
		return;
	if(gr.value.len > 0) {
		out->kind = RGR_GRUU_PUB;
		out->instance = gr.value;
		return;
	}
	out->kind = RGR_GRUU_TEMP;
	for(i = user->len - 1; i > 0 && user->s[i] != '-'; i--)
		;
	if(i <= 0)
		return;
	hash = kx_str_span(user->s + i + 1, user->s + user->len);
	if(kx_str_to_hex32(&hash, &out->aor_hash) == KX_OK)
		out->ruid = kx_str_span(user->s, user->s + i);
}

int rgr_gruu_is_instance(const str *gr, const str *instance)
{
	str x = bare_instance(gr);
	str y = bare_instance(instance);

	return kx_uri_text_is(&x, &y) || kx_str_eq(&x, &y);
}

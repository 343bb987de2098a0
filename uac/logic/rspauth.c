/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Checking rspauth. */
#include "msgscan.h"
#include "rspauth.h"

enum field
{
	F_URI,
	F_CNONCE,
	F_NC,
	F_QOP,
	F_RSPAUTH,
	F_COUNT
};

static const str names[F_COUNT] = {[F_URI] = STR_STATIC_INIT("uri"),
		[F_CNONCE] = STR_STATIC_INIT("cnonce"),
		[F_NC] = STR_STATIC_INIT("nc"),
		[F_QOP] = STR_STATIC_INIT("qop"),
		[F_RSPAUTH] = STR_STATIC_INIT("rspauth")};

/* The parameters we know; of one given twice the first counts. */
static void read_fields(struct kx_cursor *c, struct uax_text *field)
{
	struct uax_text value;
	str name;
	int i;

	memset(field, 0, F_COUNT * sizeof(*field));
	while(uax_auth_param_next(c, &name, &value) == KX_OK)
		for(i = 0; i < F_COUNT; i++)
			if(!field[i].is_given && kx_str_ieq(&name, &names[i]))
				field[i] = value;
}

/* Our credentials in the request. */
static int find_ours(const struct uax_rspauth_in *in, struct uax_challenge *ch,
		struct uax_text *field)
{
	struct kx_cursor c, params;
	struct uax_header h;
	str scheme;

	if(uax_headers_begin(&in->sent, &c) != KX_OK)
		return KX_E_NONE;
	while(uax_header_next(&c, &h) == KX_OK) {
		if(in->is_proxy ? !kx_str_is(&h.name, "Proxy-Authorization")
						: !kx_str_is(&h.name, "Authorization"))
			continue;
		kx_cur_init(&params, &h.body);
		if(uax_challenge_next(&params, ch) != KX_OK
				|| ch->unusable != UAX_CH_USABLE)
			continue;
		kx_cur_init(&params, &h.body);
		kx_cur_token(&params, &scheme);
		read_fields(&params, field);
		return KX_OK;
	}
	return KX_E_NONE;
}

static enum uax_qop qop_of(const struct uax_text *t)
{
	if(!t->is_given)
		return UAX_QOP_NONE;
	if(kx_str_is(&t->s, "auth"))
		return UAX_QOP_AUTH;
	return kx_str_is(&t->s, "auth-int") ? UAX_QOP_AUTH_INT : UAX_QOP_NONE;
}

/* Whether the server tells our own cnonce and nc, if it tells them. */
static int is_for_us(const struct uax_text *ours, const struct uax_text *theirs)
{
	uint32_t a, b;

	if(theirs[F_CNONCE].is_given
			&& !uax_text_same(&theirs[F_CNONCE], &ours[F_CNONCE]))
		return 0;
	if(!theirs[F_NC].is_given)
		return 1;
	return kx_str_to_hex32(&theirs[F_NC].s, &a) == KX_OK
		   && kx_str_to_hex32(&ours[F_NC].s, &b) == KX_OK && a == b;
}

enum uax_rspauth uax_rspauth_check(const struct uax_rspauth_in *in,
		const struct uax_cred *cred, const struct uax_hashes *h)
{
	struct uax_text ours[F_COUNT], theirs[F_COUNT];
	struct uax_challenge ch;
	struct uax_digest d = {.method = KX_STR(""), .body = in->body};
	struct kx_cursor c;
	char hex[UAX_HEX_SIZE];
	str want = {hex, 0};

	kx_cur_init(&c, &in->authinfo);
	read_fields(&c, theirs);
	if(!theirs[F_RSPAUTH].is_given || find_ours(in, &ch, ours) != KX_OK)
		return UAX_RSPAUTH_NONE;
	/* without qop nothing of ours goes into the proof, and RFC 7616 knows
	 * none */
	d.qop = qop_of(theirs[F_QOP].is_given ? &theirs[F_QOP] : &ours[F_QOP]);
	if(d.qop == UAX_QOP_NONE || ours[F_CNONCE].s.len == 0
			|| kx_str_to_hex32(&ours[F_NC].s, &d.nc) != KX_OK)
		return UAX_RSPAUTH_NONE;
	d.alg = ch.alg;
	d.is_sess = ch.is_sess;
	d.realm = ch.realm;
	d.nonce = ch.nonce;
	d.uri = ours[F_URI].s;
	d.cnonce = ours[F_CNONCE].s;
	if(uax_digest_response(&d, cred, h, hex) != KX_OK)
		return UAX_RSPAUTH_NONE;
	want.len = uax_alg_hex_len(ch.alg);
	return is_for_us(ours, theirs) && kx_str_ieq(&theirs[F_RSPAUTH].s, &want)
				   ? UAX_RSPAUTH_RIGHT
				   : UAX_RSPAUTH_WRONG;
}

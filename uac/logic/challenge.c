/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Challenges: reading, choosing, keeping. */
#include "challenge.h"

/* The names this reader knows. */
enum field
{
	F_REALM,
	F_NONCE,
	F_OPAQUE,
	F_DOMAIN,
	F_ALGORITHM,
	F_QOP,
	F_STALE,
	F_USERHASH,
	F_CHARSET,
	F_COUNT
};

static const char *const field_names[F_COUNT] = {
		[F_REALM] = "realm",
		[F_NONCE] = "nonce",
		[F_OPAQUE] = "opaque",
		[F_DOMAIN] = "domain",
		[F_ALGORITHM] = "algorithm",
		[F_QOP] = "qop",
		[F_STALE] = "stale",
		[F_USERHASH] = "userhash",
		[F_CHARSET] = "charset",
};

/* What one element of the comma-separated list turned out to be. */
enum element
{
	EL_END,	   /* of the text */
	EL_PARAM,  /* name = value */
	EL_SCHEME, /* a word with more words behind it */
	EL_WORD	   /* a word alone, or junk; passed */
};

/* Read a value: a quoted-string, or everything up to a comma or a blank. A
 * quote that never closes takes the rest of the text, so that no byte is
 * looked at over and over. */
static void read_value(struct kx_cursor *c, struct uax_text *out)
{
	out->is_given = 1;
	out->is_quoted = 0;
	kx_cur_blanks(c);
	if(kx_cur_quoted(c, &out->s) == KX_OK)
		out->is_quoted = 1;
	else
		kx_cur_until(c, ", \t\r\n", &out->s);
}

/*
 * Read one element of the list.
 *
 * @param is_first whether it stands at a comma: only there may a scheme
 *                 stand, elsewhere a peer forgot the comma
 * @param word     [out] name, scheme or lone word
 */
static enum element read_element(
		struct kx_cursor *c, int is_first, str *word, struct uax_text *value)
{
	if(kx_cur_at_end(c))
		return EL_END;
	if(kx_cur_token(c, word) != KX_OK) {
		read_value(c, value);
		return EL_WORD;
	}
	kx_cur_blanks(c);
	if(kx_cur_char(c, '=')) {
		read_value(c, value);
		return EL_PARAM;
	}
	if(is_first && kx_is_token_char(kx_cur_peek(c)))
		return EL_SCHEME;
	return EL_WORD;
}

/* Pass blanks and commas; whether there was a comma. */
static int pass_commas(struct kx_cursor *c)
{
	int seen = 0;

	kx_cur_blanks(c);
	while(kx_cur_char(c, ',')) {
		seen = 1;
		kx_cur_blanks(c);
	}
	return seen;
}

int uax_auth_param_next(struct kx_cursor *c, str *name, struct uax_text *value)
{
	enum element got;
	const char *from;
	int is_first;

	do {
		is_first = pass_commas(c);
		from = c->p;
		got = read_element(c, is_first, name, value);
	} while(got == EL_WORD);
	if(got == EL_SCHEME)
		c->p = from;
	return got == EL_PARAM ? KX_OK : KX_E_END;
}

static int field_of(const str *name)
{
	int i;

	for(i = 0; i < F_COUNT; i++) {
		/* most are told apart by their first letter */
		if(kx_lower(name->s[0]) == field_names[i][0]
				&& name->len == (int)strlen(field_names[i])
				&& strncasecmp(name->s, field_names[i], name->len) == 0)
			break;
	}
	return i;
}

/* The words of a qop list that we know, and whether there are others. */
static void read_qops(
		const struct uax_text *list, unsigned char *known, int *has_other)
{
	struct kx_cursor c;
	str word;

	*known = 0;
	*has_other = 0;
	if(!list->is_given)
		return;
	kx_cur_init(&c, &list->s);
	while(!kx_cur_at_end(&c)) {
		kx_cur_until(&c, ",", &word);
		kx_cur_char(&c, ',');
		if(kx_str_is(&word, "auth"))
			*known |= UAX_QOP_AUTH;
		else if(kx_str_is(&word, "auth-int"))
			*known |= UAX_QOP_AUTH_INT;
		else if(word.len > 0)
			*has_other = 1;
	}
}

static int is_true(const struct uax_text *t)
{
	return t->is_given && kx_str_is(&t->s, "true");
}

/* Whether a text can't be sent back. Folding would be legal in it; nobody
 * folds there, and a header written from it would be ours. */
static int has_bad_bytes(const struct uax_text *t)
{
	return kx_str_chr(&t->s, '\r') != NULL || kx_str_chr(&t->s, '\n') != NULL
		   || kx_str_chr(&t->s, '\0') != NULL;
}

/* The verdict about a challenge whose parameters are all in. */
static enum uax_unusable judge(
		const struct uax_challenge *ch, int has_foreign_qop)
{
	if(!kx_str_is(&ch->scheme, "Digest"))
		return UAX_CH_SCHEME;
	if(!ch->realm.is_given)
		return UAX_CH_NO_REALM;
	if(!ch->nonce.is_given)
		return UAX_CH_NO_NONCE;
	if(ch->alg == UAX_ALG_UNKNOWN)
		return UAX_CH_ALGORITHM;
	if(ch->qops == 0 && has_foreign_qop)
		return UAX_CH_QOP;
	if(has_bad_bytes(&ch->realm) || has_bad_bytes(&ch->nonce)
			|| has_bad_bytes(&ch->opaque))
		return UAX_CH_BYTES;
	return UAX_CH_USABLE;
}

/* From the collected parameters to the challenge. */
static void fill(struct uax_challenge *out, const struct uax_text *field)
{
	int is_sess = 0, has_foreign_qop = 0;

	out->realm = field[F_REALM];
	out->nonce = field[F_NONCE];
	out->opaque = field[F_OPAQUE];
	out->domain = field[F_DOMAIN];
	out->algorithm = field[F_ALGORITHM];
	out->alg = UAX_ALG_MD5; /* RFC 8760 2.3: what none means */
	if(out->algorithm.is_given)
		out->alg = uax_alg_of(&out->algorithm.s, &is_sess);
	out->is_sess = is_sess;
	read_qops(&field[F_QOP], &out->qops, &has_foreign_qop);
	out->is_stale = is_true(&field[F_STALE]);
	out->is_userhash = is_true(&field[F_USERHASH]);
	out->is_utf8 = kx_str_is(&field[F_CHARSET].s, "UTF-8");
	out->unusable = judge(out, has_foreign_qop);
}

int uax_challenge_next(struct kx_cursor *c, struct uax_challenge *out)
{
	struct uax_text field[F_COUNT], value;
	str name;
	int id;

	pass_commas(c);
	if(kx_cur_at_end(c))
		return KX_E_END;
	memset(out, 0, sizeof(*out));
	memset(field, 0, sizeof(field));
	/* What does not begin with a word keeps an empty scheme, and so is no
	 * Digest whatever follows. */
	kx_cur_token(c, &out->scheme);
	while(uax_auth_param_next(c, &name, &value) == KX_OK) {
		id = field_of(&name);
		if(id < F_COUNT && !field[id].is_given)
			field[id] = value;
	}
	fill(out, field);
	return KX_OK;
}

void uax_challenge_collect(
		const str *body, int is_proxy, struct uax_challenge *list, int *n)
{
	struct kx_cursor c;
	struct uax_challenge ch;

	kx_cur_init(&c, body);
	while(*n < UAX_CHALLENGES_MAX && uax_challenge_next(&c, &ch) == KX_OK) {
		if(ch.unusable != UAX_CH_USABLE)
			continue;
		ch.is_proxy = is_proxy != 0;
		list[(*n)++] = ch;
	}
}

static int same_space(
		const struct uax_challenge *a, const struct uax_challenge *b)
{
	return a->is_proxy == b->is_proxy && uax_text_same(&a->realm, &b->realm);
}

int uax_realm_next(const struct uax_challenge *list, int n, int *pos)
{
	int i, j;

	for(i = *pos; i < n; i++) {
		for(j = 0; j < i && !same_space(&list[j], &list[i]); j++)
			;
		if(j < i)
			continue;
		*pos = i + 1;
		return i;
	}
	*pos = n;
	return KX_E_END;
}

/* How much a credential likes an algorithm, 0: can't or may not. An HA1 of
 * 64 digits is taken for SHA-256 where there is a choice: that is what
 * databases hold. */
static int rank(enum uax_alg alg, const struct uax_cred *cred,
		const struct uax_auth_policy *pol)
{
	if(alg < pol->min_alg || !uax_cred_can(cred, alg))
		return 0;
	if(cred->is_ha1 && alg == UAX_ALG_SHA256)
		return UAX_ALG_SHA512_256 + 1;
	return alg;
}

int uax_challenge_choose(const struct uax_challenge *list, int n, int first,
		const struct uax_cred *cred, const struct uax_auth_policy *pol)
{
	int i, r, best = KX_E_NONE, best_rank = 0;

	if(!uax_cred_covers(cred, &list[first].realm))
		return KX_E_NONE;
	for(i = first; i < n; i++) {
		if(!same_space(&list[first], &list[i]))
			continue;
		r = rank(list[i].alg, cred, pol);
		if(r <= best_rank)
			continue;
		best = i;
		best_rank = r;
		if(pol->is_topmost && !cred->is_ha1)
			break;
	}
	return best;
}

int uax_challenge_refuses(const struct uax_challenge *ch,
		const struct uax_text *nonce, int was_kept)
{
	return uax_text_same(&ch->nonce, nonce) || !(ch->is_stale || was_kept);
}

enum uax_qop uax_challenge_qop(const struct uax_challenge *ch)
{
	if(ch->qops & UAX_QOP_AUTH)
		return UAX_QOP_AUTH;
	return ch->qops & UAX_QOP_AUTH_INT ? UAX_QOP_AUTH_INT : UAX_QOP_NONE;
}

/* A challenge without pointers; the texts follow in the order of `text`. */
struct packed
{
	uint32_t magic;
	uint32_t len[4];
	unsigned char bits[4];
	unsigned char qops;
	unsigned char is_userhash;
	unsigned char is_utf8;
	unsigned char is_proxy;
};

#define PACKED_MAGIC 0x75616368u
#define PACKED_TEXTS 4
#define BIT_GIVEN 1
#define BIT_QUOTED 2

/* The texts that are kept; realm and nonce first. */
static void texts_of(
		const struct uax_challenge *ch, const struct uax_text *text[])
{
	text[0] = &ch->realm;
	text[1] = &ch->nonce;
	text[2] = &ch->opaque;
	text[3] = &ch->algorithm;
}

size_t uax_challenge_pack_len(const struct uax_challenge *ch)
{
	const struct uax_text *text[PACKED_TEXTS];
	size_t len = sizeof(struct packed);
	int i;

	texts_of(ch, text);
	for(i = 0; i < PACKED_TEXTS; i++)
		len += text[i]->s.len;
	return len;
}

void uax_challenge_pack(const struct uax_challenge *ch, void *mem)
{
	const struct uax_text *text[PACKED_TEXTS];
	struct packed head = {.magic = PACKED_MAGIC};
	char *p = (char *)mem + sizeof(head);
	int i;

	texts_of(ch, text);
	for(i = 0; i < PACKED_TEXTS; i++) {
		head.len[i] = text[i]->s.len;
		head.bits[i] = (text[i]->is_given ? BIT_GIVEN : 0)
					   | (text[i]->is_quoted ? BIT_QUOTED : 0);
		if(text[i]->s.len > 0)
			memcpy(p, text[i]->s.s, text[i]->s.len);
		p += text[i]->s.len;
	}
	head.qops = ch->qops;
	head.is_userhash = ch->is_userhash;
	head.is_utf8 = ch->is_utf8;
	head.is_proxy = ch->is_proxy;
	memcpy(mem, &head, sizeof(head));
}

int uax_challenge_unpack(const void *mem, size_t len, struct uax_challenge *out)
{
	struct packed head;
	struct uax_text text[PACKED_TEXTS];
	struct uax_text field[F_COUNT] = {0};
	const char *p;
	size_t left;
	int i;

	if(len < sizeof(head))
		return KX_E_SYNTAX;
	p = (const char *)mem + sizeof(head);
	left = len - sizeof(head);
	memcpy(&head, mem, sizeof(head));
	if(head.magic != PACKED_MAGIC)
		return KX_E_SYNTAX;
	for(i = 0; i < PACKED_TEXTS; i++) {
		if(head.len[i] > left)
			return KX_E_SYNTAX;
		text[i].s = kx_str_span(p, p + head.len[i]);
		text[i].is_given = (head.bits[i] & BIT_GIVEN) != 0;
		text[i].is_quoted = (head.bits[i] & BIT_QUOTED) != 0;
		p += head.len[i];
		left -= head.len[i];
	}
	if(left != 0)
		return KX_E_SYNTAX;
	field[F_REALM] = text[0];
	field[F_NONCE] = text[1];
	field[F_OPAQUE] = text[2];
	field[F_ALGORITHM] = text[3];
	memset(out, 0, sizeof(*out));
	out->scheme = KX_STR("Digest");
	fill(out, field);
	out->qops = head.qops;
	out->is_userhash = head.is_userhash;
	out->is_utf8 = head.is_utf8;
	out->is_proxy = head.is_proxy;
	return out->unusable == UAX_CH_USABLE ? KX_OK : KX_E_SYNTAX;
}

int uax_authinfo_nextnonce(const str *body, struct uax_text *out)
{
	struct kx_cursor c;
	struct uax_text value;
	str name;

	kx_cur_init(&c, body);
	while(uax_auth_param_next(&c, &name, &value) == KX_OK) {
		if(!kx_str_is(&name, "nextnonce"))
			continue;
		if(value.s.len == 0 || has_bad_bytes(&value))
			return KX_E_NONE;
		*out = value;
		return KX_OK;
	}
	return KX_E_NONE;
}

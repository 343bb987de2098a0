/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The text that a Record-Route parameter keeps about a changed From or To.
 *
 * base64url(check | hidden), where
 *   check  = first 12 bytes of SipHash(key 1, is_to | len callid | len tag |
 *            callid | tag | plain), the first three of four bytes
 *   hidden = ChaCha20(key 2, nonce check, from block 0, plain); plain itself
 *            without a secret
 *   key 1  = first 16 bytes of SHA-256(password)
 *   key 2  = SHA-256(SHA-256(password))
 *   plain  = flags | pair of URIs [ | pair of display names ]
 *   pair   = p s o n | head, p bytes | old, o bytes | tail, s bytes | new, n
 *            bytes: old address head-old-tail, new one head-new-tail
 *
 * The check value is at the same time the nonce, so no random number is
 * needed and none can repeat (the construction of RFC 5297). */
#include "uricodec.h"
#include "kx_scan.h"

#define CHECK_LEN UAX_CHACHA_NONCE_LEN
#define FLAG_VERSION 0x20
#define FLAG_DISPLAY 0x01
#define PLAIN_MAX (UAX_TOKEN_MAX / 4 * 3 - CHECK_LEN)

void uax_key_init(
		struct uax_key *key, const str *secret, const struct uax_hash *sha256)
{
	struct uax_hash_state st;
	unsigned char sum[UAX_CHACHA_KEY_LEN];

	key->is_secret = !kx_str_is_empty(secret);
	sha256->init(&st);
	if(key->is_secret)
		sha256->add(&st, secret->s, secret->len);
	sha256->end(&st, sum);
	uax_siphash_key(&key->check, sum);
	sha256->init(&st);
	sha256->add(&st, (const char *)sum, sizeof(sum));
	sha256->end(&st, sum);
	uax_chacha_key(&key->stream, sum);
}

/* Four bytes, the highest first. */
static void put_u32(unsigned char *out, uint32_t n)
{
	out[0] = n >> 24;
	out[1] = n >> 16;
	out[2] = n >> 8;
	out[3] = n;
}

static void make_check(const struct uax_key *key, const struct uax_binding *to,
		const str *plain, unsigned char *out)
{
	struct uax_siphash h;
	unsigned char sum[UAX_SIPHASH_LEN], head[12];
	int callid_len = to->callid.len > 0 ? to->callid.len : 0;
	int tag_len = to->tag.len > 0 ? to->tag.len : 0;

	uax_siphash_init(&h, &key->check);
	put_u32(head, to->is_to != 0);
	put_u32(head + 4, callid_len);
	put_u32(head + 8, tag_len);
	uax_siphash_add(&h, head, sizeof(head));
	uax_siphash_add(&h, to->callid.s, callid_len);
	uax_siphash_add(&h, to->tag.s, tag_len);
	uax_siphash_add(&h, plain->s, plain->len);
	uax_siphash_end(&h, sum);
	memcpy(out, sum, CHECK_LEN);
}

static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* base64url without padding (RFC 4648 5). */
static int encode(struct kx_buf *b, const unsigned char *s, int len)
{
	char text[UAX_TOKEN_MAX + 3];
	unsigned char tail[3] = {0, 0, 0};
	char *out = text;
	int left = len;

	for(; left > 0; left -= 3, s += 3, out += 4) {
		uint32_t n;

		if(left < 3) {
			memcpy(tail, s, left);
			s = tail;
		}
		n = (uint32_t)s[0] << 16 | s[1] << 8 | s[2];
		out[0] = digits[n >> 18];
		out[1] = digits[n >> 12 & 63];
		out[2] = digits[n >> 6 & 63];
		out[3] = digits[n & 63];
	}
	/* a byte that is not there takes a digit away */
	return kx_buf_add(b, text, out - text + left);
}

/* The value of a digit, 64 for what is none. */
#define NONE_OF_16 \
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64
static const unsigned char values[256] = {64, 64, 64, 64, 64, 64, 64, 64, 64,
		64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
		64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
		62, 64, 64, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 64, 64,
		64, 64, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
		18, 19, 20, 21, 22, 23, 24, 25, 64, 64, 64, 64, 63, 64, 26, 27, 28, 29,
		30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
		48, 49, 50, 51, 64, 64, 64, 64, 64, NONE_OF_16, NONE_OF_16, NONE_OF_16,
		NONE_OF_16, NONE_OF_16, NONE_OF_16, NONE_OF_16, NONE_OF_16};

static int decode(struct kx_buf *b, const str *text)
{
	unsigned char raw[UAX_TOKEN_MAX / 4 * 3 + 3], *out = raw;
	unsigned char tail[4] = {'A', 'A', 'A', 'A'};
	const unsigned char *s = (const unsigned char *)text->s;
	int left = text->len;
	uint32_t seen = 0; /* every bit of every value */

	for(; left > 0; left -= 4, s += 4, out += 3) {
		uint32_t n, v0, v1, v2, v3;

		if(left < 4) {
			memcpy(tail, s, left);
			s = tail;
		}
		v0 = values[s[0]];
		v1 = values[s[1]];
		v2 = values[s[2]];
		v3 = values[s[3]];
		seen |= v0 | v1 | v2 | v3;
		n = v0 << 18 | v1 << 12 | v2 << 6 | v3;
		out[0] = n >> 16;
		out[1] = n >> 8;
		out[2] = n;
	}
	/* There is one way to write it: what does not fill a byte is zero. */
	out += left < 0 ? left : 0;
	if(text->len % 4 == 1 || seen > 63 || (left < 0 && *out != 0))
		return KX_E_SYNTAX;
	return kx_buf_add(b, (char *)raw, out - raw);
}

int uax_token_find(const str *params, const str *name, str *value)
{
	const char *p = params->s, *end = params->s + params->len;

	while(p != NULL && p < end) {
		const char *next = memchr(p, ';', end - p);
		const char *stop = next != NULL ? next : end;

		if(stop - p > name->len && p[name->len] == '='
				&& strncasecmp(p, name->s, name->len) == 0) {
			*value = kx_str_span(p + name->len + 1, stop);
			kx_str_trim(value);
			return KX_OK;
		}
		p = next != NULL ? next + 1 : NULL;
	}
	return KX_E_NONE;
}

/* Below 128 one byte, else two; PLAIN_MAX fits. */
static void put_len(struct kx_buf *b, int n)
{
	if(n >= 128)
		kx_buf_char(b, 128 | n >> 8);
	kx_buf_char(b, n & 255);
}

static int get_len(struct kx_cursor *c, int *out)
{
	int n;

	if(kx_cur_at_end(c))
		return KX_E_SYNTAX;
	n = (unsigned char)*c->p++;
	if(n >= 128) {
		if(kx_cur_at_end(c))
			return KX_E_SYNTAX;
		n = (n & 127) << 8 | (unsigned char)*c->p++;
	}
	*out = n;
	return KX_OK;
}

static void write_pair(struct kx_buf *b, const str *a, const str *z)
{
	int least = a->len < z->len ? a->len : z->len;
	int p = 0, s = 0;

	while(p < least && a->s[p] == z->s[p])
		p++;
	while(s < least - p && a->s[a->len - 1 - s] == z->s[z->len - 1 - s])
		s++;
	put_len(b, p);
	put_len(b, s);
	put_len(b, a->len - p - s);
	put_len(b, z->len - p - s);
	kx_buf_str(b, a);
	kx_buf_add(b, z->s + p, z->len - p - s);
}

/* The old one is read where it is, the new one is put together in mem. */
static int read_pair(struct kx_buf *mem, struct kx_cursor *c, str *a, str *z)
{
	int p, s, o, n;
	const char *at;

	if(get_len(c, &p) || get_len(c, &s) || get_len(c, &o) || get_len(c, &n)
			|| c->end - c->p < (long)p + o + s + n)
		return KX_E_SYNTAX;
	at = c->p;
	c->p += p + o + s + n;
	*a = kx_str_span(at, at + p + o + s);
	z->s = mem->s + mem->len;
	z->len = p + n + s;
	kx_buf_add(mem, at, p);
	kx_buf_add(mem, at + p + o + s, n);
	kx_buf_add(mem, at + p + o, s);
	return mem->err;
}

static int is_too_long(const struct uax_change *c)
{
	int64_t len = (int64_t)c->old_uri.len + c->new_uri.len;

	if(c->has_display)
		len += (int64_t)c->old_display.len + c->new_display.len;
	return len > PLAIN_MAX - 17; /* flags and eight lengths */
}

int uax_token_write(struct kx_buf *b, const struct uax_change *change,
		const struct uax_binding *to, const struct uax_key *key)
{
	char mem[CHECK_LEN + PLAIN_MAX + 1];
	unsigned char *check = (unsigned char *)mem;
	struct kx_buf w;
	str plain;

	if(is_too_long(change))
		return KX_E_RANGE;
	kx_buf_init(&w, mem + CHECK_LEN, sizeof(mem) - CHECK_LEN);
	kx_buf_char(&w, FLAG_VERSION | (change->has_display ? FLAG_DISPLAY : 0));
	write_pair(&w, &change->old_uri, &change->new_uri);
	if(change->has_display)
		write_pair(&w, &change->old_display, &change->new_display);
	if(KX_NEVER(kx_buf_end(&w, &plain) != KX_OK))
		return KX_E_BUG;
	make_check(key, to, &plain, check);
	if(key->is_secret)
		uax_chacha_xor(&key->stream, check, check + CHECK_LEN, plain.len);
	return encode(b, check, CHECK_LEN + plain.len);
}

static int same_check(const unsigned char *a, const unsigned char *b)
{
	unsigned char diff = 0;
	int i;

	for(i = 0; i < CHECK_LEN; i++) /* no early end: no hint how far */
		diff |= a[i] ^ b[i];
	return diff == 0;
}

/* Which tag it verifies with: 0 or 1 as uax_token_read(), or KX_E_NONE. */
static int verify(const unsigned char *check, const str *plain,
		const struct uax_binding *to, const str *other_tag,
		const struct uax_key *key)
{
	unsigned char want[CHECK_LEN];
	struct uax_binding other = *to;

	make_check(key, to, plain, want);
	if(same_check(check, want))
		return 0;
	other.tag = *other_tag;
	make_check(key, &other, plain, want);
	return same_check(check, want) ? 1 : KX_E_NONE;
}

static int read_plain(
		struct kx_buf *mem, const str *plain, struct uax_change *out)
{
	struct uax_change c = {{0, 0}, {0, 0}, 0, {0, 0}, {0, 0}};
	struct kx_cursor cur;
	int flags;

	kx_cur_init(&cur, plain);
	flags = (unsigned char)*cur.p++;
	if((flags & ~FLAG_DISPLAY) != FLAG_VERSION)
		return KX_E_SYNTAX;
	c.has_display = (flags & FLAG_DISPLAY) != 0;
	if(read_pair(mem, &cur, &c.old_uri, &c.new_uri) != KX_OK)
		return KX_E_SYNTAX;
	if(c.has_display
			&& read_pair(mem, &cur, &c.old_display, &c.new_display) != KX_OK)
		return KX_E_SYNTAX;
	if(!kx_cur_at_end(&cur) || c.old_uri.len == 0 || c.new_uri.len == 0)
		return KX_E_SYNTAX;
	*out = c;
	return KX_OK;
}

int uax_token_read(struct kx_buf *mem, const str *token,
		const struct uax_binding *to, const str *other_tag,
		const struct uax_key *key, struct uax_change *out)
{
	const unsigned char *check = (const unsigned char *)mem->s;
	str plain;
	int way;

	if(kx_str_is_empty(token) || token->len > UAX_TOKEN_MAX
			|| decode(mem, token) != KX_OK || mem->len <= CHECK_LEN)
		return KX_E_SYNTAX;
	plain.s = mem->s + CHECK_LEN;
	plain.len = mem->len - CHECK_LEN;
	if(key->is_secret)
		uax_chacha_xor(
				&key->stream, check, (unsigned char *)plain.s, plain.len);
	way = verify(check, &plain, to, other_tag, key);
	if(way < 0)
		return way;
	return read_plain(mem, &plain, out) == KX_OK ? way : KX_E_SYNTAX;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The text that a Record-Route parameter keeps about a changed From or To.
 *
 * base64url(check | hidden), where
 *   check  = first 12 bytes of HMAC-SHA-256(key, 1 | is_to | len callid |
 *            callid | len tag | tag | plain)
 *   hidden = plain xor stream(key, check); plain itself without a secret
 *   plain  = flags | pair of URIs [ | pair of display names ]
 *   pair   = p s o n | head, p bytes | old, o bytes | tail, s bytes | new, n
 *            bytes: old address head-old-tail, new one head-new-tail
 *
 * The check value is at the same time the start of the stream, so no random
 * number is needed and none can repeat (the construction of RFC 5297). */
#include "uricodec.h"
#include "kx_scan.h"

#define CHECK_LEN 12
#define SHA256_LEN 32
#define BLOCK_LEN 64
#define FLAG_VERSION 0x20
#define FLAG_DISPLAY 0x01
#define PLAIN_MAX (UAX_TOKEN_MAX / 4 * 3 - CHECK_LEN)

/* Begin a hash with the key, each byte xor'ed with a constant. */
static void key_state(const struct uax_hash *h, const unsigned char *block,
		unsigned char constant, struct uax_hash_state *out)
{
	unsigned char padded[BLOCK_LEN];
	int i;

	for(i = 0; i < BLOCK_LEN; i++)
		padded[i] = block[i] ^ constant;
	h->init(out);
	h->add(out, (const char *)padded, BLOCK_LEN);
}

void uax_key_init(
		struct uax_key *key, const str *secret, const struct uax_hash *sha256)
{
	unsigned char block[BLOCK_LEN] = {0};
	struct uax_hash_state st;

	key->sha256 = sha256;
	key->is_secret = !kx_str_is_empty(secret);
	if(key->is_secret && secret->len > BLOCK_LEN) {
		sha256->init(&st);
		sha256->add(&st, secret->s, secret->len);
		sha256->end(&st, block);
	} else if(key->is_secret) {
		memcpy(block, secret->s, secret->len);
	}
	key_state(sha256, block, 0x36, &key->inner); /* RFC 2104 */
	key_state(sha256, block, 0x5c, &key->outer);
	key_state(sha256, block, 0xa5, &key->stream);
}

/* Four bytes, the highest first. */
static void put_u32(unsigned char *out, uint32_t n)
{
	out[0] = n >> 24;
	out[1] = n >> 16;
	out[2] = n >> 8;
	out[3] = n;
}

static void add_counted(
		const struct uax_hash *h, struct uax_hash_state *st, const str *s)
{
	unsigned char len[4];

	put_u32(len, s->len > 0 ? s->len : 0);
	h->add(st, (const char *)len, sizeof(len));
	if(s->len > 0)
		h->add(st, s->s, s->len);
}

static void make_check(const struct uax_key *key, const struct uax_binding *to,
		const str *plain, unsigned char *out)
{
	const struct uax_hash *h = key->sha256;
	struct uax_hash_state st = key->inner;
	unsigned char sum[SHA256_LEN];
	char head[2] = {1, to->is_to != 0};

	h->add(&st, head, sizeof(head));
	add_counted(h, &st, &to->callid);
	add_counted(h, &st, &to->tag);
	h->add(&st, plain->s, plain->len);
	h->end(&st, sum);
	st = key->outer;
	h->add(&st, (const char *)sum, sizeof(sum));
	h->end(&st, sum);
	memcpy(out, sum, CHECK_LEN);
}

/* Hide, or show again. Every block hashes the same number of bytes behind a
 * key, so that none says anything about another. */
static void apply_stream(const struct uax_key *key, const unsigned char *check,
		unsigned char *text, int len)
{
	const struct uax_hash *h = key->sha256;
	unsigned char sum[SHA256_LEN], number[4];
	int at, i;

	for(at = 0; at < len; at += SHA256_LEN) {
		struct uax_hash_state st = key->stream;

		put_u32(number, at / SHA256_LEN);
		h->add(&st, (const char *)check, CHECK_LEN);
		h->add(&st, (const char *)number, sizeof(number));
		h->end(&st, sum);
		for(i = 0; i < SHA256_LEN && at + i < len; i++)
			text[at + i] ^= sum[i];
	}
}

static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* base64url without padding (RFC 4648 5). */
static int encode(struct kx_buf *b, const unsigned char *s, int len)
{
	int i;

	for(i = 0; i < len; i += 3) {
		int have = len - i < 3 ? len - i : 3;
		uint32_t n = (uint32_t)s[i] << 16 | (have > 1 ? s[i + 1] << 8 : 0)
					 | (have > 2 ? s[i + 2] : 0);
		char four[4] = {digits[n >> 18], digits[n >> 12 & 63],
				digits[n >> 6 & 63], digits[n & 63]};

		kx_buf_add(b, four, have + 1);
	}
	return b->err;
}

static int digit_value(char c)
{
	if(c >= 'A' && c <= 'Z')
		return c - 'A';
	if(c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if(c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

static int decode(struct kx_buf *b, const str *text)
{
	uint32_t n = 0;
	int i, bits = 0;

	for(i = 0; i < text->len; i++) {
		int v = digit_value(text->s[i]);

		if(v < 0)
			return KX_E_SYNTAX;
		n = (n << 6 | v) & 0x3fff;
		bits += 6;
		if(bits >= 8) {
			bits -= 8;
			kx_buf_char(b, n >> bits);
		}
	}
	/* one way to write it: nothing left but zeros, less than a digit */
	if(bits >= 6 || (n & ((1u << bits) - 1)) != 0)
		return KX_E_SYNTAX;
	return b->err;
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
		apply_stream(key, check, check + CHECK_LEN, plain.len);
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
		apply_stream(key, check, (unsigned char *)plain.s, plain.len);
	way = verify(check, &plain, to, other_tag, key);
	if(way < 0)
		return way;
	return read_plain(mem, &plain, out) == KX_OK ? way : KX_E_SYNTAX;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Counted strings: trimming, numbers, a hash. */
#include "kx_str.h"

static int is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void kx_str_trim(str *s)
{
	while(s->len > 0 && is_blank(s->s[0])) {
		s->s++;
		s->len--;
	}
	while(s->len > 0 && is_blank(s->s[s->len - 1]))
		s->len--;
}

int kx_str_has(const str *s, const str *part)
{
	str at;

	for(at = *s; at.len >= part->len; at.s++, at.len--) {
		if(part->len <= 0 || strncasecmp(at.s, part->s, part->len) == 0)
			return 1;
	}
	return 0;
}

int kx_hex_value(char c)
{
	if(c >= '0' && c <= '9')
		return c - '0';
	c = kx_lower(c);
	if(c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static int read_hex(const str *s, int most, uint64_t *out)
{
	uint64_t n = 0;
	int i;

	if(s->len < 1 || s->len > most)
		return KX_E_SYNTAX;
	for(i = 0; i < s->len; i++) {
		int digit = kx_hex_value(s->s[i]);

		if(digit < 0)
			return KX_E_SYNTAX;
		n = n << 4 | (uint64_t)digit;
	}
	*out = n;
	return KX_OK;
}

int kx_str_to_hex32(const str *s, uint32_t *out)
{
	uint64_t n;

	if(read_hex(s, 8, &n) != KX_OK)
		return KX_E_SYNTAX;
	*out = (uint32_t)n;
	return KX_OK;
}

int kx_str_to_hex64(const str *s, uint64_t *out)
{
	return read_hex(s, 16, out);
}

int kx_str_to_u64(const str *s, uint64_t *out)
{
	uint64_t n = 0;
	int i;

	if(kx_str_is_empty(s))
		return KX_E_SYNTAX;
	for(i = 0; i < s->len; i++) {
		unsigned digit = (unsigned char)s->s[i] - '0';

		if(digit > 9)
			return KX_E_SYNTAX;
		if(n > UINT64_MAX / 10 || n * 10 > UINT64_MAX - digit)
			n = UINT64_MAX;
		else
			n = n * 10 + digit;
	}
	*out = n;
	return KX_OK;
}

uint32_t kx_str_hash(const str *s, uint32_t seed)
{
	uint32_t h = 2166136261u ^ seed;
	int i;

	for(i = 0; i < s->len; i++)
		h = (h ^ (unsigned char)s->s[i]) * 16777619u;
	/* FNV leaves the low bits poor for short keys that differ in the last
	 * byte only, and our tables take the low bits. */
	h ^= h >> 16;
	h *= 0x7feb352du;
	h ^= h >> 15;
	return h;
}

/* Bytes of the sequence that begins here, or 0 for what is none. */
static int utf8_len(const unsigned char *p, int left)
{
	/* the lowest code point that needs so many bytes: a shorter one has to be
	 * written shorter */
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t code;
	int len, i;

	if(*p < 0x80)
		return *p != 0;
	len = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : 2;
	if(*p < 0xc2 || *p > 0xf4 || len > left)
		return 0;
	code = *p & (0x7f >> len);
	for(i = 1; i < len; i++) {
		if((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	if(code < least[len] || code > 0x10ffff
			|| (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return len;
}

int kx_str_is_utf8(const str *s)
{
	const unsigned char *p = (const unsigned char *)s->s;
	int at = 0, len;

	while(at < s->len) {
		len = utf8_len(p + at, s->len - at);
		if(len == 0)
			return 0;
		at += len;
	}
	return 1;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Encrypted temporary GRUUs. */
#include "gruu_token.h"

enum
{
	IV_LEN = 16,
	NONCE_LEN = 8,
	HASH_LEN = 4,
	TAG_LEN = 8,
	HEAD_LEN = NONCE_LEN + HASH_LEN + TAG_LEN,
	RUID_MAX = 64,
	PLAIN_MAX = HEAD_LEN + RUID_MAX,
	/* what a MAC is taken for: the first byte under it */
	FOR_IV = 1,
	FOR_STREAM = 2,
	FOR_TAG = 3
};

/* In front of the hexadecimal digits; no user name of a sane AoR. */
static const str prefix = STR_STATIC_INIT("tgruu-");

static void put_number(uint8_t *at, uint64_t n, int bytes)
{
	int i;

	for(i = bytes - 1; i >= 0; i--, n >>= 8)
		at[i] = (uint8_t)n;
}

static uint64_t get_number(const uint8_t *at, int bytes)
{
	uint64_t n = 0;
	int i;

	for(i = 0; i < bytes; i++)
		n = n << 8 | at[i];
	return n;
}

static void make_iv(const struct rgr_mac *mac, const uint8_t *plain, size_t len,
		uint8_t iv[IV_LEN])
{
	uint8_t in[1 + PLAIN_MAX], out[RGR_MAC_LEN];

	in[0] = FOR_IV;
	memcpy(in + 1, plain, len);
	mac->mac(mac->key, in, len + 1, out);
	memcpy(iv, out, IV_LEN);
}

/* Encrypt or decrypt in place. */
static void apply_stream(const struct rgr_mac *mac, const uint8_t iv[IV_LEN],
		uint8_t *text, size_t len)
{
	uint8_t in[1 + IV_LEN + 1], out[RGR_MAC_LEN];
	size_t i;

	in[0] = FOR_STREAM;
	memcpy(in + 1, iv, IV_LEN);
	for(i = 0; i < len; i++) {
		if(i % RGR_MAC_LEN == 0) {
			in[1 + IV_LEN] = (uint8_t)(i / RGR_MAC_LEN);
			mac->mac(mac->key, in, sizeof(in), out);
		}
		text[i] ^= out[i % RGR_MAC_LEN];
	}
}

uint64_t rgr_gruu_callid_tag(const struct rgr_mac *mac, const str *callid)
{
	uint8_t in[1 + RGR_CALLID_MAX], out[RGR_MAC_LEN];
	int len = callid->len;

	if(len < 0 || len > RGR_CALLID_MAX)
		len = 0;
	in[0] = FOR_TAG;
	if(len > 0)
		memcpy(in + 1, callid->s, len);
	mac->mac(mac->key, in, len + 1, out);
	return get_number(out, TAG_LEN);
}

int rgr_gruu_token_write(struct kx_buf *b, const struct rgr_gruu_owner *owner,
		const struct rgr_mac *mac, const str *ruid, const str *callid,
		uint64_t nonce)
{
	uint8_t iv[IV_LEN], text[PLAIN_MAX];
	size_t len, i;

	if(ruid->len <= 0 || ruid->len > RUID_MAX)
		return KX_E_RANGE;
	put_number(text, nonce, NONCE_LEN);
	put_number(text + NONCE_LEN, owner->aor_hash, HASH_LEN);
	put_number(text + NONCE_LEN + HASH_LEN, rgr_gruu_callid_tag(mac, callid),
			TAG_LEN);
	memcpy(text + HEAD_LEN, ruid->s, ruid->len);
	len = HEAD_LEN + ruid->len;
	make_iv(mac, text, len, iv);
	apply_stream(mac, iv, text, len);

	if(owner->is_sips)
		kx_buf_lit(b, "sips:");
	else
		kx_buf_lit(b, "sip:");
	kx_buf_str(b, &prefix);
	for(i = 0; i < IV_LEN; i++)
		kx_buf_hex(b, iv[i], 2);
	for(i = 0; i < len; i++)
		kx_buf_hex(b, text[i], 2);
	kx_buf_char(b, '@');
	kx_buf_str(b, &owner->host);
	return kx_buf_lit(b, ";gr");
}

static int read_bytes(const char *s, size_t n, uint8_t *out)
{
	size_t i;

	for(i = 0; i < n; i++) {
		int high = kx_hex_value(s[i * 2]);
		int low = kx_hex_value(s[i * 2 + 1]);

		if(high < 0 || low < 0)
			return KX_E_SYNTAX;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return KX_OK;
}

/* Compare without telling by the time where the difference is. */
static int is_same(const uint8_t *a, const uint8_t *b, size_t n)
{
	uint8_t diff = 0;
	size_t i;

	for(i = 0; i < n; i++)
		diff |= a[i] ^ b[i];
	return diff == 0;
}

int rgr_gruu_token_read(
		const struct rgr_mac *mac, const str *user, struct rgr_gruu_token *out)
{
	uint8_t iv[IV_LEN], want[IV_LEN], text[PLAIN_MAX];
	size_t len;

	if(user->len <= prefix.len
			|| strncasecmp(user->s, prefix.s, prefix.len) != 0
			|| (user->len - prefix.len) % 2 != 0)
		return KX_E_NONE;
	len = (user->len - prefix.len) / 2;
	if(len <= IV_LEN + HEAD_LEN || len > IV_LEN + PLAIN_MAX)
		return KX_E_NONE;
	len -= IV_LEN;
	if(read_bytes(user->s + prefix.len, IV_LEN, iv) != KX_OK
			|| read_bytes(user->s + prefix.len + IV_LEN * 2, len, text)
					   != KX_OK)
		return KX_E_NONE;
	apply_stream(mac, iv, text, len);
	make_iv(mac, text, len, want);
	if(!is_same(iv, want, IV_LEN))
		return KX_E_NONE;
	out->aor_hash = (uint32_t)get_number(text + NONCE_LEN, HASH_LEN);
	out->callid_tag = get_number(text + NONCE_LEN + HASH_LEN, TAG_LEN);
	out->ruid.len = (int)len - HEAD_LEN;
	out->ruid.s = out->mem;
	memcpy(out->mem, text + HEAD_LEN, out->ruid.len);
	return KX_OK;
}

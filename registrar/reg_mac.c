/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * HMAC (RFC 2104) over the core's SHA-256. */
#include "core/crypto/sha256.h"

#include "reg_cfg.h"
#include "reg_mac.h"

enum
{
	KEY_MIN = 16,
	BLOCK = 64
};

/* The key, padded to one block of the hash. */
static struct
{
	uint8_t block[BLOCK];
	struct rgr_mac mac;
	int is_set;
} hmac;

static void hash2(uint8_t pad, const uint8_t *key, const uint8_t *data,
		size_t len, uint8_t out[RGR_MAC_LEN])
{
	uint8_t block[BLOCK];
	SHA256_CTX ctx;
	int i;

	for(i = 0; i < BLOCK; i++)
		block[i] = key[i] ^ pad;
	sr_SHA256_Init(&ctx);
	sr_SHA256_Update(&ctx, block, BLOCK);
	sr_SHA256_Update(&ctx, data, len);
	sr_SHA256_Final(out, &ctx);
}

static void compute(const void *key, const uint8_t *data, size_t len,
		uint8_t out[RGR_MAC_LEN])
{
	uint8_t inner[RGR_MAC_LEN];

	hash2(0x36, key, data, len, inner);
	hash2(0x5c, key, inner, sizeof(inner), out);
}

int reg_mac_init(void)
{
	const str *key = &reg_cfg.p.gruu_key;
	SHA256_CTX ctx;

	if(key->len == 0)
		return 0;
	if(key->len < KEY_MIN) {
		LM_ERR("parameter gruu_key has %d bytes, it needs %d\n", key->len,
				KEY_MIN);
		return -1;
	}
	if(key->len > BLOCK) {
		sr_SHA256_Init(&ctx);
		sr_SHA256_Update(&ctx, (const uint8_t *)key->s, key->len);
		sr_SHA256_Final(hmac.block, &ctx);
	} else {
		memcpy(hmac.block, key->s, key->len);
	}
	hmac.mac.mac = compute;
	hmac.mac.key = hmac.block;
	hmac.is_set = 1;
	return 0;
}

const struct rgr_mac *reg_mac(void)
{
	return hmac.is_set ? &hmac.mac : NULL;
}

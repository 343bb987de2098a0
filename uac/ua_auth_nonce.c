/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Random text for cnonces, counters of nonces. */
#include <errno.h>
#include <sys/random.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"

#include "kx_buf.h"
#include "ua_auth_nonce.h"

int ua_auth_cnonce(char *mem, str *out)
{
	uint64_t random[2];
	char text[UA_AUTH_CNONCE_LEN + 1];
	struct kx_buf b;

	if(getrandom(random, sizeof(random), 0) != sizeof(random)) {
		LM_ERR("no random bytes: %s\n", strerror(errno));
		return -1;
	}
	kx_buf_init(&b, text, sizeof(text));
	kx_buf_hex(&b, random[0], 16);
	kx_buf_hex(&b, random[1], 16);
	memcpy(mem, text, UA_AUTH_CNONCE_LEN);
	out->s = mem;
	out->len = UA_AUTH_CNONCE_LEN;
	return 0;
}

/* 64 kB; a nonce lives a minute or so, and only one that a server gives out
 * more than once meets its entry again. */
#define NONCE_SLOTS 4096

struct nonce_slot
{
	uint64_t tag; /* of realm and nonce; 0: free */
	uint32_t uses;
};

/* In shared memory. */
struct nonce_table
{
	gen_lock_t lock; /* guards slot; nothing is called under it */
	uint32_t seed[2];
	struct nonce_slot slot[NONCE_SLOTS];
};

static struct nonce_table *nonces;

int ua_auth_nonce_init(void)
{
	nonces = shm_malloc(sizeof(*nonces));
	if(nonces == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(nonces, 0, sizeof(*nonces));
	lock_init(&nonces->lock);
	if(getrandom(nonces->seed, sizeof(nonces->seed), 0)
			!= sizeof(nonces->seed)) {
		LM_ERR("no random bytes: %s\n", strerror(errno));
		shm_free(nonces);
		nonces = NULL;
		return -1;
	}
	return 0;
}

uint32_t ua_auth_nonce_use(const str *realm, const str *nonce)
{
	uint64_t tag;
	struct nonce_slot *slot;
	uint32_t uses;

	tag = kx_str_hash(nonce, nonces->seed[0] ^ kx_str_hash(realm, 0));
	tag = tag << 32 | kx_str_hash(nonce, nonces->seed[1]);
	slot = &nonces->slot[tag % NONCE_SLOTS];
	lock_get(&nonces->lock);
	if(slot->tag != tag) {
		slot->tag = tag;
		slot->uses = 0;
	}
	uses = ++slot->uses;
	lock_release(&nonces->lock);
	return uses;
}

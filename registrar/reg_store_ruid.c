/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Adapter to usrloc: removing a binding known by its ruid alone. */
#include "core/mem/mem.h"

#include "reg_store_db.h"
#include "reg_store_priv.h"

enum
{
	/* the memory of usrloc is searched in this many parts */
	PARTS = 256,
	/* what a part usually fits in, bytes */
	PART_USUAL = 16384,
	/* and what it may grow to before the search gives up */
	PART_MAX = 4 << 20
};

/* Take n bytes out of usrloc's list of contacts (its get_all_ucontacts). */
static int take(struct kx_cursor *c, void *out, size_t n)
{
	if((size_t)(c->end - c->p) < n)
		return -1;
	memcpy(out, c->p, n);
	c->p += n;
	return 0;
}

static int take_text(struct kx_cursor *c, int len, str *out)
{
	if(len < 0 || c->end - c->p < len)
		return -1;
	*out = kx_str_span(c->p, c->p + len);
	c->p += len;
	return 0;
}

static int take_counted(struct kx_cursor *c, str *out)
{
	int len;

	return take(c, &len, sizeof(len)) < 0 ? -1 : take_text(c, len, out);
}

/* Look for the ruid in one part; whether it was there. */
static int search_part(struct kx_cursor *c, const str *ruid, uint32_t *hash)
{
	struct socket_info *sock;
	unsigned int cflags, aor_hash;
	str contact, received, path, id;
	int len;

	while(take(c, &len, sizeof(len)) == 0 && len > 0) {
		if(take_text(c, len, &contact) < 0 || take_counted(c, &received) < 0
				|| take(c, &sock, sizeof(sock)) < 0
				|| take(c, &cflags, sizeof(cflags)) < 0
				|| take_counted(c, &path) < 0 || take_counted(c, &id) < 0
				|| take(c, &aor_hash, sizeof(aor_hash)) < 0)
			return 0;
		if(kx_str_eq(&id, ruid)) {
			*hash = aor_hash;
			return 1;
		}
	}
	return 0;
}

/* The hash of the AoR whose binding has the ruid. */
static int find_hash(const str *ruid, uint32_t *hash)
{
	size_t size = PART_USUAL;
	struct kx_cursor c;
	unsigned int part;
	char *mem = pkg_malloc(size);
	int more, found = 0;

	for(part = 0; mem != NULL && part < PARTS && !found; part++) {
		while((more = reg_usrloc.api.get_all_ucontacts(
					   mem, (int)size, 0, part, PARTS, 0))
				> 0) {
			pkg_free(mem);
			size += (size_t)more + PART_USUAL;
			mem = size > PART_MAX ? NULL : pkg_malloc(size);
			if(mem == NULL) {
				LM_ERR("no memory to look for ruid %.*s\n", ruid->len, ruid->s);
				return 0;
			}
		}
		c.p = mem;
		c.end = mem + size;
		found = more == 0 && search_part(&c, ruid, hash);
	}
	if(mem != NULL)
		pkg_free(mem);
	return found;
}

static int delete_locked(struct reg_store *st, void *param)
{
	const str *ruid = param;
	ucontact_t *c;

	for(c = st->r != NULL ? st->r->contacts : NULL; c != NULL; c = c->next) {
		if(kx_str_eq(&c->ruid, ruid))
			return reg_store_delete(st, c);
	}
	return KX_E_NONE;
}

/* The AoR of a binding known by its ruid alone. */
static int find_aor(struct udomain *d, const str *ruid, struct kx_buf *b)
{
	uint32_t hash;

	if(reg_usrloc.api.db_mode == DB_ONLY)
		return reg_store_db_aor(d, ruid, b);
	if(!find_hash(ruid, &hash))
		return KX_E_NONE;
	return reg_store_aor_of_ruid(d, hash, ruid, b);
}

int reg_store_delete_ruid(struct udomain *d, const str *ruid)
{
	char mem[KAM_AOR_MAX + 1];
	struct kx_buf b;
	str aor;

	kx_buf_init(&b, mem, sizeof(mem));
	if(find_aor(d, ruid, &b) != KX_OK || kx_buf_end(&b, &aor) != KX_OK)
		return KX_E_NONE;
	return reg_store_run(d, &aor, delete_locked, (void *)ruid);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who answers for which realm: an open table of realms in one block, its
 * texts behind it. */
#include "credset.h"

/* Where the texts of one credential are: one behind the other. */
struct entry
{
	uint32_t at; /* from the front of the block; 0: free */
	int user_len;
	int realm_len;
	int secret_len;
};

struct uax_credset
{
	uint64_t size; /* of the block */
	uint32_t mask; /* the table's size less one, a power of two less one */
	int count;
	struct entry entry[];
};

int uax_cred_split(const str *text, struct uax_cred_line *out)
{
	const char *end = text->s + (text->len > 0 ? text->len : 0);
	const char *a = memchr(text->s, ':', end - text->s), *b;

	b = a != NULL ? memchr(a + 1, ':', end - a - 1) : NULL;
	if(b == NULL)
		return KX_E_SYNTAX;
	out->user = kx_str_span(text->s, a);
	out->realm = kx_str_span(a + 1, b);
	out->secret = kx_str_span(b + 1, end);
	kx_str_trim(&out->user);
	kx_str_trim(&out->realm);
	kx_str_trim(&out->secret);
	if(kx_str_is(&out->realm, "*"))
		out->realm.len = 0;
	return out->user.len > 0 && out->secret.len > 0 ? KX_OK : KX_E_SYNTAX;
}

int uax_cred_line_next(
		struct kx_cursor *c, int *number, struct uax_cred_line *out)
{
	while(!kx_cur_at_end(c)) {
		const char *end = memchr(c->p, '\n', c->end - c->p);
		str line = kx_str_span(c->p, end != NULL ? end : c->end);

		c->p = end != NULL ? end + 1 : c->end;
		(*number)++;
		kx_str_trim(&line);
		if(line.len > 0 && line.s[0] != '#')
			return uax_cred_split(&line, out);
	}
	return KX_E_END;
}

static str text_of(const struct uax_credset *set, uint32_t at, int len)
{
	const char *from = (const char *)set + at;

	return kx_str_span(from, from + len);
}

static str realm_of(const struct uax_credset *set, const struct entry *e)
{
	return text_of(set, e->at + e->user_len, e->realm_len);
}

/* The entry of a realm, or the free one where it would be. */
static uint32_t slot_of(const struct uax_credset *set, const str *realm)
{
	uint32_t i = kx_str_hash(realm, 0) & set->mask;

	for(; set->entry[i].at != 0; i = (i + 1) & set->mask) {
		str here = realm_of(set, &set->entry[i]);

		if(kx_str_eq(&here, realm))
			break;
	}
	return i;
}

static char *put(char *p, const str *s)
{
	if(s->len > 0)
		memcpy(p, s->s, s->len);
	return p + s->len;
}

static char *add(
		struct uax_credset *set, const struct uax_cred_line *l, char *p)
{
	struct entry *e = &set->entry[slot_of(set, &l->realm)];

	set->count += e->at == 0;
	*e = (struct entry){(uint32_t)(p - (char *)set), l->user.len, l->realm.len,
			l->secret.len};
	return put(put(put(p, &l->user), &l->realm), &l->secret);
}

struct uax_credset *uax_credset_new(
		const struct uax_cred_line *list, int n, const struct kx_alloc *alloc)
{
	struct uax_credset *set;
	uint64_t size, slots = 2;
	char *p;
	int i;

	while(slots < 2 * (uint64_t)n)
		slots *= 2;
	size = sizeof(*set) + slots * sizeof(set->entry[0]);
	for(i = 0; i < n; i++)
		size += (uint64_t)list[i].user.len + list[i].realm.len
				+ list[i].secret.len;
	if(size > UINT32_MAX)
		return NULL;
	set = alloc->get(size);
	if(set == NULL)
		return NULL;
	memset(set, 0, size);
	set->size = size;
	set->mask = (uint32_t)slots - 1;
	p = (char *)(set->entry + slots);
	for(i = 0; i < n; i++)
		p = add(set, &list[i], p);
	return set;
}

void uax_credset_free(struct uax_credset *set, const struct kx_alloc *alloc)
{
	if(set == NULL)
		return;
	explicit_bzero(set, set->size);
	alloc->put(set);
}

int uax_credset_count(const struct uax_credset *set)
{
	return set->count;
}

int uax_credset_find(const struct uax_credset *set, const str *realm,
		struct uax_cred_line *out)
{
	const str any = {"", 0};
	const struct entry *e = &set->entry[slot_of(set, realm)];

	if(e->at == 0)
		e = &set->entry[slot_of(set, &any)];
	if(e->at == 0)
		return KX_E_NONE;
	out->user = text_of(set, e->at, e->user_len);
	out->realm = realm_of(set, e);
	out->secret =
			text_of(set, e->at + e->user_len + e->realm_len, e->secret_len);
	return KX_OK;
}

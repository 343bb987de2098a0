/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Profiles of $ulc. */
#include "core/mem/mem.h"

#include "reg_aor.h"
#include "reg_cfg.h"
#include "reg_fetch.h"

/* The profiles of this process. */
static struct reg_profile *profiles;

const struct reg_profile *reg_fetch_get(const str *profile)
{
	const struct reg_profile *p;

	for(p = profiles; p != NULL; p = p->next) {
		if(kx_str_eq(&p->name, profile))
			return p;
	}
	return NULL;
}

void reg_fetch_free(const str *profile)
{
	struct reg_profile **at, *p;

	for(at = &profiles; (p = *at) != NULL; at = &p->next) {
		if(kx_str_eq(&p->name, profile)) {
			*at = p->next;
			pkg_free(p);
			return;
		}
	}
}

/* Takes it; one of the same name is dropped. */
static void put(struct reg_profile *p)
{
	reg_fetch_free(&p->name);
	p->next = profiles;
	profiles = p;
}

/* The strings of a binding, to be walked. */
enum
{
	TEXTS = 8
};

static void texts_of(struct rgr_binding *b, str *text[TEXTS])
{
	text[0] = &b->uri;
	text[1] = &b->received;
	text[2] = &b->path;
	text[3] = &b->callid;
	text[4] = &b->instance;
	text[5] = &b->ruid;
	text[6] = &b->user_agent;
	text[7] = NULL;
}

static size_t text_size(struct rgr_binding *b)
{
	str *text[TEXTS];
	size_t n = 0;
	int i;

	texts_of(b, text);
	for(i = 0; text[i] != NULL; i++)
		n += text[i]->len > 0 ? (size_t)text[i]->len : 0;
	return n;
}

size_t reg_fetch_size(const str *name, const str *aor, const str *domain,
		const struct rgr_bindings *all)
{
	size_t n = sizeof(struct reg_profile) + name->len + aor->len + domain->len;
	const void *at = NULL;
	struct rgr_binding b;

	while((at = all->next(all->owner, at, RGR_WANT_ALL, &b)) != NULL)
		n += sizeof(struct reg_fetched) + text_size(&b);
	return n;
}

/* Move a text behind the last one. */
static void keep(char **at, str *text)
{
	if(text->len <= 0) {
		text->s = NULL;
		text->len = 0;
		return;
	}
	memcpy(*at, text->s, text->len);
	text->s = *at;
	*at += text->len;
}

static int count(const struct rgr_bindings *all)
{
	const void *at = NULL;
	struct rgr_binding b;
	int n = 0;

	while((at = all->next(all->owner, at, RGR_WANT_NUMBERS, &b)) != NULL)
		n++;
	return n;
}

struct reg_profile *reg_fetch_copy(void *mem, const str *name, const str *aor,
		const str *domain, uint32_t aor_hash, const struct rgr_bindings *all)
{
	struct reg_profile *p = mem;
	const void *at = NULL;
	struct rgr_binding b;
	str *text[TEXTS];
	char *free_at;
	int i;

	p->next = NULL;
	p->name = *name;
	p->aor = *aor;
	p->domain = *domain;
	p->aor_hash = aor_hash;
	p->contact = (struct reg_fetched *)(p + 1);
	p->n = 0;
	free_at = (char *)(p->contact + count(all));
	keep(&free_at, &p->name);
	keep(&free_at, &p->aor);
	keep(&free_at, &p->domain);
	while((at = all->next(all->owner, at, RGR_WANT_ALL, &b)) != NULL) {
		struct reg_fetched *f = &p->contact[p->n++];

		f->b = b;
		reg_store_host_part(b.ref, &f->host);
		f->b.ref = NULL;
		f->b.params.s = NULL;
		f->b.params.len = 0;
		f->host.xavp = NULL;
		texts_of(&f->b, text);
		for(i = 0; text[i] != NULL; i++)
			keep(&free_at, text[i]);
	}
	return p;
}

/* A pointer into the first of two equal blocks, moved to the second. */
static void move(void *pointer, const void *from, void *to)
{
	char **p = pointer;

	if(*p != NULL)
		*p = (char *)to + (*p - (const char *)from);
}

int reg_fetch_put_clone(const struct reg_profile *from, size_t size)
{
	struct reg_profile *p = pkg_malloc(size);
	str *text[TEXTS];
	int i, k;

	if(p == NULL) {
		PKG_MEM_ERROR;
		return -1;
	}
	memcpy(p, from, size);
	move(&p->name.s, from, p);
	move(&p->aor.s, from, p);
	move(&p->domain.s, from, p);
	move(&p->contact, from, p);
	for(i = 0; i < p->n; i++) {
		texts_of(&p->contact[i].b, text);
		for(k = 0; text[k] != NULL; k++)
			move(&text[k]->s, from, p);
	}
	put(p);
	return 0;
}

/* Bindings of a store without the expired ones. */
struct living
{
	struct rgr_bindings all;
	int64_t now;
};

static const void *next_living(const void *owner, const void *at,
		enum rgr_want want, struct rgr_binding *out)
{
	const struct living *l = owner;

	while((at = l->all.next(l->all.owner, at, want, out)) != NULL) {
		if(rgr_binding_is_valid(out, l->now))
			return at;
	}
	return NULL;
}

static void read_living(
		const void *owner, const void *ref, struct rgr_binding *out)
{
	const struct living *l = owner;

	l->all.read(l->all.owner, ref, out);
}

struct fetch
{
	const str *profile;
	const str *aor;
};

static int fetch_locked(struct reg_store *st, void *param)
{
	const struct fetch *f = param;
	str domain = *reg_store_table(st);
	struct living living = {.now = time(NULL)};
	struct rgr_bindings all;
	void *mem;

	if(reg_store_is_broken(st))
		return -3;
	reg_store_bindings(st, &all);
	if(!reg_cfg_get(use_expired_contacts)) {
		living.all = all;
		all.owner = &living;
		all.next = next_living;
		all.read = read_living;
	}
	if(count(&all) == 0)
		return -1;
	mem = pkg_malloc(reg_fetch_size(f->profile, f->aor, &domain, &all));
	if(mem == NULL) {
		PKG_MEM_ERROR;
		return -3;
	}
	put(reg_fetch_copy(
			mem, f->profile, f->aor, &domain, reg_store_aor_hash(st), &all));
	return 1;
}

int reg_fetch(struct sip_msg *msg, struct udomain *d, const str *uri,
		const str *profile)
{
	struct fetch f = {.profile = profile};
	struct reg_aor who;

	reg_fetch_free(profile);
	if(reg_aor_of_uri(msg, d, uri, &who) != KX_OK)
		return -1;
	f.aor = &who.aor;
	return reg_store_run(d, &who.aor, fetch_locked, &f);
}

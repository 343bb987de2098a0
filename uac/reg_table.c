/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Table of remote registrations: one hash index per key, chains in the
 * records, locks by stripe. A bucket belongs to the stripe of its low bits,
 * so that doubling the buckets moves records only within their stripe. */
#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/rand/cryptorand.h"

#include "reg_table.h"

enum
{
	STRIPE_BITS = 6,
	STRIPES = 1 << STRIPE_BITS,
	/* more than a bucket ever has */
	WALK_MAX = 64,
	/* records per bucket before the table grows */
	LOAD = 2,
	BITS_MAX = 24
};

struct index
{
	gen_lock_t stripe[STRIPES]; /* rank 1; all of them, upwards, to grow */
	struct ua_rec **bucket;		/* guarded by its stripe */
	unsigned int mask;			/* read under any stripe, written under all */
};

static struct table
{
	gen_lock_t change; /* rank 0: one adds, removes or grows at a time */
	struct index index[UA_KEY_COUNT];
	atomic_t count;
	unsigned int seed;
} * table;

/* The value of a key as one or two pieces. */
struct value
{
	str a;
	str b; /* domain of UA_KEY_ADDRESS */
};

static struct value value_of(const struct ua_rec *rec, enum ua_key key)
{
	static const enum uax_row_text column[UA_KEY_COUNT] = {UAX_R_l_uuid,
			UAX_R_l_username, UAX_R_l_username, UAX_R_r_username,
			UAX_R_auth_username};
	struct value v = {ua_rec_text(rec, column[key]), {NULL, 0}};

	if(key == UA_KEY_ADDRESS)
		v.b = ua_rec_text(rec, UAX_R_l_domain);
	return v;
}

static int value_same(
		enum ua_key key, const struct value *x, const struct value *y)
{
	return kx_str_eq(&x->a, &y->a)
		   && (key != UA_KEY_ADDRESS || kx_str_ieq(&x->b, &y->b));
}

static unsigned int hash(enum ua_key key, const struct value *v)
{
	unsigned int h = kx_str_hash(&v->a, table->seed + key);
	int i;

	if(key != UA_KEY_ADDRESS)
		return h;
	for(i = 0; i < v->b.len; i++)
		h = (h ^ (unsigned char)kx_lower(v->b.s[i])) * 16777619u;
	return h ^ h >> 15;
}

static struct ua_rec **make_buckets(unsigned int n)
{
	struct ua_rec **b = shm_mallocxz(n * sizeof(*b));

	if(b == NULL)
		SHM_MEM_ERROR;
	return b;
}

int ua_table_init(int size_bits)
{
	unsigned int n;
	int key, i;

	if(size_bits < STRIPE_BITS)
		size_bits = STRIPE_BITS;
	n = 1u << (size_bits > BITS_MAX ? BITS_MAX : size_bits);
	table = shm_mallocxz(sizeof(*table));
	if(table == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	lock_init(&table->change);
	table->seed = cryptorand();
	for(key = 0; key < UA_KEY_COUNT; key++) {
		struct index *x = &table->index[key];

		for(i = 0; i < STRIPES; i++)
			lock_init(&x->stripe[i]);
		x->bucket = make_buckets(n);
		if(x->bucket == NULL)
			return -1;
		x->mask = n - 1;
	}
	return 0;
}

/* Lock the stripe a hash belongs to. */
static gen_lock_t *lock_stripe(struct index *x, unsigned int h)
{
	gen_lock_t *lock = &x->stripe[h & (STRIPES - 1)];

	lock_get(lock);
	return lock;
}

static void link_locked(
		struct index *x, enum ua_key key, unsigned int h, struct ua_rec *rec)
{
	struct ua_rec **head = &x->bucket[h & x->mask];
	struct ua_link *link = &rec->link[key];

	link->next = *head;
	link->at = head;
	if(*head != NULL)
		(*head)->link[key].at = &link->next;
	*head = rec;
}

static void unlink_locked(enum ua_key key, struct ua_rec *rec)
{
	struct ua_link *link = &rec->link[key];

	if(link->at == NULL)
		return;
	*link->at = link->next;
	if(link->next != NULL)
		link->next->link[key].at = link->at;
	link->next = NULL;
	link->at = NULL;
}

static struct ua_rec *find_locked(
		struct index *x, enum ua_key key, unsigned int h, const struct value *v)
{
	struct ua_rec *rec;

	for(rec = x->bucket[h & x->mask]; rec != NULL; rec = rec->link[key].next) {
		struct value other = value_of(rec, key);

		if(value_same(key, v, &other))
			return rec;
	}
	return NULL;
}

static struct ua_rec *find(enum ua_key key, const struct value *v)
{
	struct index *x = &table->index[key];
	unsigned int h = hash(key, v);
	gen_lock_t *lock = lock_stripe(x, h);
	struct ua_rec *rec = find_locked(x, key, h, v);

	if(rec != NULL)
		ua_rec_hold(rec);
	lock_release(lock);
	return rec;
}

struct ua_rec *ua_table_find_address(const str *user, const str *domain)
{
	struct value v = {*user, *domain};

	return find(UA_KEY_ADDRESS, &v);
}

struct ua_rec *ua_table_find(enum ua_key key, const str *value)
{
	struct value v = {*value, {NULL, 0}};
	const char *at;

	if(key == UA_KEY_ADDRESS) {
		at = kx_str_chr(value, '@');
		if(at == NULL)
			return NULL;
		v.a = kx_str_span(value->s, at);
		v.b = kx_str_span(at + 1, value->s + value->len);
	}
	return find(key, &v);
}

/* Double the buckets of one index; whether that was possible. Looking up waits only while the chains
 * are cut and tied, the memory is fetched before. */
static int grow(enum ua_key key)
{
	struct index *x = &table->index[key];
	unsigned int old = x->mask + 1, i;
	struct ua_rec **wide, **former = x->bucket, *rec;
	int s;

	if(old >= 1u << BITS_MAX)
		return 0;
	wide = make_buckets(old * 2);
	if(wide == NULL)
		return 0; /* slower, not broken */
	for(s = 0; s < STRIPES; s++)
		lock_get(&x->stripe[s]);
	x->bucket = wide;
	x->mask = old * 2 - 1;
	for(i = 0; i < old; i++) {
		while((rec = former[i]) != NULL) {
			struct value v = value_of(rec, key);

			unlink_locked(key, rec);
			link_locked(x, key, hash(key, &v), rec);
		}
	}
	for(s = STRIPES - 1; s >= 0; s--)
		lock_release(&x->stripe[s]);
	shm_free(former);
	return 1;
}

static int is_narrow(enum ua_key key, int64_t records)
{
	return records > ((int64_t)table->index[key].mask + 1) * LOAD;
}

void ua_table_reserve(int64_t records)
{
	int key;

	lock_get(&table->change);
	for(key = 0; key < UA_KEY_COUNT; key++) {
		while(is_narrow(key, records) && grow(key))
			;
	}
	lock_release(&table->change);
}

static int add_to(enum ua_key key, struct ua_rec *rec, int is_unique)
{
	struct index *x = &table->index[key];
	struct value v = value_of(rec, key);
	unsigned int h = hash(key, &v);
	gen_lock_t *lock = lock_stripe(x, h);

	if(is_unique && find_locked(x, key, h, &v) != NULL) {
		lock_release(lock);
		return KX_E_RANGE;
	}
	link_locked(x, key, h, rec);
	lock_release(lock);
	return KX_OK;
}

int ua_table_add(struct ua_rec *rec)
{
	int key, err;

	lock_get(&table->change);
	err = add_to(UA_KEY_UUID, rec, 1);
	if(err == KX_OK) {
		ua_rec_hold(rec);
		for(key = UA_KEY_UUID + 1; key < UA_KEY_COUNT; key++)
			add_to(key, rec, 0);
		atomic_inc(&table->count);
		for(key = 0; key < UA_KEY_COUNT; key++) {
			if(is_narrow(key, ua_table_count()))
				grow(key);
		}
	}
	lock_release(&table->change);
	return err;
}

int ua_table_remove(struct ua_rec *rec)
{
	int key, was_in;

	lock_get(&table->change);
	was_in = rec->link[UA_KEY_UUID].at != NULL;
	for(key = 0; key < UA_KEY_COUNT && was_in; key++) {
		struct value v = value_of(rec, key);
		gen_lock_t *lock = lock_stripe(&table->index[key], hash(key, &v));

		unlink_locked(key, rec);
		lock_release(lock);
	}
	if(was_in)
		atomic_dec(&table->count);
	lock_release(&table->change);
	if(was_in)
		ua_rec_drop(rec);
	return was_in;
}

int ua_table_count(void)
{
	return table != NULL ? atomic_get(&table->count) : 0;
}

int ua_table_walk(struct ua_walk *walk, struct ua_rec **rec, int max)
{
	struct index *x = &table->index[UA_KEY_UUID];
	int n = 0;

	while(n == 0) {
		gen_lock_t *lock = lock_stripe(x, walk->bucket);
		struct ua_rec *r = NULL;
		int is_over = walk->bucket > x->mask;

		if(!is_over)
			r = x->bucket[walk->bucket];
		for(; r != NULL && n < max; r = r->link[UA_KEY_UUID].next) {
			ua_rec_hold(r);
			rec[n++] = r;
		}
		lock_release(lock);
		if(is_over)
			break;
		walk->bucket++;
	}
	return n;
}

void ua_table_each(void (*fn)(void *param, struct ua_rec *rec), void *param)
{
	struct ua_walk walk = {0};
	struct ua_rec *rec[WALK_MAX];
	int i, n;

	while((n = ua_table_walk(&walk, rec, WALK_MAX)) > 0) {
		for(i = 0; i < n; i++) {
			fn(param, rec[i]);
			ua_rec_drop(rec[i]);
		}
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rows that could not be used. */
#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/ut.h"

#include "reg_rejected.h"

enum
{
	KEEP_MAX = 1000,
	UUID_MAX = 64
};

struct row
{
	int uuid_len;
	char uuid[UUID_MAX];
	/* literals of this module: the same address in every process */
	const char *column;
	const char *why;
};

static struct
{
	gen_lock_t lock;
	int count; /* of all; the first KEEP_MAX are in row */
	struct row row[KEEP_MAX];
} * rejected;

int ua_rejected_init(void)
{
	rejected = shm_mallocxz(sizeof(*rejected));
	if(rejected == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	lock_init(&rejected->lock);
	return 0;
}

void ua_rejected_clear(void)
{
	lock_get(&rejected->lock);
	rejected->count = 0;
	lock_release(&rejected->lock);
}

void ua_rejected_add(const str *uuid, const char *column, const char *why)
{
	struct row *row;

	lock_get(&rejected->lock);
	if(rejected->count < KEEP_MAX) {
		row = &rejected->row[rejected->count];
		row->uuid_len = uuid->len < UUID_MAX ? uuid->len : UUID_MAX;
		if(row->uuid_len > 0)
			memcpy(row->uuid, uuid->s, row->uuid_len);
		row->column = column;
		row->why = why;
	}
	rejected->count++;
	lock_release(&rejected->lock);
	LM_ERR("account '%.*s' can't be used: column %s %s\n", uuid->len,
			ZSW(uuid->s), column, why);
}

int ua_rejected_each(ua_rejected_fn fn, void *param)
{
	struct row row;
	int i, count;

	for(i = 0;; i++) {
		lock_get(&rejected->lock);
		count = rejected->count;
		if(i < count && i < KEEP_MAX)
			row = rejected->row[i];
		lock_release(&rejected->lock);
		if(i >= count || i >= KEEP_MAX)
			return count;
		fn(param, &(str){row.uuid, row.uuid_len}, row.column, row.why);
	}
}

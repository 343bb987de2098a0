/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Values of database results. */
#include "core/mem/mem.h"

#include "kam/kam_mem.h"
#include "kx_str.h"
#include "reg_db_value.h"

enum
{
	/* what most columns fit in */
	SHELF_BYTES = 64
};

static int is_null(const db_val_t *v)
{
	return VAL_NULL(v);
}

void ua_db_text(const db_val_t *v, str *out)
{
	out->s = NULL;
	out->len = 0;
	if(is_null(v))
		return;
	switch(VAL_TYPE(v)) {
		case DB1_STRING:
			out->s = (char *)VAL_STRING(v);
			out->len = out->s != NULL ? (int)strlen(out->s) : 0;
			break;
		case DB1_STR:
		case DB1_BLOB:
			*out = VAL_STR(v);
			break;
		default:
			break;
	}
}

int ua_db_number(const db_val_t *v, int64_t *out)
{
	str text;
	uint64_t n;

	if(is_null(v))
		return KX_E_NONE;
	switch(VAL_TYPE(v)) {
		case DB1_INT:
			*out = VAL_INT(v);
			return KX_OK;
		case DB1_BIGINT:
			*out = VAL_BIGINT(v);
			return KX_OK;
		case DB1_DOUBLE:
			*out = (int64_t)VAL_DOUBLE(v);
			return KX_OK;
		default:
			ua_db_text(v, &text);
			if(kx_str_to_u64(&text, &n) != KX_OK || n > INT64_MAX)
				return KX_E_SYNTAX;
			*out = (int64_t)n;
			return KX_OK;
	}
}

struct ua_db_shelves
{
	int n;
	void *beside[];
};

struct ua_db_shelves *ua_db_shelves_make(int n)
{
	struct ua_db_shelves *s = pkg_malloc(sizeof(*s) + sizeof(void *) * n);
	void **piece = pkg_malloc(sizeof(*piece) * n);
	int i;

	if(s != NULL && piece != NULL) {
		for(i = 0; i < n; i++) {
			piece[i] = pkg_malloc(SHELF_BYTES);
			s->beside[i] = pkg_malloc(1);
		}
		s->n = n;
		for(i = 0; i < n; i++)
			kam_pkg_put(piece[i]);
	} else if(s != NULL) {
		s->n = 0;
	}
	kam_pkg_put(piece);
	return s;
}

void ua_db_shelves_free(struct ua_db_shelves *shelves)
{
	int i;

	for(i = 0; shelves != NULL && i < shelves->n; i++)
		kam_pkg_put(shelves->beside[i]);
	kam_pkg_put(shelves);
}

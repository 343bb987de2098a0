/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Queries of our own on usrloc's table, over usrloc's connection: the API
 * says "not found" for a failed query, and its look-up by ruid needs to know
 * the AoR. */
#include <dlfcn.h>

#include "lib/srdb1/db.h"

#include "reg_cfg.h"
#include "reg_store_db.h"
#include "reg_store_priv.h"

static struct
{
	db_func_t *fn;
	db1_con_t **con; /* usrloc opens one per process */
	str *user;
	str *domain;
	str *ruid;
} db;

static str *column(struct sr_module *usrloc, const char *name)
{
	modparam_t type;

	return find_param_export(usrloc, (char *)name, PARAM_STR, &type);
}

void reg_store_db_init(void)
{
	struct sr_module *usrloc = find_module_by_name("usrloc");

	if(reg_cfg.db_mode != DB_ONLY || usrloc == NULL)
		return;
	db.user = column(usrloc, "user_column");
	db.domain = column(usrloc, "domain_column");
	db.ruid = column(usrloc, "ruid_column");
	db.con = dlsym(usrloc->handle, "ul_dbh");
	if(db.user != NULL && db.domain != NULL && db.ruid != NULL
			&& db.con != NULL)
		db.fn = dlsym(usrloc->handle, "ul_dbf");
	if(db.fn == NULL)
		LM_WARN("this usrloc shows no database connection: a failed query "
				"will look like an unknown AoR\n");
}

/* Where an AoR is, as usrloc writes it: one or two columns. */
static int aor_keys(const str *aor, db_key_t *key, db_val_t *val)
{
	const char *at = NULL;
	int i;

	for(i = 0; i < 2; i++) {
		val[i].type = DB1_STR;
		val[i].nul = 0;
	}
	key[0] = db.user;
	val[0].val.str_val = *aor;
	if(!reg_cfg.use_domain)
		return 1;
	key[1] = db.domain;
	val[1].val.str_val = *aor;
	at = kx_str_chr(aor, '@');
	if(at == NULL) {
		val[0].val.str_val.len = 0;
	} else {
		val[0].val.str_val.len = (int)(at - aor->s);
		val[1].val.str_val = kx_str_span(at + 1, aor->s + aor->len);
	}
	return 2;
}

static int is_ready(void)
{
	return db.fn != NULL && *db.con != NULL && db.fn->query != NULL;
}

int reg_store_db_check(struct udomain *d, const str *aor)
{
	db_key_t key[2], column[1];
	db_val_t val[2];
	db1_res_t *res = NULL;
	int n;

	if(!is_ready())
		return KX_E_END;
	memset(val, 0, sizeof(val));
	n = aor_keys(aor, key, val);
	column[0] = db.ruid;
	if(db.fn->use_table(*db.con, ((udomain_head_t *)d)->name) < 0
			|| db.fn->query(*db.con, key, NULL, val, column, n, 1, NULL, &res)
					   < 0)
		return KX_E_NONE;
	db.fn->free_result(*db.con, res);
	return KX_OK;
}

static void add_text(const db_val_t *val, struct kx_buf *b)
{
	if(VAL_NULL(val))
		return;
	if(VAL_TYPE(val) == DB1_STR)
		kx_buf_str(b, &VAL_STR(val));
	else if(VAL_TYPE(val) == DB1_STRING && VAL_STRING(val) != NULL)
		kx_buf_add(b, VAL_STRING(val), strlen(VAL_STRING(val)));
}

int reg_store_db_aor(struct udomain *d, const str *ruid, struct kx_buf *b)
{
	db_key_t key[1] = {db.ruid}, column[2] = {db.user, db.domain};
	db_val_t val[1], *row;
	db1_res_t *res = NULL;
	int n = reg_cfg.use_domain ? 2 : 1, err = KX_E_NONE;

	if(!is_ready())
		return KX_E_END;
	memset(val, 0, sizeof(val));
	val[0].type = DB1_STR;
	val[0].val.str_val = *ruid;
	if(db.fn->use_table(*db.con, ((udomain_head_t *)d)->name) < 0
			|| db.fn->query(*db.con, key, NULL, val, column, 1, n, NULL, &res)
					   < 0)
		return KX_E_NONE;
	if(RES_ROW_N(res) > 0) {
		row = ROW_VALUES(RES_ROWS(res));
		add_text(&row[0], b);
		if(n == 2) {
			if(b->len > 0)
				kx_buf_char(b, '@');
			add_text(&row[1], b);
		}
		err = b->err;
	}
	db.fn->free_result(*db.con, res);
	return err;
}

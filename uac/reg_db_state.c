/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rows of kept registrations through srdb1. They are written as SQL of our
 * own: srdb1 writes one row a call, and a server that gives its accounts away
 * has ten thousand to write in a second. */
#include "core/dprint.h"
#include "lib/srdb1/db.h"

#include "reg_db_state.h"
#include "reg_db_value.h"
#include "reg_term.h"
#include "ua_cfg.h"

enum
{
	TABLE_VERSION = 1,
	PAGE_ROWS = 200,
	COLUMNS = UAX_SV_TEXTS + UAX_SV_NUMBERS,
	SHELVES = PAGE_ROWS * UAX_SV_TEXTS,
	SQL_MAX = 2048
};

static struct
{
	db_func_t f;
	enum uax_sql sql;
	db1_con_t *con; /* of this process; NULL: none */
} db;

void ua_db_state_close(void)
{
	if(db.con != NULL)
		db.f.close(db.con);
	db.con = NULL;
}

/* Whether a table is one that we know, as far as it could be asked. */
static int is_version_good(int version)
{
	if(version == TABLE_VERSION)
		return 1;
	LM_ERR("table %.*s has version %d, it must be %d: create it with the SQL "
		   "file uacreg_state that comes with this module\n",
			ua_cfg.reg_state_table.len, ua_cfg.reg_state_table.s, version,
			TABLE_VERSION);
	return 0;
}

/* A table that is missing stays so until somebody reads the log: sooner is
 * better. A database that is down comes back by itself. */
static int check_table(void)
{
	int version = -1;

	db.con = db.f.init(&ua_cfg.reg_db_url);
	if(db.con != NULL)
		version = db_table_version(&db.f, db.con, &ua_cfg.reg_state_table);
	ua_db_state_close();
	if(version < 0) {
		LM_WARN("the database of reg_db_url can't be asked now for table "
				"%.*s\n",
				ua_cfg.reg_state_table.len, ua_cfg.reg_state_table.s);
		return 0;
	}
	return is_version_good(version) ? 0 : -1;
}

int ua_db_state_init(void)
{
	if(db_bind_mod(&ua_cfg.reg_db_url, &db.f) < 0) {
		LM_ERR("can't bind the database of reg_db_url\n");
		return -1;
	}
	db.sql = uax_sql_of(&ua_cfg.reg_db_url);
	if(db.sql == UAX_SQL_NONE || !DB_CAPABILITY(db.f, DB_CAP_RAW_QUERY)) {
		LM_ERR("reg_state_table needs reg_db_url to be mysql://, postgres:// "
			   "or sqlite://\n");
		return -1;
	}
	return check_table();
}

int ua_db_state_open(void)
{
	if(db.con != NULL)
		return 0;
	db.con = db.f.init(&ua_cfg.reg_db_url);
	if(db.con == NULL) {
		LM_ERR("the database of reg_db_url can't be reached\n");
		return -1;
	}
	if(!is_version_good(
			   db_table_version(&db.f, db.con, &ua_cfg.reg_state_table))) {
		ua_db_state_close();
		return -1;
	}
	return 0;
}

/* Carry out a statement. The drivers do so only where they are asked for a
 * result, which is empty here or has rows. */
static int query(const str *sql, db1_res_t **res)
{
	*res = NULL;
	if(ua_db_state_open() != 0)
		return -1;
	if(db.f.raw_query(db.con, sql, res) < 0) {
		LM_ERR("table %.*s can't be read or written\n",
				ua_cfg.reg_state_table.len, ua_cfg.reg_state_table.s);
		/* the next one gets a connection that is whole */
		ua_db_state_close();
		return -1;
	}
	return 0;
}

static int run(struct kx_buf *b)
{
	db1_res_t *res;
	str sql;

	if(kx_buf_end(b, &sql) != KX_OK) {
		LM_ERR("a statement that is too long was not carried out\n");
		return -1;
	}
	if(query(&sql, &res) != 0)
		return -1;
	if(res != NULL)
		db.f.free_result(db.con, res);
	return 0;
}

static void read_row(const db_val_t *v, struct uax_saved *row)
{
	int i;

	memset(row, 0, sizeof(*row));
	for(i = 0; i < UAX_SV_TEXTS; i++)
		ua_db_text(&v[i], &row->text[i]);
	for(i = 0; i < UAX_SV_NUMBERS; i++) {
		/* what is no number is out of every range */
		if(ua_db_number(&v[UAX_SV_TEXTS + i], &row->number[i]) != KX_OK)
			row->number[i] = -1;
	}
}

static int write_page(struct kx_buf *b, const struct ua_db_state_wish *wish,
		int64_t last_id, str *sql)
{
	int i;

	kx_buf_lit(b, "select id");
	for(i = 0; i < COLUMNS; i++) {
		const char *name = i < UAX_SV_TEXTS
								   ? uax_saved_text_name(i)
								   : uax_saved_number_name(i - UAX_SV_TEXTS);

		kx_buf_char(b, ',');
		kx_buf_add(b, name, strlen(name));
	}
	kx_buf_lit(b, " from ");
	kx_buf_str(b, &ua_cfg.reg_state_table);
	kx_buf_lit(b, " where id>");
	kx_buf_u64(b, (uint64_t)last_id);
	if(wish->not_node.len > 0) {
		kx_buf_lit(b, " and (node<>");
		uax_sql_text(b, db.sql, &wish->not_node);
		if(wish->own_from > 0) {
			kx_buf_lit(b, " or saved>=");
			kx_buf_u64(b, (uint64_t)wish->own_from);
		}
		kx_buf_char(b, ')');
	}
	if(wish->saved_from > 0) {
		kx_buf_lit(b, " and saved>=");
		kx_buf_u64(b, (uint64_t)wish->saved_from);
	}
	kx_buf_lit(b, " order by id limit ");
	kx_buf_u64(b, PAGE_ROWS);
	return kx_buf_end(b, sql);
}

/* Tell about a page. @return rows in it, or -1: the key does not grow */
static int tell(
		const db1_res_t *res, int64_t *last_id, ua_db_state_fn fn, void *param)
{
	struct uax_saved row;
	int64_t id;
	int i;

	for(i = 0; i < RES_ROW_N(res); i++) {
		const db_val_t *v = ROW_VALUES(&RES_ROWS(res)[i]);

		if(ROW_N(&RES_ROWS(res)[i]) <= COLUMNS || ua_db_number(v, &id) != KX_OK
				|| id <= *last_id)
			return -1;
		*last_id = id;
		read_row(v + 1, &row);
		fn(param, &row);
	}
	return RES_ROW_N(res);
}

int ua_db_state_read(const struct ua_db_state_wish *wish, ua_db_state_fn fn,
		void (*page)(void *param), void *param)
{
	struct ua_db_shelves *shelves = ua_db_shelves_make(SHELVES);
	int64_t last_id = 0;
	char mem[SQL_MAX];
	db1_res_t *res;
	struct kx_buf b;
	int n, rows = 0;
	str sql;

	do {
		kx_buf_init(&b, mem, sizeof(mem));
		n = -1;
		if(write_page(&b, wish, last_id, &sql) == KX_OK
				&& query(&sql, &res) == 0 && res != NULL) {
			n = tell(res, &last_id, fn, param);
			db.f.free_result(db.con, res);
			page(param);
		}
		rows += n > 0 ? n : 0;
	} while(n == PAGE_ROWS && !ua_term_is_told());
	ua_db_shelves_free(shelves);
	if(n < 0)
		LM_ERR("reading table %.*s failed after %d rows\n",
				ua_cfg.reg_state_table.len, ua_cfg.reg_state_table.s, rows);
	return n < 0 ? -1 : rows;
}

int ua_db_state_begin(struct kx_buf *b)
{
	return uax_saved_write_head(b, &ua_cfg.reg_state_table);
}

int ua_db_state_add(struct kx_buf *b, const struct uax_saved *row, int is_first)
{
	return uax_saved_write_row(b, db.sql, row, is_first);
}

int ua_db_state_end(struct kx_buf *b)
{
	uax_saved_write_tail(b, db.sql);
	return run(b);
}

int ua_db_state_remove(const str *uuid)
{
	char mem[SQL_MAX];
	struct kx_buf b;

	kx_buf_init(&b, mem, sizeof(mem));
	kx_buf_lit(&b, "delete from ");
	kx_buf_str(&b, &ua_cfg.reg_state_table);
	kx_buf_lit(&b, " where l_uuid=");
	uax_sql_text(&b, db.sql, uuid);
	return run(&b);
}

/* Its key, in memory of UAX_SAVED_KEY_SIZE bytes. */
static str seal_key(const str *node, char *mem)
{
	struct kx_buf b;
	str key = {NULL, 0};

	kx_buf_init(&b, mem, UAX_SAVED_KEY_SIZE);
	uax_saved_seal_key(&b, node);
	kx_buf_end(&b, &key);
	return key;
}

int ua_db_state_seal(const str *node, int is_exact)
{
	char mem[SQL_MAX], key[UAX_SAVED_KEY_SIZE];
	struct uax_saved row;
	struct kx_buf b;

	memset(&row, 0, sizeof(row));
	row.text[UAX_SV_l_uuid] = seal_key(node, key);
	row.text[UAX_SV_node] = *node;
	row.number[UAX_SV_is_exact] = is_exact != 0;
	kx_buf_init(&b, mem, sizeof(mem));
	ua_db_state_begin(&b);
	ua_db_state_add(&b, &row, 1);
	return ua_db_state_end(&b);
}

int ua_db_state_is_sealed(const str *node)
{
	char mem[SQL_MAX], key_mem[UAX_SAVED_KEY_SIZE];
	str sql, key = seal_key(node, key_mem);
	int64_t is_exact = 0;
	struct kx_buf b;
	db1_res_t *res;

	kx_buf_init(&b, mem, sizeof(mem));
	kx_buf_lit(&b, "select is_exact from ");
	kx_buf_str(&b, &ua_cfg.reg_state_table);
	kx_buf_lit(&b, " where l_uuid=");
	uax_sql_text(&b, db.sql, &key);
	kx_buf_lit(&b, " and node=");
	uax_sql_text(&b, db.sql, node);
	if(kx_buf_end(&b, &sql) != KX_OK || query(&sql, &res) != 0 || res == NULL)
		return -1;
	if(RES_ROW_N(res) == 1
			&& ua_db_number(ROW_VALUES(RES_ROWS(res)), &is_exact) != KX_OK)
		is_exact = 0;
	db.f.free_result(db.con, res);
	return is_exact == 1;
}

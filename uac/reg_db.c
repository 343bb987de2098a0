/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading the table of accounts through srdb1. */
#include "core/dprint.h"
#include "lib/srdb1/db.h"

#include "reg_db.h"
#include "reg_db_value.h"
#include "ua_cfg.h"

enum
{
	VERSION_OLD = 5, /* of the table: up to 6.1 */
	VERSION_NEW = 6, /* with contact_user */
	PAGE_ROWS = 100,
	SHELVES = PAGE_ROWS * UAX_R_COUNT,
	SQL_MAX = 1024,
	/* the numbers behind the texts, and the key before them */
	NUMBERS = 3
};

static const char *const number_name[NUMBERS] = {
		"expires", "flags", "reg_delay"};

static db_func_t dbf;

int ua_db_init(void)
{
	if(db_bind_mod(&ua_cfg.reg_db_url, &dbf) < 0) {
		LM_ERR("can't bind the database of reg_db_url, load its module "
			   "(db_...) "
			   "before uac\n");
		return -1;
	}
	if(!DB_CAPABILITY(dbf, DB_CAP_QUERY)) {
		LM_ERR("the database module of reg_db_url can't query\n");
		return -1;
	}
	return 0;
}

/* Texts of a version 5 table; version 6 adds the last. */
static int texts_of(int version)
{
	return version >= VERSION_NEW ? UAX_R_COUNT : UAX_R_contact_user;
}

/* One result row: texts from `first`, then the numbers. */
static void read_row(const db_val_t *v, int texts, struct uax_row *row,
		const char **bad_number)
{
	int64_t n[NUMBERS] = {0, 0, 0};
	int i;

	memset(row, 0, sizeof(*row));
	*bad_number = NULL;
	for(i = 0; i < texts; i++)
		ua_db_text(&v[i], &row->text[i]);
	for(i = 0; i < NUMBERS; i++) {
		if(ua_db_number(&v[texts + i], &n[i]) != KX_OK || n[i] < 0
				|| n[i] > INT32_MAX)
			*bad_number = number_name[i];
	}
	if(*bad_number != NULL)
		return;
	row->expires_s = (uint32_t)n[0];
	row->is_disabled = n[1] & 1;
	row->reg_delay_s = (uint32_t)n[2];
}

/* A read in work. */
struct reader
{
	db1_con_t *con;
	int texts;
	const struct ua_db_reader *to;
	int count;
	int64_t last_id; /* of the last row of a page */
};

/* Tell about the rows of a result. With `has_id` the first column is the
 * key. */
static void tell(struct reader *rd, const db1_res_t *res, int has_id)
{
	const char *bad_number;
	struct uax_row row;
	int i;

	for(i = 0; i < RES_ROW_N(res); i++) {
		const db_val_t *v = ROW_VALUES(&RES_ROWS(res)[i]);

		if(ROW_N(&RES_ROWS(res)[i]) < rd->texts + NUMBERS + has_id)
			continue;
		if(has_id && ua_db_number(v, &rd->last_id) != KX_OK)
			continue;
		read_row(v + has_id, rd->texts, &row, &bad_number);
		rd->to->row(rd->to->param, &row, bad_number);
		rd->count++;
	}
}

static int write_page_sql(const struct reader *rd, struct kx_buf *b, str *sql)
{
	int i;

	kx_buf_lit(b, "select id");
	for(i = 0; i < rd->texts; i++) {
		kx_buf_char(b, ',');
		kx_buf_add(b, uax_row_text_name(i), strlen(uax_row_text_name(i)));
	}
	for(i = 0; i < NUMBERS; i++) {
		kx_buf_char(b, ',');
		kx_buf_add(b, number_name[i], strlen(number_name[i]));
	}
	kx_buf_lit(b, " from ");
	kx_buf_str(b, &ua_cfg.reg_db_table);
	kx_buf_lit(b, " where id>");
	kx_buf_u64(b, (uint64_t)rd->last_id);
	kx_buf_lit(b, " order by id limit ");
	kx_buf_u64(b, PAGE_ROWS);
	return kx_buf_end(b, sql);
}

/* All rows, a page at a time by ranges of the key. */
static int read_pages(struct reader *rd)
{
	char mem[SQL_MAX];
	struct kx_buf b;
	db1_res_t *res;
	int64_t before;
	str sql;
	int n;

	do {
		kx_buf_init(&b, mem, sizeof(mem));
		if(write_page_sql(rd, &b, &sql) != KX_OK)
			return -1;
		res = NULL;
		if(dbf.raw_query(rd->con, &sql, &res) < 0 || res == NULL)
			return -1;
		before = rd->last_id;
		n = RES_ROW_N(res);
		tell(rd, res, 1);
		dbf.free_result(rd->con, res);
		/* a key that does not grow would be read for ever */
		if(n > 0 && rd->last_id <= before)
			return -1;
	} while(n == PAGE_ROWS);
	return 0;
}

/* Tell how many rows there are, so that room can be made for them; only a
 * driver that runs SQL can say. */
static void tell_count(struct reader *rd)
{
	char mem[SQL_MAX];
	db1_res_t *res = NULL;
	struct kx_buf b;
	int64_t count;
	str sql;

	kx_buf_init(&b, mem, sizeof(mem));
	kx_buf_lit(&b, "select count(*) from ");
	kx_buf_str(&b, &ua_cfg.reg_db_table);
	if(rd->to->expect == NULL || kx_buf_end(&b, &sql) != KX_OK
			|| dbf.raw_query(rd->con, &sql, &res) < 0 || res == NULL)
		return;
	if(RES_ROW_N(res) == 1 && ROW_N(&RES_ROWS(res)[0]) == 1
			&& ua_db_number(ROW_VALUES(&RES_ROWS(res)[0]), &count) == KX_OK)
		rd->to->expect(count);
	dbf.free_result(rd->con, res);
}

static void name_columns(const struct reader *rd, str *name, db_key_t *key)
{
	int i;

	for(i = 0; i < rd->texts; i++)
		name[i] = kx_str_span(uax_row_text_name(i),
				uax_row_text_name(i) + strlen(uax_row_text_name(i)));
	for(i = 0; i < NUMBERS; i++)
		name[rd->texts + i] = kx_str_span(
				number_name[i], number_name[i] + strlen(number_name[i]));
	for(i = 0; i < rd->texts + NUMBERS; i++)
		key[i] = &name[i];
}

/* By srdb1's own query: one row, or all of them from drivers without SQL. */
static int read_query(struct reader *rd, const str *uuid)
{
	str name[UAX_R_COUNT + NUMBERS], match_name = KX_STR("l_uuid");
	db_key_t key[UAX_R_COUNT + NUMBERS], match = &match_name;
	db1_res_t *res = NULL;
	db_val_t value;
	int ret;

	name_columns(rd, name, key);
	if(uuid != NULL) {
		memset(&value, 0, sizeof(value));
		VAL_TYPE(&value) = DB1_STR;
		VAL_STR(&value) = *uuid;
		ret = dbf.query(rd->con, &match, NULL, &value, key, 1,
				rd->texts + NUMBERS, NULL, &res);
		if(ret < 0 || res == NULL)
			return -1;
		tell(rd, res, 0);
	} else {
		ret = db_fetch_query(&dbf, PAGE_ROWS, rd->con, NULL, NULL, NULL, key, 0,
				rd->texts + NUMBERS, NULL, &res);
		while(ret >= 0 && res != NULL && RES_ROW_N(res) > 0) {
			tell(rd, res, 0);
			if(ret == 0)
				break; /* no fetch: that was all of it */
			ret = db_fetch_next(&dbf, PAGE_ROWS, rd->con, &res);
		}
	}
	if(res != NULL)
		dbf.free_result(rd->con, res);
	return ret < 0 ? -1 : 0;
}

static int open_table(struct reader *rd)
{
	int version;

	rd->con = dbf.init(&ua_cfg.reg_db_url);
	if(rd->con == NULL) {
		LM_ERR("the database of reg_db_url can't be reached\n");
		return -1;
	}
	version = db_table_version(&dbf, rd->con, &ua_cfg.reg_db_table);
	if(version != VERSION_OLD && version != VERSION_NEW) {
		LM_ERR("table %.*s has version %d, known are %d and %d: create it "
			   "with kamdbctl, or correct its row in table version\n",
				ua_cfg.reg_db_table.len, ua_cfg.reg_db_table.s, version,
				VERSION_OLD, VERSION_NEW);
		return -1;
	}
	if(dbf.use_table(rd->con, &ua_cfg.reg_db_table) < 0)
		return -1;
	rd->texts = texts_of(version);
	return 0;
}

int ua_db_read(const str *uuid, const struct ua_db_reader *to)
{
	struct reader rd = {.to = to};
	int ret = open_table(&rd);

	if(ret == 0 && uuid == NULL && DB_CAPABILITY(dbf, DB_CAP_RAW_QUERY)) {
		struct ua_db_shelves *shelves = ua_db_shelves_make(SHELVES);

		tell_count(&rd);
		ret = read_pages(&rd);
		ua_db_shelves_free(shelves);
		/* a table without the usual key: try it the plain way, unless rows
		 * came already */
		if(ret < 0 && rd.count == 0)
			ret = read_query(&rd, NULL);
	} else if(ret == 0) {
		ret = read_query(&rd, uuid);
	}
	if(ret < 0)
		LM_ERR("reading table %.*s failed after %d rows\n",
				ua_cfg.reg_db_table.len, ua_cfg.reg_db_table.s, rd.count);
	if(rd.con != NULL)
		dbf.close(rd.con);
	return ret < 0 ? -1 : rd.count;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * SQL literals. */
#include "sqltext.h"

enum uax_sql uax_sql_of(const str *url)
{
	if(kx_str_has_prefix(url, "mysql:"))
		return UAX_SQL_MYSQL;
	if(kx_str_has_prefix(url, "postgres:"))
		return UAX_SQL_POSTGRES;
	if(kx_str_has_prefix(url, "sqlite:"))
		return UAX_SQL_SQLITE;
	return UAX_SQL_NONE;
}

/* Whether a byte means the same inside of quotes in every SQL. */
static int is_harmless(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
		   || (c >= '0' && c <= '9')
		   || (c != '\0'
				   && strchr(" !#$&()*+,-./:;<=>?@[]^_{|}~\"", c) != NULL);
}

int uax_sql_text(struct kx_buf *b, enum uax_sql sql, const str *text)
{
	int i;

	for(i = 0; i < text->len && is_harmless(text->s[i]); i++)
		;
	if(i == text->len) {
		kx_buf_char(b, '\'');
		kx_buf_str(b, text);
		return kx_buf_char(b, '\'');
	}
	if(!kx_str_is_utf8(text))
		return kx_buf_lit(b, "''");
	if(sql == UAX_SQL_POSTGRES)
		kx_buf_lit(b, "convert_from(decode('");
	else
		kx_buf_lit(b, "cast(x'");
	for(i = 0; i < text->len; i++)
		kx_buf_hex(b, (unsigned char)text->s[i], 2);
	if(sql == UAX_SQL_POSTGRES)
		return kx_buf_lit(b, "','hex'),'UTF8')");
	if(sql == UAX_SQL_MYSQL)
		return kx_buf_lit(b, "' as char)");
	return kx_buf_lit(b, "' as text)");
}

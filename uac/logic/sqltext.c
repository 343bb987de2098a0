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

/* Bytes of the character at the front, 0 when it is none of UTF-8 (RFC 3629
 * 4), or a NUL. */
static int utf8_len(const unsigned char *s, int left)
{
	/* the second byte tells what is too long, too high, or half a pair */
	unsigned char low = 0x80, high = 0xbf;
	int i, len;

	if(s[0] > 0 && s[0] < 0x80)
		return 1;
	if(s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if(len > left)
		return 0;
	if(s[0] == 0xe0)
		low = 0xa0;
	else if(s[0] == 0xed)
		high = 0x9f;
	else if(s[0] == 0xf0)
		low = 0x90;
	else if(s[0] == 0xf4)
		high = 0x8f;
	if(s[1] < low || s[1] > high)
		return 0;
	for(i = 2; i < len; i++) {
		if((s[i] & 0xc0) != 0x80)
			return 0;
	}
	return len;
}

static int is_utf8(const str *text)
{
	int at = 0, len = 1;

	while(at < text->len && len > 0) {
		len = utf8_len((unsigned char *)text->s + at, text->len - at);
		at += len;
	}
	return len > 0;
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
	if(!is_utf8(text))
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

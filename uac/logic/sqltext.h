/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Values in SQL of our own, for the databases whose SQL we know. */
#ifndef UAX_SQLTEXT_H
#define UAX_SQLTEXT_H

#include "kx_buf.h"

/** Whose SQL is spoken. */
enum uax_sql
{
	UAX_SQL_NONE, /**< a database we do not know how to write to */
	UAX_SQL_MYSQL,
	UAX_SQL_POSTGRES,
	UAX_SQL_SQLITE
};

/** Which one a database URL means. */
enum uax_sql uax_sql_of(const str *url);

/**
 * Append a text as an SQL literal. What is made of harmless bytes stands in
 * quotes, everything else is written in hexadecimal: no byte of a value, which
 * may come from a peer, is ever read as SQL. What is no UTF-8, or has a NUL,
 * becomes an empty text: a database may refuse it, and with it all the rows
 * of its statement. Returns as kx_buf_add().
 */
int uax_sql_text(struct kx_buf *b, enum uax_sql sql, const str *text);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rows of kept registrations, written. */
#include "saved.h"

static void write_number(struct kx_buf *b, int64_t n)
{
	kx_buf_u64(b, n > 0 ? (uint64_t)n : 0);
}

int uax_saved_write_head(struct kx_buf *b, const str *table)
{
	int i;

	kx_buf_lit(b, "insert into ");
	kx_buf_str(b, table);
	for(i = 0; i < UAX_SV_TEXTS; i++) {
		const char *name = uax_saved_text_name(i);

		kx_buf_char(b, i == 0 ? '(' : ',');
		kx_buf_add(b, name, strlen(name));
	}
	for(i = 0; i < UAX_SV_NUMBERS; i++) {
		const char *name = uax_saved_number_name(i);

		kx_buf_char(b, ',');
		kx_buf_add(b, name, strlen(name));
	}
	return kx_buf_lit(b, ") values ");
}

int uax_saved_write_row(struct kx_buf *b, enum uax_sql sql,
		const struct uax_saved *row, int is_first)
{
	int i;

	if(!is_first)
		kx_buf_char(b, ',');
	for(i = 0; i < UAX_SV_TEXTS; i++) {
		kx_buf_char(b, i == 0 ? '(' : ',');
		uax_sql_text(b, sql, &row->text[i]);
	}
	for(i = 0; i < UAX_SV_NUMBERS; i++) {
		kx_buf_char(b, ',');
		write_number(b, row->number[i]);
	}
	return kx_buf_char(b, ')');
}

static void write_update(struct kx_buf *b, enum uax_sql sql, const char *name)
{
	size_t len = strlen(name);

	kx_buf_add(b, name, len);
	if(sql == UAX_SQL_MYSQL) {
		kx_buf_lit(b, "=values(");
		kx_buf_add(b, name, len);
		kx_buf_char(b, ')');
	} else {
		kx_buf_lit(b, "=excluded.");
		kx_buf_add(b, name, len);
	}
}

int uax_saved_write_tail(struct kx_buf *b, enum uax_sql sql)
{
	int i;

	if(sql == UAX_SQL_MYSQL)
		kx_buf_lit(b, " on duplicate key update ");
	else
		kx_buf_lit(b, " on conflict (l_uuid) do update set ");
	/* all but the key */
	for(i = 1; i < UAX_SV_TEXTS; i++) {
		if(i > 1)
			kx_buf_char(b, ',');
		write_update(b, sql, uax_saved_text_name(i));
	}
	for(i = 0; i < UAX_SV_NUMBERS; i++) {
		kx_buf_char(b, ',');
		write_update(b, sql, uax_saved_number_name(i));
	}
	return b->err;
}

void uax_saved_seal_key(struct kx_buf *b, const str *node)
{
	/* as much as the column takes; two that begin alike are told apart by
	 * their column `node` */
	str name = {node->s, node->len > 56 ? 56 : node->len};

	kx_buf_lit(b, "server ");
	if(name.len > 0)
		kx_buf_str(b, &name);
	else
		kx_buf_lit(b, "here");
}

static void write_text(
		struct kx_buf *b, const char *name, const struct uax_text *text)
{
	if(!text->is_given)
		return;
	kx_buf_add(b, name, strlen(name));
	uax_text_echo(b, text);
}

int uax_saved_write_challenge(
		struct kx_buf *b, const struct uax_challenge *challenge)
{
	kx_buf_lit(b, "Digest ");
	write_text(b, "realm=", &challenge->realm);
	write_text(b, ", nonce=", &challenge->nonce);
	write_text(b, ", opaque=", &challenge->opaque);
	if(challenge->algorithm.is_given) {
		kx_buf_lit(b, ", algorithm=");
		uax_text_plain(b, &challenge->algorithm);
	}
	if(challenge->qops == (UAX_QOP_AUTH | UAX_QOP_AUTH_INT))
		kx_buf_lit(b, ", qop=\"auth,auth-int\"");
	else if(challenge->qops == UAX_QOP_AUTH)
		kx_buf_lit(b, ", qop=\"auth\"");
	else if(challenge->qops == UAX_QOP_AUTH_INT)
		kx_buf_lit(b, ", qop=\"auth-int\"");
	if(challenge->is_userhash)
		kx_buf_lit(b, ", userhash=true");
	if(challenge->is_utf8)
		kx_buf_lit(b, ", charset=UTF-8");
	return b->err;
}

void uax_fingerprint(
		const struct uax_row *row, const struct uax_hashes *h, char *out)
{
	static const enum uax_row_text what[] = {UAX_R_l_uuid, UAX_R_r_username,
			UAX_R_r_domain, UAX_R_realm, UAX_R_auth_username,
			UAX_R_auth_password, UAX_R_auth_ha1, UAX_R_auth_proxy};
	struct uax_hash_state state;
	unsigned char hash[32], len[2];
	struct kx_buf b;
	unsigned int i;

	h->sha256.init(&state);
	for(i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
		const str *text = &row->text[what[i]];

		/* with its length: where one ends and the next begins counts */
		len[0] = (unsigned char)(text->len >> 8);
		len[1] = (unsigned char)text->len;
		h->sha256.add(&state, (char *)len, sizeof(len));
		h->sha256.add(&state, text->s, text->len);
	}
	h->sha256.end(&state, hash);
	kx_buf_init(&b, out, UAX_FINGERPRINT_LEN + 1);
	for(i = 0; i < UAX_FINGERPRINT_LEN / 2; i++)
		kx_buf_hex(&b, hash[i], 2);
}

void uax_former_write(struct kx_buf *b, const char *former)
{
	struct kx_cursor c = {former, former + strlen(former)};
	str one;

	while(!kx_cur_at_end(&c)) {
		kx_cur_until(&c, " ", &one);
		kx_cur_char(&c, ' ');
		if(one.len == 0)
			continue;
		kx_buf_lit(b, "Contact: <");
		kx_buf_str(b, &one);
		kx_buf_lit(b, ">;expires=0\r\n");
	}
}

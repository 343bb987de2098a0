/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rows of the account table. */
#include "kx_uri.h"
#include "row.h"

static const struct
{
	const char *name;
	int max;
	int is_needed;
} column[] = {
#define UAX_ROW_COLUMN(name, max, needed) {#name, max, needed},
		UAX_ROW_TEXTS(UAX_ROW_COLUMN)
#undef UAX_ROW_COLUMN
};

const char *uax_row_text_name(enum uax_row_text which)
{
	return (unsigned)which < UAX_R_COUNT ? column[which].name : "number";
}

const char *uax_row_fault_text(enum uax_row_fault fault)
{
	switch(fault) {
		case UAX_ROW_GOOD:
			break;
		case UAX_ROW_EMPTY:
			return "is empty";
		case UAX_ROW_TOO_LONG:
			return "is too long";
		case UAX_ROW_BYTES:
			return "has a byte that no header may carry";
		case UAX_ROW_NUMBER:
			return "is missing, negative or too large";
		case UAX_ROW_URI:
			return "makes no SIP URI";
		case UAX_ROW_SECRET:
			return "is neither a password nor an HA1";
		case UAX_ROW_CONTACT:
			return "is empty and there is no reg_contact_addr";
	}
	return "";
}

static int has_control_byte(const str *s)
{
	int i;

	for(i = 0; i < s->len; i++) {
		if((unsigned char)s->s[i] < ' ' || s->s[i] == 0x7f)
			return 1;
	}
	return 0;
}

static int is_ha1(const str *s)
{
	int i;

	for(i = 0; i < s->len; i++) {
		if(kx_hex_value(s->s[i]) < 0)
			return 0;
	}
	return s->len == 32 || s->len == 64;
}

static enum uax_row_fault text_check(const struct uax_row *row, int *where)
{
	int i;

	for(i = 0; i < UAX_R_COUNT; i++) {
		const str *s = &row->text[i];

		*where = i;
		if(s->len > column[i].max)
			return UAX_ROW_TOO_LONG;
		if(s->len == 0 && column[i].is_needed)
			return UAX_ROW_EMPTY;
		if(has_control_byte(s))
			return UAX_ROW_BYTES;
	}
	return UAX_ROW_GOOD;
}

/* Whether a text made by one of the writers is a URI of the kind wanted, with
 * a user part only where there may be one. */
static int is_sip_uri(const struct kx_buf *b, int may_have_user)
{
	struct kx_uri uri;
	str text;

	return kx_buf_end(b, &text) == KX_OK && kx_uri_parse(&text, &uri) == KX_OK
		   && (uri.scheme == KX_URI_SIP || uri.scheme == KX_URI_SIPS)
		   && (may_have_user || !uri.has_user);
}

static enum uax_row_fault uri_check(
		const struct uax_row *row, const str *default_contact, int *where)
{
	const str *proxy = &row->text[UAX_R_auth_proxy];
	struct kx_buf b;
	char mem[512];

	kx_buf_init(&b, mem, sizeof(mem));
	*where = UAX_R_r_domain;
	uax_row_write_ruri(&b, row);
	if(!is_sip_uri(&b, 0))
		return UAX_ROW_URI;
	kx_buf_clear(&b);
	*where = UAX_R_r_username;
	uax_row_write_aor(&b, row);
	if(!is_sip_uri(&b, 1))
		return UAX_ROW_URI;
	kx_buf_clear(&b);
	*where = UAX_R_contact_addr;
	if(row->text[UAX_R_contact_addr].len == 0 && default_contact->len == 0)
		return UAX_ROW_CONTACT;
	uax_row_write_contact(&b, row, default_contact);
	if(!is_sip_uri(&b, 1))
		return UAX_ROW_URI;
	if(proxy->len > 0) {
		kx_buf_clear(&b);
		*where = UAX_R_auth_proxy;
		kx_buf_str(&b, proxy);
		if(!is_sip_uri(&b, 1))
			return UAX_ROW_URI;
	}
	return UAX_ROW_GOOD;
}

static enum uax_row_fault number_check(const struct uax_row *row, int *where)
{
	*where = UAX_R_COUNT;
	return row->expires_s == 0 || row->expires_s > INT32_MAX
						   || row->reg_delay_s > INT32_MAX
				   ? UAX_ROW_NUMBER
				   : UAX_ROW_GOOD;
}

static enum uax_row_fault secret_check(const struct uax_row *row, int *where)
{
	const str *ha1 = &row->text[UAX_R_auth_ha1];

	*where = ha1->len > 0 ? UAX_R_auth_ha1 : UAX_R_auth_password;
	if(ha1->len > 0 ? is_ha1(ha1) : row->text[UAX_R_auth_password].len > 0)
		return UAX_ROW_GOOD;
	return UAX_ROW_SECRET;
}

enum uax_row_fault uax_row_check(
		const struct uax_row *row, const str *default_contact, int *where)
{
	enum uax_row_fault fault;
	int at;

	fault = text_check(row, &at);
	if(fault == UAX_ROW_GOOD)
		fault = number_check(row, &at);
	if(fault == UAX_ROW_GOOD)
		fault = secret_check(row, &at);
	if(fault == UAX_ROW_GOOD)
		fault = uri_check(row, default_contact, &at);
	if(fault != UAX_ROW_GOOD)
		*where = at;
	return fault;
}

int uax_row_same(const struct uax_row *a, const struct uax_row *b)
{
	int i;

	for(i = 0; i < UAX_R_COUNT; i++) {
		if(!kx_str_eq(&a->text[i], &b->text[i]))
			return 0;
	}
	return a->expires_s == b->expires_s && a->reg_delay_s == b->reg_delay_s
		   && a->is_disabled == b->is_disabled;
}

int uax_row_write_aor(struct kx_buf *b, const struct uax_row *row)
{
	kx_buf_lit(b, "sip:");
	kx_buf_str(b, &row->text[UAX_R_r_username]);
	kx_buf_char(b, '@');
	return kx_buf_str(b, &row->text[UAX_R_r_domain]);
}

int uax_row_write_ruri(struct kx_buf *b, const struct uax_row *row)
{
	kx_buf_lit(b, "sip:");
	return kx_buf_str(b, &row->text[UAX_R_r_domain]);
}

int uax_row_write_contact(
		struct kx_buf *b, const struct uax_row *row, const str *default_contact)
{
	const str *user = &row->text[UAX_R_contact_user];
	const str *addr = &row->text[UAX_R_contact_addr];

	if(user->len == 0)
		user = &row->text[UAX_R_l_uuid];
	if(addr->len == 0)
		addr = default_contact;
	kx_buf_lit(b, "sip:");
	kx_buf_str(b, user);
	kx_buf_char(b, '@');
	return kx_buf_str(b, addr);
}

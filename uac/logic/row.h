/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One account as the database or an operator gives it: is it usable, and
 * what is derived from it. */
#ifndef UAX_ROW_H
#define UAX_ROW_H

#include "kx_buf.h"

/** Text columns: name, longest value in bytes (as in the table), whether it
 * must be there. */
#define UAX_ROW_TEXTS(X)    \
	X(l_uuid, 64, 1)        \
	X(l_username, 64, 1)    \
	X(l_domain, 64, 1)      \
	X(r_username, 64, 1)    \
	X(r_domain, 64, 1)      \
	X(realm, 64, 0)         \
	X(auth_username, 64, 1) \
	X(auth_password, 64, 0) \
	X(auth_ha1, 128, 0)     \
	X(auth_proxy, 255, 0)   \
	X(contact_addr, 255, 0) \
	X(socket, 128, 0)       \
	X(contact_user, 64, 0)

enum uax_row_text
{
#define UAX_ROW_ENUM(name, max, needed) UAX_R_##name,
	UAX_ROW_TEXTS(UAX_ROW_ENUM)
#undef UAX_ROW_ENUM
			UAX_R_COUNT
};

/** One row; views. Texts that are missing are empty. */
struct uax_row
{
	str text[UAX_R_COUNT];
	uint32_t expires_s;
	uint32_t reg_delay_s;
	int is_disabled;
};

/** What is wrong with a row. */
enum uax_row_fault
{
	UAX_ROW_GOOD,
	UAX_ROW_EMPTY,	  /**< a column that must be there is empty */
	UAX_ROW_TOO_LONG, /**< longer than the column can be */
	UAX_ROW_BYTES,	  /**< a byte that would break a header */
	UAX_ROW_NUMBER,	  /**< a number that is missing, negative, too large */
	UAX_ROW_URI,	  /**< no SIP URI comes of it */
	UAX_ROW_SECRET,	  /**< neither a password nor an HA1, or a bad HA1 */
	UAX_ROW_CONTACT	  /**< no contact_addr, and no reg_contact_addr */
};

/** Name of a text column. */
const char *uax_row_text_name(enum uax_row_text which);

/** Text of a fault for the log. */
const char *uax_row_fault_text(enum uax_row_fault fault);

/**
 * Check a row.
 *
 * auth_proxy may be empty: the request then goes where r_domain leads.
 * auth_ha1 wins over auth_password; either must be there. HA1s are 32 or 64
 * hexadecimal digits (MD5; SHA-256 or SHA-512-256).
 *
 * @param default_contact parameter reg_contact_addr
 * @param where [out] column at fault; only set with a fault
 */
enum uax_row_fault uax_row_check(
		const struct uax_row *row, const str *default_contact, int *where);

/** Whether two rows say the same. */
int uax_row_same(const struct uax_row *a, const struct uax_row *b);

/** Append the URI of the AoR: sip:r_username@r_domain. As kx_buf_add(). */
int uax_row_write_aor(struct kx_buf *b, const struct uax_row *row);

/** Append the Request-URI: sip:r_domain (RFC 3261 10.2). As kx_buf_add(). */
int uax_row_write_ruri(struct kx_buf *b, const struct uax_row *row);

/**
 * Append the URI of our contact: sip:USER@ADDR, USER being contact_user or
 * l_uuid, ADDR contact_addr or the default. As kx_buf_add().
 */
int uax_row_write_contact(struct kx_buf *b, const struct uax_row *row,
		const str *default_contact);

#endif

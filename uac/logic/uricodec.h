/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The text that a Record-Route parameter keeps about a changed From or To:
 * the address before and after, bound to its dialog, so that nobody can put
 * another one in its place. */
#ifndef UAX_URICODEC_H
#define UAX_URICODEC_H

#include "chacha.h"
#include "digest.h"
#include "siphash.h"

/** The longest text that is looked at. */
#define UAX_TOKEN_MAX 2048
/** Scratch memory that is enough to read any text. */
#define UAX_TOKEN_SCRATCH 3328

/** A key, ready for use; as secret as the password it was made from. */
struct uax_key
{
	/** For the check value, and for hiding. */
	struct uax_siphash_key check;
	struct uax_chacha_key stream;
	/** An empty password: whoever knows this program can read and make
	 * texts; damage is still noticed. */
	int is_secret;
};

/** An address before and after its change; views. */
struct uax_change
{
	str old_uri;
	str new_uri;
	/** Whether the display name was changed, too; the two are empty and
	 * mean nothing when not. */
	int has_display;
	str old_display;
	str new_display;
};

/** What a text belongs to; views. */
struct uax_binding
{
	int is_to; /**< it is about To, not From */
	str callid;
	/** Tag of who sent the request that began the dialog. */
	str tag;
};

/**
 * Make a key.
 *
 * @param secret of any length; empty: see is_secret
 * @param sha256 borrowed for the call
 */
void uax_key_init(
		struct uax_key *key, const str *secret, const struct uax_hash *sha256);

/**
 * Append the text. It consists of letters, digits, '-' and '_' and needs no
 * escape in a URI parameter. With a secret key it tells nobody else what is
 * in it, and no other one is accepted in its place; the check value has 96
 * bits (SipHash).
 *
 * @return as kx_buf_add(); KX_E_RANGE, nothing appended: something in it is
 *         so long that the text would not be read back
 */
int uax_token_write(struct kx_buf *b, const struct uax_change *change,
		const struct uax_binding *to, const struct uax_key *key);

/**
 * Find the text among the parameters of a URI. It is never quoted, nor is
 * there a blank before it.
 *
 * @param params "a=b;c=d", with or without a ';' before it
 * @param name   letters in either case
 * @param value  [out] view into params, without blanks around it
 * @return KX_OK or KX_E_NONE; the first one counts
 */
int uax_token_find(const str *params, const str *name, str *value);

/**
 * Read a text from the wire and verify it.
 *
 * A request within a dialog goes the way of the first one or the other way:
 * the tag of the binding is then the one of its From, or of its To.
 *
 * @param mem       empty, at least UAX_TOKEN_SCRATCH bytes
 * @param to        what it has to belong to; tag is the From tag
 * @param other_tag the To tag
 * @param out       [out] views into mem
 * @return 0 when it verifies with the From tag, 1 with the To tag;
 *         KX_E_SYNTAX: no text of ours; KX_E_NONE: damaged, made with
 *         another key, or for another dialog
 */
int uax_token_read(struct kx_buf *mem, const str *token,
		const struct uax_binding *to, const str *other_tag,
		const struct uax_key *key, struct uax_change *out);

#endif

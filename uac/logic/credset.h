/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who answers for which realm: read from text, looked up by realm. */
#ifndef UAX_CREDSET_H
#define UAX_CREDSET_H

#include "kx_scan.h"

/** One credential; views. */
struct uax_cred_line
{
	str user;
	str realm; /**< empty: any realm that no other one names */
	str secret;
};

/**
 * Cut "user:realm:password". Blanks around the three are dropped, blanks in
 * them stay; the password may have colons. The realm "*" is given as empty.
 *
 * @param out [out] views into text
 * @return KX_OK, or KX_E_SYNTAX: a part is missing, or user or password empty
 */
int uax_cred_split(const str *text, struct uax_cred_line *out);

/**
 * Take the next credential of a text of lines; empty ones and those that
 * begin with '#' are passed.
 *
 * @param number [in, out] of lines so far, 0 to begin; then the line's own
 * @return KX_OK, KX_E_END, or KX_E_SYNTAX as uax_cred_split()
 */
int uax_cred_line_next(
		struct kx_cursor *c, int *number, struct uax_cred_line *out);

/** A finished set: one block without pointers, the same for every process
 * that has it in its memory. It holds secrets. */
struct uax_credset;

/**
 * Make a set of n credentials. Of two for the same realm the last one counts.
 *
 * @param alloc that gives the block
 * @return the set, to be given to uax_credset_free(); NULL without memory
 */
struct uax_credset *uax_credset_new(
		const struct uax_cred_line *list, int n, const struct kx_alloc *alloc);

/** Overwrite and free it; NULL is fine. */
void uax_credset_free(struct uax_credset *set, const struct kx_alloc *alloc);

/** How many realms have somebody who answers, any realm counted as one. */
int uax_credset_count(const struct uax_credset *set);

/**
 * Find who answers for a realm: its own credential, else the one for any.
 *
 * @param realm plain text
 * @param out   [out] views into the set
 * @return KX_OK or KX_E_NONE
 */
int uax_credset_find(const struct uax_credset *set, const str *realm,
		struct uax_cred_line *out);

#endif

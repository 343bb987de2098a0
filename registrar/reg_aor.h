/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whom a URI of a message means: an address of record, or one binding of it
 * (GRUU). */
#ifndef REG_AOR_H
#define REG_AOR_H

#include "core/parser/msg_parser.h"

#include "gruu_token.h"
#include "kam/kam_compat.h"

struct udomain;

/** An address of record; lives on the stack of a use case. */
struct reg_aor
{
	str aor; /**< in mem */
	/** views into the URI; with gruu_key a temporary one's into token */
	struct rgr_gruu gruu;
	struct rgr_gruu_token token;
	char mem[KAM_AOR_MAX + 1];
};

/**
 * Find out whom a URI means.
 *
 * A temporary GRUU is looked up in the store: its AoR is the one of the
 * binding it names.
 *
 * @param uri NULL or empty: the Request-URI; of a reply its To URI
 * @param out [out] borrows from the URI
 * @return KX_OK; KX_E_NONE for a temporary GRUU of no binding, and for a URI
 *         without a user where AoRs are users; KX_E_SYNTAX when the URI can't
 *         be read or has no valid AoR
 */
int reg_aor_of_uri(struct sip_msg *msg, struct udomain *d, const str *uri,
		struct reg_aor *out);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Use case: a REGISTER changes the bindings of its AoR. */
#ifndef REG_SAVE_H
#define REG_SAVE_H

#include "core/parser/msg_parser.h"

struct udomain;

/** The second argument of save(). */
enum reg_save_flags
{
	REG_SAVE_MEMORY = 0x01,	   /**< no database */
	REG_SAVE_NO_REPLY = 0x02,  /**< keep the reply for reg_send_reply() */
	REG_SAVE_SINGLE = 0x04,	   /**< one binding per AoR */
	REG_SAVE_NO_RANDOM = 0x08, /**< lifetimes exactly as asked */
	/** With NO_REPLY: leave the reply's headers on the message, for a reply
	 * that the script sends itself. Nothing without NO_REPLY. */
	REG_SAVE_PREPARE = 0x10
};

/**
 * Process a REGISTER: read, check, plan, commit, reply. Every refusal is
 * made before a binding changes, and a failure of the store leaves them as
 * they were.
 *
 * A request is answered unless a flag says otherwise; in a reply route the
 * message is the reply, and nothing is sent.
 *
 * @param flags of enum reg_save_flags
 * @param uri   takes the place of the To URI; NULL: none
 * @return 1 inserted, 2 updated, 3 deleted, 4 listed; -2 too many bindings,
 *         -1 any other refusal
 */
int reg_save(struct sip_msg *msg, struct udomain *d, int flags, const str *uri);

#endif

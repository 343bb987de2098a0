/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Use case: is an AoR registered, with a binding like this one? */
#ifndef REG_REGISTERED_H
#define REG_REGISTERED_H

#include "core/parser/msg_parser.h"

struct udomain;

/** What a binding must have in common with the XAVP of xavp_cfg. */
enum reg_registered_match
{
	REG_MATCH_CALLID = 1,
	REG_MATCH_RECEIVED = 2,
	REG_MATCH_CONTACT = 4
};

/** What is done with the binding found. */
enum reg_registered_action
{
	REG_ACTION_XAVP = 1,	 /**< give the script its XAVPs */
	REG_ACTION_NO_RECORD = 2 /**< do not fill xavp_rcd */
};

/**
 * Look for a living binding. The message is not changed.
 *
 * @param uri    NULL or empty: the Request-URI; of a reply its To URI
 * @param match  of enum reg_registered_match; a value the XAVP does not have
 *               is not compared
 * @param action of enum reg_registered_action
 * @return 1 when there is one, -1 when there is none or the URI can't be read,
 *         -3 when the store can't be asked
 */
int reg_registered(struct sip_msg *msg, struct udomain *d, const str *uri,
		int match, int action);

#endif

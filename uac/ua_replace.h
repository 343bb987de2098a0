/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Changing From and To of a request, and changing them back. */
#ifndef UA_REPLACE_H
#define UA_REPLACE_H

#include "core/parser/msg_parser.h"

#include "fromto.h"

/** Which of the two headers. */
enum ua_side
{
	UA_FROM,
	UA_TO
};

/** What happens to later messages of the dialog. */
enum ua_restore_mode
{
	UA_RESTORE_NONE,   /**< nothing */
	UA_RESTORE_MANUAL, /**< replies; requests by ua_restore() */
	UA_RESTORE_AUTO	   /**< replies and requests */
};

/**
 * Change the address in From or To of a request; its replies, and with
 * restore_mode auto the later requests of the dialog, are changed so that
 * each side keeps seeing what it expects.
 *
 * All or nothing: on failure the request is as it was. Once per header and
 * request. Every failure is logged.
 *
 * @return 0, also when nothing differs; -1
 */
int ua_replace(
		sip_msg_t *msg, enum ua_side side, const struct uax_addr_new *change);

/**
 * Undo in a request within a dialog what became of From or To of the first
 * one, after loose_route(): in the same header, and in the other one when the
 * request comes from the callee, whose From is the caller's To.
 *
 * @return 0; -1 when nothing is known about it, restore_mode is none, or it
 *         failed (logged)
 */
int ua_restore(sip_msg_t *msg, enum ua_side side);

/** Read the settings, bind tm, rr and dialog. @return 0, or -1 logged */
int ua_replace_setup(void);

#endif

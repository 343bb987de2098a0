/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From the message that answers a REGISTER to what the logic reads; the only
 * reg file that parses headers. */
#ifndef UA_REG_REPLY_H
#define UA_REG_REPLY_H

#include "core/parser/msg_parser.h"

#include "answer.h"

/**
 * Read a final answer.
 *
 * @param msg  the answer; NULL or tm's FAKED_REPLY: made by our own tm
 * @param code as tm has it
 * @param out  [out] views into msg
 */
void ua_reply_read(struct sip_msg *msg, int code, struct uax_reply *out);

#endif

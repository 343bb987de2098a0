/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sending the reply to a REGISTER; the only file that knows the sl module. */
#ifndef REG_REPLY_H
#define REG_REPLY_H

#include "core/parser/msg_parser.h"

/** What is sent. */
struct reg_reply
{
	int code;
	str reason;	 /**< memory that outlives the message */
	str headers; /**< complete header lines, may be empty; borrowed */
};

/** Bind the sl module. @return 0, or -1 with the reason logged */
int reg_reply_init(void);

/**
 * Send a reply: through the transaction when there is one, else statelessly.
 *
 * @return 0, or -1 when it was not sent
 */
int reg_reply_send(struct sip_msg *msg, const struct reg_reply *r);

/**
 * Leave the headers on the message, for a reply the script sends itself
 * (save flag 0x10).
 *
 * @return 0, or -1 when memory is short
 */
int reg_reply_prepare(struct sip_msg *msg, const str *headers);

/**
 * Keep a reply for reg_reply_send_kept() (save flag 0x02). One is kept per
 * process, of the message that is in work; the next takes its place.
 *
 * @param mem taken: pkg memory the headers are in, they are long then; NULL:
 *            they are copied
 * @return 0, or -1 when memory is short
 */
int reg_reply_keep(struct sip_msg *msg, const struct reg_reply *r, char *mem);

/**
 * Send what was kept for this very message, once.
 *
 * @return 0, or -1 when nothing was kept for it or it was not sent
 */
int reg_reply_send_kept(struct sip_msg *msg);

#endif

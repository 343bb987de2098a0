/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From a SIP message to a request the decisions understand; the only file
 * that parses headers. */
#ifndef REG_MSG_H
#define REG_MSG_H

#include "core/config.h"
#include "core/parser/msg_parser.h"
#include "core/parser/parse_uri.h"

#include "kam/kam_compat.h"
#include "kx_buf.h"
#include "rgr.h"

enum
{
	/** Contacts a request may have before memory is allocated for them. */
	REG_MSG_CONTACTS = 8,
	/** Option tags nobody knows that are told back; more are left out. */
	REG_MSG_TAGS_MAX = 255,
	/** Unknown Contact parameters of one request, bytes; more are left
	 * out. */
	REG_MSG_PARAMS_MAX = 1023
};

/**
 * One REGISTER in work: the request view and what only the host can use.
 * Lives on the stack of the use case, borrows from the message.
 */
struct reg_msg
{
	struct sip_msg *msg;
	struct rgr_request req;
	struct rgr_policy pol;
	/* the URI the AoR comes from, as the core parsed it */
	str aor_user;
	str aor_domain;
	int aor_is_sips;
	/* what goes to usrloc besides */
	struct socket_info *sock;
	int tcpconn_id;
	flag_t cflags;
	uint32_t allow;		  /**< methods of the Allow headers; with contacts */
	str path_received;	  /**< empty: none */
	struct kx_buf params; /**< over params_mem; of all contacts together */
	/* memory behind the views */
	char aor_mem[KAM_AOR_MAX + 1];
	char path_mem[MAX_PATH_SIZE + 1];
	char params_mem[REG_MSG_PARAMS_MAX + 1];
	char tags_mem[REG_MSG_TAGS_MAX + 1];
	char path_received_mem[RGR_RECEIVED_MAX + 1];
	struct rgr_contact contact_mem[REG_MSG_CONTACTS];
};

/**
 * Read a REGISTER (or its reply, in a reply route) and the settings that
 * apply to it. Every string is a view into the message or into *m.
 *
 * @param uri        takes the place of the To URI; NULL: none
 * @param is_single  save flag 0x04
 * @param m          [out] to be released with reg_msg_release() whatever is
 *                   returned
 * @return RGR_V_FINE, or why the message can't be a REGISTER; req.aor is
 *         empty then
 */
enum rgr_verdict reg_msg_read(
		struct sip_msg *msg, const str *uri, int is_single, struct reg_msg *m);

/**
 * Set the q of all contacts of the message in work, before whatever they and
 * the XAVP say; the next message has its own again.
 *
 * @return 0, or -1 when q can't be read
 */
int reg_msg_set_q(struct sip_msg *msg, const str *q);

/** Give back memory for contacts beyond the usual. */
void reg_msg_release(struct reg_msg *m);

/**
 * Write the AoR a URI stands for with the module's settings.
 *
 * @param uri    parsed URI
 * @param user, domain [out] its parts as they came; either may be NULL
 * @param b      [out] the AoR appended
 * @return as rgr_aor_write()
 */
enum rgr_verdict reg_msg_aor(
		const struct sip_uri *uri, str *user, str *domain, struct kx_buf *b);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bindings as destinations of a request: Request-URI and branches. */
#ifndef REG_BRANCH_H
#define REG_BRANCH_H

#include "core/config.h"
#include "core/parser/msg_parser.h"

#include "rgr.h"

enum
{
	/** Targets one look-up can have: the Request-URI and the branches the
	 * core can ever be told to have room for. */
	REG_BRANCH_MAX = MAX_BRANCHES_LIMIT
};

/** How many more branches the core has room for. */
int reg_branch_room(void);

/** Number of branches; what reg_branch_cut() goes back to. */
int reg_branch_count(void);

/** Drop the branches behind the first n. */
void reg_branch_cut(int n);

/**
 * Whether a binding can be a destination: every part of it fits where the
 * core keeps it. Says in the log what does not.
 */
int reg_branch_is_usable(const struct rgr_binding *b);

/**
 * Make a binding the Request-URI's destination: URI, next hop, Path vector,
 * socket, q, branch flags, instance, reg-id, ruid and User-Agent.
 *
 * @return 0, or -1 when memory is short: the message is as it was
 */
int reg_branch_set_ruri(struct sip_msg *msg, const struct rgr_binding *b);

/** Whether a branch has nothing but a URI yet; it is given then, valid until
 * the branches change. */
int reg_branch_is_plain(int index, str *uri);

/** Make a binding the destination of a branch that is there. */
void reg_branch_set(int index, const struct rgr_binding *b);

/**
 * Append a binding as a branch.
 *
 * @return 0, or -1 when the core refuses it
 */
int reg_branch_append(struct sip_msg *msg, const struct rgr_binding *b);

#endif

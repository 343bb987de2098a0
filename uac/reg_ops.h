/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Use cases of an operator or a script: find accounts, read their state, tell
 * them what to do. */
#ifndef UA_REG_OPS_H
#define UA_REG_OPS_H

#include "kx_buf.h"
#include "reg_rec.h"

/** What scripts get; the numbers are the stock module's. */
enum ua_ops_result
{
	UA_OPS_OK = 1,
	UA_OPS_NONE = -1,	 /**< no such account, or bad arguments */
	UA_OPS_ONGOING = -2, /**< being tried, and no valid binding */
	UA_OPS_DISABLED = -3,
	UA_OPS_WAITING = -99, /**< no valid binding, waits for its next try */
	UA_OPS_NO_ATTR = -4	  /**< no such filter attribute */
};

/**
 * Find an account by a filter.
 *
 * @param attr l_uuid, l_username, r_username or auth_username
 * @param rec  [out] held
 * @return UA_OPS_OK, UA_OPS_NONE, UA_OPS_NO_ATTR
 */
int ua_ops_find(const str *attr, const str *value, struct ua_rec **rec);

/**
 * Find an account by the URI of its local user: by user, or by user and
 * domain with reg_use_domain.
 *
 * @return held, or NULL: none, or no SIP URI with a user part
 */
struct ua_rec *ua_ops_find_uri(const str *uri);

/** Do to an account what an event says. @return UA_OPS_OK; UA_OPS_NONE when
 * it is in that state already */
int ua_ops_tell(struct ua_rec *rec, enum uax_event event);

/** State of an account as scripts see it. */
int ua_ops_status(struct ua_rec *rec);

/** sip:l_username@l_domain. @return as kx_buf_add() */
int ua_ops_write_local(struct kx_buf *b, const struct ua_rec *rec);

/** What people see of an account; copied, nothing stays locked. */
struct ua_view
{
	enum uax_state state;
	int owner; /**< number of the server that has it */
	int is_online;
	int flags; /**< of enum uax_flags */
	int64_t until_ms;
	int64_t due_ms;
	uint32_t granted_s;
	unsigned int failures;
	uint32_t cseq;
	int last_code;
	str reason; /**< in mem */
	char mem[UA_REASON_MAX];
};

/** Look at an account that is locked. */
void ua_ops_view_locked(const struct ua_rec *rec, struct ua_view *out);

/** Look at an account. */
void ua_ops_view(struct ua_rec *rec, struct ua_view *out);

#endif

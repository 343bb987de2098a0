/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A registration goes on where a kept row left off: after a restart, or when
 * another server of the cluster has it from now on. Nothing is sent or
 * queried here. */
#ifndef UA_REG_OWN_H
#define UA_REG_OWN_H

#include "reg_rec.h"
#include "saved.h"

/** What a row brings, in memory that can be given to a record. */
struct ua_thaw
{
	struct uax_warm warm; /**< its views are not used any more */
	struct ua_nonce *nonce[UA_NONCES];
	struct ua_learnt *learnt;
	char *former; /**< shm */
};

/** Fetch the memory for what a row means. Short of it, nonces and the like
 * are left out: they are asked for again.
 *
 * @param thaw [out] to be released, whatever became of it */
void ua_thaw_make(const struct uax_warm *warm, struct ua_thaw *thaw);

/** What is known of an account without a row: nothing. */
void ua_thaw_cold(struct ua_thaw *thaw);

/** Free what was not given to a record. */
void ua_thaw_release(struct ua_thaw *thaw);

/**
 * An account that waits for its first REGISTER goes on as the row says.
 *
 * @param thaw what it takes is gone from it
 * @return whether it did: it still waited
 */
int ua_own_restore(struct ua_rec *rec, struct ua_thaw *thaw, int64_t now_ms);

/**
 * This server has the account from here on. It is held until ua_own_begin():
 * first its row has to say whose it is, so that whoever takes it from a server
 * that is killed knows what may be registered.
 *
 * @param thaw     of the row of the server that had it, or cold
 * @param delay_ms until its first REGISTER, where nothing is to be continued
 * @return whether it was another's before
 */
int ua_own_claim(struct ua_rec *rec, struct ua_thaw *thaw, uint32_t delay_ms,
		int64_t now_ms);

/** An account that became ours is tried when it is due. */
void ua_own_begin(struct ua_rec *rec);

/**
 * Another server had the account meanwhile, because it did not see this one,
 * and registered a contact of its own: that one is to be removed at once.
 *
 * @return whether anything is to be done: the row says so, the account is ours
 */
int ua_own_reclaim(struct ua_rec *rec, struct ua_thaw *thaw, int64_t now_ms);

/**
 * Another server has the account from here on. What is under way is ended
 * first; ua_totals()->ending counts such.
 *
 * @return whether it was ours before
 */
int ua_own_release(struct ua_rec *rec);

/** Something ended: maybe what was under way when the account was given away.
 * The record is locked. */
void ua_own_ended_locked(struct ua_rec *rec);

/** What another server says of its account, for people and scripts. */
void ua_own_shadow(struct ua_rec *rec, struct ua_thaw *thaw, int64_t now_ms);

/**
 * A row from a record: as it would have to be read back.
 *
 * @param node  name of this server
 * @param write called with the row, which is valid for the call
 * @return what write() returned, or 0 when there is nothing to keep
 */
int ua_own_save(struct ua_rec *rec, const str *node,
		int (*write)(void *param, const struct uax_saved *row), void *param);

#endif

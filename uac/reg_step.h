/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One event happens to one record: the machine is asked, the record changed,
 * the timers set, the gauges moved. What is then to be sent is handed back;
 * nothing is sent here. */
#ifndef UA_REG_STEP_H
#define UA_REG_STEP_H

#include "answer.h"
#include "reg_rec.h"
#include "reg_totals.h"

/** What one REGISTER is made of besides the record's configuration. */
struct ua_shot
{
	unsigned char callid[UA_ID_BYTES];
	unsigned char tag[UA_TAG_BYTES];
	uint32_t cseq;
	uint32_t expires_s; /**< 0: removal */
	char *redirect;		/**< pkg, NUL-terminated; NULL: none */
	char *former; /**< a contact to remove; pkg, NUL-terminated; NULL: none */
	/** references, and the nc to use of each; NULL: none */
	struct ua_nonce *nonce[UA_NONCES];
	uint32_t nc[UA_NONCES];
};

/** What a step needs that must be fetched without a lock. */
struct ua_step_in
{
	/** The generation the event belongs to; 0: any (timers, operator). */
	unsigned int gen;
	const struct uax_answer *answer; /**< with an answer's events */
	struct ua_nonce *nonce;			 /**< a reference, taken: the new one */
	int is_proxy;					 /**< whose that is */
	char *redirect;					 /**< shm, taken */
	struct ua_learnt *learnt;		 /**< a reference, taken */
	int code;						 /**< of the answer, for people; 0: none */
	str reason;
};

/**
 * One event for a record, from anywhere.
 *
 * @param in   what goes with it; what it holds is taken or freed whatever happens
 * @param shot [out] to be sent and then released when 1 is returned
 * @return 1: send the shot; 0: nothing to send; KX_E_NONE: the event is too
 *         late, or means nothing in this state: nothing changed
 */
int ua_step(struct ua_rec *rec, enum uax_event event, struct ua_step_in *in,
		int64_t now_ms, struct ua_shot *shot);

/** The same for an event that carries nothing and sends nothing: what the
 * operator does. @return 0, or KX_E_NONE */
int ua_step_plain(struct ua_rec *rec, enum uax_event event, int64_t now_ms);

/**
 * A request of a record has its answer, or will have none. Call it before the
 * step that the answer causes. An attempt whose turn came meanwhile (an
 * operator was quick) is due now: a registration never has two requests under
 * way (RFC 3261 10.2).
 */
void ua_step_end(struct ua_rec *rec);

/** Free what a shot holds. */
void ua_shot_release(struct ua_shot *shot);

/**
 * A record enters service: its first attempt is scheduled, the gauges count
 * it. Call it when it is in the table.
 *
 * @param delay_ms until its first REGISTER; ignored when it is disabled
 */
void ua_step_enter(struct ua_rec *rec, uint32_t delay_ms, int64_t now_ms);

/**
 * A record left the table: the gauges forget it. It is unregistered if it is
 * online and reg_unregister_on says so; otherwise nothing is sent any more.
 *
 * @param is_replaced never unregister: its binding lives on elsewhere
 */
void ua_step_leave(struct ua_rec *rec, int is_replaced, int64_t now_ms);

/** The binding's end may have come. */
void ua_step_lapse(struct ua_rec *rec, int64_t now_ms);

enum ua_step_times
{
	/** A moment that is over: due at once, for ua_sched_due_locked(). */
	UA_AT_ONCE_MS = 1
};

/** The binding is valid until the record's until_ms, or is none: its end is
 * watched, unless another server does. The record is locked. */
void ua_binding_set_locked(struct ua_rec *rec, int is_online);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One remote registration in shared memory: what was configured, what is
 * bound at the registrar, what is being tried. */
#ifndef UA_REG_REC_H
#define UA_REG_REC_H

#include "core/atomic_ops.h"
#include "core/locking.h"

#include "challenge.h"
#include "fsm.h"
#include "learnt.h"
#include "row.h"
#include "wheel.h"

struct ua_hop;

/** The ways to find a record. */
enum ua_key
{
	UA_KEY_UUID,
	UA_KEY_USER,	/**< l_username */
	UA_KEY_ADDRESS, /**< l_username@l_domain */
	UA_KEY_R_USER,	/**< r_username */
	UA_KEY_AUTH_USER,
	UA_KEY_COUNT
};

/** A link in the chain of one index; guarded by the stripe of its bucket. */
struct ua_link
{
	struct ua_rec *next;
	struct ua_rec **at; /**< what points here; NULL: not linked */
};

/** A challenge kept for the next request: its nonce can serve again (RFC 7616
 * 3.4). A block of its own in shm, because most of it is text of any length.
 * Never changed, held by reference by its record and by requests that are
 * being made. */
struct ua_nonce
{
	atomic_t refs;
	uint32_t len;
	char block[]; /**< as uax_challenge_pack() wrote it */
};

/** What the registrar said of the way to it. A block of its own in shm, never
 * changed, held by reference as a nonce is. */
struct ua_learnt
{
	atomic_t refs;
	uint16_t len[UAX_LEARNT_COUNT];
	char text[]; /**< one after the other */
};

enum ua_rec_limits
{
	/** Who may ask for credentials: the registrar, a proxy. */
	UA_NONCES = 2,
	UA_REASON_MAX = 39,
	UA_ID_BYTES = 16,
	UA_TAG_BYTES = 8,
	/** The CSeq a registration begins with is one above this, as in the stock
	 * module. */
	UA_FIRST_CSEQ = 9,
	/** No server has it. */
	UA_OWNER_NONE = 0xffff,
	/** Room for the URI of a contact, its NUL included. */
	UA_URI_SIZE = 512
};

/**
 * A record. Never edited in its configuration: a row that changed becomes a
 * new record in its place. Held by reference: the table holds one, who works
 * with it another; whoever drops the last frees it.
 */
struct ua_rec
{
	unsigned int magic;
	atomic_t refs;

	/* set once by ua_rec_new(), then read without a lock */
	struct ua_hop *hop;
	uint32_t expires_s; /**< asked for, seconds */
	uint32_t reg_delay_s;
	int row_is_disabled;
	int64_t made_ms;
	/* where the texts begin in text[]; one more for the end of the last */
	uint16_t offset[UAX_R_COUNT + 1];

	/* guarded by the stripe of the bucket */
	struct ua_link link[UA_KEY_COUNT];

	/* guarded by the scheduler's lock */
	struct uax_node due;   /**< in the due wheel or in the hop's queue */
	struct uax_node lapse; /**< in the wheel of ending bindings */
	int is_queued;		   /**< `due` is in the hop's queue */

	/* written by the loader, of which there is one at a time */
	unsigned int seen;

	struct uax_node unsaved; /**< guarded by the lock of reg_state */

	gen_lock_t lock; /**< guards what follows */
	int is_entered;	 /**< counted and scheduled, see ua_step_enter() */
	int is_gone;	 /**< removed from the table, counts no more */
	int is_dead;	 /**< and has nothing to send any more */
	int wish_off;	 /**< to be disabled when it is unregistered */
	/* which server of a cluster has it */
	unsigned char is_mine;	 /**< this one; always, where there is no cluster */
	unsigned char is_ending; /**< not any more, but something is under way */
	unsigned char is_local; /**< put in memory here: the others don't know it */
	unsigned char
			is_held; /**< it became ours, and its row does not say so yet */
	unsigned char is_ours_too;	  /**< and our contact, maybe, beside former */
	unsigned char is_former_sent; /**< the request under way removes former */
	unsigned char is_farewell;	  /**< unregistered because the server ends */
	unsigned char is_continued;	  /**< the next request goes on with Call-ID and
								   CSeq of another server, or of before a
								   restart */
	unsigned short owner;		  /**< number of the server, see reg_cluster, or
								   UA_OWNER_NONE */
	enum uax_state state;
	unsigned int gen; /**< moves on with every step: lets a late answer notice
					   */
	/* the binding at the registrar */
	int is_online;
	uint32_t granted_s;
	int64_t until_ms; /**< monotonic; 0: none yet */
	/** When an operator said here what is to become of it; seconds since the
	 * epoch, 0: never */
	int64_t told_s;
	/** An account that was disabled is registered as long, for its registrar */
	int64_t lingers_ms;
	unsigned char callid[UA_ID_BYTES];
	unsigned char tag[UA_TAG_BYTES];
	uint32_t cseq; /**< of the last request; 0: none yet, nor a Call-ID */
	/* the attempt */
	unsigned int failures; /**< in a row */
	unsigned char auth_tries;
	unsigned char brief_tries;
	unsigned char redirect_tries;
	unsigned char nonce_was_kept[UA_NONCES]; /**< of an earlier attempt */
	unsigned char is_under_way; /**< a request of it has no answer yet */
	unsigned char is_due_again; /**< its turn came meanwhile */
	uint32_t ask_s;				/**< lifetime asked for in this attempt */
	int64_t due_ms;				/**< next attempt; 0: none is due */
	/* of the last request; they stay while it is under way, so that whoever
	 * sends it or gets its answer reads them without the lock */
	int64_t sent_ms;	   /**< also where the hop's window counts it */
	unsigned int sent_gen; /**< the record's when it was made */
	uint16_t last_code;	   /**< 0: none yet */
	unsigned char reason_len;
	char reason[UA_REASON_MAX];
	char *redirect; /**< shm, NUL-terminated; NULL: none */
	/** What is registered, or may be, beside our contact: removed by the next
	 * REGISTER. URIs with blanks between them; shm; NULL: none */
	char *former;
	/** shm, by uax_challenge.is_proxy; NULL: none kept */
	struct ua_nonce *nonce[UA_NONCES];
	uint32_t nc[UA_NONCES];	  /**< uses of each so far */
	struct ua_learnt *learnt; /**< with the binding; NULL: nothing */

	char text[];
};

/**
 * Make a record of a good row: one reference, in no index and no wheel,
 * state INIT or OFF as the row says.
 *
 * @param hop    kept by the record; its reference passes to the record, also
 *               when this fails
 * @param now_ms monotonic
 * @return the record, or NULL when memory is short (logged)
 */
struct ua_rec *ua_rec_new(
		const struct uax_row *row, struct ua_hop *hop, int64_t now_ms);

/** Take one more reference. The caller has one, or holds the stripe. */
void ua_rec_hold(struct ua_rec *rec);

/** Drop a reference; NULL is fine. */
void ua_rec_drop(struct ua_rec *rec);

/** A challenge packed into a block with one reference; it was not used yet.
 * @return the block, or NULL when memory is short (logged) */
struct ua_nonce *ua_nonce_new(const struct uax_challenge *challenge);

/** Take one more reference. The caller has one, or holds the record's lock.
 * @return nonce; NULL for NULL */
struct ua_nonce *ua_nonce_hold(struct ua_nonce *nonce);

/** Drop a reference; NULL is fine. */
void ua_nonce_drop(struct ua_nonce *nonce);

/**
 * What is kept of a 2xx: a block with one reference.
 *
 * @param out [out] NULL when there is nothing to keep
 * @return 0, or -1 when memory is short (logged); a value too long is left
 *         out (logged)
 */
int ua_learnt_new(const struct uax_learnt *learnt, struct ua_learnt **out);

/** Take one more reference. The caller has one, or holds the record's lock.
 * @return learnt; NULL for NULL */
struct ua_learnt *ua_learnt_hold(struct ua_learnt *learnt);

/** What the record's binding brought, with a reference; NULL: nothing, or it
 * is not online. */
struct ua_learnt *ua_learnt_of(struct ua_rec *rec);

/** One of its texts; a view, valid as long as the reference. */
str ua_learnt_text(const struct ua_learnt *learnt, enum uax_learnt_kind kind);

/** Drop a reference; NULL is fine. */
void ua_learnt_drop(struct ua_learnt *learnt);

/** One of its texts; a view, valid as long as the reference. */
str ua_rec_text(const struct ua_rec *rec, enum uax_row_text which);

/** The row it was made of; views into the record. */
void ua_rec_row(const struct ua_rec *rec, struct uax_row *out);

/**
 * The contact that an account registers here.
 *
 * @param mem UA_URI_SIZE bytes
 * @param out [out] a view into mem
 * @return as kx_buf_end()
 */
int ua_rec_contact(const struct uax_row *row, char *mem, str *out);

/** A Call-ID or tag as it is sent: its bytes in hexadecimal.
 *
 * @param mem 2 * len + 1 bytes
 * @return a view into mem */
str ua_rec_hex(const unsigned char *bytes, int len, char *mem);

/** The record changes: what belongs to how it was comes too late. The record
 * is locked. */
static inline void ua_rec_move_on_locked(struct ua_rec *rec)
{
	if(++rec->gen == 0)
		rec->gen = 1; /* 0 means any */
}

/** Note how the last request ended. The record is locked. */
void ua_rec_note_locked(struct ua_rec *rec, int code, const str *reason);

/** Begin with a fresh Call-ID, tag and CSeq. The record is locked, or known
 * to nobody else. */
void ua_rec_new_dialog_locked(struct ua_rec *rec);

/**
 * Go on where a record left off that this one replaces: the binding and the
 * identity at the registrar. Only when both name the same AoR at the same
 * registrar with the same contact; otherwise nothing is taken over.
 *
 * @param rec known to nobody else yet
 * @param old not locked by the caller
 * @return whether it was taken over
 */
int ua_rec_adopt(struct ua_rec *rec, struct ua_rec *old);

/** What the gauges count. */
struct ua_facts
{
	int is_online; /**< and its binding is this server's */
	int state; /**< enum uax_state; -1: the record counts no more, or not yet */
};

/** What a record counts as. The record is locked. */
static inline struct ua_facts ua_rec_facts_locked(const struct ua_rec *rec)
{
	int counts = rec->is_entered && !rec->is_gone;
	struct ua_facts f = {counts && rec->is_online && rec->state != UAX_S_AWAY,
			counts ? (int)rec->state : -1};

	return f;
}

#endif

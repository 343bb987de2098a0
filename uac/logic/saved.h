/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is kept of a registration in a database, so that it goes on after a
 * restart, or at another server: the row, how it is written as SQL, and what
 * a row that was read means for its account. */
#ifndef UAX_SAVED_H
#define UAX_SAVED_H

#include "challenge.h"
#include "fsm.h"
#include "learnt.h"
#include "row.h"
#include "sqltext.h"

/** Text columns: name, longest. In the order they are read and written. */
#define UAX_SAVED_TEXTS(X)   \
	X(l_uuid, 64)            \
	X(node, 128)             \
	X(account, 32)           \
	X(state, 24)             \
	X(contact, 512)          \
	X(own_contact, 512)      \
	X(callid, 64)            \
	X(fromtag, 64)           \
	X(challenge, 2048)       \
	X(proxy_challenge, 2048) \
	X(service_route, 2048)   \
	X(path, 2048)            \
	X(associated_uri, 2048)

/** Number columns; times are seconds since the epoch. */
#define UAX_SAVED_NUMBERS(X) \
	X(registered_until)      \
	X(granted)               \
	X(next_due)              \
	X(failures)              \
	X(cseq)                  \
	X(nc)                    \
	X(proxy_nc)              \
	X(is_exact)              \
	X(saved)

enum uax_saved_text
{
#define UAX_SAVED_ENUM(name, max) UAX_SV_##name,
	UAX_SAVED_TEXTS(UAX_SAVED_ENUM)
#undef UAX_SAVED_ENUM
			UAX_SV_TEXTS
};

enum uax_saved_number
{
#define UAX_SAVED_ENUM(name) UAX_SV_##name,
	UAX_SAVED_NUMBERS(UAX_SAVED_ENUM)
#undef UAX_SAVED_ENUM
			UAX_SV_NUMBERS
};

enum uax_saved_limits
{
	UAX_SAVED_ID_BYTES = 16,
	UAX_SAVED_TAG_BYTES = 8,
	/** Digits of the fingerprint of an account. */
	UAX_FINGERPRINT_LEN = 32,
	/** How far CSeq and nc go on where requests may have been sent after the
	 * row was written. */
	UAX_SAVED_SKIP = 16,
	/** Contacts to be removed with one request; more are left to end by
	 * themselves. */
	UAX_FORMER_MAX = 4,
	/** Room for uax_saved_seal_key(), its NUL included. */
	UAX_SAVED_KEY_SIZE = 65
};

/** One row; views. Texts that are missing are empty. */
struct uax_saved
{
	str text[UAX_SV_TEXTS];
	int64_t number[UAX_SV_NUMBERS];
};

/** Name of a column. */
const char *uax_saved_text_name(enum uax_saved_text which);
const char *uax_saved_number_name(enum uax_saved_number which);

/** Append the beginning of a statement that writes rows whether or not they
 * are there: up to VALUES. Returns as kx_buf_add(). */
int uax_saved_write_head(struct kx_buf *b, const str *table);

/** Append one row of such a statement, with a comma unless it is the first.
 * Returns as kx_buf_add(). */
int uax_saved_write_row(struct kx_buf *b, enum uax_sql sql,
		const struct uax_saved *row, int is_first);

/** Append the end of such a statement. Returns as kx_buf_add(). */
int uax_saved_write_tail(struct kx_buf *b, enum uax_sql sql);

/**
 * Append the key (l_uuid) of the row that says that a server has ended in
 * order: that its rows are its last word (is_exact). One row for all of them:
 * a million is not changed in the time a server has to end. No account has
 * such a name, for a blank in it.
 *
 * @param node name of the server; empty where there is no cluster
 */
void uax_saved_seal_key(struct kx_buf *b, const str *node);

/** Append a challenge as the header that would bring it, for people to read
 * and uax_saved_read() to read back. Returns as kx_buf_add(). */
int uax_saved_write_challenge(
		struct kx_buf *b, const struct uax_challenge *challenge);

/**
 * Append the headers that remove what other servers registered: they go as
 * ours comes (RFC 3261 10.3 step 7: all of a request or nothing).
 *
 * @param former URIs with blanks between them
 */
void uax_former_write(struct kx_buf *b, const char *former);

/**
 * A fingerprint of what of an account its registration depends on: AoR,
 * registrar, proxy, credentials. It tells no secret.
 *
 * @param out [out] UAX_FINGERPRINT_LEN hexadecimal digits and a NUL
 */
void uax_fingerprint(
		const struct uax_row *row, const struct uax_hashes *h, char *out);

/** Why a row is not used. */
#define UAX_SAVED_FAULTS(X)                                   \
	X(GOOD, "")                                               \
	X(ACCOUNT, "is of another registrar, AoR or credentials") \
	X(STATE, "has a state that is none")                      \
	X(NUMBER, "has a number out of its range")                \
	X(CONTACT, "has a contact that is no SIP URI")            \
	X(CALLID, "has a Call-ID that is not one of ours")        \
	X(TAG, "has a From tag that is not one of ours")          \
	X(TIME, "has a time that can't be: see the clocks")       \
	X(CHALLENGE, "has a challenge that can't be read")        \
	X(LONG, "has a text that is longer than its column")

enum uax_saved_fault
{
#define UAX_SAVED_FAULT_ENUM(id, text) UAX_SAVED_##id,
	UAX_SAVED_FAULTS(UAX_SAVED_FAULT_ENUM)
#undef UAX_SAVED_FAULT_ENUM
			UAX_SAVED_FAULT_COUNT
};

/** A fault in words, to stand after "row NAME". */
const char *uax_saved_fault_text(enum uax_saved_fault fault);

/** What a row is read against. */
struct uax_saved_about
{
	const char *fingerprint; /**< of the account as it is configured */
	str contact;			 /**< URI that we register */
	int64_t now_s;			 /**< since the epoch */
	int is_sealed;			 /**< the server that wrote it has ended in order */
	/** From a server that is gone or gave the account up; otherwise it is
	 * our own of before a restart, where an operator's wishes end, as they
	 * always did. */
	int is_take_over;
};

/** How a registration goes on. Views into the row. */
struct uax_warm
{
	/** UAX_S_ONLINE: refreshed when due; UAX_S_BACKOFF: tried when due;
	 * UAX_S_INIT: as one that was never registered, but with what follows;
	 * with is_take_over also UAX_S_OFF, UAX_S_IDLE and UAX_S_LEAVING: is to
	 * be unregistered. */
	enum uax_state state;
	int is_online;
	uint32_t left_s; /**< of the binding */
	uint32_t granted_s;
	uint32_t due_in_s; /**< ONLINE, BACKOFF: 0: at once */
	uint32_t failures;
	int64_t saved_s; /**< when the row was written, since the epoch */
	uint32_t cseq;	 /**< of the last request; 0: no identity */
	unsigned char callid[UAX_SAVED_ID_BYTES];
	unsigned char tag[UAX_SAVED_TAG_BYTES];
	/** Registered, or maybe so, and not what we register: to be removed. */
	str former[UAX_FORMER_MAX];
	int n_former;
	int is_ours; /**< what we register is, or may be, as well */
	/** By is_proxy; one without a nonce is none. */
	struct uax_challenge challenge[2];
	uint32_t nc[2];
	struct uax_learnt learnt;
};

/**
 * What a row means for its account.
 *
 * A binding that is valid goes on: its refresh is due when it was, with the
 * same Call-ID. At once when the refresh is overdue, or when the contact that
 * is registered is another: then that one is to be removed by the same
 * request. Where the row may be older than the last request, because it is
 * not the last word of a server that gave the account up (is_exact) or ended
 * (is_sealed), CSeq and nc go on with a gap, and the contact that its server
 * registers (own_contact) may be registered as well as those that the row
 * names.
 *
 * @param out [out] only with UAX_SAVED_GOOD
 */
enum uax_saved_fault uax_saved_read(const struct uax_saved *row,
		const struct uax_saved_about *about, struct uax_warm *out);

#endif

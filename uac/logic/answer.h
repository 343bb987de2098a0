/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What an answer to our REGISTER means (RFC 3261 10.2.4 to 10.2.8, 22.2):
 * an event for the machine and the numbers that go with it. */
#ifndef UAX_ANSWER_H
#define UAX_ANSWER_H

#include "challenge.h"
#include "contact.h"
#include "fsm.h"
#include "learnt.h"
#include "rspauth.h"

enum uax_answer_limits
{
	/** Headers of one name that are looked at. */
	UAX_REPLY_HEADERS = 16,
	/** How often an attempt is sent with credentials. */
	UAX_AUTH_TRIES = 4,
	/** How often an attempt asks for another lifetime, or follows a
	 * redirect: once each. */
	UAX_BRIEF_TRIES = 1,
	UAX_REDIRECT_TRIES = 1,
	/** Longest lifetime we ask for because of a 423, and longest grant that
	 * is believed when we asked for less; seconds. */
	UAX_LIFETIME_MAX_S = 86400
};

/** An answer; views into the message. */
struct uax_reply
{
	int code;
	int is_local; /**< made by our own tm: nobody answered */
	str contact[UAX_REPLY_HEADERS];
	int n_contacts;
	struct uax_challenge challenge[UAX_CHALLENGES_MAX];
	int n_challenges;
	str expires; /**< empty: no such header, as the next two */
	str min_expires;
	str retry_after;
	str authinfo;			  /**< Authentication-Info */
	enum uax_rspauth rspauth; /**< what that proves, of a 2xx */
	struct uax_learnt learnt; /**< of a 2xx */
};

/** What was asked, and how far the attempt has come. */
struct uax_attempt
{
	str contact; /**< URI we registered */
	uint32_t asked_s;
	/** Longest grant that is believed, seconds; 0: UAX_LIFETIME_MAX_S, or
	 * asked_s where that is more. */
	uint32_t longest_s;
	int is_removal;
	const struct uax_cred *cred;
	struct uax_auth_policy auth;
	/** What the last request had credentials for: of the registrar, and of a
	 * proxy before it (index: uax_challenge.is_proxy). */
	struct
	{
		struct uax_text nonce; /**< not given: no such credentials */
		int was_kept; /**< from an earlier attempt: it may be forgotten there */
	} used[2];
	int auth_tries; /**< requests of this attempt with credentials */
	int brief_tries;
	int redirect_tries;
};

/** Why an answer is odd; for one line in the log, the event stands. */
enum uax_remark
{
	UAX_REMARK_NONE,
	UAX_REMARK_NO_CONTACT,	  /**< 2xx without any contact */
	UAX_REMARK_USER_ONLY,	  /**< ours only by its user part */
	UAX_REMARK_FOREIGN,		  /**< 2xx with contacts, ours not among them */
	UAX_REMARK_NOT_KEPT,	  /**< 2xx says our binding lives 0 seconds */
	UAX_REMARK_ABSURD,		  /**< a lifetime nobody believes, cut */
	UAX_REMARK_NO_CREDENTIAL, /**< no challenge that ours can answer */
	UAX_REMARK_RSPAUTH		  /**< 2xx whose sender may not know our secret */
};

/** What it means; views into the reply. */
struct uax_answer
{
	enum uax_event event;
	enum uax_remark remark;
	uint32_t granted_s;		   /**< OK: lifetime of the binding, at least 1 */
	uint32_t ask_s;			   /**< TOO_BRIEF: lifetime to ask for */
	uint32_t retry_after_s;	   /**< BUSY */
	str redirect;			   /**< REDIRECT: sip or sips URI */
	int challenge;			   /**< CHALLENGE: index in the reply */
	struct uax_text nextnonce; /**< OK: for the next request, when given */
};

/**
 * Read a final answer.
 *
 * 2xx is success whatever it lists; only a lifetime of 0 is not. The expires
 * of our contact counts, without it the Expires header, then what was asked
 * (RFC 3261 10.2.4). A wrong rspauth is remarked, and the nextnonce beside it
 * not used (RFC 7616 3.5). A challenge is answered once; once more when it
 * says stale=true with a new nonce, or when the nonce refused was one kept
 * from an earlier request. The same nonce is never answered again after it
 * was refused (RFC 3261 22.2). 423 without a usable Min-Expires asks for
 * twice the time. Every number is clamped.
 *
 * @param code 200 to 699; a provisional answer is a bug of the caller
 */
void uax_answer_read(const struct uax_reply *reply,
		const struct uax_attempt *attempt, struct uax_answer *out);

/** Text of a remark for the log; empty for none. */
const char *uax_remark_text(enum uax_remark remark);

#endif

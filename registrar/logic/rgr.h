/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the registrar's decisions are made of: a REGISTER, the bindings it
 * meets, the settings. Plain values and borrowed views; no Kamailio type but
 * str. */
#ifndef RGR_H
#define RGR_H

#include "kx_uri.h"
#include "verdict.h"

/** A number of seconds that nobody gave. */
#define RGR_UNSET UINT64_MAX

/** No q value: neither given nor defaulted. */
#define RGR_Q_UNSET (-1)

enum rgr_limits
{
	/** Columns callid, instance and received of usrloc's table; longer is
	 * refused before anything changes. */
	RGR_CALLID_MAX = 255,
	RGR_INSTANCE_MAX = 255,
	RGR_RECEIVED_MAX = 255,
	/** Contacts in one REGISTER; the core of 5.7 and later has the same
	 * limit. */
	RGR_CONTACTS_MAX = 256,
	/** What usrloc keeps a CSeq in (RFC 3261 8.1.1.5 has the same limit). */
	RGR_CSEQ_MAX = INT32_MAX,
	/** Longest lifetime granted, seconds: usrloc's RPC and database columns
	 * show it as a signed 32-bit number. */
	RGR_LIFETIME_MAX = INT32_MAX,
	RGR_REGID_MAX = INT32_MAX
};

/** How usrloc tells whether two contacts are the same binding (its parameter
 * matching_mode). */
enum rgr_matching
{
	RGR_MATCH_URI = 0,
	RGR_MATCH_URI_CALLID = 1,
	RGR_MATCH_URI_PATH = 2,
	RGR_MATCH_CALLID = 3
};

/** What is done with a Path header (parameter path_mode). */
enum rgr_path_mode
{
	RGR_PATH_OFF = 0,
	RGR_PATH_LAZY = 1,
	RGR_PATH_STRICT = 2
};

/** Whether RFC 5626 is offered (parameter outbound_mode). */
enum rgr_outbound_mode
{
	RGR_OUTBOUND_NONE = 0,
	RGR_OUTBOUND_SUPPORTED = 1,
	RGR_OUTBOUND_REQUIRED = 2
};

/** What is done when an AoR would get more bindings than it may have. */
enum rgr_eviction
{
	RGR_EVICT_NONE = 0,	  /**< refuse the request */
	RGR_EVICT_OLDEST = 1, /**< drop what was refreshed longest ago */
	RGR_EVICT_FIRST = 2	  /**< drop what expires first */
};

/** Limits of a binding's lifetime, seconds; 0 switches a limit off. */
struct rgr_lifetime_policy
{
	uint32_t default_s;
	uint32_t default_range_pct; /**< 0 to 100, taken off the default */
	uint32_t range_pct;			/**< 0 to 100, taken off what a client asks */
	uint32_t min_s;
	uint32_t max_s;
	int refuse_brief;	 /**< answer 423 instead of raising to min_s */
	uint64_t override_s; /**< replaces what the client asks, or RGR_UNSET */
};

/** Everything an operator decides about one save(). */
struct rgr_policy
{
	struct rgr_lifetime_policy lifetime;
	int default_q;		   /**< thousandths, or RGR_Q_UNSET */
	int override_q;		   /**< replaces the client's q, or RGR_Q_UNSET */
	uint32_t max_contacts; /**< per AoR; 0: no limit */
	int contact_max_len;
	int is_single; /**< one binding per AoR, save flag 0x04 */
	int use_path;
	enum rgr_path_mode path_mode;
	enum rgr_outbound_mode outbound_mode;
	int regid_always; /**< parameter regid_mode */
	int gruu_enabled;
	enum rgr_matching matching;
	int compare_uris; /**< contacts are compared as URIs, not byte by byte */
	enum rgr_eviction eviction;
	int check_domain;  /**< AoRs of another domain are not found */
	int check_require; /**< unknown option tags in Require are refused */
	/** instead of RGR_V_TOO_MANY's own; 0 and empty: that */
	int too_many_code;
	str too_many_reason;
	str push_providers;	   /**< RFC 8599, by commas; empty: not looked at */
	str service_route;	   /**< RFC 3608, for every 200; empty: none */
	uint32_t cseq_delay_s; /**< usrloc's retransmission window */
};

/** One contact of a REGISTER. The glue fills the first part with text as it
 * came (empty when missing); rgr_contact_read() fills the second. */
struct rgr_contact
{
	str uri;
	str q_text;
	str expires_text;
	str regid_text;
	str instance; /**< without quotes, with its angle brackets */
	str received;
	str params;		  /**< what is kept, see kept.h; empty: nothing */
	uint32_t methods; /**< usrloc's bit mask */
	int is_bare;	  /**< came without angle brackets */

	uint64_t expires; /**< seconds, or RGR_UNSET */
	int q;			  /**< thousandths, or RGR_Q_UNSET */
	uint32_t reg_id;  /**< 0: none that counts */
	uint32_t granted; /**< seconds; 0: a removal */
	int has_parts;	  /**< the URI is one that can be split */
	struct kx_uri parts;
};

/** One REGISTER; lives as long as the message it borrows from. */
struct rgr_request
{
	str aor;
	str callid;
	uint32_t cseq;
	str user_agent;
	uint64_t expires; /**< Expires header, seconds, or RGR_UNSET */
	int has_star;	  /**< one of the contacts was "*" */
	struct rgr_contact *contact;
	int n_contacts; /**< without the "*" */
	str path;		/**< Path header bodies joined; empty: none or not used */
	str received;	/**< source address from the received_avp; empty: none */
	str domain;		/**< host of the Request-URI */
	/** of the AoR's URI, and where the request came in; see
	 * rgr_contact_judge() */
	uint16_t own_port[2];
	/** tags in Require that nobody here knows, joined by commas; only read
	 * with check_require */
	str unknown_tags;
	int has_supported; /**< a Supported header is there */
	int supports_path;
	int supports_outbound;
	int supports_gruu;
	int requires_outbound;
	int via_count;
	int path_has_ob; /**< the first Path URI carries ;ob */
	int64_t now;	 /**< seconds since the epoch */
};

/** One binding as usrloc keeps it; views into its memory, valid as long as
 * the AoR is locked. */
struct rgr_binding
{
	const void *ref; /**< the store's own handle */
	str uri;
	str received;
	str path;
	str callid;
	str instance;
	str ruid;
	str user_agent;
	str params;		 /**< what was kept of the Contact, see kept.h */
	int64_t expires; /**< seconds since the epoch; 0: permanent */
	int64_t last_modified;
	int q;
	uint32_t cseq;
	uint32_t reg_id;
	uint32_t methods;
	uint32_t cflags;
	int has_dead_connection; /**< came over a connection that is closed */
};

/** How much of a binding a walk wants to know; ref and expires it always
 * gets. An AoR can have a thousand bindings: reading the whole of each is
 * most of what walking them costs. */
enum rgr_want
{
	RGR_WANT_URI,	  /**< uri */
	RGR_WANT_KEYS,	  /**< who it is: uri, instance, reg_id, callid, path */
	RGR_WANT_NUMBERS, /**< what is no text */
	RGR_WANT_SHOWN,	  /**< what a reply tells: uri, q, received, instance,
						 reg_id, ruid, callid, params */
	RGR_WANT_ALL
};

/**
 * The bindings of one AoR, walked and not copied. The store implements it.
 *
 * next: fills what is wanted of the binding behind `at` into *out and returns
 * where that one is, or NULL when there is none. NULL is before the first.
 * What is not wanted is undefined.
 *
 * read: fills all of one binding, by its ref.
 */
struct rgr_bindings
{
	const void *owner;
	const void *(*next)(const void *owner, const void *at, enum rgr_want want,
			struct rgr_binding *out);
	void (*read)(const void *owner, const void *ref, struct rgr_binding *out);
};

/** Whether a binding lives at a time: permanent, or not expired yet. */
static inline int rgr_binding_is_valid(const struct rgr_binding *b, int64_t now)
{
	return b->expires == 0 || b->expires > now;
}

/** Seconds that a binding has left; a permanent one has the longest lifetime
 * that is ever granted. */
static inline int64_t rgr_binding_left(const struct rgr_binding *b, int64_t now)
{
	return b->expires == 0 ? RGR_LIFETIME_MAX : b->expires - now;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the nodes of a cluster tell each other, and how it is written: a line
 * with the version, then lines of a name and a value. It comes from the
 * network: any bytes, twice, late, from anybody, from a later release. */
#ifndef UAX_BEAT_H
#define UAX_BEAT_H

#include "fsm.h"
#include "kx_buf.h"
#include "owner.h"
#include "uricodec.h"

enum uax_beat_limits
{
	/** The most nodes that one hears. */
	UAX_NODES_MAX = 128,
	/** The longest name of a node, bytes. */
	UAX_BEAT_NODE_MAX = 128,
	/** The longest l_uuid, bytes. */
	UAX_BEAT_UUID_MAX = 64,
	/** A buffer in which every message fits, its NUL included. */
	UAX_BEAT_SIZE = 5120
};

/** What a message is: type, and its name on the wire and in RPC. */
#define UAX_BEAT_TYPES(X)                                               \
	X(ALIVE, "alive") /* a node is there: heartbeat, change, goodbye */ \
	X(TELL, "tell")	  /* an operator's command for one account */

enum uax_beat_type
{
#define UAX_BEAT_ENUM(name, text) UAX_BEAT_##name,
	UAX_BEAT_TYPES(UAX_BEAT_ENUM)
#undef UAX_BEAT_ENUM
			UAX_BEAT_TYPE_COUNT
};

/** A node that another one hears. */
struct uax_heard
{
	uint64_t key;  /**< uax_owner_key() of its name */
	uint64_t boot; /**< as it said */
};

/** A message. The texts are views. */
struct uax_beat
{
	enum uax_beat_type type;
	/** Name of the sender: its dmq address; 1 to UAX_BEAT_NODE_MAX printable
	 * bytes of ASCII, no blank. */
	str node;
	/** When it started, ms since the epoch; 1 to INT64_MAX. */
	uint64_t boot;
	/** Of its messages of this type since then; from 1. */
	uint32_t seq;

	/* UAX_BEAT_ALIVE; else all 0 */
	uint32_t weight;		  /**< 0 to UAX_WEIGHT_MAX */
	unsigned char is_leaving; /**< owns nothing any more, hands over */
	unsigned char is_gone;	  /**< its last message */
	/** Has given up, and saved, all that is not its own in this view. */
	unsigned char is_settled;
	uint64_t view; /**< hash of the view it has */
	/** Whom it hears; no key twice, boot as above. */
	struct uax_heard heard[UAX_NODES_MAX];
	int n_heard;

	/* UAX_BEAT_TELL; else empty and 0 */
	str uuid; /**< l_uuid, 1 to UAX_BEAT_UUID_MAX bytes of any value */
	/** UAX_E_ENABLE, _DISABLE, _REGISTER or _UNREGISTER. */
	enum uax_event command;
};

/** What is wrong with a message: a fault, its name in counters and RPC, and
 * what the log says. */
#define UAX_BEAT_FAULTS(X)                            \
	X(GOOD, "good", "nothing is wrong")               \
	X(SYNTAX, "broken", "it is broken")               \
	X(VERSION, "version", "it is of another version") \
	X(FORGED, "forged", "its check value is missing or wrong")

enum uax_beat_fault
{
#define UAX_BEAT_ENUM(name, word, text) UAX_BEAT_##name,
	UAX_BEAT_FAULTS(UAX_BEAT_ENUM)
#undef UAX_BEAT_ENUM
			UAX_BEAT_FAULT_COUNT
};

/**
 * Append a message. With a secret key its last line is a check value over all
 * before it; nothing is hidden.
 *
 * @param key made from the password of the cluster by uax_key_init()
 * @return as kx_buf_add(); KX_E_RANGE, nothing appended: a field is outside
 *         what struct uax_beat says, and nobody would read it
 */
int uax_beat_write(struct kx_buf *b, const struct uax_beat *beat,
		const struct uax_key *key);

/**
 * Read a message.
 *
 * Names may be in any order; names that are not known, or belong to another
 * type, are passed over; a name twice is a fault. Lines end with CRLF or LF,
 * the last one, too: what was cut off is never good. With a secret key the
 * check value is looked at before all but the version; it has to be written
 * as uax_beat_write() does, and is compared in constant time. Without one, a
 * check value is passed over.
 *
 * @param body views in the result point into it
 * @param key  as in uax_beat_write()
 * @param mem  UAX_BEAT_UUID_MAX bytes: where uuid points to
 * @param out  [out] undefined on a fault
 * @return UAX_BEAT_GOOD, or what is wrong with it
 */
enum uax_beat_fault uax_beat_read(const str *body, const struct uax_key *key,
		char *mem, struct uax_beat *out);

/** Name of a type; "invalid" for none. */
const char *uax_beat_type_name(enum uax_beat_type type);

/** Name of a fault; "invalid" for none. */
const char *uax_beat_fault_name(enum uax_beat_fault fault);

/** What is wrong, in words that follow "ignored: "; "invalid" for none. */
const char *uax_beat_fault_text(enum uax_beat_fault fault);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A request that a script puts together key by key ($uac_req): what each key
 * may hold, and the whole of it as one block. Knows no message. */
#ifndef UAX_REQSPEC_H
#define UAX_REQSPEC_H

#include "kx_buf.h"

/** The longest value a key takes, bytes. */
#define UAX_REQ_VALUE_MAX (1u << 20)

/** What a text may hold; a value that breaks this is refused. */
enum uax_req_grammar
{
	UAX_REQ_ANY,	/**< any bytes */
	UAX_REQ_LINE,	/**< no control byte */
	UAX_REQ_WORD,	/**< no blank either */
	UAX_REQ_TOKEN,	/**< RFC 3261 25.1 token */
	UAX_REQ_URI,	/**< a word, or one in angle brackets at the end */
	UAX_REQ_ADDR,	/**< a line; a '>' at its end has its '<' */
	UAX_REQ_HEADERS /**< header lines, see uax_req_headers() */
};

/**
 * Keys with a text, then what is kept about a request once it was sent, which
 * scripts don't see (no key): X(ID, key, grammar).
 */
#define UAX_REQ_TEXTS(X)               \
	X(METHOD, "method", UAX_REQ_TOKEN) \
	X(RURI, "ruri", UAX_REQ_URI)       \
	X(TURI, "turi", UAX_REQ_ADDR)      \
	X(FURI, "furi", UAX_REQ_ADDR)      \
	X(OURI, "ouri", UAX_REQ_URI)       \
	X(SOCK, "sock", UAX_REQ_LINE)      \
	X(CALLID, "callid", UAX_REQ_WORD)  \
	X(HDRS, "hdrs", UAX_REQ_HEADERS)   \
	X(BODY, "body", UAX_REQ_ANY)       \
	X(AUSER, "auser", UAX_REQ_LINE)    \
	X(APASSWD, "apasswd", UAX_REQ_ANY) \
	X(EVPARAM, "evparam", UAX_REQ_ANY) \
	X(FTAG, "ftag", UAX_REQ_WORD)      \
	X(TTAG, "ttag", UAX_REQ_WORD)      \
	X(SENT_CALLID, NULL, UAX_REQ_ANY)  \
	X(SENT_FTAG, NULL, UAX_REQ_ANY)    \
	X(HELD_SERVER, NULL, UAX_REQ_ANY)  \
	X(HELD_PROXY, NULL, UAX_REQ_ANY)

/** The same for numbers: X(ID, key); each takes 0 to INT32_MAX. */
#define UAX_REQ_NUMBERS(X)              \
	X(FLAGS, "flags")                   \
	X(EVROUTE, "evroute")               \
	X(EVCODE, "evcode")                 \
	X(EVTYPE, "evtype")                 \
	X(CSEQNO, "cseqno")                 \
	X(FR_TIMEOUT, "fr_timeout")         \
	X(FR_INV_TIMEOUT, "fr_inv_timeout") \
	X(SENT_CSEQ, NULL)                  \
	X(STALE, NULL)

/** Every key; texts first. */
enum uax_req_key
{
#define UAX_REQ_TEXT_ID(id, key, grammar) UAX_REQ_##id,
	UAX_REQ_TEXTS(UAX_REQ_TEXT_ID)
#undef UAX_REQ_TEXT_ID
			UAX_REQ_TEXT_COUNT,
	UAX_REQ_BEFORE_NUMBERS = UAX_REQ_TEXT_COUNT - 1,
#define UAX_REQ_NUMBER_ID(id, key) UAX_REQ_##id,
	UAX_REQ_NUMBERS(UAX_REQ_NUMBER_ID)
#undef UAX_REQ_NUMBER_ID
			UAX_REQ_KEY_COUNT,
	/** "all": every key of a script at once. */
	UAX_REQ_ALL = UAX_REQ_KEY_COUNT
};

/** How many keys have a number. */
#define UAX_REQ_NUMBER_COUNT (UAX_REQ_KEY_COUNT - UAX_REQ_TEXT_COUNT)

/** Bits of UAX_REQ_FLAGS. */
enum
{
	UAX_REQ_F_HA1 = 1 /**< apasswd is an HA1 */
};

/** Values of UAX_REQ_EVROUTE; every other one but 0 means the first. */
enum
{
	UAX_REQ_EV_ALWAYS = 1, /**< the event runs on every final answer */
	UAX_REQ_EV_FAILURE = 2 /**< only on 300 and above */
};

/** Values of UAX_REQ_EVTYPE. */
enum
{
	UAX_REQ_EV_REAL = 1, /**< the peer answered */
	UAX_REQ_EV_LOCAL = 2 /**< nobody did; the answer was made here */
};

/** The values of all keys; views. An unset text is empty, a number 0. */
struct uax_req
{
	str text[UAX_REQ_TEXT_COUNT];
	int32_t number[UAX_REQ_NUMBER_COUNT];
};

/** The number of a key, to read and to write. */
#define uax_req_number(req, key) ((req)->number[(key)-UAX_REQ_TEXT_COUNT])

/** A request in the making: values with memory of their own. */
struct uax_reqspec
{
	struct uax_req req;
	const struct kx_alloc *alloc;
	/** Whether the text is ours to free; borrowed or unset otherwise. */
	unsigned char is_owned[UAX_REQ_TEXT_COUNT];
	/** Keys whose last value was refused, one bit each. */
	uint32_t refused;
};

/**
 * Find a key by its name in a script; upper and lower case differ.
 *
 * @return enum uax_req_key, or KX_E_NONE
 */
int uax_req_key_find(const str *name);

/** The name of a key in scripts; "" for one they don't see. */
const char *uax_req_key_name(int key);

/** Begin with every key unset. @param alloc borrowed until the release */
void uax_reqspec_init(struct uax_reqspec *spec, const struct kx_alloc *alloc);

/** Unset every key, the credentials too, and free; their bytes are
 * overwritten first. The spec can be used again. */
void uax_reqspec_clear(struct uax_reqspec *spec);

/** Begin with the values of another request, without copying them.
 *
 * @param req its texts are borrowed until the release */
void uax_reqspec_borrow(struct uax_reqspec *spec, const struct uax_req *req,
		const struct kx_alloc *alloc);

/** Unset one key, or all of them (UAX_REQ_ALL). */
void uax_reqspec_unset(struct uax_reqspec *spec, int key);

/**
 * Say that a key got a value that it can't take. It is unset: what it held
 * before is not sent by mistake. uax_reqspec_refused() reports it until the
 * key is set or unset again.
 */
void uax_reqspec_refuse(struct uax_reqspec *spec, int key);

/**
 * Set a text; an empty one unsets it.
 *
 * @param value copied; may be the present value of this or another key
 * @return KX_OK; KX_E_RANGE when the key has no text, KX_E_SYNTAX when the
 *         value breaks the key's grammar, KX_E_TOO_LONG, KX_E_NOMEM: the key
 *         is then refused, see uax_reqspec_refuse()
 */
int uax_reqspec_set_text(struct uax_reqspec *spec, int key, const str *value);

/** Set a number. @return KX_OK, or KX_E_RANGE: the key is then refused */
int uax_reqspec_set_number(struct uax_reqspec *spec, int key, int64_t value);

/** A key whose last value was refused, or KX_E_NONE. */
int uax_reqspec_refused(const struct uax_reqspec *spec);

/**
 * Whether a text can be the value of a key.
 *
 * @return KX_OK, KX_E_SYNTAX or KX_E_TOO_LONG
 */
int uax_req_text_check(int key, const str *value);

/**
 * The Request-URI as it goes on the wire: without a name and brackets.
 *
 * @param ruri as uax_req_text_check() accepts it; borrowed by the result
 */
str uax_req_target(const str *ruri);

/**
 * Append header lines the way they go on the wire: each ends with CRLF, also
 * the last. A lone LF ends a line, too. Empty lines at the end are left out;
 * one anywhere else would end the headers of the message.
 *
 * @return as kx_buf_add(), or KX_E_SYNTAX: an empty line, a lone CR, a NUL, a
 *         line without ':' that continues no other
 */
int uax_req_headers(struct kx_buf *b, const str *lines);

/** Bytes that uax_req_pack() writes: only texts that are set count. */
size_t uax_req_pack_len(const struct uax_req *req);

/** Write a request as one block without pointers.
 *
 * @param mem uax_req_pack_len() bytes, any alignment */
void uax_req_pack(const struct uax_req *req, void *mem);

/**
 * Read a block back.
 *
 * @param mem borrowed as long as out is used
 * @param len what uax_req_pack_len() gave
 * @return KX_OK, or KX_E_SYNTAX when that is no such block
 */
int uax_req_unpack(const void *mem, size_t len, struct uax_req *out);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Text built piece by piece, with a maximum. Every header and every message
 * body of this project is written through one of these. */
#ifndef KX_BUF_H
#define KX_BUF_H

#include "kx_alloc.h"
#include "kx_str.h"

enum
{
	/** Longest text there is: a view's length is an int. */
	KX_BUF_MAX = INT32_MAX - 1
};

/**
 * A text under construction. The first error stays and makes every later
 * call a no-op, so a caller appends without looking and asks once, at the
 * end. The text is always NUL-terminated, one byte of the size is kept for
 * that.
 *
 * The memory is the caller's to begin with (usually on its stack); with an
 * allocator the text moves to memory of its own when it outgrows it, up to
 * max bytes.
 *
 * size never counts more bytes than max and the NUL take, so that room in size
 * is room.
 */
struct kx_buf
{
	char *s;
	size_t len;
	size_t size;
	size_t max;
	const struct kx_alloc *alloc;
	int is_owned;
	int err;
};

/**
 * Begin a text in memory of the caller, that never grows.
 *
 * @param mem  borrowed until the last use of the text
 * @param size bytes at mem, at least 1; a text of size - 1 bytes fits
 */
void kx_buf_init(struct kx_buf *b, char *mem, size_t size);

/**
 * Begin a text that may grow.
 *
 * @param mem   borrowed until the last use; may be NULL with size 0
 * @param alloc borrowed until kx_buf_release()
 * @param max   the longest text allowed, bytes, up to KX_BUF_MAX; more is
 *              KX_E_TOO_LONG
 */
void kx_buf_init_grow(struct kx_buf *b, char *mem, size_t size,
		const struct kx_alloc *alloc, size_t max);

/** Free memory of its own, if any. The text is gone; no-op when released
 * already. */
void kx_buf_release(struct kx_buf *b);

/** The memory of a text that has moved to its own: from now on the caller's,
 * who puts it back to the allocator; the text is gone from the buffer. NULL
 * when the text is in borrowed memory, and stays there. */
char *kx_buf_take(struct kx_buf *b);

/** Cut the text back to nothing and forget an error; the memory stays. */
void kx_buf_clear(struct kx_buf *b);

/** What kx_buf_add() and kx_buf_room() do when the bytes don't fit as things
 * are. */
int kx_buf_add_slow(struct kx_buf *b, const char *s, size_t len);
char *kx_buf_room_slow(struct kx_buf *b, size_t len);

/**
 * Append len bytes.
 *
 * @return KX_OK, KX_E_TOO_LONG or KX_E_NOMEM; the error also stays in the
 *         buffer
 */
static inline int kx_buf_add(struct kx_buf *b, const char *s, size_t len)
{
	if(b->err != KX_OK || len >= b->size - b->len)
		return kx_buf_add_slow(b, s, len);
	if(len > 0)
		memcpy(b->s + b->len, s, len);
	b->len += len;
	b->s[b->len] = '\0';
	return KX_OK;
}

/** Append a view; an empty one is no error. Returns as kx_buf_add(). */
static inline int kx_buf_str(struct kx_buf *b, const str *s)
{
	if(kx_str_is_empty(s))
		return b->err;
	return kx_buf_add(b, s->s, s->len);
}

/** Append a string literal. Returns as kx_buf_add(). */
#define kx_buf_lit(b, lit) kx_buf_add((b), (lit), sizeof(lit) - 1)

/** Append one byte. Returns as kx_buf_add(). */
static inline int kx_buf_char(struct kx_buf *b, char c)
{
	return kx_buf_add(b, &c, 1);
}

/**
 * Room to write up to len bytes in place, for what is made of many small
 * pieces; kx_buf_wrote() tells where the writing ended.
 *
 * @return where the text goes on, or NULL: as when kx_buf_add() fails
 */
static inline char *kx_buf_room(struct kx_buf *b, size_t len)
{
	if(b->err != KX_OK || len >= b->size - b->len)
		return kx_buf_room_slow(b, len);
	return b->s + b->len;
}

/** The bytes up to end, which is within the room, are text now. */
static inline void kx_buf_wrote(struct kx_buf *b, char *end)
{
	b->len = end - b->s;
	*end = '\0';
}

/** Append a number in decimal. Returns as kx_buf_add(). */
int kx_buf_u64(struct kx_buf *b, uint64_t n);

enum
{
	/** The most digits of a number. */
	KX_U64_DIGITS = 20
};

/** Write a number in decimal, up to KX_U64_DIGITS bytes; returns where it
 * ends. */
char *kx_u64_write(char *at, uint64_t n);

/** Append the lower-case hexadecimal digits of n, padded with zeros to
 * width (1 to 16). Returns as kx_buf_add(). */
int kx_buf_hex(struct kx_buf *b, uint64_t n, int width);

/**
 * Append a view as a quoted-string (RFC 3261 25.1): quotes around it, a
 * backslash before each quote and backslash in it.
 *
 * @return as kx_buf_add(), or KX_E_SYNTAX when the view holds CR, LF or NUL,
 *         which no quoted-string may carry and which would let a peer write
 *         headers of its own
 */
int kx_buf_quoted(struct kx_buf *b, const str *s);

/**
 * Append a quoted-string from what stood between the quotes of one: its
 * quoted-pairs stay as they are, a quote or a last backslash that is in none
 * becomes one.
 *
 * @param raw as kx_cur_quoted() gives it
 * @return as kx_buf_quoted()
 */
int kx_buf_requote(struct kx_buf *b, const str *raw);

/**
 * The finished text.
 *
 * @param out [out] a view into the buffer, valid until it is changed or
 *            released
 * @return KX_OK, or the first error of the construction
 */
int kx_buf_end(const struct kx_buf *b, str *out);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bounded text buffer. */
#include "kx_buf.h"

enum
{
	GROWTH = 16
};

void kx_buf_init(struct kx_buf *b, char *mem, size_t size)
{
	kx_buf_init_grow(b, mem, size, NULL, size ? size - 1 : 0);
}

void kx_buf_init_grow(struct kx_buf *b, char *mem, size_t size,
		const struct kx_alloc *alloc, size_t max)
{
	memset(b, 0, sizeof(*b));
	b->s = mem;
	b->max = max < KX_BUF_MAX ? max : KX_BUF_MAX;
	b->size = size <= b->max ? size : b->max + 1;
	b->alloc = alloc;
	if(size > 0)
		mem[0] = '\0';
}

void kx_buf_release(struct kx_buf *b)
{
	if(b->is_owned)
		b->alloc->put(b->s);
	b->s = NULL;
	b->len = b->size = 0;
	b->is_owned = 0;
}

char *kx_buf_take(struct kx_buf *b)
{
	char *mem = b->s;

	if(!b->is_owned)
		return NULL;
	b->is_owned = 0;
	kx_buf_release(b);
	return mem;
}

void kx_buf_clear(struct kx_buf *b)
{
	b->len = 0;
	b->err = KX_OK;
	if(b->size > 0)
		b->s[0] = '\0';
}

static int fail(struct kx_buf *b, int err)
{
	if(b->err == KX_OK)
		b->err = err;
	return b->err;
}

/* Make room for len more bytes and the terminating NUL. */
static int reserve(struct kx_buf *b, size_t len)
{
	size_t size;
	char *mem;

	if(len > b->max || b->len > b->max - len)
		return fail(b, KX_E_TOO_LONG);
	if(len < b->size - b->len)
		return KX_OK;
	if(b->alloc == NULL)
		return fail(b, KX_E_TOO_LONG);

	/* by much: the memory is given back soon, copying costs at once */
	size = GROWTH * b->size;
	if(size < b->len + len + 64)
		size = b->len + len + 64;
	if(size > b->max + 1)
		size = b->max + 1;
	mem = b->alloc->get(size);
	if(mem == NULL)
		return fail(b, KX_E_NOMEM);
	if(b->len > 0)
		memcpy(mem, b->s, b->len);
	if(b->is_owned)
		b->alloc->put(b->s);
	b->s = mem;
	b->size = size;
	b->is_owned = 1;
	return KX_OK;
}

int kx_buf_add_slow(struct kx_buf *b, const char *s, size_t len)
{
	if(b->err != KX_OK || reserve(b, len) != KX_OK)
		return b->err;
	return kx_buf_add(b, s, len);
}

char *kx_buf_room_slow(struct kx_buf *b, size_t len)
{
	if(b->err != KX_OK || reserve(b, len) != KX_OK)
		return NULL;
	return b->s + b->len;
}

/* Two digits at a time: the divisions are what it costs. */
static const char pairs[] =
		"00010203040506070809101112131415161718192021222324"
		"25262728293031323334353637383940414243444546474849"
		"50515253545556575859606162636465666768697071727374"
		"75767778798081828384858687888990919293949596979899";

static char *put_pair(char *at, uint32_t n)
{
	memcpy(at, &pairs[n * 2], 2);
	return at + 2;
}

char *kx_u64_write(char *at, uint64_t n)
{
	uint32_t low = (uint32_t)(n % 10000);

	if(n >= 10000) {
		at = put_pair(kx_u64_write(at, n / 10000), low / 100);
	} else if(low >= 1000) {
		at = put_pair(at, low / 100);
	} else if(low >= 100) {
		*at++ = (char)('0' + low / 100);
	} else if(low < 10) {
		*at = (char)('0' + low);
		return at + 1;
	}
	return put_pair(at, low % 100);
}

int kx_buf_u64(struct kx_buf *b, uint64_t n)
{
	char digits[KX_U64_DIGITS];

	return kx_buf_add(b, digits, kx_u64_write(digits, n) - digits);
}

int kx_buf_hex(struct kx_buf *b, uint64_t n, int width)
{
	static const char hex[] = "0123456789abcdef";
	char digits[16];
	int i;

	if(KX_NEVER(width < 1 || width > 16))
		return fail(b, KX_E_BUG);
	for(i = width - 1; i >= 0; i--) {
		digits[i] = hex[n & 15];
		n >>= 4;
	}
	return kx_buf_add(b, digits, width);
}

int kx_buf_quoted(struct kx_buf *b, const str *s)
{
	int i, from = 0;

	kx_buf_char(b, '"');
	for(i = 0; i < s->len; i++) {
		char c = s->s[i];

		if(c == '\r' || c == '\n' || c == '\0')
			return fail(b, KX_E_SYNTAX);
		if(c == '"' || c == '\\') {
			kx_buf_add(b, s->s + from, i - from);
			kx_buf_char(b, '\\');
			from = i;
		}
	}
	kx_buf_add(b, s->s + from, s->len - from);
	return kx_buf_char(b, '"');
}

int kx_buf_requote(struct kx_buf *b, const str *raw)
{
	int i;

	kx_buf_char(b, '"');
	for(i = 0; i < raw->len; i++) {
		char c = raw->s[i];

		if(c == '\\' && i + 1 < raw->len) {
			kx_buf_char(b, c);
			c = raw->s[++i];
		} else if(c == '"' || c == '\\') {
			kx_buf_char(b, '\\');
		}
		if(c == '\r' || c == '\n' || c == '\0')
			return fail(b, KX_E_SYNTAX);
		kx_buf_char(b, c);
	}
	return kx_buf_char(b, '"');
}

int kx_buf_end(const struct kx_buf *b, str *out)
{
	if(b->err != KX_OK)
		return b->err;
	out->s = b->s;
	out->len = (int)b->len;
	return KX_OK;
}

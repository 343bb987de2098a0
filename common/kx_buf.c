/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bounded text buffer. */
#include "kx_buf.h"

void kx_buf_init(struct kx_buf *b, char *mem, size_t size)
{
	kx_buf_init_grow(b, mem, size, NULL, size ? size - 1 : 0);
}

void kx_buf_init_grow(struct kx_buf *b, char *mem, size_t size,
		const struct kx_alloc *alloc, size_t max)
{
	memset(b, 0, sizeof(*b));
	b->s = mem;
	b->size = size;
	b->max = max < KX_BUF_MAX ? max : KX_BUF_MAX;
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

/* Whether len more bytes and the terminating NUL fit as it is. */
static inline int has_room(const struct kx_buf *b, size_t len)
{
	return len < b->size - b->len && len <= b->max - b->len;
}

/* Make room for len more bytes and the terminating NUL. */
static int reserve(struct kx_buf *b, size_t len)
{
	size_t size;
	char *mem;

	if(len > b->max || b->len > b->max - len)
		return fail(b, KX_E_TOO_LONG);
	if(has_room(b, len))
		return KX_OK;
	if(b->alloc == NULL)
		return fail(b, KX_E_TOO_LONG);

	size = 2 * b->size > b->len + len + 64 ? 2 * b->size : b->len + len + 64;
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

int kx_buf_add(struct kx_buf *b, const char *s, size_t len)
{
	if(b->err != KX_OK || (!has_room(b, len) && reserve(b, len) != KX_OK))
		return b->err;
	if(len > 0)
		memcpy(b->s + b->len, s, len);
	b->len += len;
	b->s[b->len] = '\0';
	return KX_OK;
}

int kx_buf_str(struct kx_buf *b, const str *s)
{
	if(kx_str_is_empty(s))
		return b->err;
	return kx_buf_add(b, s->s, s->len);
}

int kx_buf_char(struct kx_buf *b, char c)
{
	if(b->err != KX_OK || !has_room(b, 1))
		return kx_buf_add(b, &c, 1);
	b->s[b->len++] = c;
	b->s[b->len] = '\0';
	return KX_OK;
}

int kx_buf_u64(struct kx_buf *b, uint64_t n)
{
	char digits[20];
	char *p = digits + sizeof(digits);

	do {
		*--p = (char)('0' + n % 10);
		n /= 10;
	} while(n > 0);
	return kx_buf_add(b, p, digits + sizeof(digits) - p);
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

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What fuzz targets share: a check that stops the fuzzer, and values taken
 * from the front of its input. */
#ifndef FUZZ_H
#define FUZZ_H

#include "kx_str.h"

/** Called by the fuzzer for every input; the name is the fuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** What must hold whatever the input is. */
#define MUST(cond)            \
	do {                      \
		if(!(cond))           \
			__builtin_trap(); \
	} while(0)

/** The input, read from its front. */
struct fuzz_input
{
	const char *p;
	size_t left;
};

/** The next byte; 0 when there is none. */
static inline uint8_t fuzz_byte(struct fuzz_input *in)
{
	if(in->left == 0)
		return 0;
	in->left--;
	return (uint8_t)*in->p++;
}

/** The next four bytes as a number. */
static inline uint32_t fuzz_u32(struct fuzz_input *in)
{
	uint32_t n = fuzz_byte(in);

	n = n << 8 | fuzz_byte(in);
	n = n << 8 | fuzz_byte(in);
	return n << 8 | fuzz_byte(in);
}

/** Text up to the next line feed, or all that is left. */
static inline str fuzz_line(struct fuzz_input *in)
{
	const char *end = memchr(in->p, '\n', in->left);
	size_t len = end != NULL ? (size_t)(end - in->p) : in->left;
	str v = {(char *)in->p, (int)len};

	in->p += len;
	in->left -= len;
	if(end != NULL)
		fuzz_byte(in);
	return v;
}

/** Whether one view lies inside of another; an empty one lies anywhere. */
static inline int fuzz_is_inside(const str *part, const str *whole)
{
	return part->len == 0
		   || (part->len > 0 && part->s >= whole->s
				   && part->s + part->len <= whole->s + whole->len);
}

#endif

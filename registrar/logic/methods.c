/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Names of methods to bits. Every REGISTER has such a list, so a name is not
 * compared with one after the other: its last eight letters are one number. */
#include "methods.h"

struct method
{
	uint64_t key;
	uint32_t bit;
	int len;
};

#define KEY(a, b, c, d, e, f, g, h)                                            \
	((uint64_t)(a) << 56 | (uint64_t)(b) << 48 | (uint64_t)(c) << 40           \
			| (uint64_t)(d) << 32 | (uint64_t)(e) << 24 | (f) << 16 | (g) << 8 \
			| (h))

/* in the order of how often they are named */
static const struct method method[] = {
		{KEY(0, 0, 'i', 'n', 'v', 'i', 't', 'e'), RGR_METHOD_INVITE, 6},
		{KEY(0, 0, 0, 0, 0, 'a', 'c', 'k'), RGR_METHOD_ACK, 3},
		{KEY(0, 0, 'c', 'a', 'n', 'c', 'e', 'l'), RGR_METHOD_CANCEL, 6},
		{KEY(0, 0, 0, 0, 0, 'b', 'y', 'e'), RGR_METHOD_BYE, 3},
		{KEY(0, 'o', 'p', 't', 'i', 'o', 'n', 's'), RGR_METHOD_OPTIONS, 7},
		{KEY(0, 0, 'n', 'o', 't', 'i', 'f', 'y'), RGR_METHOD_NOTIFY, 6},
		{KEY(0, 0, 0, 'r', 'e', 'f', 'e', 'r'), RGR_METHOD_REFER, 5},
		{KEY(0, 'm', 'e', 's', 's', 'a', 'g', 'e'), RGR_METHOD_MESSAGE, 7},
		{KEY('u', 'b', 's', 'c', 'r', 'i', 'b', 'e'), RGR_METHOD_SUBSCRIBE, 9},
		{KEY(0, 0, 0, 0, 'i', 'n', 'f', 'o'), RGR_METHOD_INFO, 4},
		{KEY(0, 0, 0, 'p', 'r', 'a', 'c', 'k'), RGR_METHOD_PRACK, 5},
		{KEY(0, 0, 'u', 'p', 'd', 'a', 't', 'e'), RGR_METHOD_UPDATE, 6},
		{KEY(0, 'p', 'u', 'b', 'l', 'i', 's', 'h'), RGR_METHOD_PUBLISH, 7},
		{KEY('r', 'e', 'g', 'i', 's', 't', 'e', 'r'), RGR_METHOD_REGISTER, 8},
};

enum
{
	METHODS = sizeof(method) / sizeof(method[0]),
	LONGEST = 9
};

/* The bit of a name by its key and what it begins with; 0: none of them. */
static uint32_t bit_of(uint64_t key, const char *from, int len)
{
	int i;

	for(i = 0; i < METHODS && method[i].key != key; i++)
		;
	if(i == METHODS || method[i].len != len
			|| (len == LONGEST && (*from | 0x20) != 's'))
		return 0;
	return method[i].bit;
}

static int is_blank(char c)
{
	return c == ' ' || c == '\t';
}

int rgr_methods_read(const str *list, uint32_t *out)
{
	const char *p = list->s, *end = list->s + list->len, *from;
	uint32_t bit, all = 0;
	uint64_t key;

	do {
		while(p < end && is_blank(*p))
			p++;
		/* to lower case, where there is one; nothing else becomes a letter */
		for(from = p, key = 0; p < end && *p != ',' && *p > ' '; p++)
			key = key << 8 | (unsigned char)(*p | 0x20);
		bit = bit_of(key, from, (int)(p - from));
		while(p < end && is_blank(*p))
			p++;
		if(bit == 0 || (p < end && *p != ','))
			return KX_E_SYNTAX;
		all |= bit;
	} while(p++ < end);
	*out = all;
	return KX_OK;
}

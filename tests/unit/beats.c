/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Messages between nodes for the tests of uac/logic/beat.c. */
#include "beats.h"

#include "unit_hashes.h"

struct uax_key unit_key(const char *passwd)
{
	str secret = unit_str(passwd);
	struct uax_key key;

	uax_key_init(&key, &secret, &unit_hashes.sha256);
	return key;
}

struct uax_beat unit_alive(void)
{
	return (struct uax_beat){.type = UAX_BEAT_ALIVE,
			.node = unit_str("sip:192.0.2.1:5060"),
			.boot = 1790000000000,
			.seq = 17,
			.weight = 100,
			.is_settled = 1,
			.view = 0x0123456789abcdef,
			.heard = {{7, 1790000000001}, {0xfedcba9876543210, 2}},
			.n_heard = 2};
}

struct uax_beat unit_tell(void)
{
	return (struct uax_beat){.type = UAX_BEAT_TELL,
			.node = unit_str("sip:192.0.2.1:5060"),
			.boot = 1790000000000,
			.seq = 1,
			.uuid = unit_str("trunk 01"),
			.command = UAX_E_DISABLE};
}

str unit_beat_written(const struct uax_beat *beat, const struct uax_key *key)
{
	char mem[UAX_BEAT_SIZE];
	struct kx_buf b;
	str text;

	kx_buf_init(&b, mem, sizeof(mem));
	ck_assert_int_eq(uax_beat_write(&b, beat, key), KX_OK);
	ck_assert_int_eq(kx_buf_end(&b, &text), KX_OK);
	return unit_bytes(text.s, text.len);
}

void unit_beat_same(const struct uax_beat *a, const struct uax_beat *b)
{
	int i;

	ck_assert_int_eq(a->type, b->type);
	ck_assert(kx_str_eq(&a->node, &b->node));
	ck_assert(a->boot == b->boot);
	ck_assert(a->seq == b->seq);
	ck_assert(a->weight == b->weight);
	ck_assert_int_eq(a->is_leaving, b->is_leaving);
	ck_assert_int_eq(a->is_gone, b->is_gone);
	ck_assert_int_eq(a->is_settled, b->is_settled);
	ck_assert(a->view == b->view);
	ck_assert_int_eq(a->n_heard, b->n_heard);
	for(i = 0; i < a->n_heard; i++) {
		ck_assert(a->heard[i].key == b->heard[i].key);
		ck_assert(a->heard[i].boot == b->heard[i].boot);
	}
	ck_assert(kx_str_eq(&a->uuid, &b->uuid));
	ck_assert_int_eq(a->command, b->command);
}

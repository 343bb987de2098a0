/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: messages between nodes. What is good is in range, is written,
 * and read again says the same; with a password none of it is believed until
 * the check value is there, and then all of it. The hash is a toy. */
#include "beat.h"
#include "fuzz.h"

static void toy_init(struct uax_hash_state *st)
{
	memset(st->mem, 7, 1);
}

static void toy_add(struct uax_hash_state *st, const char *s, size_t len)
{
	while(len > 0)
		st->mem[0] += (unsigned char)s[--len];
}

static void toy_end(struct uax_hash_state *st, unsigned char *out)
{
	memset(out, st->mem[0], 32);
}

static void in_range(const struct uax_beat *beat, const str *body)
{
	MUST(beat->type < UAX_BEAT_TYPE_COUNT);
	MUST(beat->node.len >= 1 && beat->node.len <= UAX_BEAT_NODE_MAX);
	MUST(fuzz_is_inside(&beat->node, body));
	MUST(beat->boot != 0 && beat->seq != 0);
	MUST(beat->weight <= UAX_WEIGHT_MAX);
	MUST(beat->n_heard >= 0 && beat->n_heard <= UAX_NODES_MAX);
	MUST(beat->is_leaving <= 1 && beat->is_gone <= 1 && beat->is_settled <= 1);
	MUST((beat->type == UAX_BEAT_TELL) == (beat->uuid.len > 0));
	MUST(beat->uuid.len <= UAX_BEAT_UUID_MAX);
}

static int is_same(const struct uax_beat *a, const struct uax_beat *b)
{
	return a->type == b->type && kx_str_eq(&a->node, &b->node)
		   && a->boot == b->boot && a->seq == b->seq && a->weight == b->weight
		   && a->is_leaving == b->is_leaving && a->is_gone == b->is_gone
		   && a->is_settled == b->is_settled && a->view == b->view
		   && a->n_heard == b->n_heard
		   && memcmp(a->heard, b->heard, a->n_heard * sizeof(a->heard[0])) == 0
		   && kx_str_eq(&a->uuid, &b->uuid) && a->command == b->command;
}

static void comes_back(const struct uax_beat *beat, const struct uax_key *key)
{
	char text[UAX_BEAT_SIZE], mem[UAX_BEAT_UUID_MAX];
	struct uax_beat again;
	struct kx_buf b;
	str body;

	kx_buf_init(&b, text, sizeof(text));
	MUST(uax_beat_write(&b, beat, key) == KX_OK);
	MUST(kx_buf_end(&b, &body) == KX_OK);
	MUST(uax_beat_read(&body, key, mem, &again) == UAX_BEAT_GOOD);
	MUST(is_same(beat, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct uax_hash toy = {toy_init, toy_add, toy_end};
	str body = {(char *)data, (int)size}, none = {"", 0}, secret = {"k", 1};
	char mem[UAX_BEAT_UUID_MAX];
	struct uax_key open, hidden;
	struct uax_beat beat;

	uax_key_init(&open, &none, &toy);
	uax_key_init(&hidden, &secret, &toy);
	MUST(uax_beat_read(&body, &hidden, mem, &beat) != UAX_BEAT_GOOD);
	if(uax_beat_read(&body, &open, mem, &beat) != UAX_BEAT_GOOD)
		return 0;
	in_range(&beat, &body);
	comes_back(&beat, &open);
	comes_back(&beat, &hidden);
	return 0;
}

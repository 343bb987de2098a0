/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: a row of kept registrations with anything in it. What is taken
 * of it is in range and can be sent; and its texts as SQL are literals of
 * harmless bytes. The input: a byte of flags, the numbers, then a line for each
 * text. */
#include <stdlib.h>

#include "fuzz.h"
#include "saved.h"

#define PRINT "0123456789abcdef0123456789abcdef"

enum
{
	NOW_S = 1790000000
};

static void *get(size_t size)
{
	return malloc(size);
}

static const struct kx_alloc heap = {get, free};

/* Numbers near those that matter, and others. */
static int64_t number(struct fuzz_input *in)
{
	static const int64_t near[] = {
			0, NOW_S, INT32_MAX, UINT32_MAX, INT64_MAX / 2000, INT64_MAX - 128};
	uint8_t what = fuzz_byte(in);

	if(what < 6)
		return near[what] + (int8_t)fuzz_byte(in);
	return (int64_t)((uint64_t)fuzz_u32(in) << (what % 33));
}

static int has_control(const str *text)
{
	int i;

	for(i = 0; i < text->len; i++) {
		if((unsigned char)text->s[i] < ' ')
			return 1;
	}
	return 0;
}

static void check_warm(const struct uax_saved *row, const struct uax_warm *w)
{
	static const enum uax_state may[] = {UAX_S_OFF, UAX_S_INIT, UAX_S_ONLINE,
			UAX_S_BACKOFF, UAX_S_IDLE, UAX_S_LEAVING};
	unsigned int i, is_one = 0;

	for(i = 0; i < sizeof(may) / sizeof(may[0]); i++)
		is_one |= w->state == may[i];
	MUST(is_one);
	MUST(w->is_online == 0 || w->left_s > 0);
	MUST(w->state != UAX_S_ONLINE || w->is_online);
	MUST(!w->is_online || w->due_in_s <= w->left_s || w->state == UAX_S_OFF
			|| w->state == UAX_S_LEAVING);
	MUST(w->left_s <= w->granted_s + 60u);
	MUST(w->cseq < 0x7fffffff);
	MUST(w->cseq == 0 || row->number[UAX_SV_cseq] > 0);
	MUST(w->n_former >= 0 && w->n_former <= UAX_FORMER_MAX);
	for(i = 0; i < (unsigned int)w->n_former; i++) {
		const str *former = &w->former[i];

		MUST(fuzz_is_inside(former, &row->text[UAX_SV_contact])
				|| fuzz_is_inside(former, &row->text[UAX_SV_own_contact]));
		MUST(former->len > 0 && !has_control(former));
		MUST(memchr(former->s, '>', former->len) == NULL);
		MUST(memchr(former->s, ' ', former->len) == NULL);
	}
	for(i = 0; i < 2; i++) {
		MUST(w->nc[i] <= 0x7fffffffu + UAX_SAVED_SKIP);
		MUST(w->challenge[i].unusable == UAX_CH_USABLE);
		MUST(w->challenge[i].nonce.is_given || w->nc[i] == 0);
	}
}

/* What is read as a challenge is written, and read as the same. */
static void check_challenge(const struct uax_challenge *ch)
{
	struct uax_challenge again;
	struct kx_cursor c;
	struct kx_buf b;
	str text;

	kx_buf_init_grow(&b, NULL, 0, &heap, 1 << 20);
	MUST(uax_saved_write_challenge(&b, ch) == KX_OK);
	MUST(kx_buf_end(&b, &text) == KX_OK);
	kx_cur_init(&c, &text);
	MUST(uax_challenge_next(&c, &again) == KX_OK);
	MUST(again.unusable == UAX_CH_USABLE);
	MUST(uax_text_same(&again.realm, &ch->realm));
	MUST(uax_text_same(&again.nonce, &ch->nonce));
	MUST(uax_text_same(&again.opaque, &ch->opaque));
	MUST(again.alg == ch->alg && again.is_sess == ch->is_sess);
	MUST(again.qops == ch->qops && again.is_userhash == ch->is_userhash);
	kx_buf_release(&b);
}

static void check_sql(enum uax_sql sql, const str *text)
{
	struct kx_buf b;
	str got;
	int i, quotes = 0;

	kx_buf_init_grow(&b, NULL, 0, &heap, 1 << 20);
	MUST(uax_sql_text(&b, sql, text) == KX_OK);
	MUST(kx_buf_end(&b, &got) == KX_OK);
	for(i = 0; i < got.len; i++) {
		MUST(got.s[i] >= ' ' && got.s[i] < 0x7f && got.s[i] != '\\');
		quotes += got.s[i] == '\'';
	}
	/* of the literal, and of the function's arguments of PostgreSQL */
	MUST(quotes == (got.s[0] == 'c' && sql == UAX_SQL_POSTGRES ? 6 : 2));
	kx_buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {(const char *)data, size};
	uint8_t flags = fuzz_byte(&in);
	struct uax_saved_about about = {.fingerprint = PRINT,
			.contact = KX_STR("sip:u1@192.0.2.1"),
			.now_s = NOW_S,
			.is_take_over = flags & 1};
	struct uax_saved row;
	struct uax_warm warm;
	int i;

	for(i = 0; i < UAX_SV_NUMBERS; i++)
		row.number[i] = number(&in);
	for(i = 0; i < UAX_SV_TEXTS; i++)
		row.text[i] = fuzz_line(&in);
	if(flags & 2)
		row.text[UAX_SV_account] = KX_STR(PRINT);
	if(uax_saved_read(&row, &about, &warm) == UAX_SAVED_GOOD) {
		check_warm(&row, &warm);
		for(i = 0; i < 2; i++) {
			if(warm.challenge[i].nonce.is_given)
				check_challenge(&warm.challenge[i]);
		}
	}
	for(i = 0; i < UAX_SV_TEXTS; i++)
		check_sql(UAX_SQL_MYSQL + flags / 4 % 3, &row.text[i]);
	return 0;
}

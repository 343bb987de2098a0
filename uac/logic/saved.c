/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rows of kept registrations, read. */
#include "kx_uri.h"
#include "saved.h"

enum
{
	CSEQ_MAX = 0x7fffffff,
	NC_MAX = 0x7fffffff,
	/* clocks of servers that share the table differ by a little */
	CLOCKS_S = 60,
	/* see schedule.h */
	LONGEST_WAIT_S = UINT32_MAX / 1000
};

const char *uax_saved_text_name(enum uax_saved_text which)
{
	static const char *const name[] = {
#define TEXT_NAME(column, max) #column,
			UAX_SAVED_TEXTS(TEXT_NAME)
#undef TEXT_NAME
	};

	return name[which];
}

const char *uax_saved_number_name(enum uax_saved_number which)
{
	static const char *const name[] = {
#define NUMBER_NAME(column) #column,
			UAX_SAVED_NUMBERS(NUMBER_NAME)
#undef NUMBER_NAME
	};

	return name[which];
}

const char *uax_saved_fault_text(enum uax_saved_fault fault)
{
	static const char *const text[] = {
#define TEXT(id, words) words,
			UAX_SAVED_FAULTS(TEXT)
#undef TEXT
	};

	return text[fault];
}

static int read_hex(const str *text, unsigned char *out, int bytes)
{
	int i;

	if(text->len != 2 * bytes)
		return KX_E_SYNTAX;
	for(i = 0; i < bytes; i++) {
		int high = kx_hex_value(text->s[2 * i]);
		int low = kx_hex_value(text->s[2 * i + 1]);

		if(high < 0 || low < 0)
			return KX_E_SYNTAX;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return KX_OK;
}

static int read_state(const str *name, enum uax_state *out)
{
	int i;

	for(i = 0; i < UAX_S_COUNT; i++) {
		str known = {(char *)uax_state_name(i), (int)strlen(uax_state_name(i))};

		if(kx_str_eq(name, &known)) {
			*out = i;
			return KX_OK;
		}
	}
	return KX_E_NONE;
}

static int is_too_long(const struct uax_saved *row)
{
	static const int max[] = {
#define MAX(name, bytes) bytes,
			UAX_SAVED_TEXTS(MAX)
#undef MAX
	};
	int i;

	for(i = 0; i < UAX_SV_TEXTS; i++) {
		if(row->text[i].len > max[i])
			return 1;
	}
	return 0;
}

static int has_bad_number(const struct uax_saved *row)
{
	static const struct
	{
		enum uax_saved_number which;
		int64_t max;
	} range[] = {{UAX_SV_registered_until, INT64_MAX / 2000},
			{UAX_SV_next_due, INT64_MAX / 2000}, {UAX_SV_granted, INT32_MAX},
			{UAX_SV_failures, INT32_MAX}, {UAX_SV_cseq, CSEQ_MAX},
			{UAX_SV_nc, UINT32_MAX}, {UAX_SV_proxy_nc, UINT32_MAX},
			{UAX_SV_is_exact, 1}, {UAX_SV_saved, INT64_MAX / 2000}};
	unsigned int i;

	for(i = 0; i < sizeof(range) / sizeof(range[0]); i++) {
		if(row->number[range[i].which] < 0
				|| row->number[range[i].which] > range[i].max)
			return 1;
	}
	return 0;
}

/* A control byte would break a header. */
static int has_control(const str *text)
{
	int i;

	for(i = 0; i < text->len; i++) {
		if((unsigned char)text->s[i] < ' ' || text->s[i] == 0x7f)
			return 1;
	}
	return 0;
}

/* A contact that is to be removed, unless it is ours or there already. */
static enum uax_saved_fault note_former(
		const str *text, const str *contact, struct uax_warm *out)
{
	struct kx_uri uri, other;
	int i;

	if(has_control(text) || kx_uri_parse(text, &uri) != KX_OK
			|| (uri.scheme != KX_URI_SIP && uri.scheme != KX_URI_SIPS))
		return UAX_SAVED_CONTACT;
	if(kx_uri_parse(contact, &other) == KX_OK && kx_uri_same(&uri, &other)) {
		out->is_ours = 1;
		return UAX_SAVED_GOOD;
	}
	for(i = 0; i < out->n_former; i++) {
		if(kx_uri_parse(&out->former[i], &other) == KX_OK
				&& kx_uri_same(&uri, &other))
			return UAX_SAVED_GOOD;
	}
	if(out->n_former < UAX_FORMER_MAX)
		out->former[out->n_former++] = *text;
	return UAX_SAVED_GOOD;
}

/* Contacts with blanks between them. */
static enum uax_saved_fault note_formers(
		const str *texts, const str *contact, struct uax_warm *out)
{
	enum uax_saved_fault fault = UAX_SAVED_GOOD;
	struct kx_cursor c;
	str one;

	kx_cur_init(&c, texts);
	while(!kx_cur_at_end(&c) && fault == UAX_SAVED_GOOD) {
		kx_cur_until(&c, " ", &one);
		kx_cur_char(&c, ' ');
		if(one.len > 0)
			fault = note_former(&one, contact, out);
	}
	return fault;
}

/* What is registered, or may be, beside our contact. */
static enum uax_saved_fault read_contacts(const struct uax_saved *row,
		const struct uax_saved_about *about, int is_exact, struct uax_warm *out)
{
	enum uax_saved_fault fault =
			note_formers(&row->text[UAX_SV_contact], &about->contact, out);

	/* what the row names is not there any more */
	if(!out->is_online)
		out->n_former = 0;
	if(fault == UAX_SAVED_GOOD && !is_exact)
		fault = note_formers(
				&row->text[UAX_SV_own_contact], &about->contact, out);
	return fault;
}

static enum uax_saved_fault read_identity(
		const struct uax_saved *row, struct uax_warm *out)
{
	if(row->number[UAX_SV_cseq] == 0)
		return UAX_SAVED_GOOD;
	if(read_hex(&row->text[UAX_SV_callid], out->callid, UAX_SAVED_ID_BYTES)
			!= KX_OK)
		return UAX_SAVED_CALLID;
	if(read_hex(&row->text[UAX_SV_fromtag], out->tag, UAX_SAVED_TAG_BYTES)
			!= KX_OK)
		return UAX_SAVED_TAG;
	out->cseq = (uint32_t)row->number[UAX_SV_cseq];
	return UAX_SAVED_GOOD;
}

static enum uax_saved_fault read_challenges(
		const struct uax_saved *row, struct uax_warm *out)
{
	static const struct
	{
		enum uax_saved_text text;
		enum uax_saved_number nc;
	} of[2] = {{UAX_SV_challenge, UAX_SV_nc},
			{UAX_SV_proxy_challenge, UAX_SV_proxy_nc}};
	struct kx_cursor c;
	int i;

	for(i = 0; i < 2; i++) {
		struct uax_challenge *ch = &out->challenge[i];

		if(row->text[of[i].text].len == 0)
			continue;
		kx_cur_init(&c, &row->text[of[i].text]);
		if(uax_challenge_next(&c, ch) != KX_OK || ch->unusable != UAX_CH_USABLE)
			return UAX_SAVED_CHALLENGE;
		ch->is_proxy = (unsigned char)i;
		out->nc[i] = (uint32_t)row->number[of[i].nc];
	}
	return UAX_SAVED_GOOD;
}

static enum uax_saved_fault read_learnt(
		const struct uax_saved *row, struct uax_warm *out)
{
	static const enum uax_saved_text column[UAX_LEARNT_COUNT] = {
			[UAX_LEARNT_SERVICE_ROUTE] = UAX_SV_service_route,
			[UAX_LEARNT_PATH] = UAX_SV_path,
			[UAX_LEARNT_ASSOCIATED] = UAX_SV_associated_uri};
	int i;

	for(i = 0; i < UAX_LEARNT_COUNT; i++) {
		if(row->text[column[i]].len == 0)
			continue;
		out->learnt.part[i][0] = row->text[column[i]];
		out->learnt.n[i] = 1;
	}
	return UAX_SAVED_GOOD;
}

/* Seconds from now to a moment, 0 when it is over. */
static uint32_t left_s(int64_t moment_s, int64_t now_s)
{
	int64_t left = moment_s - now_s;

	if(left <= 0)
		return 0;
	return left > UINT32_MAX ? UINT32_MAX : (uint32_t)left;
}

static enum uax_saved_fault read_times(const struct uax_saved *row,
		const struct uax_saved_about *about, struct uax_warm *out)
{
	out->granted_s = (uint32_t)row->number[UAX_SV_granted];
	out->left_s = left_s(row->number[UAX_SV_registered_until], about->now_s);
	out->due_in_s = left_s(row->number[UAX_SV_next_due], about->now_s);
	if(out->left_s > out->granted_s + CLOCKS_S
			|| out->due_in_s > LONGEST_WAIT_S + CLOCKS_S
			|| left_s(row->number[UAX_SV_saved], about->now_s) > CLOCKS_S)
		return UAX_SAVED_TIME;
	out->is_online = out->left_s > 0 && out->cseq > 0;
	out->failures = (uint32_t)row->number[UAX_SV_failures];
	out->saved_s = row->number[UAX_SV_saved];
	return UAX_SAVED_GOOD;
}

/* How it goes on. */
static void decide(const struct uax_saved *row,
		const struct uax_saved_about *about, enum uax_state state,
		struct uax_warm *out)
{
	int is_leaving = state == UAX_S_LEAVING || uax_state_is_removal(state);

	if(is_leaving || state == UAX_S_OFF || state == UAX_S_IDLE) {
		out->state = state;
		if(is_leaving)
			out->state = out->is_online ? UAX_S_LEAVING : UAX_S_IDLE;
		if(state == UAX_S_IDLE)
			out->is_online = 0;
		if(about->is_take_over)
			return;
		out->failures = 0;
		out->is_online = out->is_online && state == UAX_S_OFF;
		out->state = out->is_online ? UAX_S_ONLINE : UAX_S_INIT;
		out->due_in_s = 0;
	} else if(state == UAX_S_BACKOFF
			  || (state == UAX_S_AWAY && out->failures > 0)) {
		out->state = UAX_S_BACKOFF;
	} else {
		out->state = out->is_online ? UAX_S_ONLINE : UAX_S_INIT;
	}
	if(out->n_former > 0 && out->is_online)
		out->due_in_s = 0;
	if(out->is_online && out->due_in_s > out->left_s)
		out->due_in_s = out->left_s;
}

/* What is nearly counted to its end begins anew. */
static void renew(struct uax_warm *out)
{
	int i;

	if(out->cseq >= CSEQ_MAX - UAX_SAVED_SKIP)
		out->cseq = 0;
	for(i = 0; i < 2; i++) {
		if(out->nc[i] < NC_MAX)
			continue;
		memset(&out->challenge[i], 0, sizeof(out->challenge[i]));
		out->nc[i] = 0;
	}
}

/* Requests may have been sent after the row was written. */
static void skip(struct uax_warm *out)
{
	int i;

	if(out->cseq > 0)
		out->cseq += UAX_SAVED_SKIP;
	for(i = 0; i < 2; i++) {
		if(out->challenge[i].nonce.is_given)
			out->nc[i] += UAX_SAVED_SKIP;
	}
}

enum uax_saved_fault uax_saved_read(const struct uax_saved *row,
		const struct uax_saved_about *about, struct uax_warm *out)
{
	struct uax_warm warm;
	enum uax_saved_fault fault = UAX_SAVED_GOOD;
	enum uax_state state;
	str fingerprint = {(char *)about->fingerprint, UAX_FINGERPRINT_LEN};
	int is_exact = row->number[UAX_SV_is_exact] != 0 || about->is_sealed;

	memset(&warm, 0, sizeof(warm));
	if(!kx_str_eq(&row->text[UAX_SV_account], &fingerprint))
		return UAX_SAVED_ACCOUNT;
	if(is_too_long(row))
		return UAX_SAVED_LONG;
	if(has_bad_number(row))
		return UAX_SAVED_NUMBER;
	if(read_state(&row->text[UAX_SV_state], &state) != KX_OK)
		return UAX_SAVED_STATE;
	fault = read_identity(row, &warm);
	if(fault == UAX_SAVED_GOOD)
		fault = read_times(row, about, &warm);
	if(fault == UAX_SAVED_GOOD)
		fault = read_contacts(row, about, is_exact, &warm);
	if(fault == UAX_SAVED_GOOD)
		fault = read_challenges(row, &warm);
	if(fault == UAX_SAVED_GOOD)
		fault = read_learnt(row, &warm);
	if(fault != UAX_SAVED_GOOD)
		return fault;
	renew(&warm);
	if(!is_exact)
		skip(&warm);
	decide(row, about, state, &warm);
	*out = warm;
	return UAX_SAVED_GOOD;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: a whole answer to our REGISTER. Eight bytes say the code and
 * what had been asked; the rest are headers, one a line, the first letter of
 * each says which. */

/* the registrar has an answer.h as well */
#include "../../uac/logic/answer.h"
#include "kx_uri.h"

#define MUST(cond)            \
	do {                      \
		if(!(cond))           \
			__builtin_trap(); \
	} while(0)

enum
{
	HEAD = 8
};

static void add_header(struct uax_reply *reply, str line)
{
	char what = line.s[0];

	line.s++;
	line.len--;
	switch(what) {
		case 'c':
			if(reply->n_contacts < UAX_REPLY_HEADERS)
				reply->contact[reply->n_contacts++] = line;
			break;
		case 'w':
		case 'p':
			uax_challenge_collect(
					&line, what == 'p', reply->challenge, &reply->n_challenges);
			break;
		case 'e':
			reply->expires = line;
			break;
		case 'm':
			reply->min_expires = line;
			break;
		case 'r':
			reply->retry_after = line;
			break;
		case 'a':
			reply->authinfo = line;
			break;
	}
}

/* What holds for every answer, whatever it says. */
static void check(const struct uax_reply *reply,
		const struct uax_attempt *attempt, const struct uax_answer *answer)
{
	uint32_t longest = attempt->asked_s > UAX_LIFETIME_MAX_S
							   ? attempt->asked_s
							   : UAX_LIFETIME_MAX_S;
	const struct uax_challenge *challenge;
	const struct uax_text *used;
	struct kx_uri uri;

	MUST(answer->event >= UAX_E_OK && answer->event <= UAX_E_REFUSED);
	MUST(!reply->is_local || answer->event == UAX_E_UNREACHABLE);
	switch(answer->event) {
		case UAX_E_OK:
			MUST(reply->code < 300);
			MUST(attempt->is_removal || answer->granted_s > 0);
			MUST(answer->granted_s <= longest);
			break;
		case UAX_E_TOO_BRIEF:
			MUST(answer->ask_s > attempt->asked_s);
			MUST(answer->ask_s <= UAX_LIFETIME_MAX_S);
			break;
		case UAX_E_REDIRECT:
			MUST(kx_uri_parse(&answer->redirect, &uri) == KX_OK);
			MUST(uri.scheme == KX_URI_SIP || uri.scheme == KX_URI_SIPS);
			break;
		case UAX_E_CHALLENGE:
			MUST(answer->challenge >= 0
					&& answer->challenge < reply->n_challenges);
			MUST(attempt->auth_tries < UAX_AUTH_TRIES);
			challenge = &reply->challenge[answer->challenge];
			used = &attempt->used[challenge->is_proxy].nonce;
			MUST(!used->is_given || !uax_text_same(&challenge->nonce, used));
			break;
		default:
			MUST(answer->granted_s == 0);
	}
	MUST(uax_remark_text(answer->remark)[0] != '\0'
			|| answer->remark == UAX_REMARK_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct uax_cred cred = {.user = KX_STR("me"), .secret = KX_STR("p")};
	struct uax_attempt attempt = {
			.contact = KX_STR("sip:me@h:5070"), .cred = &cred};
	struct uax_reply reply = {0};
	struct uax_answer answer;
	struct kx_cursor c;
	str body;

	if(size < HEAD)
		return 0;
	reply.code = 200 + (data[0] + 256 * (data[1] & 1)) % 500;
	reply.is_local = (data[1] & 0xfe) == 0xfe;
	attempt.is_removal = data[2] & 1;
	attempt.used[0].was_kept = data[2] >> 1 & 1;
	attempt.auth_tries = data[2] >> 2 & 3;
	attempt.brief_tries = data[2] >> 4 & 1;
	attempt.redirect_tries = data[2] >> 5 & 1;
	if(data[2] >> 6 & 1)
		attempt.used[0].nonce = (struct uax_text){KX_STR("n1"), 1, 0};
	attempt.used[1].was_kept = data[3] & 1;
	if(data[3] >> 1 & 1)
		attempt.used[1].nonce = (struct uax_text){KX_STR("n1"), 1, 0};
	attempt.asked_s =
			data[4] | data[5] << 8 | data[6] << 16 | (uint32_t)data[7] << 24;
	body = (str){(char *)data + HEAD, (int)(size - HEAD)};
	kx_cur_init(&c, &body);
	while(!kx_cur_at_end(&c)) {
		const char *from = c.p;

		while(!kx_cur_at_end(&c) && *c.p != '\n')
			c.p++;
		if(c.p > from)
			add_header(&reply, kx_str_span(from, c.p));
		kx_cur_char(&c, '\n');
	}
	uax_answer_read(&reply, &attempt, &answer);
	check(&reply, &attempt, &answer);
	return 0;
}

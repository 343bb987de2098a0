/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Classifying the answer to a REGISTER. */
#include "answer.h"
#include "kx_uri.h"

/* A number in a header, read up to the first thing that is no digit:
 * Retry-After carries comments and parameters behind it. */
static uint64_t leading_number(const str *text)
{
	str digits = *text;
	uint64_t n;
	int len = 0;

	kx_str_trim(&digits);
	while(len < digits.len && digits.s[len] >= '0' && digits.s[len] <= '9')
		len++;
	digits.len = len;
	if(kx_str_to_u64(&digits, &n) != KX_OK)
		return UAX_UNSET;
	/* as long as any; UAX_UNSET is no number */
	return n < UAX_UNSET ? n : UAX_UNSET - 1;
}

static uint32_t cap(uint64_t n, uint32_t max)
{
	return n > max ? max : (uint32_t)n;
}

static void read_success(const struct uax_reply *reply,
		const struct uax_attempt *attempt, struct uax_answer *out)
{
	struct uax_contact_found found = {UAX_MATCH_NONE, UAX_UNSET, 0};
	uint32_t longest = attempt->asked_s > UAX_LIFETIME_MAX_S
							   ? attempt->asked_s
							   : UAX_LIFETIME_MAX_S;
	uint64_t granted;
	int i;

	if(attempt->longest_s > 0)
		longest = attempt->longest_s;
	out->event = UAX_E_OK;
	if(reply->authinfo.len > 0 && reply->rspauth != UAX_RSPAUTH_WRONG)
		uax_authinfo_nextnonce(&reply->authinfo, &out->nextnonce);
	if(reply->rspauth == UAX_RSPAUTH_WRONG)
		out->remark = UAX_REMARK_RSPAUTH;
	if(attempt->is_removal)
		return;
	for(i = 0; i < reply->n_contacts; i++)
		uax_contact_find(&attempt->contact, &reply->contact[i], &found);

	granted = found.expires;
	if(granted == UAX_UNSET)
		granted = leading_number(&reply->expires);
	if(granted == UAX_UNSET)
		granted = attempt->asked_s;

	if(granted == 0) {
		out->event = UAX_E_REFUSED;
		out->remark = UAX_REMARK_NOT_KEPT;
		return;
	}
	out->granted_s = cap(granted, longest);
	if(out->remark == UAX_REMARK_RSPAUTH)
		return;
	if(found.match == UAX_MATCH_NONE)
		out->remark =
				found.others > 0 ? UAX_REMARK_FOREIGN : UAX_REMARK_NO_CONTACT;
	else if(found.match == UAX_MATCH_USER)
		out->remark = UAX_REMARK_USER_ONLY;
	if(granted > longest)
		out->remark = UAX_REMARK_ABSURD;
}

/* Whether a challenge may be answered in this attempt at all. */
static int may_answer(
		const struct uax_attempt *attempt, const struct uax_challenge *ch)
{
	if(attempt->auth_tries >= UAX_AUTH_TRIES)
		return 0;
	return !attempt->used[ch->is_proxy].nonce.is_given
		   || !uax_challenge_refuses(ch, &attempt->used[ch->is_proxy].nonce,
				   attempt->used[ch->is_proxy].was_kept);
}

static void read_challenge(const struct uax_reply *reply,
		const struct uax_attempt *attempt, struct uax_answer *out)
{
	int pos = 0, first, chosen;

	out->event = UAX_E_REJECTED;
	out->remark = UAX_REMARK_NO_CREDENTIAL;
	while((first = uax_realm_next(reply->challenge, reply->n_challenges, &pos))
			>= 0) {
		chosen = uax_challenge_choose(reply->challenge, reply->n_challenges,
				first, attempt->cred, &attempt->auth);
		if(chosen < 0)
			continue;
		out->remark = UAX_REMARK_NONE;
		if(!may_answer(attempt, &reply->challenge[chosen]))
			continue;
		out->event = UAX_E_CHALLENGE;
		out->challenge = chosen;
		return;
	}
}

static void read_too_brief(const struct uax_reply *reply,
		const struct uax_attempt *attempt, struct uax_answer *out)
{
	uint64_t min = leading_number(&reply->min_expires);

	out->event = UAX_E_REFUSED;
	if(attempt->is_removal || attempt->brief_tries >= UAX_BRIEF_TRIES)
		return;
	if(min == UAX_UNSET || min <= attempt->asked_s)
		min = 2 * (uint64_t)attempt->asked_s;
	out->ask_s = cap(min, UAX_LIFETIME_MAX_S);
	if(out->ask_s > attempt->asked_s)
		out->event = UAX_E_TOO_BRIEF;
}

static void read_redirect(const struct uax_reply *reply,
		const struct uax_attempt *attempt, struct uax_answer *out)
{
	struct uax_contact contact;
	struct kx_cursor c;
	struct kx_uri uri;
	int i;

	out->event = UAX_E_REFUSED;
	if(attempt->redirect_tries >= UAX_REDIRECT_TRIES)
		return;
	for(i = 0; i < reply->n_contacts; i++) {
		kx_cur_init(&c, &reply->contact[i]);
		while(uax_contact_next(&c, &contact) == KX_OK) {
			if(kx_uri_parse(&contact.uri, &uri) != KX_OK
					|| (uri.scheme != KX_URI_SIP && uri.scheme != KX_URI_SIPS))
				continue;
			out->redirect = contact.uri;
			out->event = UAX_E_REDIRECT;
			return;
		}
	}
}

static void read_failure(const struct uax_reply *reply, struct uax_answer *out)
{
	uint64_t after = leading_number(&reply->retry_after);

	out->event = UAX_E_REFUSED;
	if(reply->is_local || reply->code == 408) {
		out->event = UAX_E_UNREACHABLE;
	} else if((reply->code == 503 || reply->code == 500 || reply->code == 480
					  || reply->code == 486)
			  && after != UAX_UNSET) {
		out->event = UAX_E_BUSY;
		out->retry_after_s = cap(after, UINT32_MAX);
	}
}

void uax_answer_read(const struct uax_reply *reply,
		const struct uax_attempt *attempt, struct uax_answer *out)
{
	memset(out, 0, sizeof(*out));
	if(reply->is_local)
		read_failure(reply, out);
	else if(reply->code < 300)
		read_success(reply, attempt, out);
	else if(reply->code < 400)
		read_redirect(reply, attempt, out);
	else if(reply->code == 401 || reply->code == 407)
		read_challenge(reply, attempt, out);
	else if(reply->code == 423)
		read_too_brief(reply, attempt, out);
	else
		read_failure(reply, out);
}

const char *uax_remark_text(enum uax_remark remark)
{
	switch(remark) {
		case UAX_REMARK_NONE:
			break;
		case UAX_REMARK_NO_CONTACT:
			return "the answer lists no contact";
		case UAX_REMARK_USER_ONLY:
			return "the answer lists our contact with another address";
		case UAX_REMARK_FOREIGN:
			return "the answer lists contacts, but not ours";
		case UAX_REMARK_NOT_KEPT:
			return "the answer says our contact is not kept";
		case UAX_REMARK_ABSURD:
			return "the answer grants an absurd lifetime";
		case UAX_REMARK_NO_CREDENTIAL:
			return "no challenge that the account's credentials can answer";
		case UAX_REMARK_RSPAUTH:
			return "the answer's rspauth is wrong: who sent it may not know "
				   "the account's secret";
	}
	return "";
}

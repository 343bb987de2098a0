/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A row of what a record is. */
#include "core/dprint.h"

#include "kam/kam_time.h"
#include "reg_own.h"
#include "reg_term.h"
#include "ua_hash.h"

/* What of a record must be read under its lock. */
struct copy
{
	enum uax_state state;
	int is_exact, is_gone;
	int is_bound; /* the registrar has a contact, until until_ms */
	uint32_t granted_s, failures, cseq, nc[UA_NONCES];
	int64_t until_ms, due_ms;
	unsigned char callid[UA_ID_BYTES], tag[UA_TAG_BYTES];
	struct ua_nonce *nonce[UA_NONCES]; /* references */
	struct ua_learnt *learnt;		   /* a reference */
	int is_ours_too;				   /* our contact, maybe, beside those */
	char former[UA_URI_SIZE];
};

static void copy_locked(struct ua_rec *rec, struct copy *c)
{
	int i;

	memset(c, 0, sizeof(*c));
	/* a server that ends is not an operator who wants it unregistered */
	c->state = rec->is_farewell ? UAX_S_INIT : rec->state;
	c->is_gone = rec->is_gone;
	c->is_exact = !rec->is_mine && !rec->is_ending;
	c->until_ms = rec->is_online ? rec->until_ms : rec->lingers_ms;
	c->is_bound = (rec->is_online && !rec->is_farewell)
				  || (rec->state == UAX_S_OFF && c->until_ms > kam_now_ms());
	c->granted_s = rec->granted_s;
	c->failures = rec->failures;
	c->cseq = rec->cseq;
	c->due_ms = rec->due_ms;
	memcpy(c->callid, rec->callid, sizeof(c->callid));
	memcpy(c->tag, rec->tag, sizeof(c->tag));
	for(i = 0; i < UA_NONCES; i++) {
		c->nonce[i] = ua_nonce_hold(rec->nonce[i]);
		c->nc[i] = rec->nc[i];
	}
	c->learnt = ua_learnt_hold(rec->learnt);
	c->is_ours_too = rec->is_ours_too;
	if(rec->former != NULL && strlen(rec->former) < sizeof(c->former))
		memcpy(c->former, rec->former, strlen(rec->former) + 1);
}

static void copy_release(struct copy *c)
{
	int i;

	for(i = 0; i < UA_NONCES; i++)
		ua_nonce_drop(c->nonce[i]);
	ua_learnt_drop(c->learnt);
}

/* The texts of a row that stand nowhere yet. */
struct texts
{
	char account[UAX_FINGERPRINT_LEN + 1];
	char callid[2 * UA_ID_BYTES + 1];
	char tag[2 * UA_TAG_BYTES + 1];
	char contact[UA_URI_SIZE];
	char registered[2 * UA_URI_SIZE];
	char challenge[UA_NONCES][2048];
};

static void write_challenge(
		const struct ua_nonce *nonce, char *mem, size_t size, str *out)
{
	struct uax_challenge challenge;
	struct kx_buf b;

	if(nonce == NULL
			|| uax_challenge_unpack(nonce->block, nonce->len, &challenge)
					   != KX_OK)
		return;
	kx_buf_init(&b, mem, size);
	uax_saved_write_challenge(&b, &challenge);
	/* one that no column takes is asked for again, once */
	if(kx_buf_end(&b, out) != KX_OK || !kx_str_is_utf8(out))
		out->len = 0;
}

/* A header of a registrar, if a column can take it. */
static void copy_learnt(
		const struct ua_learnt *learnt, enum uax_learnt_kind kind, str *out)
{
	str text = ua_learnt_text(learnt, kind);

	if(kx_str_is_utf8(&text))
		*out = text;
}

/* All that is registered, or may be. */
static void write_registered(
		struct uax_saved *s, const struct copy *c, struct texts *t)
{
	struct kx_buf b;

	kx_buf_init(&b, t->registered, sizeof(t->registered));
	kx_buf_add(&b, c->former, strlen(c->former));
	if(c->is_ours_too
			&& b.len + s->text[UAX_SV_own_contact].len < UA_URI_SIZE) {
		kx_buf_char(&b, ' ');
		kx_buf_str(&b, &s->text[UAX_SV_own_contact]);
	}
	kx_buf_end(&b, &s->text[UAX_SV_contact]);
}

static void fill_texts(struct uax_saved *s, const struct ua_rec *rec,
		const struct copy *c, struct texts *t)
{
	struct uax_row row;

	ua_rec_row(rec, &row);
	s->text[UAX_SV_l_uuid] = row.text[UAX_R_l_uuid];
	uax_fingerprint(&row, ua_hashes(), t->account);
	s->text[UAX_SV_account] =
			kx_str_span(t->account, t->account + UAX_FINGERPRINT_LEN);
	s->text[UAX_SV_state].s = (char *)uax_state_name(c->state);
	s->text[UAX_SV_state].len = (int)strlen(uax_state_name(c->state));
	ua_rec_contact(&row, t->contact, &s->text[UAX_SV_own_contact]);
	if(c->former[0] != '\0')
		write_registered(s, c, t);
	else if(c->is_bound)
		s->text[UAX_SV_contact] = s->text[UAX_SV_own_contact];
	s->text[UAX_SV_callid] = ua_rec_hex(c->callid, UA_ID_BYTES, t->callid);
	s->text[UAX_SV_fromtag] = ua_rec_hex(c->tag, UA_TAG_BYTES, t->tag);
	write_challenge(c->nonce[0], t->challenge[0], sizeof(t->challenge[0]),
			&s->text[UAX_SV_challenge]);
	write_challenge(c->nonce[1], t->challenge[1], sizeof(t->challenge[1]),
			&s->text[UAX_SV_proxy_challenge]);
	if(c->learnt == NULL)
		return;
	copy_learnt(c->learnt, UAX_LEARNT_SERVICE_ROUTE,
			&s->text[UAX_SV_service_route]);
	copy_learnt(c->learnt, UAX_LEARNT_PATH, &s->text[UAX_SV_path]);
	copy_learnt(
			c->learnt, UAX_LEARNT_ASSOCIATED, &s->text[UAX_SV_associated_uri]);
}

static void fill_numbers(
		struct uax_saved *s, const struct copy *c, int64_t now_ms)
{
	int64_t due_ms = c->due_ms;

	/* a moment that is over has no meaning to another clock */
	if(due_ms > 0 && due_ms < now_ms)
		due_ms = now_ms;
	s->number[UAX_SV_registered_until] =
			c->is_bound ? kam_epoch_s(c->until_ms) : 0;
	s->number[UAX_SV_next_due] = due_ms > 0 ? kam_epoch_s(due_ms) : 0;
	s->number[UAX_SV_granted] = c->granted_s;
	s->number[UAX_SV_failures] = c->failures;
	s->number[UAX_SV_cseq] = c->cseq;
	s->number[UAX_SV_nc] = c->nc[0];
	s->number[UAX_SV_proxy_nc] = c->nc[1];
	s->number[UAX_SV_is_exact] = c->is_exact;
	s->number[UAX_SV_saved] = kam_epoch_s(now_ms);
}

int ua_own_save(struct ua_rec *rec, const str *node,
		int (*write)(void *param, const struct uax_saved *row), void *param)
{
	struct uax_saved row;
	struct texts texts;
	struct copy copy;
	int ret = 0;

	if(ua_term_lock(&rec->lock) != 0)
		return 0; /* its worker ended with it; the row stays as it was */
	copy_locked(rec, &copy);
	lock_release(&rec->lock);
	if(!copy.is_gone) {
		memset(&row, 0, sizeof(row));
		row.text[UAX_SV_node] = *node;
		fill_texts(&row, rec, &copy, &texts);
		fill_numbers(&row, &copy, kam_now_ms());
		ret = write(param, &row);
	}
	copy_release(&copy);
	return ret;
}

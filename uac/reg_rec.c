/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Records of remote registrations. */
#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/rand/cryptorand.h"

#include "kam/kam_time.h"
#include "reg_rec.h"
#include "reg_sched.h"
#include "ua_cfg.h"

enum
{
	MAGIC = 0x75615243,
	MAGIC_DEAD = 0x64656164
};

static void random_bytes(unsigned char *out, int len)
{
	int i;

	for(i = 0; i < len; i += 4) {
		unsigned int r = cryptorand();

		memcpy(out + i, &r, 4);
	}
}

void ua_rec_new_dialog_locked(struct ua_rec *rec)
{
	random_bytes(rec->callid, sizeof(rec->callid));
	random_bytes(rec->tag, sizeof(rec->tag));
	rec->cseq = UA_FIRST_CSEQ;
}

struct ua_rec *ua_rec_new(
		const struct uax_row *row, struct ua_hop *hop, int64_t now_ms)
{
	struct ua_rec *rec;
	size_t len = 0;
	int i;

	for(i = 0; i < UAX_R_COUNT; i++)
		len += row->text[i].len;
	rec = shm_mallocxz(sizeof(*rec) + len);
	if(rec == NULL) {
		SHM_MEM_ERROR;
		ua_hop_drop(hop);
		return NULL;
	}
	rec->magic = MAGIC;
	atomic_set(&rec->refs, 1);
	rec->hop = hop;
	rec->expires_s = row->expires_s;
	rec->reg_delay_s = row->reg_delay_s;
	rec->row_is_disabled = row->is_disabled;
	rec->made_ms = now_ms;
	for(i = 0, len = 0; i < UAX_R_COUNT; i++) {
		rec->offset[i] = (uint16_t)len;
		if(row->text[i].len > 0)
			memcpy(rec->text + len, row->text[i].s, row->text[i].len);
		len += row->text[i].len;
	}
	rec->offset[UAX_R_COUNT] = (uint16_t)len;
	lock_init(&rec->lock);
	rec->state = row->is_disabled ? UAX_S_OFF : UAX_S_INIT;
	rec->ask_s = row->expires_s;
	rec->is_mine = 1;
	rec->owner = UA_OWNER_NONE;
	return rec;
}

void ua_rec_hold(struct ua_rec *rec)
{
	atomic_inc(&rec->refs);
}

void ua_rec_drop(struct ua_rec *rec)
{
	int i;

	if(rec == NULL)
		return;
	if(unlikely(rec->magic != MAGIC)) {
		LM_BUG("dropping what is no record\n");
		return;
	}
	if(!atomic_dec_and_test(&rec->refs))
		return;
	rec->magic = MAGIC_DEAD;
	ua_hop_drop(rec->hop);
	if(rec->redirect != NULL)
		shm_free(rec->redirect);
	if(rec->former != NULL)
		shm_free(rec->former);
	for(i = 0; i < UA_NONCES; i++)
		ua_nonce_drop(rec->nonce[i]);
	ua_learnt_drop(rec->learnt);
	lock_destroy(&rec->lock);
	shm_free(rec);
}

struct ua_nonce *ua_nonce_new(const struct uax_challenge *challenge)
{
	size_t len = uax_challenge_pack_len(challenge);
	struct ua_nonce *nonce = shm_malloc(sizeof(*nonce) + len);

	if(nonce == NULL) {
		SHM_MEM_ERROR;
		return NULL;
	}
	atomic_set(&nonce->refs, 1);
	nonce->len = (uint32_t)len;
	uax_challenge_pack(challenge, nonce->block);
	return nonce;
}

struct ua_nonce *ua_nonce_hold(struct ua_nonce *nonce)
{
	if(nonce != NULL)
		atomic_inc(&nonce->refs);
	return nonce;
}

void ua_nonce_drop(struct ua_nonce *nonce)
{
	if(nonce != NULL && atomic_dec_and_test(&nonce->refs))
		shm_free(nonce);
}

int ua_learnt_new(const struct uax_learnt *learnt, struct ua_learnt **out)
{
	char mem[UAX_LEARNT_COUNT][UAX_LEARNT_MAX];
	str text[UAX_LEARNT_COUNT];
	struct ua_learnt *block;
	struct kx_buf b;
	size_t size = 0;
	char *at;
	int i;

	*out = NULL;
	for(i = 0; i < UAX_LEARNT_COUNT; i++) {
		kx_buf_init(&b, mem[i], sizeof(mem[i]));
		if(uax_learnt_write(&b, learnt, i) != KX_OK
				|| kx_buf_end(&b, &text[i]) != KX_OK) {
			LM_WARN("a registrar's header beyond %d bytes is not kept\n",
					UAX_LEARNT_MAX);
			text[i].len = 0;
		}
		size += text[i].len;
	}
	if(size == 0)
		return 0;
	block = shm_malloc(sizeof(*block) + size);
	if(block == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	atomic_set(&block->refs, 1);
	for(i = 0, at = block->text; i < UAX_LEARNT_COUNT; i++) {
		block->len[i] = (uint16_t)text[i].len;
		memcpy(at, text[i].s, text[i].len);
		at += text[i].len;
	}
	*out = block;
	return 0;
}

struct ua_learnt *ua_learnt_hold(struct ua_learnt *learnt)
{
	if(learnt != NULL)
		atomic_inc(&learnt->refs);
	return learnt;
}

struct ua_learnt *ua_learnt_of(struct ua_rec *rec)
{
	struct ua_learnt *learnt = NULL;

	lock_get(&rec->lock);
	if(rec->is_online && rec->until_ms > kam_now_ms())
		learnt = ua_learnt_hold(rec->learnt);
	lock_release(&rec->lock);
	return learnt;
}

str ua_learnt_text(const struct ua_learnt *learnt, enum uax_learnt_kind kind)
{
	str text = {(char *)learnt->text, learnt->len[kind]};
	int i;

	for(i = 0; i < (int)kind; i++)
		text.s += learnt->len[i];
	return text;
}

void ua_learnt_drop(struct ua_learnt *learnt)
{
	if(learnt != NULL && atomic_dec_and_test(&learnt->refs))
		shm_free(learnt);
}

str ua_rec_text(const struct ua_rec *rec, enum uax_row_text which)
{
	str text = {(char *)rec->text + rec->offset[which],
			rec->offset[which + 1] - rec->offset[which]};
	return text;
}

void ua_rec_row(const struct ua_rec *rec, struct uax_row *out)
{
	int i;

	for(i = 0; i < UAX_R_COUNT; i++)
		out->text[i] = ua_rec_text(rec, i);
	out->expires_s = rec->expires_s;
	out->reg_delay_s = rec->reg_delay_s;
	out->is_disabled = rec->row_is_disabled;
}

int ua_rec_contact(const struct uax_row *row, char *mem, str *out)
{
	struct kx_buf b;

	kx_buf_init(&b, mem, UA_URI_SIZE);
	uax_row_write_contact(&b, row, &ua_cfg.reg_contact_addr);
	return kx_buf_end(&b, out);
}

str ua_rec_hex(const unsigned char *bytes, int len, char *mem)
{
	str text = {mem, 0};
	struct kx_buf b;
	int i;

	kx_buf_init(&b, mem, 2 * len + 1);
	for(i = 0; i < len; i++)
		kx_buf_hex(&b, bytes[i], 2);
	kx_buf_end(&b, &text);
	return text;
}

void ua_rec_note_locked(struct ua_rec *rec, int code, const str *reason)
{
	rec->last_code = (uint16_t)code;
	rec->reason_len = reason->len > UA_REASON_MAX ? UA_REASON_MAX
												  : (unsigned char)reason->len;
	memcpy(rec->reason, reason->s, rec->reason_len);
}

static int is_same_binding(const struct ua_rec *a, const struct ua_rec *b)
{
	static const enum uax_row_text what[] = {UAX_R_r_username, UAX_R_r_domain,
			UAX_R_auth_proxy, UAX_R_contact_addr, UAX_R_contact_user,
			UAX_R_l_uuid};
	unsigned int i;

	for(i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
		str x = ua_rec_text(a, what[i]), y = ua_rec_text(b, what[i]);

		if(!kx_str_eq(&x, &y))
			return 0;
	}
	return 1;
}

int ua_rec_adopt(struct ua_rec *rec, struct ua_rec *old)
{
	if(!is_same_binding(rec, old))
		return 0;
	lock_get(&old->lock);
	memcpy(rec->callid, old->callid, sizeof(rec->callid));
	memcpy(rec->tag, old->tag, sizeof(rec->tag));
	rec->cseq = old->cseq;
	rec->is_continued = old->is_continued;
	rec->former = old->former;
	old->former = NULL;
	rec->until_ms = old->until_ms;
	rec->granted_s = old->granted_s;
	rec->is_online = old->is_online && rec->state != UAX_S_OFF;
	rec->learnt = ua_learnt_hold(old->learnt);
	lock_release(&old->lock);
	return rec->is_online || !old->is_online;
}

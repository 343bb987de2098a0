/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Adapter to usrloc. */
#include "core/globals.h"
#include "core/tcp_conn.h"
#include "modules/usrloc/ucontact.h"

#include "kam/kam_compat.h"
#include "reg_cfg.h"
#include "reg_keep.h"
#include "reg_sock.h"
#include "reg_stats.h"
#include "reg_store_db.h"
#include "reg_store_priv.h"

struct reg_usrloc reg_usrloc;

enum
{
	AOR_LOCKS = 512
};

/* A parameter of usrloc that its API does not pass on. */
static int usrloc_int(const char *name, int otherwise)
{
	modparam_t type;
	struct sr_module *mod = find_module_by_name("usrloc");
	int *value = NULL;

	if(mod != NULL)
		value = find_param_export(mod, (char *)name, PARAM_INT, &type);
	if(value == NULL) {
		LM_WARN("usrloc has no parameter %s, going on with %d\n", name,
				otherwise);
		return otherwise;
	}
	return *value;
}

static int init_aor_locks(void)
{
	int i;

	if(reg_usrloc.api.db_mode != DB_ONLY)
		return 0;
	reg_usrloc.aor_lock = shm_mallocxz(AOR_LOCKS * sizeof(rec_lock_t));
	if(reg_usrloc.aor_lock == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	for(i = 0; i < AOR_LOCKS; i++) {
		if(rec_lock_init(&reg_usrloc.aor_lock[i]) == NULL) {
			LM_ERR("can't make the AoR locks\n");
			return -1;
		}
	}
	return 0;
}

int reg_store_init(void)
{
	bind_usrloc_t bind;

	bind = (bind_usrloc_t)find_export("ul_bind_usrloc", 1, 0);
	if(bind == NULL || bind(&reg_usrloc.api) < 0) {
		LM_ERR("can't bind usrloc, load it before registrar\n");
		return -1;
	}
	reg_cfg.use_domain = reg_usrloc.api.use_domain;
	reg_cfg.db_mode = reg_usrloc.api.db_mode;
	reg_cfg.nat_flag = reg_usrloc.api.nat_flag;
	reg_cfg.matching_mode = usrloc_int("matching_mode", RGR_MATCH_URI);
	reg_cfg.cseq_delay = usrloc_int("cseq_delay", 20);
	reg_cfg.desc_time_order = usrloc_int("desc_time_order", 0);
	reg_store_db_init();
	if(reg_keep_init() != 0)
		return -1;
	return init_aor_locks();
}

int reg_store_init_child(void)
{
	/* every process numbers its bindings on its own */
	if(sruid_init(&reg_usrloc.ruid, '-', "uloc", SRUID_INC) < 0) {
		LM_ERR("can't make ids for bindings\n");
		return -1;
	}
	return 0;
}

struct udomain *reg_store_domain(const str *name, int may_create)
{
	udomain_t *d = NULL;
	char text[128];

	if(name->len <= 0 || name->len >= (int)sizeof(text))
		return NULL;
	memcpy(text, name->s, name->len);
	text[name->len] = '\0';
	if(may_create) {
		if(reg_usrloc.api.register_udomain(text, &d) < 0)
			return NULL;
		return d;
	}
	return reg_usrloc.api.get_udomain(text, &d) < 0 ? NULL : d;
}

static void lock_aor(struct reg_store *st)
{
	if(reg_usrloc.aor_lock != NULL)
		rec_lock_get(
				&reg_usrloc.aor_lock[reg_usrloc.api.get_aorhash((str *)st->aor)
									 % AOR_LOCKS]);
	else
		reg_usrloc.api.lock_udomain(st->d, (str *)st->aor);
}

static void unlock_aor(struct reg_store *st)
{
	if(reg_usrloc.aor_lock != NULL)
		rec_lock_release(
				&reg_usrloc.aor_lock[reg_usrloc.api.get_aorhash((str *)st->aor)
									 % AOR_LOCKS]);
	else
		reg_usrloc.api.unlock_udomain(st->d, (str *)st->aor);
}

int reg_store_run(struct udomain *d, const str *aor,
		int (*fn)(struct reg_store *st, void *param), void *param)
{
	struct reg_store st = {.d = d, .aor = aor};
	int ret;

	lock_aor(&st);
	if(reg_usrloc.api.get_urecord(d, (str *)aor, &st.r) != 0) {
		st.r = NULL;
		st.is_broken = reg_cfg.db_mode == DB_ONLY
					   && reg_store_db_check(d, aor) == KX_E_NONE;
	}
	ret = fn(&st, param);
	if(st.r != NULL)
		reg_usrloc.api.release_urecord(st.r);
	unlock_aor(&st);
	return ret;
}

int reg_store_aor_of_ruid(
		struct udomain *d, uint32_t aor_hash, const str *ruid, struct kx_buf *b)
{
	urecord_t *r;
	ucontact_t *c;
	str aor;

	/* when it finds one, usrloc leaves the slot of the AoR locked */
	if(reg_usrloc.api.get_urecord_by_ruid(d, aor_hash, (str *)ruid, &r, &c)
			!= 0)
		return KX_E_NONE;
	kx_buf_str(b, &r->aor);
	reg_usrloc.api.release_urecord(r);
	if(kx_buf_end(b, &aor) != KX_OK) {
		/* the slot is told by the hash of the AoR: nothing shorter does */
		LM_BUG("an AoR longer than any AoR\n");
		return KX_E_BUG;
	}
	reg_usrloc.api.unlock_udomain(d, &aor);
	return KX_OK;
}

int reg_store_is_known(const struct reg_store *st)
{
	return st->r != NULL;
}

int reg_store_is_broken(const struct reg_store *st)
{
	return st->is_broken;
}

const str *reg_store_aor(const struct reg_store *st)
{
	return st->aor;
}

const str *reg_store_table(const struct reg_store *st)
{
	return ((const udomain_head_t *)st->d)->name;
}

uint32_t reg_store_hash(const str *aor)
{
	return reg_usrloc.api.get_aorhash((str *)aor);
}

uint32_t reg_store_aor_hash(const struct reg_store *st)
{
	return st->r != NULL ? st->r->aorhash
						 : reg_usrloc.api.get_aorhash((str *)st->aor);
}

/* Whether a binding was made by another node: at a socket that is not here,
 * or under another server_id. */
static int is_elsewhere(const ucontact_t *c)
{
	return c->sock == NULL || c->server_id != server_id;
}

/* The number of the connection a binding came by, -1 for none. In db_mode 3 it
 * is read from the row: of another node, or from before the last start, it
 * names whatever connection has that number here now. So does a row that was
 * read at the start, in the other modes that have rows. */
static int connection_of(const ucontact_t *c)
{
	if(is_elsewhere(c)
			|| (reg_usrloc.api.db_mode != NO_DB && c->last_modified < up_since))
		return -1;
	return c->tcpconn_id;
}

static int is_connection_dead(const ucontact_t *c)
{
	struct tcp_connection *con;
	int id = connection_of(c);

	if(is_elsewhere(c)
			|| (c->sock->proto != PROTO_TCP && c->sock->proto != PROTO_TLS
					&& c->sock->proto != PROTO_WS
					&& c->sock->proto != PROTO_WSS))
		return 0;
	if(id == -1)
		return 1;
	con = tcpconn_get(id, 0, 0, 0, 0);
	if(con == NULL)
		return 1;
	tcpconn_put(con);
	return 0;
}

static void view_keys(const ucontact_t *c, struct rgr_binding *b)
{
	b->uri = c->c;
	b->instance = c->instance;
	b->reg_id = c->reg_id;
	b->callid = c->callid;
	b->path = c->path;
}

static void view_numbers(
		const struct reg_store *st, const ucontact_t *c, struct rgr_binding *b)
{
	b->last_modified = c->last_modified;
	b->q = c->q;
	b->cseq = (uint32_t)c->cseq;
	b->reg_id = c->reg_id;
	b->methods = c->methods;
	b->cflags = c->cflags;
	b->has_dead_connection = 0;
	if(st != NULL && st->check_connections)
		b->has_dead_connection = is_connection_dead(c);
}

static void view_shown(const ucontact_t *c, struct rgr_binding *b)
{
	b->uri = c->c;
	b->q = c->q;
	b->received = c->received;
	b->instance = c->instance;
	b->reg_id = c->reg_id;
	b->ruid = c->ruid;
	b->callid = c->callid;
	b->params.s = NULL;
	b->params.len = 0;
	if(c->xavp != NULL)
		b->params = reg_keep_read(c->xavp);
}

static void view_contact(const struct reg_store *st, const ucontact_t *c,
		enum rgr_want want, struct rgr_binding *b)
{
	b->ref = c;
	b->expires = c->expires;
	switch(want) {
		case RGR_WANT_URI:
			b->uri = c->c;
			break;
		case RGR_WANT_KEYS:
			view_keys(c, b);
			break;
		case RGR_WANT_NUMBERS:
			view_numbers(st, c, b);
			break;
		case RGR_WANT_SHOWN:
			view_shown(c, b);
			break;
		case RGR_WANT_ALL:
			view_numbers(st, c, b);
			view_shown(c, b);
			b->path = c->path;
			b->user_agent = c->user_agent;
			break;
	}
}

static const void *next_contact(const void *owner, const void *at,
		enum rgr_want want, struct rgr_binding *out)
{
	const struct reg_store *st = owner;
	const ucontact_t *c = NULL;

	if(at != NULL)
		c = ((const ucontact_t *)at)->next;
	else if(st->r != NULL)
		c = st->r->contacts;
	if(c != NULL)
		view_contact(st, c, want, out);
	return c;
}

static void read_contact(
		const void *owner, const void *ref, struct rgr_binding *out)
{
	view_contact(owner, ref, RGR_WANT_ALL, out);
}

void reg_store_bindings(struct reg_store *st, struct rgr_bindings *out)
{
	out->owner = st;
	out->next = next_contact;
	out->read = read_contact;
}

void reg_store_check_connections(struct reg_store *st)
{
	st->check_connections = 1;
}

void reg_store_keep_rows(struct reg_store *st)
{
	st->keeps_rows = 1;
}

void reg_store_host_part(const void *ref, struct reg_host_part *out)
{
	const ucontact_t *c = ref;

	out->sock = reg_sock_real(c->sock);
	out->tcpconn_id = connection_of(c);
	out->flags = c->flags;
	out->server_id = c->server_id;
	out->xavp = c->xavp;
}

static void read_single(
		const void *owner, const void *ref, struct rgr_binding *out)
{
	view_contact(NULL, ref, RGR_WANT_ALL, out);
}

static const void *next_single(const void *owner, const void *at,
		enum rgr_want want, struct rgr_binding *out)
{
	if(at != NULL)
		return NULL;
	read_single(NULL, owner, out);
	return owner;
}

static void tell_expired(struct ucontact *c, int type, void *param)
{
	struct rgr_bindings one = {
			.owner = c, .next = next_single, .read = read_single};

	/* in db_mode 2 what was removed waits for usrloc's timer like this */
	if(c->expires != UL_EXPIRED_TIME || reg_usrloc.api.db_mode != WRITE_BACK)
		reg_stats_contacts(REG_STATS_EXPIRED, 1);
	if(reg_usrloc.on_expired != NULL)
		reg_usrloc.on_expired(c->domain, c->aor, &one);
}

int reg_store_on_expired(reg_expired_fn fn)
{
	/* only to count is not worth the query that usrloc makes for it */
	if(fn == NULL && reg_usrloc.api.db_mode == DB_ONLY)
		return 0;
	reg_usrloc.on_expired = fn;
	/* usrloc gives back the number of the callback or an error */
	return reg_usrloc.api.register_ulcb(UL_CONTACT_EXPIRE, tell_expired, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Adapter to usrloc: carrying a plan out, all of it or nothing
 * (RFC 3261 10.3 step 7). */
#include "core/globals.h"
#include "modules/usrloc/ucontact.h"

#include "kam/kam_compat.h"
#include "kam/kam_mem.h"
#include "reg_keep.h"
#include "reg_stats.h"
#include "reg_store_priv.h"

/* A contact as it was before a step, its strings in one text. */
struct former
{
	ucontact_info_t ci;
	str uri, callid, user_agent, path, params;
	char *text; /* what they are in */
};

/* One step that is done, newest first. */
struct step
{
	struct step *before;
	enum rgr_op_kind kind;
	ucontact_t *contact; /* not with DELETE */
	struct former was;	 /* not with INSERT */
	/* room for the strings of an ordinary contact */
	char mem[1024];
};

struct commit
{
	struct reg_store *st;
	struct step *last;
	reg_entry_fn entry_of;
	void *param;
	int done[RGR_OP_DELETE + 1]; /* steps, by kind */
};

static void info_of_entry(const struct reg_entry *e, ucontact_info_t *ci)
{
	memset(ci, 0, sizeof(*ci));
	ci->c = (str *)&e->b.uri;
	ci->received = e->b.received;
	ci->path = e->b.path.len > 0 ? (str *)&e->b.path : NULL;
	ci->expires = e->b.expires;
	ci->q = e->b.q;
	ci->callid = (str *)&e->b.callid;
	ci->cseq = (int)e->b.cseq;
	ci->flags = e->is_memory_only ? FL_MEM : FL_NONE;
	ci->cflags = e->b.cflags;
	ci->user_agent = (str *)&e->b.user_agent;
	ci->sock = e->sock;
	ci->methods = e->b.methods;
	ci->instance = e->b.instance;
	ci->reg_id = e->b.reg_id;
	ci->server_id = server_id;
	ci->tcpconn_id = e->tcpconn_id;
	ci->last_modified = e->b.last_modified;
}

/* Copy one string to where there is room for it; gives where the next goes. */
static char *keep(char *at, const str *from, str *to)
{
	to->s = NULL;
	to->len = from->len;
	if(from->len <= 0)
		return at;
	to->s = at;
	memcpy(at, from->s, from->len);
	return at + from->len;
}

static int remember(struct step *step, const ucontact_t *c)
{
	struct former *f = &step->was;
	str params = reg_keep_read(c->xavp);
	size_t need = c->c.len + c->callid.len + c->user_agent.len + c->path.len
				  + c->received.len + c->instance.len + c->ruid.len
				  + params.len;
	char *at = step->mem;

	memset(f, 0, sizeof(*f));
	if(need > sizeof(step->mem)) {
		at = pkg_malloc(need);
		if(at == NULL) {
			PKG_MEM_ERROR;
			return KX_E_NOMEM;
		}
	}
	f->text = at;
	at = keep(at, &c->c, &f->uri);
	at = keep(at, &c->callid, &f->callid);
	at = keep(at, &c->user_agent, &f->user_agent);
	at = keep(at, &c->path, &f->path);
	at = keep(at, &params, &f->params);
	at = keep(at, &c->received, &f->ci.received);
	at = keep(at, &c->instance, &f->ci.instance);
	keep(at, &c->ruid, &f->ci.ruid);
	f->ci.c = &f->uri;
	f->ci.callid = &f->callid;
	f->ci.user_agent = &f->user_agent;
	f->ci.path = c->path.s != NULL ? &f->path : NULL;
	f->ci.expires = c->expires;
	f->ci.q = c->q;
	f->ci.cseq = c->cseq;
	f->ci.flags = c->flags;
	f->ci.cflags = c->cflags;
	f->ci.sock = c->sock;
	f->ci.methods = c->methods;
	f->ci.reg_id = c->reg_id;
	f->ci.server_id = c->server_id;
	f->ci.tcpconn_id = c->tcpconn_id;
	f->ci.last_modified = c->last_modified;
	return KX_OK;
}

static void forget(struct step *step)
{
	if(step->was.text != NULL && step->was.text != step->mem)
		pkg_free(step->was.text);
}

/* Undo one step. What usrloc answers is not looked at: in memory it always
 * does it, and a database that refused the step refuses its reverse. */
static void undo(struct reg_store *st, struct step *step)
{
	ucontact_t *c;

	if(step->kind != RGR_OP_INSERT)
		reg_keep_begin(&step->was.params,
				step->kind == RGR_OP_UPDATE ? step->contact->xavp : NULL);
	switch(step->kind) {
		case RGR_OP_NONE:
			break;
		case RGR_OP_INSERT:
			reg_usrloc.api.delete_ucontact(st->r, step->contact);
			break;
		case RGR_OP_UPDATE:
			reg_usrloc.api.update_ucontact(st->r, step->contact, &step->was.ci);
			break;
		case RGR_OP_DELETE:
			reg_usrloc.api.insert_ucontact(
					st->r, &step->was.uri, &step->was.ci, &c);
			break;
	}
	if(step->kind != RGR_OP_INSERT)
		reg_keep_end();
}

/* usrloc goes on without the XAVP of a contact when memory is short. */
static int has_params(const ucontact_t *c, const str *params)
{
	return !reg_keep_is_on() || reg_keep_read(c->xavp).len == params->len;
}

static int do_insert(struct commit *commit, struct step *step, int i)
{
	struct reg_store *st = commit->st;
	struct reg_entry e;
	ucontact_info_t ci;
	ucontact_t *c = NULL;
	int err;

	if(st->r == NULL
			&& reg_usrloc.api.insert_urecord(st->d, (str *)st->aor, &st->r)
					   < 0) {
		st->r = NULL;
		return KX_E_NONE;
	}
	if(sruid_next(&reg_usrloc.ruid) < 0)
		return KX_E_NONE;
	commit->entry_of(commit->param, i, &e);
	info_of_entry(&e, &ci);
	ci.ruid = reg_usrloc.ruid.uid;
	err = reg_keep_begin(&e.b.params, NULL);
	if(err >= 0)
		err = reg_usrloc.api.insert_ucontact(st->r, &e.b.uri, &ci, &c);
	reg_keep_end();
	if(err < 0 || !has_params(c, &e.b.params)) {
		/* written to memory, but not to the database */
		if(c != NULL)
			reg_usrloc.api.delete_ucontact(st->r, c);
		return KX_E_NONE;
	}
	step->contact = c;
	return KX_OK;
}

static int do_update(
		struct commit *commit, struct step *step, const void *ref, int i)
{
	struct reg_entry e;
	ucontact_info_t ci;
	int err;

	step->contact = (ucontact_t *)ref;
	commit->entry_of(commit->param, i, &e);
	info_of_entry(&e, &ci);
	err = reg_keep_begin(&e.b.params, step->contact->xavp);
	if(err >= 0)
		err = reg_usrloc.api.update_ucontact(commit->st->r, step->contact, &ci);
	reg_keep_end();
	if(err < 0 || !has_params(step->contact, &e.b.params)) {
		undo(commit->st, step);
		return KX_E_NONE;
	}
	return KX_OK;
}

/* A binding that was refreshed in memory only can have a row from before: it
 * would be there again after a restart. */
static int delete_contact(struct reg_store *st, const void *ref)
{
	ucontact_t *c = (ucontact_t *)ref;

	if(!st->keeps_rows)
		c->flags &= ~FL_MEM;
	return reg_usrloc.api.delete_ucontact(st->r, c);
}

static int do_delete(struct commit *commit, struct step *step, const void *ref)
{
	if(delete_contact(commit->st, ref) < 0) {
		undo(commit->st, step);
		return KX_E_NONE;
	}
	return KX_OK;
}

/* Whether a contact is one that the plan keeps. */
static int is_kept(const struct commit *commit, const struct rgr_plan *plan,
		const ucontact_t *c)
{
	const struct step *s;
	int i;

	for(s = commit->last; s != NULL; s = s->before) {
		if(s->kind == RGR_OP_INSERT && s->contact == c)
			return 1;
	}
	for(i = 0; i < plan->n_ops; i++) {
		if(plan->op[i].ref == c && plan->op[i].kind != RGR_OP_DELETE)
			return 1;
	}
	return 0;
}

/* The next piece of work after the given one: the inserts and updates, then
 * the deletes, then the sweep. Deletes come last because undoing one costs
 * the binding its place in the list. */
struct work
{
	int phase; /* 0: insert, update; 1: delete; 2: sweep */
	int i;
	ucontact_t *next;
	enum rgr_op_kind kind;
	const void *ref;
};

static int next_op(const struct rgr_plan *plan, struct work *w)
{
	for(; w->i < plan->n_ops; w->i++) {
		enum rgr_op_kind kind = plan->op[w->i].kind;

		if(kind != RGR_OP_NONE && (kind == RGR_OP_DELETE) == (w->phase == 1)) {
			w->kind = kind;
			w->ref = plan->op[w->i].ref;
			return 1;
		}
	}
	return 0;
}

static int next_swept(const struct commit *commit, const struct rgr_plan *plan,
		struct work *w)
{
	while(w->next != NULL) {
		ucontact_t *c = w->next;

		w->next = c->next;
		/* in db_mode 2 what was deleted waits for the timer in the list */
		if(c->expires == UL_EXPIRED_TIME)
			continue;
		if(plan->sweep == RGR_SWEEP_OTHERS && is_kept(commit, plan, c))
			continue;
		w->kind = RGR_OP_DELETE;
		w->ref = c;
		return 1;
	}
	return 0;
}

static int next_work(const struct commit *commit, const struct rgr_plan *plan,
		struct work *w)
{
	for(; w->phase < 2; w->phase++, w->i = 0) {
		if(next_op(plan, w))
			return 1;
	}
	if(w->phase == 2) {
		w->phase++;
		if(plan->sweep != RGR_SWEEP_NONE && commit->st->r != NULL)
			w->next = commit->st->r->contacts;
	}
	return next_swept(commit, plan, w);
}

static int do_work(
		struct commit *commit, struct step *step, const struct work *w)
{
	int err;

	step->kind = w->kind;
	step->contact = NULL;
	step->was.text = NULL;
	if(w->kind != RGR_OP_INSERT) {
		err = remember(step, w->ref);
		if(err != KX_OK)
			return err;
	}
	switch(w->kind) {
		case RGR_OP_INSERT:
			return do_insert(commit, step, w->i);
		case RGR_OP_UPDATE:
			return do_update(commit, step, w->ref, w->i);
		case RGR_OP_DELETE:
			return do_delete(commit, step, w->ref);
		case RGR_OP_NONE:
			break;
	}
	return KX_OK;
}

/* Drop the journal; with is_failed undo it on the way. */
static void end_commit(
		struct commit *commit, const struct step *first, int is_failed)
{
	struct step *s, *before;

	for(s = commit->last; s != NULL; s = before) {
		before = s->before;
		if(is_failed)
			undo(commit->st, s);
		forget(s);
		if(s != first)
			pkg_free(s);
	}
}

/* Without a database in the way a delete always succeeds, and as the deletes
 * come last no step after them can fail either: no need to remember them,
 * unless there is more that the seal could undo. */
static int is_final(const struct commit *commit, const struct work *w)
{
	return w->kind == RGR_OP_DELETE && commit->last == NULL
		   && reg_usrloc.api.db_mode != WRITE_THROUGH
		   && reg_usrloc.api.db_mode != DB_ONLY;
}

/* Do one piece of work and note it in the journal. */
static int take_step(
		struct commit *commit, struct step *first, const struct work *w)
{
	struct step *step = first;
	int err;

	if(is_final(commit, w)) {
		delete_contact(commit->st, w->ref);
		commit->done[w->kind]++;
		return KX_OK;
	}
	if(commit->last != NULL)
		step = pkg_malloc(sizeof(*step));
	if(step == NULL) {
		PKG_MEM_ERROR;
		return KX_E_NOMEM;
	}
	err = do_work(commit, step, w);
	if(err == KX_OK) {
		step->before = commit->last;
		commit->last = step;
		commit->done[w->kind]++;
		return KX_OK;
	}
	forget(step);
	if(step != first)
		pkg_free(step);
	return err;
}

static void count(const struct commit *commit, const struct rgr_plan *plan)
{
	reg_stats_contacts(REG_STATS_INSERTED, commit->done[RGR_OP_INSERT]);
	reg_stats_contacts(REG_STATS_REFRESHED, commit->done[RGR_OP_UPDATE]);
	reg_stats_contacts(
			REG_STATS_REMOVED, commit->done[RGR_OP_DELETE] - plan->n_evicted);
	reg_stats_contacts(REG_STATS_EVICTED, plan->n_evicted);
}

int reg_store_commit(struct reg_store *st, const struct rgr_plan *plan,
		reg_entry_fn entry_of, reg_seal_fn seal, void *param)
{
	struct commit commit = {.st = st, .entry_of = entry_of, .param = param};
	struct work w = {0};
	struct step first; /* most requests are one step and need no more */
	int err = KX_OK;

	while(err == KX_OK && next_work(&commit, plan, &w)) {
		err = take_step(&commit, &first, &w);
		w.i++;
	}
	if(err == KX_OK && seal != NULL)
		err = seal(st, param);
	end_commit(&commit, &first, err != KX_OK);
	if(err == KX_OK)
		count(&commit, plan);
	return err;
}

int reg_store_delete(struct reg_store *st, const void *ref)
{
	struct rgr_op op = {RGR_OP_DELETE, ref};
	struct rgr_plan one = {.op = &op, .n_ops = 1};
	struct rgr_plan all = {.sweep = RGR_SWEEP_ALL};

	return reg_store_commit(st, ref != NULL ? &one : &all, NULL, NULL, NULL);
}

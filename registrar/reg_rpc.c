/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * RPC commands: registered users in pages. usrloc's own ul.dump has all of
 * them in one answer, which does not fit when there are many. */
#include "core/dprint.h"
#include "core/rpc.h"
#include "core/rpc_lookup.h"

#include "kam/kam_compat.h"
#include "reg_rpc.h"
#include "reg_store.h"

/* What is wanted, what was seen so far, and where it goes. */
struct list
{
	rpc_t *rpc;
	void *rows;
	str text; /* empty: any */
	int offset;
	int limit;
	int64_t now;
	int users, contacts, matching, shown, is_full;
};

/* NULL would be shown as such. */
static str shown_text(str s)
{
	return s.len > 0 ? s : KX_STR("");
}

static int show_contact(
		struct list *l, void *contacts, const struct rgr_binding *b)
{
	str uri = b->uri, agent = shown_text(b->user_agent),
		received = shown_text(b->received);
	void *th;

	if(l->rpc->array_add(contacts, "{", &th) < 0)
		return -1;
	return l->rpc->struct_add(th, "SdSS", "contact", &uri, "expires_in",
			b->expires == 0 ? 0 : (int)rgr_binding_left(b, l->now),
			"user_agent", &agent, "received", &received);
}

static int show_user(
		struct list *l, const str *aor, const struct rgr_bindings *all)
{
	str copy = *aor;
	struct rgr_binding b;
	const void *at = NULL;
	void *th, *contacts;

	if(l->rpc->array_add(l->rows, "{", &th) < 0
			|| l->rpc->struct_add(th, "S[", "aor", &copy, "contacts", &contacts)
					   < 0)
		return -1;
	while((at = all->next(all->owner, at, RGR_WANT_ALL, &b)) != NULL) {
		if(rgr_binding_is_valid(&b, l->now)
				&& show_contact(l, contacts, &b) < 0)
			return -1;
	}
	return 0;
}

/* Count a user who has a contact that lives; show those wished for. */
static void see_user(struct reg_store *st, void *param)
{
	struct list *l = param;
	const str *aor = reg_store_aor(st);
	int living = 0, is_wished = kx_str_has(aor, &l->text);
	struct rgr_bindings all;
	struct rgr_binding b;
	const void *at = NULL;

	reg_store_bindings(st, &all);
	while((at = all.next(all.owner, at, RGR_WANT_URI, &b)) != NULL) {
		if(!rgr_binding_is_valid(&b, l->now))
			continue;
		living++;
		is_wished = is_wished || kx_str_has(&b.uri, &l->text);
	}
	if(living == 0)
		return;
	l->users++;
	l->contacts += living;
	if(!is_wished || l->matching++ < l->offset || l->shown >= l->limit
			|| l->is_full)
		return;
	if(show_user(l, aor, &all) < 0)
		l->is_full = 1;
	else
		l->shown++;
}

static void on_list(rpc_t *rpc, void *ctx)
{
	struct list l = {.rpc = rpc, .limit = 50, .now = time(NULL)};
	str table = KX_STR("location"), name = table;
	struct udomain *d;
	void *th;
	int n;

	n = rpc->scan(ctx, "*.SddS", &l.text, &l.offset, &l.limit, &name);
	if(n < 0)
		n = -n;
	/* the ctl module writes texts of its own where there are none */
	if(n == 0)
		l.text.len = 0;
	if(n < 4)
		name = table;
	d = reg_store_domain(&name, 0);
	if(l.offset < 0 || l.limit < 0 || d == NULL) {
		rpc->fault(ctx, 400, "Invalid Parameters");
		return;
	}
	if(rpc->add(ctx, "{", &th) < 0
			|| rpc->struct_add(th, "[", "users", &l.rows) < 0)
		return;
	if(reg_store_each(d, see_user, &l) != KX_OK) {
		rpc->fault(ctx, 500, "In db_mode 3 no bindings are in memory");
		return;
	}
	rpc->struct_add(th, "ddddd", "matching", l.matching, "shown", l.shown,
			"cut_short", l.is_full, "total_users", l.users, "total_contacts",
			l.contacts);
}

static const char *on_list_doc[] = {
		"Show registered users with their contacts: "
		"[text [offset [limit [table]]]]",
		0};

static rpc_export_t commands[] = {
		{"registrar.list", on_list, on_list_doc, 0}, {NULL, NULL, NULL, 0}};

int reg_rpc_init(void)
{
	if(rpc_register_array(commands) != 0) {
		LM_ERR("can't register the RPC commands\n");
		return -1;
	}
	return 0;
}

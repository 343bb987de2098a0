/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bindings written to XAVPs: xavp_rcd, lookup_xavp(), and those usrloc keeps
 * with a contact. */
#include "kam/kam_compat.h"
#include "path.h"
#include "reg_cfg.h"
#include "reg_store.h"
#include "reg_xavp.h"

/* The bits of xavp_rcd_mask. */
enum
{
	NO_RUID = 1,
	NO_CONTACT = 2,
	NO_EXPIRES = 4,
	NO_RECEIVED = 8,
	NO_PATH = 16
};

/* An XAVP under construction: its children. */
struct record
{
	sr_xavp_t *children;
	int is_broken; /* memory was short */
};

static void add_text(struct record *r, const char *key, const str *text)
{
	str name = {(char *)key, (int)strlen(key)};
	sr_xval_t value = {.type = SR_XTYPE_STR};

	if(text->len <= 0)
		return;
	value.v.s = *text;
	if(xavp_add_value(&name, &value, &r->children) == NULL)
		r->is_broken = 1;
}

static void add_number(struct record *r, const char *key, int64_t number)
{
	str name = {(char *)key, (int)strlen(key)};
	sr_xavp_t value = {.val.type = KAM_XAVP_INT};

	kam_xavp_int(&value) = number;
	if(xavp_add_value(&name, &value.val, &r->children) == NULL)
		r->is_broken = 1;
}

/* Put the record behind those of its name. @return 0 or -1 */
static int finish(struct record *r, const str *rname)
{
	sr_xval_t value = {.type = SR_XTYPE_XAVP};
	str name = *rname;
	sr_xavp_t *last, *done = NULL;

	value.v.xavp = r->children;
	if(r->children != NULL && !r->is_broken) {
		last = xavp_get_last(&name, NULL);
		done = last != NULL ? xavp_add_value_after(&name, &value, last)
							: xavp_add_value(&name, &value, NULL);
	}
	if(done == NULL && (r->children != NULL || r->is_broken)) {
		LM_ERR("no memory for $xavp(%.*s)\n", name.len, name.s);
		xavp_destroy_list(&r->children);
		return -1;
	}
	return 0;
}

static void write_record(const struct rgr_binding *b, int64_t now)
{
	int mask = reg_cfg.p.xavp_rcd_mask;
	struct record r = {NULL, 0};

	if(!(mask & NO_RUID))
		add_text(&r, "ruid", &b->ruid);
	if(!(mask & NO_CONTACT))
		add_text(&r, "contact", &b->uri);
	if(!(mask & NO_EXPIRES))
		add_number(&r, "expires", rgr_binding_left(b, now));
	if(!(mask & NO_RECEIVED))
		add_text(&r, "received", &b->received);
	if(!(mask & NO_PATH))
		add_text(&r, "path", &b->path);
	finish(&r, &reg_cfg.p.xavp_rcd);
}

void reg_xavp_record(const struct rgr_binding *b, int64_t now)
{
	if(reg_cfg.p.xavp_rcd.len > 0)
		write_record(b, now);
}

void reg_xavp_only_record(const struct rgr_binding *b, int64_t now)
{
	xavp_rm_by_name(&reg_cfg.p.xavp_rcd, 1, NULL);
	reg_xavp_record(b, now);
}

static void add_next_hop(struct record *r, const struct rgr_binding *b)
{
	struct rgr_path path;

	if(b->path.len > 0 && rgr_path_read(&b->path, &path) == KX_OK)
		add_text(r, "dsturi", &path.first_uri);
	else
		add_text(r, "dsturi", &b->received);
}

static int write_target(
		const str *name, const struct rgr_binding *b, int64_t now)
{
	struct record r = {NULL, 0};
	struct reg_host_part host;

	reg_store_host_part(b->ref, &host);
	add_text(&r, "uri", &b->uri);
	add_next_hop(&r, b);
	if(host.sock != NULL)
		add_text(&r, "socket", &host.sock->sock_str);
	add_text(&r, "ruid", &b->ruid);
	add_text(&r, "path", &b->path);
	add_text(&r, "received", &b->received);
	add_text(&r, "instance", &b->instance);
	add_text(&r, "callid", &b->callid);
	add_text(&r, "user_agent", &b->user_agent);
	add_number(&r, "q", b->q);
	add_number(&r, "regid", b->reg_id);
	add_number(&r, "methods", b->methods);
	add_number(&r, "cflags", b->cflags);
	add_number(&r, "expires", rgr_binding_left(b, now));
	add_number(&r, "conid", host.tcpconn_id);
	return finish(&r, name);
}

int reg_xavp_flows(
		const str *name, const struct rgr_binding *target, int n, int64_t now)
{
	int i, err = 0;

	xavp_rm_by_name((str *)name, 1, NULL);
	for(i = 0; i < n && err == 0; i++)
		err = write_target(name, &target[i], now);
	if(err != 0)
		xavp_rm_by_name((str *)name, 1, NULL);
	return err;
}

int reg_xavp_targets(const str *record, const str *contact, const str *aor,
		const struct rgr_binding *target, int n, int64_t now)
{
	struct record r = {NULL, 0};

	xavp_rm_by_name((str *)record, 1, NULL);
	xavp_rm_by_name((str *)contact, 1, NULL);
	add_text(&r, "aor", aor);
	add_number(&r, "count", n);
	if(finish(&r, record) != 0)
		return -1;
	if(reg_xavp_flows(contact, target, n, now) == 0)
		return 0;
	xavp_rm_by_name((str *)record, 1, NULL);
	return -1;
}

/* A copy of what usrloc keeps with a binding; NULL: nothing, or no memory. */
static sr_xavp_t *copy_kept(const void *ref)
{
	struct reg_host_part host;
	sr_xavp_t *copy;

	reg_store_host_part(ref, &host);
	if(host.xavp == NULL)
		return NULL;
	copy = xavp_clone_level_nodata(host.xavp);
	if(copy == NULL)
		LM_ERR("no memory for the XAVPs of a contact\n");
	return copy;
}

void reg_xavp_restore(const void *ref)
{
	sr_xavp_t *copy = copy_kept(ref);

	if(copy != NULL && xavp_add(copy, NULL) < 0)
		xavp_destroy_list(&copy);
}

/* The XAVP of a name and an index; those that are missing up to it are made,
 * without a value. */
static sr_xavp_t *reach(str *name, int index)
{
	sr_xval_t nothing = {.type = SR_XTYPE_NULL};
	sr_xavp_t *x = xavp_get(name, NULL), *next;
	int i;

	if(x == NULL)
		x = xavp_add_value(name, &nothing, NULL);
	for(i = 0; i < index && x != NULL; i++) {
		next = xavp_get_next(x);
		x = next != NULL ? next : xavp_add_value_after(name, &nothing, x);
	}
	return x;
}

void reg_xavp_restore_branch(const void *ref, int branch)
{
	sr_xavp_t *copy = copy_kept(ref), *before;

	if(copy == NULL)
		return;
	before = reach(&copy->name, branch);
	if(before == NULL || xavp_add_after(copy, before) < 0)
		xavp_destroy_list(&copy);
}

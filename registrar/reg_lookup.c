/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * lookup(): from the store to the destination set. */
#include "core/mem/mem.h"
#include "core/parser/parse_to.h"

#include "reg_aor.h"
#include "reg_branch.h"
#include "reg_cfg.h"
#include "reg_lookup.h"
#include "reg_mac.h"
#include "reg_store.h"
#include "reg_xavp.h"
#include "select.h"

enum
{
	LOOKUP_ERROR = -3,
	FILTER_BFLAGS = 1,
	FILTER_CONNECTION = 2
};

/* Where the first target goes. */
enum to
{
	TO_RURI,
	TO_DSET,   /* where all others go */
	TO_BRANCH, /* a branch that is there */
	TO_XAVP
};

/* One lookup() in work. */
struct lookup
{
	struct sip_msg *msg;
	enum to to;
	int branch;			/* TO_BRANCH */
	const str *record;	/* TO_XAVP */
	const str *contact; /* TO_XAVP */
	struct rgr_select_policy pol;
	const str *aor;
};

/* The method to filter by: only of a request that begins a dialog. */
static uint32_t method_filter(struct sip_msg *msg)
{
	if(!reg_cfg.p.method_filtering || msg->first_line.type != SIP_REQUEST)
		return 0;
	if(parse_headers(msg, HDR_TO_F, 0) < 0 || msg->to == NULL
			|| get_to(msg)->tag_value.len > 0)
		return 0;
	return msg->REQ_METHOD;
}

static void read_policy(struct lookup *l, const struct reg_aor *who)
{
	int bflags = 0;

	l->pol.now = time(NULL);
	l->pol.use_expired = reg_cfg_get(use_expired_contacts) != 0;
	l->pol.method = method_filter(l->msg);
	l->pol.keep_store_order = reg_cfg.desc_time_order != 0;
	if((reg_cfg.p.lookup_filter_mode & FILTER_BFLAGS)
			&& reg_xavp_int("rlf_bflags", &bflags))
		l->pol.bflags = bflags;
	l->pol.need_living_connection =
			(reg_cfg.p.lookup_filter_mode & FILTER_CONNECTION) != 0;
	l->pol.gruu_instance = who->gruu.instance;
	l->pol.ruid = who->gruu.ruid;
	if(l->pol.ruid.len > 0) {
		l->pol.mac = reg_mac();
		l->pol.callid_tag = who->token.callid_tag;
	}
}

/* How many destinations of the request there may be at most. */
static int room(const struct lookup *l)
{
	int first = l->to == TO_RURI || l->to == TO_BRANCH;
	int max = first + reg_branch_room();

	if(!reg_cfg_get(append_branches))
		return first;
	return max > REG_BRANCH_MAX ? REG_BRANCH_MAX : max;
}

static int drop_unusable(struct rgr_binding *target, int n)
{
	int i, kept = 0;

	for(i = 0; i < n; i++) {
		if(!reg_branch_is_usable(&target[i]))
			continue;
		if(kept < i)
			target[kept] = target[i];
		kept++;
	}
	return kept;
}

/* What is kept with the targets becomes the message's. */
static void restore(const struct lookup *l, const struct rgr_binding *target,
		int n, int first, int branch)
{
	int i;

	if(first && n > 0)
		reg_xavp_restore(target[0].ref);
	for(i = first; i < n; i++)
		reg_xavp_restore_branch(target[i].ref, branch + i - first);
	if(reg_cfg.p.xavp_rcd.len > 0) {
		for(i = 0; i < n; i++)
			reg_xavp_record(&target[i], l->pol.now);
	}
}

/* Branches first: they can be taken back. */
static int fill(const struct lookup *l, const struct rgr_binding *target, int n)
{
	int first = l->to == TO_RURI || l->to == TO_BRANCH;
	int before = reg_branch_count();
	int i;

	for(i = first; i < n; i++) {
		if(reg_branch_append(l->msg, &target[i]) < 0)
			goto undo;
	}
	if(l->to == TO_RURI && reg_branch_set_ruri(l->msg, &target[0]) < 0)
		goto undo;
	if(l->to == TO_BRANCH)
		reg_branch_set(l->branch, &target[0]);
	restore(l, target, n, first, before);
	return 0;
undo:
	reg_branch_cut(before);
	return -1;
}

/* Whether all bindings are asked for, not only what there is room for. */
static int wants_all(const struct lookup *l)
{
	return l->to == TO_XAVP || reg_cfg.p.flow_xavp.len > 0;
}

/* Leave one flow per instance among the targets and no more than max.
 * Returns how many others there are. */
static int set_flows_aside(struct rgr_binding *target, int *n, int max,
		int *dropped, struct rgr_binding *spare)
{
	int spares = rgr_select_flows(target, n, spare);

	if(*n > max) {
		*dropped += *n - max;
		*n = max;
	}
	return spares;
}

/* The targets go where the look-up puts them; spare has as much room. */
static int lookup_among(struct lookup *l, const struct rgr_bindings *all,
		struct rgr_binding *target, int size, struct rgr_binding *spare)
{
	int n, dropped, spares = 0, max = room(l);
	enum rgr_select_result found;

	found = rgr_select(
			&l->pol, all, target, wants_all(l) ? size : max, &n, &dropped);
	if(found != RGR_SELECT_FOUND)
		return found;
	if(l->to == TO_XAVP)
		return reg_xavp_targets(
					   l->record, l->contact, l->aor, target, n, l->pol.now)
							   == 0
					   ? RGR_SELECT_FOUND
					   : LOOKUP_ERROR;
	if(wants_all(l))
		spares = set_flows_aside(target, &n, max, &dropped, spare);
	if(dropped > 0 && reg_cfg_get(append_branches))
		LM_WARN("AoR '%.*s': %d contacts passed over, there is room for %d "
				"branches (core parameter max_branches)\n",
				l->aor->len, l->aor->s, dropped, max);
	if(n > 0 && (n = drop_unusable(target, n)) == 0)
		return RGR_SELECT_NONE;
	if(fill(l, target, n) < 0)
		return LOOKUP_ERROR;
	if(wants_all(l))
		reg_xavp_flows(&reg_cfg.p.flow_xavp, spare, spares, l->pol.now);
	return RGR_SELECT_FOUND;
}

static int count(const struct rgr_bindings *all)
{
	const void *at = NULL;
	struct rgr_binding b;
	int n = 0;

	while((at = all->next(all->owner, at, RGR_WANT_KEYS, &b)) != NULL)
		n++;
	return n;
}

static int lookup_locked(struct reg_store *st, void *param)
{
	struct lookup *l = param;
	struct rgr_binding usual[2 * REG_BRANCH_MAX], *target = usual;
	int size = REG_BRANCH_MAX, ret;
	struct rgr_bindings all;

	if(reg_store_is_broken(st))
		return LOOKUP_ERROR;
	if(l->pol.need_living_connection)
		reg_store_check_connections(st);
	reg_store_bindings(st, &all);
	if(wants_all(l) && (ret = count(&all)) > size) {
		size = ret;
		target = pkg_malloc(2 * size * sizeof(*target));
		if(target == NULL) {
			PKG_MEM_ERROR;
			return LOOKUP_ERROR;
		}
	}
	ret = lookup_among(l, &all, target, size, target + size);
	if(target != usual)
		pkg_free(target);
	return ret;
}

static int lookup(struct lookup *l, struct udomain *d, const str *uri)
{
	struct reg_aor who;
	int err;

	err = reg_aor_of_uri(l->msg, d, uri, &who);
	if(err != KX_OK)
		return err == KX_E_NONE ? RGR_SELECT_NONE : LOOKUP_ERROR;
	l->aor = &who.aor;
	read_policy(l, &who);
	return reg_store_run(d, &who.aor, lookup_locked, l);
}

int reg_lookup(struct sip_msg *msg, struct udomain *d, const str *uri,
		enum reg_lookup_to to)
{
	struct lookup l = {
			.msg = msg, .to = to == REG_LOOKUP_RURI ? TO_RURI : TO_DSET};

	return lookup(&l, d, uri);
}

int reg_lookup_branches(struct sip_msg *msg, struct udomain *d)
{
	int i, ret, found, before = reg_branch_count();
	char mem[MAX_URI_SIZE];
	str uri;

	ret = reg_lookup(msg, d, NULL, REG_LOOKUP_RURI);
	for(i = 0; i < before; i++) {
		struct lookup l = {.msg = msg, .to = TO_BRANCH, .branch = i};

		if(!reg_branch_is_plain(i, &uri))
			continue;
		/* the branch is written while its URI is still in use */
		memcpy(mem, uri.s, uri.len);
		uri.s = mem;
		found = lookup(&l, d, &uri);
		if(ret != RGR_SELECT_FOUND)
			ret = found;
	}
	return ret;
}

int reg_lookup_xavp(struct sip_msg *msg, struct udomain *d, const str *uri,
		const str *record, const str *contact)
{
	struct lookup l = {
			.msg = msg, .to = TO_XAVP, .record = record, .contact = contact};

	return lookup(&l, d, uri);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Matching contacts with bindings (RFC 3261 10.3 step 7, RFC 5626 6). */
#include "match.h"

static str without_brackets(const str *s)
{
	str v = *s;

	if(v.len >= 2 && v.s[0] == '<' && v.s[v.len - 1] == '>') {
		v.s++;
		v.len -= 2;
	}
	return v;
}

int rgr_instance_same(const str *a, const str *b)
{
	str x = without_brackets(a);
	str y = without_brackets(b);

	return kx_str_eq(&x, &y);
}

static int has_same_parts(const struct rgr_contact *c,
		const struct rgr_binding *b, struct rgr_split *split)
{
	if(split->state == RGR_SPLIT_NOT_YET)
		split->state = kx_uri_parse(&b->uri, &split->parts) == KX_OK
							   ? RGR_SPLIT_DONE
							   : RGR_SPLIT_FAILED;
	return c->has_parts && split->state == RGR_SPLIT_DONE
		   && kx_uri_same(&c->parts, &split->parts);
}

/* Whether a contact has the URI of a binding. */
static inline int has_uri(const struct rgr_policy *pol,
		const struct rgr_contact *c, const struct rgr_binding *b,
		struct rgr_split *split)
{
	return kx_str_eq(&c->uri, &b->uri)
		   || (pol->compare_uris && has_same_parts(c, b, split));
}

int rgr_match_promoted(const struct rgr_policy *pol,
		const struct rgr_contact *c, const struct rgr_binding *b,
		struct rgr_split *split)
{
	return pol->compare_uris && c->instance.len > 0 && b->instance.len == 0
		   && has_uri(pol, c, b, split);
}

int rgr_match(const struct rgr_policy *pol, const struct rgr_request *req,
		const struct rgr_contact *c, const struct rgr_binding *b,
		struct rgr_split *split)
{
	if(c->instance.len > 0)
		return b->instance.len > 0 && c->reg_id == b->reg_id
			   && rgr_instance_same(&c->instance, &b->instance);

	switch(pol->matching) {
		case RGR_MATCH_URI_CALLID:
			return kx_str_eq(&req->callid, &b->callid)
				   && has_uri(pol, c, b, split);
		case RGR_MATCH_URI_PATH:
			return (req->path.len == 0 || kx_str_eq(&req->path, &b->path))
				   && has_uri(pol, c, b, split);
		case RGR_MATCH_CALLID:
			return kx_str_eq(&req->callid, &b->callid);
		case RGR_MATCH_URI:
			break;
	}
	return has_uri(pol, c, b, split);
}

int rgr_match_contacts(const struct rgr_policy *pol,
		const struct rgr_contact *a, const struct rgr_contact *b)
{
	if(a->instance.len > 0 || b->instance.len > 0)
		return a->instance.len > 0 && b->instance.len > 0
			   && a->reg_id == b->reg_id
			   && rgr_instance_same(&a->instance, &b->instance);
	if(pol->matching == RGR_MATCH_CALLID)
		return 1;
	return kx_str_eq(&a->uri, &b->uri)
		   || (pol->compare_uris && a->has_parts && b->has_parts
				   && kx_uri_same(&a->parts, &b->parts));
}

enum rgr_order rgr_match_order(const struct rgr_policy *pol,
		const struct rgr_request *req, const struct rgr_binding *b)
{
	if(!kx_str_eq(&req->callid, &b->callid) || req->cseq > b->cseq)
		return RGR_ORDER_NEWER;
	if(req->cseq == b->cseq
			&& b->last_modified + (int64_t)pol->cseq_delay_s > req->now)
		return RGR_ORDER_REPEAT;
	return RGR_ORDER_STALE;
}

static void note(const struct rgr_policy *pol, const struct rgr_request *req,
		const struct rgr_bindings *all, const void *ref, struct rgr_meant *out)
{
	struct rgr_binding b;

	all->read(all->owner, ref, &b);
	out->ref = ref;
	out->is_living = rgr_binding_is_valid(&b, req->now);
	/* one that has ended is none, and orders nothing */
	out->order =
			out->is_living ? rgr_match_order(pol, req, &b) : RGR_ORDER_NEWER;
}

/* One walk in work. */
struct walk
{
	const struct rgr_policy *pol;
	const struct rgr_request *req;
	const struct rgr_bindings *all;
	struct rgr_split split; /* of the binding that is looked at */
};

/* Note what a binding is to a contact that means no living one yet. Of
 * several the first that lives counts; expired leftovers of the same contact
 * can still be in the list, also before it. */
static void meet(struct walk *w, const struct rgr_contact *c,
		const struct rgr_binding *b, struct rgr_met *met)
{
	int is_living = rgr_binding_is_valid(b, w->req->now);

	if(rgr_match(w->pol, w->req, c, b, &w->split)) {
		if(is_living || met->meant.ref == NULL)
			note(w->pol, w->req, w->all, b->ref, &met->meant);
	} else if(is_living && met->promoted.ref == NULL
			  && rgr_match_promoted(w->pol, c, b, &w->split)) {
		note(w->pol, w->req, w->all, b->ref, &met->promoted);
	}
}

/* Whether every contact means the binding of the very same URI and no other:
 * the usual case, and decided without more ado. */
static int are_by_text(
		const struct rgr_policy *pol, const struct rgr_request *req)
{
	int i;

	if(pol->matching != RGR_MATCH_URI || pol->compare_uris)
		return 0;
	for(i = 0; i < req->n_contacts; i++) {
		if(req->contact[i].instance.len > 0)
			return 0;
	}
	return 1;
}

int64_t rgr_match_all(const struct rgr_policy *pol,
		const struct rgr_request *req, const struct rgr_bindings *all,
		struct rgr_met *met)
{
	struct walk w = {.pol = pol, .req = req, .all = all};
	int is_by_text = are_by_text(pol, req);
	int is_single = is_by_text && req->n_contacts == 1;
	enum rgr_want want = is_by_text ? RGR_WANT_URI : RGR_WANT_KEYS;
	const struct rgr_contact *c, *end = req->contact + req->n_contacts;
	int open = req->n_contacts;
	const void *at = NULL;
	struct rgr_binding b;
	struct rgr_met *m;
	int64_t living = 0;

	memset(met, 0, open * sizeof(*met));
	while(open > 0 && (at = all->next(all->owner, at, want, &b)) != NULL) {
		if(pol->max_contacts > 0)
			living += rgr_binding_is_valid(&b, req->now);
		if(is_single && !kx_str_eq(&req->contact[0].uri, &b.uri))
			continue;
		w.split.state = RGR_SPLIT_NOT_YET;
		for(c = req->contact, m = met; c < end; c++, m++) {
			if(m->meant.is_living
					|| (is_by_text && !kx_str_eq(&c->uri, &b.uri)))
				continue;
			meet(&w, c, &b, m);
			open -= m->meant.is_living;
		}
	}
	return living;
}

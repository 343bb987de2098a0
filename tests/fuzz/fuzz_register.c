/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: a REGISTER with any contacts meets any bindings under any
 * settings; what is planned must be possible and what is answered must be
 * headers. */
#include "answer.h"
#include "contacts.h"
#include "fuzz.h"
#include "plan.h"

enum
{
	CONTACTS = 6,
	BINDINGS = 6,
	NOW = 1000000
};

struct world
{
	struct rgr_policy pol;
	struct rgr_request req;
	struct rgr_contact contact[CONTACTS];
	struct rgr_binding binding[BINDINGS];
	int n_bindings;
	struct rgr_op op[CONTACTS * 2 + 1];
	struct rgr_met met[CONTACTS];
	struct rgr_plan plan;
};

/* A few texts that contacts and bindings can have in common; the rest is the
 * input's own. */
static str text(struct fuzz_input *in)
{
	static const str common[] = {KX_STR(""), KX_STR("sip:a@h"),
			KX_STR("sip:b@h:5070"), KX_STR("sip:c@h;transport=tcp"),
			KX_STR("<urn:1>"), KX_STR("<urn:2>"), KX_STR("1"), KX_STR("2"),
			KX_STR("0"), KX_STR("3600")};
	uint8_t i = fuzz_byte(in);

	if(i < sizeof(common) / sizeof(common[0]))
		return common[i];
	return fuzz_line(in);
}

static void read_binding(
		const void *owner, const void *ref, struct rgr_binding *out)
{
	*out = *(const struct rgr_binding *)ref;
}

static const void *next_binding(const void *owner, const void *at,
		enum rgr_want want, struct rgr_binding *out)
{
	const struct world *w = owner;
	const struct rgr_binding *b = at;

	b = b == NULL ? w->binding : b + 1;
	if(b >= w->binding + w->n_bindings)
		return NULL;
	read_binding(w, b, out);
	return b;
}

static void read_policy(struct fuzz_input *in, struct rgr_policy *pol)
{
	uint8_t flags = fuzz_byte(in), more;

	pol->lifetime.default_s = fuzz_u32(in);
	pol->lifetime.default_range_pct = fuzz_byte(in) % 101;
	pol->lifetime.range_pct = fuzz_byte(in) % 101;
	pol->lifetime.min_s = fuzz_byte(in);
	pol->lifetime.max_s = fuzz_byte(in) * 100u;
	pol->lifetime.refuse_brief = flags & 1;
	pol->lifetime.override_s = flags & 2 ? fuzz_u32(in) : RGR_UNSET;
	pol->default_q = RGR_Q_UNSET;
	pol->override_q = flags & 4 ? fuzz_byte(in) * 4 : RGR_Q_UNSET;
	pol->max_contacts = fuzz_byte(in) % 8;
	pol->contact_max_len = 512;
	pol->is_single = !!(flags & 8);
	pol->use_path = !!(flags & 16);
	pol->regid_always = !!(flags & 32);
	pol->path_mode = fuzz_byte(in) % 3;
	pol->outbound_mode = fuzz_byte(in) % 3;
	pol->matching = fuzz_byte(in) % 4;
	pol->cseq_delay_s = fuzz_byte(in);
	more = fuzz_byte(in);
	pol->compare_uris = more & 1;
	pol->eviction = (more >> 1) % 3;
	if(flags & 64)
		pol->push_providers = KX_STR("fcm, apns");
	if(flags & 128)
		pol->service_route = KX_STR("<sip:s.example;lr>");
}

static void read_request(struct fuzz_input *in, struct world *w)
{
	struct rgr_request *req = &w->req;
	uint8_t flags = fuzz_byte(in);
	int i;

	req->callid = text(in);
	req->cseq = fuzz_byte(in);
	req->expires = flags & 1 ? RGR_UNSET : fuzz_byte(in);
	req->has_star = (flags & 14) == 14;
	req->supports_path = !!(flags & 16);
	req->supports_outbound = !!(flags & 32);
	req->requires_outbound = !!(flags & 64);
	req->path = text(in);
	req->via_count = 1 + (flags >> 7);
	req->now = NOW;
	req->contact = w->contact;
	req->n_contacts = fuzz_byte(in) % (CONTACTS + 1);
	for(i = 0; i < req->n_contacts; i++) {
		struct rgr_contact *c = &w->contact[i];

		c->uri = text(in);
		c->q_text = text(in);
		c->expires_text = text(in);
		c->regid_text = text(in);
		c->instance = text(in);
		c->received = text(in);
	}
}

static void read_bindings(struct fuzz_input *in, struct world *w)
{
	int i;

	w->n_bindings = fuzz_byte(in) % (BINDINGS + 1);
	for(i = 0; i < w->n_bindings; i++) {
		struct rgr_binding *b = &w->binding[i];

		b->ref = b;
		b->uri = text(in);
		b->callid = text(in);
		b->instance = text(in);
		b->path = text(in);
		b->cseq = fuzz_byte(in);
		b->reg_id = fuzz_byte(in) % 4;
		b->expires = fuzz_byte(in) % 3 == 0 ? 0 : NOW - 100 + fuzz_byte(in);
		b->last_modified = NOW - fuzz_byte(in);
		b->q = RGR_Q_UNSET;
	}
}

/* Every binding of an operation is there, and is in one only; the number of
 * bindings afterwards is what the settings allow. */
static void check_plan(const struct world *w)
{
	const struct rgr_plan *plan = &w->plan;
	int i, k, before = 0, gained = 0, lost = 0, changes = 0;

	MUST(plan->n_ops >= w->req.n_contacts);
	MUST(plan->n_ops <= w->req.n_contacts * 2);
	for(i = 0; i < w->n_bindings; i++)
		before += rgr_binding_is_valid(&w->binding[i], NOW);
	for(i = 0; i < plan->n_ops; i++) {
		const struct rgr_op *op = &plan->op[i];
		const struct rgr_binding *b = op->ref;

		MUST((b != NULL)
						== (op->kind == RGR_OP_UPDATE
								|| op->kind == RGR_OP_DELETE)
				|| op->kind == RGR_OP_NONE);
		MUST(b == NULL || (b >= w->binding && b < w->binding + w->n_bindings));
		for(k = 0; k < i && b != NULL; k++)
			MUST(plan->op[k].ref != b);
		if(i < w->req.n_contacts) {
			MUST(op->kind != RGR_OP_DELETE || w->contact[i].granted == 0);
			MUST((op->kind != RGR_OP_INSERT && op->kind != RGR_OP_UPDATE)
					|| w->contact[i].granted > 0);
		} else {
			MUST(op->kind == RGR_OP_DELETE);
		}
		changes += op->kind != RGR_OP_NONE;
		gained += op->kind == RGR_OP_INSERT;
		if(b != NULL) {
			int lives = rgr_binding_is_valid(b, NOW);

			gained += op->kind == RGR_OP_UPDATE && !lives;
			lost += op->kind == RGR_OP_DELETE && lives;
		}
	}
	MUST(changes == 0 || plan->changes);
	if(w->pol.max_contacts > 0 && plan->sweep == RGR_SWEEP_NONE)
		MUST(before + gained - lost <= (int)w->pol.max_contacts
				|| gained <= lost);
}

static void check_headers(struct kx_buf *b)
{
	str out;
	int i;

	if(kx_buf_end(b, &out) != KX_OK || out.len == 0)
		return;
	MUST(out.len > 2 && memcmp(out.s + out.len - 2, "\r\n", 2) == 0);
	for(i = 0; i < out.len; i++) {
		MUST(out.s[i] != '\0');
		MUST(out.s[i] != '\n' || (i > 0 && out.s[i - 1] == '\r'));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const str user = KX_STR("alice"), domain = KX_STR("example.com");
	struct fuzz_input in = {(const char *)data, size};
	struct world w;
	struct rgr_bindings all = {&w, next_binding, read_binding};
	enum rgr_verdict v;
	char mem[8192];
	struct kx_buf b;
	int i;

	memset(&w, 0, sizeof(w));
	read_policy(&in, &w.pol);
	read_request(&in, &w);
	read_bindings(&in, &w);
	w.plan.op = w.op;
	w.plan.met = w.met;
	v = rgr_request_check(&w.pol, &w.req, &user, &domain, 1, fuzz_u32(&in));
	for(i = 0; v == RGR_V_FINE && i < w.req.n_contacts; i++) {
		MUST(w.contact[i].granted <= RGR_LIFETIME_MAX);
		MUST(w.contact[i].reg_id <= RGR_REGID_MAX);
		MUST(w.contact[i].granted == 0 || w.contact[i].uri.len > 0);
	}
	if(v == RGR_V_FINE) {
		v = rgr_plan_build(&w.pol, &w.req, &all, &w.plan);
		if(v == RGR_V_FINE)
			check_plan(&w);
	}
	/* the glue lets no line end into a Path */
	if(memchr(w.req.path.s, '\r', w.req.path.len) == NULL
			&& memchr(w.req.path.s, '\0', w.req.path.len) == NULL) {
		kx_buf_init(&b, mem, sizeof(mem));
		rgr_answer_headers(&b, v, &w.pol, &w.req, 120, 30);
		check_headers(&b);
	}
	return 0;
}

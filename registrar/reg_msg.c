/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading REGISTER messages. */
#include "core/dset.h"
#include "core/parser/contact/parse_contact.h"
#include "core/parser/parse_cseq.h"
#include "core/parser/parse_methods.h"
#include "core/parser/parse_require.h"
#include "core/parser/parse_to.h"

#include "aor.h"
#include "contacts.h"
#include "expires.h"
#include "kam/kam_mem.h"
#include "kept.h"
#include "kx_uri.h"
#include "methods.h"
#include "outbound.h"
#include "path.h"
#include "reg_cfg.h"
#include "reg_keep.h"
#include "reg_msg.h"
#include "reg_sock.h"
#include "reg_xavp.h"

enum
{
	/* what usrloc's column holds, a longer User-Agent is cut */
	USER_AGENT_MAX = 254
};

static const str no_user_agent = STR_STATIC_INIT("n/a");

/* What reg_msg_set_q() said, and of which message. */
static struct
{
	unsigned int msg_id;
	int pid; /* 0: nothing said */
	int q;
} q_override;

static str param_text(const param_t *p)
{
	str none = {0, 0};

	return p != NULL ? p->body : none;
}

enum rgr_verdict reg_msg_aor(
		const struct sip_uri *uri, str *user, str *domain, struct kx_buf *b)
{
	struct rgr_aor_policy pol = {
			.use_domain = reg_cfg.use_domain,
			.case_sensitive = reg_cfg_get(case_sensitive) != 0,
			.realm_prefix = reg_cfg_get(realm_pref),
			.max_len = KAM_AOR_MAX,
	};

	if(user != NULL)
		*user = uri->user;
	if(domain != NULL)
		*domain = uri->host;
	return rgr_aor_write(&pol, &uri->user, &uri->host, b);
}

static enum rgr_verdict read_aor(struct reg_msg *m, const str *uri)
{
	struct sip_uri parsed, *u = &parsed;
	enum rgr_verdict v;
	struct kx_buf b;

	if(uri != NULL) {
		if(parse_uri(uri->s, uri->len, &parsed) < 0)
			return RGR_V_AOR_PARSE;
	} else {
		if(m->msg->to == NULL)
			return RGR_V_TO_MISSING;
		u = parse_to_uri(m->msg);
		if(u == NULL)
			return RGR_V_AOR_PARSE;
	}
	kx_buf_init(&b, m->aor_mem, sizeof(m->aor_mem));
	v = reg_msg_aor(u, &m->aor_user, &m->aor_domain, &b);
	m->aor_is_sips = u->type == SIPS_URI_T;
	m->req.own_port[0] = u->port_no;
	m->req.own_port[1] = m->msg->rcv.dst_port;
	if(v == RGR_V_FINE && kx_buf_end(&b, &m->req.aor) != KX_OK)
		v = RGR_V_INTERNAL;
	return v;
}

static enum rgr_verdict read_ids(struct reg_msg *m)
{
	struct sip_msg *msg = m->msg;
	uint64_t cseq;

	if(msg->callid == NULL)
		return RGR_V_CALLID_MISSING;
	if(msg->cseq == NULL || msg->cseq->parsed == NULL)
		return RGR_V_CSEQ_MISSING;
	if(kx_str_to_u64(&get_cseq(msg)->number, &cseq) != KX_OK
			|| cseq > UINT32_MAX)
		return RGR_V_BAD_CSEQ;
	m->req.callid = msg->callid->body;
	kx_str_trim(&m->req.callid);
	m->req.cseq = (uint32_t)cseq;

	m->req.user_agent = no_user_agent;
	if(msg->user_agent != NULL && msg->user_agent->body.len > 0) {
		m->req.user_agent = msg->user_agent->body;
		kx_str_trim(&m->req.user_agent);
	}
	/* as in the stock module: what has no room in the table is not kept */
	if(m->req.user_agent.len > USER_AGENT_MAX)
		m->req.user_agent = no_user_agent;
	return RGR_V_FINE;
}

/* Collect the option tags in Require that neither this module nor its
 * settings know. */
static void read_unknown_tags(struct reg_msg *m)
{
	struct hdr_field *hdr;
	struct kx_cursor c;
	struct kx_buf b;
	str tag;

	kx_buf_init(&b, m->tags_mem, sizeof(m->tags_mem));
	for(hdr = m->msg->require; hdr != NULL; hdr = hdr->next) {
		if(hdr->type != HDR_REQUIRE_T)
			continue;
		kx_cur_init(&c, &hdr->body);
		while(rgr_option_next(&c, &tag) == KX_OK) {
			if(rgr_option_is_known(&m->pol, &tag)
					|| b.len + 2 + tag.len > REG_MSG_TAGS_MAX)
				continue;
			if(b.len > 0)
				kx_buf_lit(&b, ", ");
			kx_buf_str(&b, &tag);
		}
	}
	kx_buf_end(&b, &m->req.unknown_tags);
}

/* Which extensions the client supports. The core's own parsers would allocate
 * for each such header, and for each Allow below. */
static void read_supported(struct sip_msg *msg, struct rgr_request *req)
{
	struct hdr_field *hdr;
	struct kx_cursor c;
	str tag;

	for(hdr = msg->supported; hdr != NULL; hdr = next_sibling_hdr(hdr)) {
		kx_cur_init(&c, &hdr->body);
		while(rgr_option_next(&c, &tag) == KX_OK) {
			req->supports_path |= kx_str_is(&tag, "path");
			req->supports_gruu |= kx_str_is(&tag, "gruu");
			req->supports_outbound |= kx_str_is(&tag, "outbound");
		}
	}
}

static enum rgr_verdict read_options(struct reg_msg *m)
{
	struct sip_msg *msg = m->msg;
	struct rgr_request *req = &m->req;
	struct via_body *via;
	struct hdr_field *hdr;

	req->expires = RGR_UNSET;
	if(msg->expires != NULL) {
		str text = msg->expires->body;

		kx_str_trim(&text);
		req->expires = rgr_expires_read(&text);
	}
	read_supported(msg, req);
	if(msg->require != NULL) {
		if(parse_require(msg) < 0)
			return RGR_V_PARSE;
		req->requires_outbound = !!(get_require(msg) & F_OPTION_TAG_OUTBOUND);
		if(m->pol.check_require)
			read_unknown_tags(m);
	}
	for(hdr = msg->h_via1; hdr != NULL; hdr = hdr->next) {
		if(hdr->type != HDR_VIA_T)
			continue;
		req->via_count++;
		/* further ones joined to it by commas, where the core has looked */
		for(via = hdr->parsed; via != NULL && via->next != NULL;
				via = via->next)
			req->via_count++;
	}
	return RGR_V_FINE;
}

_Static_assert((int)RGR_METHOD_INVITE == (int)METHOD_INVITE
					   && (int)RGR_METHOD_SUBSCRIBE == (int)METHOD_SUBSCRIBE
					   && (int)RGR_METHOD_PUBLISH == (int)METHOD_PUBLISH,
		"the core has other bits for methods");

/* Add what a list names; all methods when it can't be read. */
static uint32_t methods_of(const str *list)
{
	uint32_t bits;

	if(rgr_methods_read(list, &bits) == KX_OK)
		return bits;
	return parse_methods(list, &bits) < 0 ? ALL_METHODS : bits;
}

/* What a contact without methods of its own takes: those of Allow, or all. */
static uint32_t read_allow(const struct sip_msg *msg)
{
	const struct hdr_field *hdr;
	uint32_t methods = 0;

	for(hdr = msg->allow; hdr != NULL; hdr = next_sibling_hdr(hdr))
		methods |= methods_of(&hdr->body);
	return msg->allow != NULL ? methods : ALL_METHODS;
}

/* Collect a contact's display name and unknown parameters, as they came. */
static void read_params(struct reg_msg *m, const contact_t *c, str *out)
{
	size_t from = m->params.len;
	const param_t *p;
	str text;

	if(rgr_kept_is_name(&c->name)
			&& m->params.len + c->name.len <= REG_MSG_PARAMS_MAX)
		kx_buf_str(&m->params, &c->name);
	for(p = c->params; p != NULL; p = p->next) {
		text = kx_str_span(p->name.s, p->name.s + p->len);
		if(p->type != P_OTHER || text.len <= 0
				|| kx_str_chr(&text, '\r') != NULL
				|| kx_str_chr(&text, '\n') != NULL
				|| kx_str_chr(&text, '\0') != NULL
				|| m->params.len + 1 + text.len > REG_MSG_PARAMS_MAX)
			continue;
		kx_buf_char(&m->params, ';');
		kx_buf_str(&m->params, &text);
	}
	*out = kx_str_span(m->params.s + from, m->params.s + m->params.len);
}

static void read_contact(
		struct reg_msg *m, const contact_t *c, struct rgr_contact *out)
{
	memset(out, 0, sizeof(*out));
	out->uri = c->uri;
	/* there is at least the header's name before it */
	out->is_bare = c->uri.len > 0 && c->uri.s[-1] != '<';
	out->q_text = param_text(c->q);
	out->expires_text = param_text(c->expires);
	out->methods =
			c->methods != NULL ? methods_of(&c->methods->body) : m->allow;
	out->instance = param_text(c->instance);
	out->regid_text = param_text(c->reg_id);
	if(reg_keep_is_on())
		read_params(m, c, &out->params);
	if(m->path_received.len > 0)
		out->received = m->path_received;
	else if(c->received != NULL)
		out->received = c->received->body;
	else
		out->received = m->req.received;
}

/* Walk the Contact headers twice: count, then fill. */
static enum rgr_verdict read_contacts(struct reg_msg *m)
{
	struct rgr_request *req = &m->req;
	struct hdr_field *hdr;
	contact_t *c;
	int n = 0;

	kx_buf_init(&m->params, m->params_mem, sizeof(m->params_mem));
	for(hdr = m->msg->contact; hdr != NULL; hdr = hdr->next) {
		if(hdr->type != HDR_CONTACT_T)
			continue;
		if(hdr->parsed == NULL && parse_contact(hdr) < 0)
			return RGR_V_CONTACT_PARSE;
		if(((contact_body_t *)hdr->parsed)->star)
			req->has_star = 1;
		for(c = ((contact_body_t *)hdr->parsed)->contacts; c != NULL;
				c = c->next)
			n++;
	}
	if(n > RGR_CONTACTS_MAX)
		return RGR_V_CONTACTS_MANY;
	req->contact = m->contact_mem;
	if(n > REG_MSG_CONTACTS) {
		req->contact = pkg_malloc(n * sizeof(*req->contact));
		if(req->contact == NULL) {
			PKG_MEM_ERROR;
			return RGR_V_INTERNAL;
		}
	}
	if(n > 0)
		m->allow = read_allow(m->msg);
	for(hdr = m->msg->contact; hdr != NULL; hdr = hdr->next) {
		if(hdr->type != HDR_CONTACT_T)
			continue;
		for(c = ((contact_body_t *)hdr->parsed)->contacts; c != NULL;
				c = c->next)
			read_contact(m, c, &req->contact[req->n_contacts++]);
	}
	return RGR_V_FINE;
}

/* Join the Path headers to one vector, without line folds. */
static enum rgr_verdict read_path(struct reg_msg *m)
{
	struct kx_buf path, received;
	struct rgr_path first;
	struct hdr_field *hdr;
	size_t i;

	if(m->msg->path == NULL)
		return RGR_V_FINE;
	if(!m->pol.use_path) {
		/* not stored, but RFC 5626 6 asks what the first hop is */
		m->req.path_has_ob =
				m->pol.outbound_mode != RGR_OUTBOUND_NONE
				&& rgr_path_read(&m->msg->path->body, &first) == KX_OK
				&& first.has_ob;
		return RGR_V_FINE;
	}
	kx_buf_init(&path, m->path_mem, sizeof(m->path_mem));
	for(hdr = m->msg->path; hdr != NULL; hdr = hdr->next) {
		str body = hdr->body;

		if(hdr->type != HDR_PATH_T)
			continue;
		kx_str_trim(&body);
		if(path.len > 0)
			kx_buf_char(&path, ',');
		kx_buf_str(&path, &body);
	}
	for(i = 0; i < path.len; i++) {
		if(path.s[i] == '\r' || path.s[i] == '\n')
			path.s[i] = ' ';
	}
	if(kx_buf_end(&path, &m->req.path) != KX_OK
			|| rgr_path_read(&m->req.path, &first) != KX_OK)
		return RGR_V_BAD_PATH;
	m->req.path_has_ob = first.has_ob;

	if(reg_cfg.p.path_use_received && first.received.len > 0) {
		kx_buf_init(
				&received, m->path_received_mem, sizeof(m->path_received_mem));
		if(kx_uri_unescape(&received, &first.received) != KX_OK
				|| kx_buf_end(&received, &m->path_received) != KX_OK)
			return RGR_V_BAD_PATH;
		m->cflags |= reg_cfg.nat_flag;
	}
	return RGR_V_FINE;
}

static void read_received_avp(struct reg_msg *m)
{
	pv_value_t value;

	if(!reg_cfg.has_received_avp)
		return;
	memset(&value, 0, sizeof(value));
	if(pv_get_spec_value(m->msg, &reg_cfg.received_avp, &value) == 0
			&& (value.flags & PV_VAL_STR) && value.rs.len > 0)
		m->req.received = value.rs;
}

static void read_policy(struct reg_msg *m, int is_single)
{
	struct rgr_policy *pol = &m->pol;

	pol->lifetime.default_s = reg_cfg_get(default_expires);
	pol->lifetime.default_range_pct = reg_cfg_get(default_expires_range);
	pol->lifetime.range_pct = reg_cfg_get(expires_range);
	pol->lifetime.min_s = reg_cfg_get(min_expires);
	pol->lifetime.max_s = reg_cfg_get(max_expires);
	pol->lifetime.refuse_brief = reg_cfg.p.min_expires_mode;
	pol->lifetime.override_s = RGR_UNSET;
	pol->default_q = reg_cfg_get(default_q);
	pol->override_q = RGR_Q_UNSET;
	pol->max_contacts = reg_cfg_get(max_contacts);
	pol->contact_max_len = reg_cfg.p.contact_max_size;
	pol->is_single = is_single;
	pol->use_path = reg_cfg.p.use_path;
	pol->path_mode = reg_cfg.p.path_mode;
	pol->outbound_mode = reg_cfg.p.outbound_mode;
	pol->regid_always = reg_cfg.p.regid_mode;
	pol->gruu_enabled = reg_cfg.p.gruu_enabled;
	pol->matching = reg_cfg.matching_mode;
	pol->cseq_delay_s = reg_cfg.cseq_delay;
	pol->compare_uris = reg_cfg.p.contact_match;
	pol->eviction = reg_cfg.p.max_contacts_policy;
	pol->check_domain = reg_cfg.p.check_domain;
	pol->check_require = reg_cfg.p.check_require;
	pol->too_many_code = reg_cfg.p.max_contacts_code;
	pol->too_many_reason = reg_cfg.p.max_contacts_reason;
	pol->push_providers = reg_cfg.p.push_providers;
	pol->service_route = reg_cfg.p.service_route;
	reg_xavp_policy(pol);
	if(q_override.msg_id == m->msg->id && q_override.pid == m->msg->pid)
		pol->override_q = q_override.q;
}

/* Which socket and connection the binding belongs to: told by the script,
 * by a header of a trusted front, or where the request came in. */
static void read_host_part(struct reg_msg *m)
{
	const struct receive_info *rcv = &m->msg->rcv;
	struct socket_info *told = reg_sock_told(m->msg);
	flag_t flags = 0;

	getbflagsval(0, &flags);
	m->cflags |= flags;
	m->sock = rcv->bind_address;
	if(reg_cfg.p.sock_mode)
		m->sock = reg_sock_advertised(m->sock);
	if(told != NULL)
		m->sock = told;

	m->tcpconn_id = -1;
	if(rcv->proto == PROTO_TCP || rcv->proto == PROTO_TLS
			|| rcv->proto == PROTO_WS || rcv->proto == PROTO_WSS)
		m->tcpconn_id = rcv->proto_reserved1;
	reg_xavp_int("tcpconn_id", &m->tcpconn_id);
}

enum rgr_verdict reg_msg_read(
		struct sip_msg *msg, const str *uri, int is_single, struct reg_msg *m)
{
	enum rgr_verdict v;

	/* not the memory behind the views: it is large, and written first */
	memset(m, 0, offsetof(struct reg_msg, aor_mem));
	m->msg = msg;
	m->req.now = time(NULL);
	read_policy(m, is_single);
	if(parse_headers(msg, HDR_EOH_F, 0) < 0)
		return RGR_V_PARSE;

	if((v = read_aor(m, uri)) != RGR_V_FINE || (v = read_ids(m)) != RGR_V_FINE
			|| (v = read_options(m)) != RGR_V_FINE
			|| (v = read_path(m)) != RGR_V_FINE)
		return v;
	read_received_avp(m);
	if(m->pol.check_domain && msg->first_line.type == SIP_REQUEST
			&& parse_sip_msg_uri(msg) >= 0)
		m->req.domain = msg->parsed_uri.host;
	read_host_part(m);
	return read_contacts(m);
}

int reg_msg_set_q(struct sip_msg *msg, const str *q)
{
	int n;

	if(rgr_q_read(q, &n) != KX_OK || n == RGR_Q_UNSET) {
		LM_ERR("not a q value: '%.*s'\n", q->len, ZSW(q->s));
		return -1;
	}
	q_override.msg_id = msg->id;
	q_override.pid = msg->pid;
	q_override.q = n;
	return 0;
}

void reg_msg_release(struct reg_msg *m)
{
	if(m->req.contact != NULL && m->req.contact != m->contact_mem)
		pkg_free(m->req.contact);
	m->req.contact = NULL;
}

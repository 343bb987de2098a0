/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reply headers. */
#include "answer.h"
#include "contacts.h"
#include "kept.h"
#include "outbound.h"
#include "push.h"

static void write_gruus(struct kx_buf *b, const struct rgr_answer_policy *pol,
		const struct rgr_binding *binding, int i)
{
	kx_buf_lit(b, ";pub-gruu=\"");
	rgr_gruu_pub_write(b, &pol->owner, &binding->instance);
	kx_buf_lit(b, "\";temp-gruu=\"");
	if(pol->mac != NULL)
		rgr_gruu_token_write(b, &pol->owner, pol->mac, &binding->ruid,
				&binding->callid, pol->nonce + i);
	else
		rgr_gruu_temp_write(b, &pol->owner, &binding->ruid);
	kx_buf_char(b, '"');
}

enum
{
	/* what write_plain() adds to a URI at most */
	PLAIN_MAX = 64
};

static char *put(char *at, const char *text, size_t len)
{
	memcpy(at, text, len);
	return at + len;
}

#define PUT_LIT(at, lit) put((at), (lit), sizeof(lit) - 1)

/* What every contact has. An AoR can have a thousand of them. */
static void write_plain(struct kx_buf *b, const struct rgr_answer_policy *pol,
		const struct rgr_binding *binding, const str *name, int is_first)
{
	char *at = kx_buf_room(b, name->len + binding->uri.len + PLAIN_MAX);

	if(at == NULL)
		return;
	at = is_first ? PUT_LIT(at, "Contact: ") : PUT_LIT(at, ", ");
	if(name->len > 0) {
		at = put(at, name->s, name->len);
		*at++ = ' ';
	}
	*at++ = '<';
	at = put(at, binding->uri.s, binding->uri.len);
	*at++ = '>';
	if(binding->q != RGR_Q_UNSET) {
		at = PUT_LIT(at, ";q=");
		at = rgr_q_put(at, binding->q);
	}
	at = PUT_LIT(at, ";expires=");
	at = kx_u64_write(at, rgr_binding_left(binding, pol->now));
	kx_buf_wrote(b, at);
}

static void write_contact(struct kx_buf *b, const struct rgr_answer_policy *pol,
		const struct rgr_binding *binding, int i)
{
	str name = {0, 0}, params = binding->params;

	if(params.len > 0)
		rgr_kept_split(&binding->params, &name, &params);
	write_plain(b, pol, binding, &name, i == 1);
	if(binding->received.len > 0 && pol->received_param.len > 0) {
		kx_buf_char(b, ';');
		kx_buf_str(b, &pol->received_param);
		kx_buf_char(b, '=');
		kx_buf_requote(b, &binding->received);
	}
	if(binding->instance.len > 0) {
		if(pol->with_gruu)
			write_gruus(b, pol, binding, i);
		kx_buf_lit(b, ";+sip.instance=");
		kx_buf_requote(b, &binding->instance);
	}
	if(binding->reg_id > 0) {
		kx_buf_lit(b, ";reg-id=");
		kx_buf_u64(b, binding->reg_id);
	}
	kx_buf_str(b, &params);
}

int rgr_answer_contacts(struct kx_buf *b, const struct rgr_answer_policy *pol,
		const struct rgr_bindings *all)
{
	const void *at = NULL;
	struct rgr_binding binding;
	int n = 0;

	while((at = all->next(all->owner, at, RGR_WANT_SHOWN, &binding)) != NULL) {
		if(!rgr_binding_is_valid(&binding, pol->now))
			continue;
		write_contact(b, pol, &binding, ++n);
	}
	if(n > 0)
		kx_buf_lit(b, "\r\n");
	return b->err;
}

static void write_number(
		struct kx_buf *b, const char *name, size_t len, uint64_t value)
{
	kx_buf_add(b, name, len);
	kx_buf_u64(b, value);
	kx_buf_lit(b, "\r\n");
}

/* Path goes back when the client can read it, and with the refusal that
 * tells it what was found (RFC 3327 5.3). */
static void write_path(struct kx_buf *b, enum rgr_verdict v,
		const struct rgr_policy *pol, const struct rgr_request *req)
{
	int is_echoed = v == RGR_V_FINE && pol->path_mode != RGR_PATH_OFF
					&& req->supports_path;

	if(req->path.len == 0 || req->n_contacts == 0
			|| (!is_echoed && v != RGR_V_PATH_UNSUPPORTED))
		return;
	kx_buf_lit(b, "Path: ");
	kx_buf_str(b, &req->path);
	kx_buf_lit(b, "\r\n");
}

/* Whether a contact was registered as a flow of its own. */
static int has_flow(const struct rgr_request *req)
{
	int i;

	for(i = 0; i < req->n_contacts; i++) {
		if(req->contact[i].reg_id > 0 && req->contact[i].granted > 0)
			return 1;
	}
	return 0;
}

static void write_outbound(struct kx_buf *b, enum rgr_verdict v,
		const struct rgr_policy *pol, const struct rgr_request *req,
		uint32_t flow_timer_s)
{
	int is_used =
			v == RGR_V_FINE && rgr_outbound_is_used(pol, req) && has_flow(req);

	if(is_used || v == RGR_V_OUTBOUND_REQUIRED)
		kx_buf_lit(b, "Require: outbound\r\n");
	if((v == RGR_V_FINE && pol->outbound_mode != RGR_OUTBOUND_NONE)
			|| v == RGR_V_OUTBOUND_REQUIRED)
		kx_buf_lit(b, "Supported: outbound\r\n");
	if(is_used && flow_timer_s > 0)
		write_number(b, "Flow-Timer: ", 12, flow_timer_s);
}

/* Where requests go out (RFC 3608 6.3), and who can wake the phone. */
static void write_services(struct kx_buf *b, const struct rgr_policy *pol,
		const struct rgr_request *req)
{
	if(pol->service_route.len > 0) {
		kx_buf_lit(b, "Service-Route: ");
		kx_buf_str(b, &pol->service_route);
		kx_buf_lit(b, "\r\n");
	}
	if(pol->push_providers.len > 0)
		rgr_push_write(b, &pol->push_providers, req);
}

int rgr_answer_code(enum rgr_verdict v, const struct rgr_policy *pol)
{
	if(v == RGR_V_TOO_MANY && pol->too_many_code != 0)
		return pol->too_many_code;
	return rgr_verdict_line(v)->code;
}

str rgr_answer_reason(enum rgr_verdict v, const struct rgr_policy *pol)
{
	if(v == RGR_V_TOO_MANY && pol->too_many_reason.len > 0)
		return pol->too_many_reason;
	return rgr_verdict_line(v)->reason;
}

int rgr_answer_headers(struct kx_buf *b, enum rgr_verdict v,
		const struct rgr_policy *pol, const struct rgr_request *req,
		uint32_t flow_timer_s, uint32_t retry_after_s)
{
	const struct rgr_answer_line *line = rgr_verdict_line(v);
	int code = rgr_answer_code(v, pol);

	if(v == RGR_V_REQUIRE_UNKNOWN) {
		kx_buf_lit(b, "Unsupported: ");
		kx_buf_str(b, &req->unknown_tags);
		kx_buf_lit(b, "\r\n");
	}
	if(v == RGR_V_PATH_UNSUPPORTED)
		kx_buf_lit(b, "Unsupported: path\r\n");
	if(v == RGR_V_OUTBOUND_UNSUPPORTED)
		kx_buf_lit(b, "Unsupported: outbound\r\n");
	write_path(b, v, pol, req);
	write_outbound(b, v, pol, req, flow_timer_s);
	if(v == RGR_V_FINE)
		write_services(b, pol, req);
	if(v == RGR_V_TOO_BRIEF)
		write_number(b, "Min-Expires: ", 13, pol->lifetime.min_s);
	if(line->error.len > 0) {
		kx_buf_lit(b, "P-Registrar-Error: ");
		kx_buf_str(b, &line->error);
		kx_buf_lit(b, "\r\n");
	}
	if(code >= 500 && code < 600 && retry_after_s > 0)
		write_number(b, "Retry-After: ", 13, retry_after_s);
	return b->err;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading answers to REGISTER. */
#include "core/parser/hf.h"
#include "modules/tm/h_table.h"

#include "reg_reply.h"

static str trimmed(const struct hdr_field *hdr)
{
	str body = hdr->body;

	kx_str_trim(&body);
	return body;
}

static void read_header(struct hdr_field *hdr, struct uax_reply *out)
{
	str body = trimmed(hdr), name = hdr->name;

	switch(hdr->type) {
		case HDR_CONTACT_T:
			if(out->n_contacts < UAX_REPLY_HEADERS)
				out->contact[out->n_contacts++] = body;
			break;
		case HDR_WWW_AUTHENTICATE_T:
			uax_challenge_collect(&body, 0, out->challenge, &out->n_challenges);
			break;
		case HDR_PROXY_AUTHENTICATE_T:
			uax_challenge_collect(&body, 1, out->challenge, &out->n_challenges);
			break;
		case HDR_EXPIRES_T:
			out->expires = body;
			break;
		case HDR_MIN_EXPIRES_T:
			out->min_expires = body;
			break;
		case HDR_RETRY_AFTER_T:
			out->retry_after = body;
			break;
		default:
			if(kx_str_is(&name, "Authentication-Info"))
				out->authinfo = body;
			else if(out->code < 300)
				uax_learnt_note(&out->learnt, &name, &body);
			break;
	}
}

void ua_reply_read(struct sip_msg *msg, int code, struct uax_reply *out)
{
	struct hdr_field *hdr;

	memset(out, 0, sizeof(*out));
	out->code = code;
	if(msg == NULL || msg == FAKED_REPLY) {
		out->is_local = 1;
		return;
	}
	/* a header the core can't parse ends its list there; what stands before
	 * it counts all the same */
	parse_headers(msg, HDR_EOH_F, 0);
	for(hdr = msg->headers; hdr != NULL; hdr = hdr->next)
		read_header(hdr, out);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From a URI to an address of record. */
#include "core/parser/parse_to.h"
#include "core/parser/parse_uri.h"

#include "reg_aor.h"
#include "reg_cfg.h"
#include "reg_mac.h"
#include "reg_msg.h"
#include "reg_store.h"

static struct sip_uri *parse(
		struct sip_msg *msg, const str *uri, struct sip_uri *mem)
{
	if(!kx_str_is_empty(uri))
		return parse_uri(uri->s, uri->len, mem) < 0 ? NULL : mem;
	if(msg->first_line.type == SIP_REPLY) {
		if(parse_headers(msg, HDR_TO_F, 0) < 0 || msg->to == NULL)
			return NULL;
		return parse_to_uri(msg);
	}
	return parse_sip_msg_uri(msg) < 0 ? NULL : &msg->parsed_uri;
}

int reg_aor_of_uri(struct sip_msg *msg, struct udomain *d, const str *uri,
		struct reg_aor *out)
{
	struct sip_uri mem, *u = parse(msg, uri, &mem);
	enum rgr_verdict v;
	struct kx_buf b;

	if(u == NULL) {
		LM_WARN("can't read the URI to look up\n");
		return KX_E_SYNTAX;
	}
	kx_buf_init(&b, out->mem, sizeof(out->mem));
	memset(&out->gruu, 0, sizeof(out->gruu));
	if(reg_cfg.p.gruu_enabled)
		rgr_gruu_read(&u->user, &u->params, &out->gruu);
	if(out->gruu.kind == RGR_GRUU_TEMP && reg_mac() != NULL) {
		if(rgr_gruu_token_read(reg_mac(), &u->user, &out->token) != KX_OK)
			return KX_E_NONE;
		out->gruu.ruid = out->token.ruid;
		out->gruu.aor_hash = out->token.aor_hash;
	}
	if(out->gruu.kind == RGR_GRUU_TEMP) {
		if(out->gruu.ruid.len == 0
				|| reg_store_aor_of_ruid(
						   d, out->gruu.aor_hash, &out->gruu.ruid, &b)
						   != KX_OK)
			return KX_E_NONE;
		return kx_buf_end(&b, &out->aor);
	}
	v = reg_msg_aor(u, NULL, NULL, &b);
	if(v == RGR_V_AOR_NO_USER)
		return KX_E_NONE;
	if(v != RGR_V_FINE) {
		LM_WARN("no address of record: %.*s\n", u->user.len, ZSW(u->user.s));
		return KX_E_SYNTAX;
	}
	return kx_buf_end(&b, &out->aor);
}

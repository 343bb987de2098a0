/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * reg_from_user() and add_sock_hdr(). */
#include "core/data_lump.h"
#include "core/mem/mem.h"
#include "core/parser/parse_uri.h"
#include "core/resolve.h"
#include "core/socket_info.h"

#include "kx_buf.h"
#include "reg_address.h"
#include "reg_aor.h"
#include "reg_cfg.h"
#include "reg_store.h"

enum
{
	SOCK_HDR_MAX = 512
};

struct source
{
	const struct receive_info *rcv;
	int mode;
	int64_t now;
};

static struct ip_addr *read_ip(str *host)
{
	struct ip_addr *ip = str2ip(host);

	return ip != NULL ? ip : str2ip6(host);
}

static int default_port(const struct sip_uri *uri)
{
	return uri->type == SIPS_URI_T || uri->proto == PROTO_TLS ? SIPS_PORT
															  : SIP_PORT;
}

static int is_source(const struct source *s, const str *text)
{
	struct sip_uri uri;
	struct ip_addr *ip;
	int proto, port;

	/* one contact that can't be read is no reason to give up on the rest */
	if(parse_uri(text->s, text->len, &uri) < 0)
		return 0;
	ip = read_ip(&uri.host);
	if(ip == NULL || !ip_addr_cmp(ip, (struct ip_addr *)&s->rcv->src_ip))
		return 0;
	port = uri.port_no != 0 ? uri.port_no : default_port(&uri);
	if((s->mode & REG_SOURCE_PORT) && port != s->rcv->src_port)
		return 0;
	proto = uri.proto != PROTO_NONE ? uri.proto : PROTO_UDP;
	if(uri.type == SIPS_URI_T && uri.proto == PROTO_NONE)
		proto = PROTO_TLS;
	return !(s->mode & REG_SOURCE_PROTO) || proto == s->rcv->proto;
}

static int source_locked(struct reg_store *st, void *param)
{
	const struct source *s = param;
	struct rgr_bindings all;
	struct rgr_binding b;
	const void *at = NULL;

	if(reg_store_is_broken(st))
		return -3;
	reg_store_bindings(st, &all);
	while((at = all.next(all.owner, at, RGR_WANT_ALL, &b)) != NULL) {
		if(rgr_binding_is_valid(&b, s->now)
				&& is_source(s, b.received.len > 0 ? &b.received : &b.uri))
			return 1;
	}
	return -1;
}

int reg_from_user(
		struct sip_msg *msg, struct udomain *d, const str *uri, int mode)
{
	struct source s = {.rcv = &msg->rcv, .mode = mode, .now = time(NULL)};
	struct reg_aor who;

	if(reg_aor_of_uri(msg, d, uri, &who) != KX_OK)
		return -1;
	return reg_store_run(d, &who.aor, source_locked, &s);
}

int reg_add_sock_hdr(struct sip_msg *msg, const str *name)
{
	char mem[SOCK_HDR_MAX];
	struct lump *anchor;
	struct kx_buf b;
	str text;
	char *hdr;

	if(parse_headers(msg, HDR_EOH_F, 0) < 0) {
		LM_ERR("can't read the message\n");
		return -1;
	}
	kx_buf_init(&b, mem, sizeof(mem));
	kx_buf_str(&b, name);
	kx_buf_lit(&b, ": ");
	kx_buf_str(&b, &msg->rcv.bind_address->sock_str);
	kx_buf_lit(&b, "\r\n");
	if(kx_buf_end(&b, &text) != KX_OK) {
		LM_ERR("too long a header: %.*s\n", name->len, ZSW(name->s));
		return -1;
	}
	anchor = anchor_lump(msg, msg->unparsed - msg->buf, 0, 0);
	hdr = anchor != NULL ? pkg_malloc(text.len) : NULL;
	if(hdr == NULL) {
		PKG_MEM_ERROR;
		return -1;
	}
	memcpy(hdr, text.s, text.len);
	if(insert_new_lump_before(anchor, hdr, text.len, 0) == NULL) {
		LM_ERR("can't add the header\n");
		pkg_free(hdr);
		return -1;
	}
	return 1;
}

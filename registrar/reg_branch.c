/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From bindings to the destination set of the core. */
#include "core/dset.h"
#include "core/forward.h"
#include "core/globals.h"
#include "core/mem/mem.h"
#include "core/mem/shm_mem.h"
#include "core/parser/parse_uri.h"

#include "path.h"
#include "reg_branch.h"
#include "reg_cfg.h"
#include "reg_store.h"

int reg_branch_room(void)
{
	return (int)sr_dst_max_branches - 1 - (int)nr_branches;
}

int reg_branch_count(void)
{
	return (int)nr_branches;
}

void reg_branch_cut(int n)
{
	while((int)nr_branches > n)
		drop_sip_branch((int)nr_branches - 1);
}

static int fits(const struct rgr_binding *b, const char *what, int len, int max)
{
	if(len <= max)
		return 1;
	LM_WARN("contact %.*s passed over: its %s has %d bytes, %d fit\n",
			b->uri.len, b->uri.s, what, len, max);
	return 0;
}

int reg_branch_is_usable(const struct rgr_binding *b)
{
	return fits(b, "URI", b->uri.len, MAX_URI_SIZE - 1)
		   && fits(b, "source address", b->received.len, MAX_URI_SIZE - 1)
		   && fits(b, "path", b->path.len, MAX_PATH_SIZE - 1)
		   && fits(b, "instance", b->instance.len, MAX_INSTANCE_SIZE - 1)
		   && fits(b, "ruid", b->ruid.len, MAX_RUID_SIZE - 1);
}

static int is_local(const str *text)
{
	struct sip_uri uri;

	return parse_uri(text->s, text->len, &uri) == 0
		   && check_self(&uri.host, uri.port_no, 0) == 1;
}

/* The way over the Path of a binding. */
static void read_path(const struct rgr_binding *b, str *path, str *next_hop)
{
	struct kx_cursor at;
	str uri = {0, 0}, item;

	kx_cur_init(&at, &b->path);
	if(rgr_path_next(&at, &uri, &item) != KX_OK) {
		LM_WARN("contact %.*s: its path can't be read\n", b->uri.len, b->uri.s);
		return;
	}
	if(reg_cfg.p.path_check_local && is_local(&uri)) {
		/* this server is the first hop: go on with the second */
		kx_cur_blanks(&at);
		item.s = (char *)at.p;
		if(rgr_path_next(&at, &uri, path) != KX_OK)
			return;
		path->s = item.s;
		path->len = (int)(at.end - item.s);
	} else {
		*path = b->path;
	}
	*next_hop = uri;
}

/* Where a binding is sent to before its own URI: over its Path, or to where
 * it was seen. */
static inline void read_route(
		const struct rgr_binding *b, str *path, str *next_hop)
{
	path->s = NULL;
	path->len = 0;
	*next_hop = b->received;
	if(b->path.len > 0)
		read_path(b, path, next_hop);
}

static str user_agent(const struct rgr_binding *b)
{
	str ua = b->user_agent;

	if(ua.len > MAX_UA_SIZE)
		ua.len = MAX_UA_SIZE;
	return ua;
}

/* The strings of the message that a target replaces, as they were. */
struct former
{
	str new_uri, dst_uri, path_vec, instance, ruid, location_ua;
};

static void remember(const struct sip_msg *msg, struct former *f)
{
	f->new_uri = msg->new_uri;
	f->dst_uri = msg->dst_uri;
	f->path_vec = msg->path_vec;
	f->instance = msg->instance;
	f->ruid = msg->ruid;
	f->location_ua = msg->location_ua;
}

static void put_back(struct sip_msg *msg, const struct former *f)
{
	msg->new_uri = f->new_uri;
	msg->dst_uri = f->dst_uri;
	msg->path_vec = f->path_vec;
	msg->instance = f->instance;
	msg->ruid = f->ruid;
	msg->location_ua = f->location_ua;
}

static void drop(const str *s)
{
	/* tm lends shared memory to the messages of its failure routes */
	if(s->s != NULL && !shm_address_in(s->s))
		pkg_free(s->s);
}

static void drop_all(const struct former *f)
{
	drop(&f->new_uri);
	drop(&f->dst_uri);
	drop(&f->path_vec);
	drop(&f->instance);
	drop(&f->ruid);
	drop(&f->location_ua);
}

/* Set what there is of a target. The core's setters take an empty text for
 * "drop it"; here is nothing to drop. */
static int set_texts(struct sip_msg *msg, const struct rgr_binding *b)
{
	str path, next_hop, uri = b->uri, ua = user_agent(b);

	read_route(b, &path, &next_hop);
	if(rewrite_uri(msg, &uri) < 0
			|| (next_hop.len > 0 && set_dst_uri(msg, &next_hop) < 0)
			|| (path.len > 0 && set_path_vector(msg, &path) < 0)
			|| (b->instance.len > 0
					&& set_instance(msg, (str *)&b->instance) < 0)
			|| (b->ruid.len > 0 && set_ruid(msg, (str *)&b->ruid) < 0)
			|| (ua.len > 0 && set_ua(msg, &ua) < 0))
		return -1;
	return 0;
}

int reg_branch_set_ruri(struct sip_msg *msg, const struct rgr_binding *b)
{
	static const struct former nothing = {{0, 0}};
	struct former former, fresh;
	struct reg_host_part host;
	int was_new = ruri_is_new;

	remember(msg, &former);
	put_back(msg, &nothing);
	msg->parsed_uri_ok = 0;
	if(set_texts(msg, b) < 0) {
		remember(msg, &fresh);
		drop_all(&fresh);
		put_back(msg, &former);
		ruri_is_new = was_new;
		return -1;
	}
	drop_all(&former);
	msg->reg_id = b->reg_id;
	set_ruri_q(b->q);
	setbflagsval(0, b->cflags);
	reg_store_host_part(b->ref, &host);
	if(host.sock != NULL)
		set_force_socket(msg, host.sock);
	msg->otcpid = host.tcpconn_id > 0 ? host.tcpconn_id : 0;
	return 0;
}

int reg_branch_is_plain(int index, str *uri)
{
	branch_t *branch = get_sip_branch(index);

	if(branch == NULL || branch->len == 0 || branch->dst_uri_len != 0
			|| branch->path_len != 0 || branch->force_send_socket != NULL
			|| branch->flags != 0 || branch->instance_len != 0
			|| branch->ruid_len != 0 || branch->location_ua_len != 0)
		return 0;
	uri->s = branch->uri;
	uri->len = branch->len;
	return 1;
}

/* Fill one text of a branch; reg_branch_is_usable() has seen that it fits. */
static void put_text(char *mem, unsigned int *len, const str *text)
{
	*len = text->len > 0 ? text->len : 0;
	if(*len > 0)
		memcpy(mem, text->s, *len);
	mem[*len] = '\0';
}

void reg_branch_set(int index, const struct rgr_binding *b)
{
	branch_t *branch = get_sip_branch(index);
	str path, next_hop, ua = user_agent(b);
	struct reg_host_part host;

	if(branch == NULL)
		return;
	read_route(b, &path, &next_hop);
	reg_store_host_part(b->ref, &host);
	put_text(branch->uri, &branch->len, &b->uri);
	put_text(branch->dst_uri, &branch->dst_uri_len, &next_hop);
	put_text(branch->path, &branch->path_len, &path);
	put_text(branch->instance, &branch->instance_len, &b->instance);
	put_text(branch->ruid, &branch->ruid_len, &b->ruid);
	put_text(branch->location_ua, &branch->location_ua_len, &ua);
	branch->q = b->q;
	branch->reg_id = b->reg_id;
	branch->flags = b->cflags;
	branch->force_send_socket = host.sock;
	branch->otcpid = host.tcpconn_id > 0 ? host.tcpconn_id : 0;
}

int reg_branch_append(struct sip_msg *msg, const struct rgr_binding *b)
{
	struct reg_host_part host;
	branch_t *branch;
	str path, next_hop, ua = user_agent(b);

	read_route(b, &path, &next_hop);
	reg_store_host_part(b->ref, &host);
	branch = ksr_push_branch(msg, (str *)&b->uri, &next_hop, &path, b->q,
			b->cflags, host.sock, (str *)&b->instance, b->reg_id,
			(str *)&b->ruid, &ua);
	if(branch == NULL)
		return -1;
	branch->otcpid = host.tcpconn_id > 0 ? host.tcpconn_id : 0;
	return 0;
}

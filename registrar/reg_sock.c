/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which socket a contact belongs to: told by others, or an advertised twin.
 * usrloc names a contact's socket by its sock_str and has no other place for
 * a name, so the contact gets a copy of the socket with another one. */
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/parser/msg_parser.h"
#include "core/socket_info.h"

#include "kx_str.h"
#include "reg_cfg.h"
#include "reg_sock.h"
#include "reg_xavp.h"

/* In shm: contacts of all processes point here. Made when first needed,
 * when the sockets are open, and never changed or freed. */
struct twin
{
	struct socket_info info;
	struct socket_info *real;
	struct twin *next;
};

static struct
{
	gen_lock_t lock; /* rank: above all of usrloc's; guards the growing */
	struct twin *volatile first;
} * twins;

int reg_sock_init(void)
{
	if(!reg_cfg.p.sock_mode)
		return 0;
	twins = shm_mallocxz(sizeof(*twins));
	if(twins == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	return lock_init(&twins->lock) == NULL ? -1 : 0;
}

static struct twin *find(const struct socket_info *real)
{
	struct twin *t;

	for(t = twins->first; t != NULL && t->real != real; t = t->next)
		;
	return t;
}

static struct twin *make(struct socket_info *real)
{
	struct twin *t = shm_malloc(sizeof(*t));

	if(t == NULL) {
		SHM_MEM_ERROR;
		return NULL;
	}
	t->info = *real;
	t->info.sock_str = real->useinfo.sock_str;
	t->real = real;
	t->next = twins->first;
	membar_write(); /* readers take no lock */
	twins->first = t;
	return t;
}

struct socket_info *reg_sock_advertised(struct socket_info *sock)
{
	struct twin *t;

	if(twins == NULL || sock == NULL || sock->useinfo.sock_str.len <= 0)
		return sock;
	t = find(sock);
	if(t == NULL) {
		lock_get(&twins->lock);
		t = find(sock);
		if(t == NULL)
			t = make(sock);
		lock_release(&twins->lock);
	}
	return t != NULL ? &t->info : sock;
}

struct socket_info *reg_sock_real(struct socket_info *sock)
{
	struct twin *t;

	if(twins == NULL)
		return sock;
	for(t = twins->first; t != NULL; t = t->next) {
		if(&t->info == sock)
			return t->real;
	}
	return sock;
}

/* Its name: in the header, or, when no header is named, in the script's XAVP.
 * Without the flag nobody is asked. */
static int read_name(struct sip_msg *msg, str *text)
{
	const struct hdr_field *hdr;

	if(reg_cfg.p.sock_flag < 0 || !(msg->flags & (1u << reg_cfg.p.sock_flag)))
		return 0;
	if(reg_cfg.p.sock_hdr_name.len <= 0)
		return reg_xavp_str("socket", text);
	hdr = get_hdr_by_name(
			msg, reg_cfg.p.sock_hdr_name.s, reg_cfg.p.sock_hdr_name.len);
	if(hdr == NULL)
		return 0;
	*text = hdr->body;
	return 1;
}

struct socket_info *reg_sock_told(struct sip_msg *msg)
{
	struct socket_info *sock;
	str text;

	if(!read_name(msg, &text))
		return NULL;
	kx_str_trim(&text);
	sock = lookup_local_socket(&text);
	if(sock == NULL)
		LM_WARN("not one of our sockets: %.*s\n", text.len, text.s);
	return sock;
}

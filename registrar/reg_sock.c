/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Advertised twins of sockets. usrloc names a contact's socket by its
 * sock_str and has no other place for a name, so the contact gets a copy of
 * the socket with another one. */
#include "core/locking.h"
#include "core/mem/shm_mem.h"

#include "reg_cfg.h"
#include "reg_sock.h"

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

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the two halves of the cluster share: reg_cluster.c, what is known, and
 * reg_cluster_msg.c, what is said. */
#ifndef UA_REG_CLUSTER_PRIV_H
#define UA_REG_CLUSTER_PRIV_H

#include "core/locking.h"

#include "members.h"

/** What the processes of this server know of the cluster. */
struct ua_cluster
{
	gen_lock_t lock; /**< rank 4, the last */
	struct uax_members members;
	int is_urgent;		   /**< a message is wanted soon */
	int is_saved;		   /**< the accounts of a server that ends */
	unsigned int taken_no; /**< the view in which it took what is its own */
};

/** That, in shm; NULL: no cluster. */
extern struct ua_cluster *ua_cluster;

/** Join dmq. @return 0, or -1 with the reason logged */
int ua_cluster_msg_init(void);

/** The address under which dmq knows this server; empty before that. */
const str *ua_cluster_msg_name(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the two halves of the usrloc adapter share; nobody else includes
 * this. */
#ifndef REG_STORE_PRIV_H
#define REG_STORE_PRIV_H

#include "core/locking.h"
#include "core/utils/sruid.h"
#include "modules/usrloc/usrloc.h"

#include "kam/kam_compat.h"
#include "kx_scan.h"
#include "reg_store.h"

struct reg_usrloc
{
	usrloc_api_t api;
	sruid_t ruid;		  /**< this process's ids for bindings */
	rec_lock_t *aor_lock; /**< by hash of the AoR; db_mode 3 only */
	reg_expired_fn on_expired;
};

extern struct reg_usrloc reg_usrloc;

struct reg_store
{
	udomain_t *d;
	const str *aor;
	urecord_t *r; /**< NULL: usrloc knows no such AoR */
	int check_connections;
	int keeps_rows;
	int is_broken; /* the database could not be asked */
};

#endif

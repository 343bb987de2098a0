/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * unregister(). */
#include "reg_aor.h"
#include "reg_store.h"
#include "reg_unregister.h"

enum
{
	UNREGISTERED = 1,
	BAD_URI = -1,
	NOT_REMOVED = -2,
	NOT_FOUND = -3
};

static int remove_all(struct reg_store *st, void *param)
{
	if(reg_store_is_broken(st))
		return NOT_REMOVED;
	/* as in the stock module: nothing to remove is no failure */
	if(!reg_store_is_known(st))
		return UNREGISTERED;
	return reg_store_delete(st, NULL) == KX_OK ? UNREGISTERED : NOT_REMOVED;
}

static int remove_one(struct reg_store *st, void *param)
{
	const str *ruid = param;
	struct rgr_bindings all;
	struct rgr_binding b;
	const void *at = NULL;

	if(reg_store_is_broken(st))
		return NOT_REMOVED;
	reg_store_bindings(st, &all);
	while((at = all.next(all.owner, at, RGR_WANT_ALL, &b)) != NULL) {
		if(kx_str_eq(&b.ruid, ruid))
			return reg_store_delete(st, b.ref) == KX_OK ? UNREGISTERED
														: NOT_REMOVED;
	}
	return NOT_FOUND;
}

int reg_unregister(
		struct sip_msg *msg, struct udomain *d, const str *uri, const str *ruid)
{
	int is_one = !kx_str_is_empty(ruid);
	struct reg_aor who;

	if(kx_str_is_empty(uri)) {
		if(!is_one)
			return BAD_URI;
		return reg_store_delete_ruid(d, ruid) == KX_OK ? UNREGISTERED
													   : NOT_FOUND;
	}
	if(reg_aor_of_uri(msg, d, uri, &who) != KX_OK)
		return BAD_URI;
	return is_one ? reg_store_run(d, &who.aor, remove_one, (void *)ruid)
				  : reg_store_run(d, &who.aor, remove_all, NULL);
}

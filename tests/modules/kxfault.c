/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A module for tests: the n-th allocation from now fails, in this process.
 * fault_alloc(n) arms it (0: off), $fault tells how many were made. */
#include <stdlib.h>

#include "core/mem/mem.h"
#include "core/mem/shm_mem.h"
#include "core/mod_fix.h"
#include "core/pvar.h"
#include "core/sr_module.h"

MODULE_VERSION

/* Shadows of the two pools' functions. */
static sr_malloc_f pkg_real, shm_real;
static int countdown; /* 0: off */
static int made;

static int fails(void)
{
	made++;
	return countdown > 0 && --countdown == 0;
}

#ifdef DBG_SR_MEMORY
static void *pkg_fault(void *pool, size_t size, const char *file,
		const char *func, unsigned int line, const char *mname)
{
	return fails() ? NULL : pkg_real(pool, size, file, func, line, mname);
}

static void *shm_fault(void *pool, size_t size, const char *file,
		const char *func, unsigned int line, const char *mname)
{
	return fails() ? NULL : shm_real(pool, size, file, func, line, mname);
}
#else
static void *pkg_fault(void *pool, size_t size)
{
	return fails() ? NULL : pkg_real(pool, size);
}

static void *shm_fault(void *pool, size_t size)
{
	return fails() ? NULL : shm_real(pool, size);
}
#endif

static int w_fault_alloc(sip_msg_t *msg, char *count, char *unused)
{
	int n;

	if(get_int_fparam(&n, msg, (fparam_t *)count) != 0)
		return -1;
	if(pkg_real == NULL) {
		pkg_real = _pkg_root.xmalloc;
		shm_real = _shm_root.xmalloc;
	}
	_pkg_root.xmalloc = n > 0 ? pkg_fault : pkg_real;
	_shm_root.xmalloc = n > 0 ? shm_fault : shm_real;
	countdown = n;
	made = 0;
	return 1;
}

static int get_made(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	return pv_get_sintval(msg, param, res, made);
}

static cmd_export_t cmds[] = {{"fault_alloc", (cmd_function)w_fault_alloc, 1,
									  fixup_igp_null, 0, ANY_ROUTE},
		{0, 0, 0, 0, 0, 0}};

static pv_export_t pvs[] = {
		{{"fault", sizeof("fault") - 1}, PVT_OTHER, get_made, 0, 0, 0, 0, 0},
		{{0, 0}, 0, 0, 0, 0, 0, 0, 0}};

struct module_exports exports = {"kxfault", DEFAULT_DLFLAGS, cmds, NULL, NULL,
		pvs, NULL, NULL, NULL, NULL};

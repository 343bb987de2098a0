/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A module for tests that does what ours must not: defect("name") makes the
 * mistake of that name, so that a test sees it noticed. */
#include <limits.h>

#include "core/mem/mem.h"
#include "core/mem/shm_mem.h"
#include "core/mod_fix.h"
#include "core/sr_module.h"

MODULE_VERSION

enum
{
	LEN = 40
};

static volatile char sink;
static volatile int two = 2;
/* a block in shared memory that one process frees and another reads */
static char *shared;

static void pkg_overflow(void)
{
	volatile char *p = pkg_malloc(LEN);

	p[LEN] = 1;
}

static void pkg_freed(void)
{
	volatile char *p = pkg_malloc(LEN);

	pkg_free((void *)p);
	sink = p[0];
}

static void pkg_leak(void)
{
	volatile char *p = pkg_malloc(LEN);

	sink = p != NULL;
}

static void pkg_uninitialised(void)
{
	volatile char *p = pkg_malloc(LEN);

	if(p[LEN / 2])
		sink = 1;
	pkg_free((void *)p);
}

static void shm_overflow(void)
{
	volatile char *p = shm_malloc(LEN);

	p[LEN] = 1;
}

static void shm_underflow(void)
{
	volatile char *p = shm_malloc(LEN);

	p[-1] = 1;
}

static void shm_twice(void)
{
	char *p = shm_malloc(LEN);

	shm_free(p);
	shm_free(p);
}

static void shared_free(void)
{
	shm_free(shared);
}

static void shared_read(void)
{
	sink = shared[0];
}

static void undefined(void)
{
	two += INT_MAX;
}

static void none(void)
{
	char *p = pkg_malloc(LEN), *q = shm_malloc(LEN);

	p[0] = p[LEN - 1] = q[0] = q[LEN - 1] = 1;
	p = pkg_reallocxf(p, 2 * LEN);
	q = shm_reallocxf(q, 2 * LEN);
	p[2 * LEN - 1] = q[2 * LEN - 1] = 1;
	pkg_free(p);
	shm_free(q);
}

static const struct
{
	const char *name;
	void (*make)(void);
} defects[] = {{"none", none}, {"pkg-overflow", pkg_overflow},
		{"pkg-freed", pkg_freed}, {"pkg-leak", pkg_leak},
		{"pkg-uninitialised", pkg_uninitialised},
		{"shm-overflow", shm_overflow}, {"shm-underflow", shm_underflow},
		{"shm-twice", shm_twice}, {"shared-free", shared_free},
		{"shared-read", shared_read}, {"undefined", undefined}};

static int w_defect(sip_msg_t *msg, char *name, char *unused)
{
	str s;
	size_t i;

	if(get_str_fparam(&s, msg, (fparam_t *)name) != 0)
		return -1;
	for(i = 0; i < sizeof(defects) / sizeof(defects[0]); i++) {
		if(strlen(defects[i].name) == s.len
				&& memcmp(defects[i].name, s.s, s.len) == 0) {
			defects[i].make();
			return 1;
		}
	}
	return -1;
}

static int mod_init(void)
{
	shared = shm_malloc(LEN);
	return shared == NULL ? -1 : 0;
}

static cmd_export_t cmds[] = {
		{"defect", (cmd_function)w_defect, 1, fixup_spve_null, 0, ANY_ROUTE},
		{0, 0, 0, 0, 0, 0}};

struct module_exports exports = {"kxdefect", DEFAULT_DLFLAGS, cmds, NULL, NULL,
		NULL, NULL, mod_init, NULL, NULL};

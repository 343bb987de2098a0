/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A module for tests, to be loaded before all others: it gives every
 * allocation the guards that AddressSanitizer and valgrind know. Kamailio 5.6
 * has no system malloc to choose; its managers take one big block, inside of
 * which no tool sees anything.
 *
 * Private memory becomes malloc's. Shared memory stays where it is, with a
 * zone before and behind each block that nobody may touch, and stays untouched
 * for a while after it was freed, at most until somebody asks how much is used;
 * for that the sanitizer's shadow of the pool is shared by all processes as
 * well. What was allocated before this module
 * came is left to the manager that it came from.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#else
#define VALGRIND_MAKE_MEM_DEFINED(p, len)
#endif

#include "core/mem/mem.h"
#include "core/mem/shm_mem.h"
#include "core/shm_init.h"
#include "core/sr_module.h"

MODULE_VERSION

/* Of the sanitizer's runtime; not there under valgrind. */
extern void __asan_poison_memory_region(void const volatile *p, size_t len)
		__attribute__((weak));
extern void __asan_unpoison_memory_region(void const volatile *p, size_t len)
		__attribute__((weak));
extern void __asan_get_shadow_mapping(size_t *scale, size_t *offset)
		__attribute__((weak));
extern unsigned long pkg_mem_size, shm_mem_size;

#ifdef DBG_SR_MEMORY
#define WHERE_PARAMS \
	, const char *file, const char *func, unsigned int line, const char *mname
#define WHERE , file, func, line, mname
#define HERE , __FILE__, __func__, __LINE__, "kxguard"
#else
#define WHERE_PARAMS
#define WHERE
#define HERE
#endif

enum
{
	BEFORE = 32,	 /* bytes before a block, its own notes in them */
	BEHIND = 16,	 /* and behind it, at least */
	KEPT_MAX = 1024, /* freed blocks that are not used again yet */
	SHADOW_PAGE = 8 * 4096
};

#define LIVE UINT64_C(0x4b58475541524421)
#define FREED UINT64_C(0x4b58465245454421)

struct notes
{
	uint64_t magic;
	uint64_t len;
};

/* Set once, before the fork. */
static sr_pkg_api_t pkg_real;
static sr_shm_api_t shm_real;
static char *watched, *watched_end; /* part of the pool with shared shadow */

/* In shared memory. */
static struct kept
{
	unsigned int next;
	void *block[KEPT_MAX];
} * kept;

static void die(const char *what)
{
	ssize_t n = write(STDERR_FILENO, what, strlen(what));

	(void)n;
	abort();
}

/* --- private memory */

static int is_old(void *p)
{
	return (char *)p >= pkg_real.mem_pool
		   && (char *)p < pkg_real.mem_pool + pkg_mem_size;
}

static void *p_malloc(void *pool, size_t len WHERE_PARAMS)
{
	return malloc(len);
}

static void *p_mallocxz(void *pool, size_t len WHERE_PARAMS)
{
	return calloc(1, len);
}

static void p_free(void *pool, void *p WHERE_PARAMS)
{
	if(p != NULL && is_old(p))
		pkg_real.xfree(pool, p WHERE);
	else
		free(p);
}

static void *p_realloc(void *pool, void *p, size_t len WHERE_PARAMS)
{
	if(p != NULL && is_old(p))
		return pkg_real.xrealloc(pool, p, len WHERE);
	return realloc(p, len);
}

static void *p_reallocxf(void *pool, void *p, size_t len WHERE_PARAMS)
{
	void *moved = p_realloc(pool, p, len WHERE);

	if(moved == NULL && p != NULL)
		p_free(pool, p WHERE);
	return moved;
}

/* --- shared memory */

static void hide(void *p, size_t len)
{
	if((char *)p >= watched && (char *)p + len <= watched_end)
		__asan_poison_memory_region(p, len);
}

static void show(void *p, size_t len)
{
	if((char *)p >= watched && (char *)p + len <= watched_end)
		__asan_unpoison_memory_region(p, len);
}

/* valgrind does not see that another process has written where this one has
 * left something uninitialised. */
static void others_have_written(void)
{
	VALGRIND_MAKE_MEM_DEFINED(shm_real.mem_pool, shm_mem_size);
}

static struct notes *notes_of(void *p)
{
	return (struct notes *)((char *)p - BEFORE);
}

static size_t whole(size_t len)
{
	return BEFORE + ((len + 15) & ~(size_t)15) + BEHIND;
}

static void *guarded(struct notes *notes, size_t len)
{
	char *p = (char *)notes + BEFORE;

	if(notes == NULL)
		return NULL;
	notes->magic = LIVE;
	notes->len = len;
	hide(notes, whole(len));
	show(p, len);
	return p;
}

static void *s_malloc(void *pool, size_t len WHERE_PARAMS)
{
	others_have_written();
	return guarded(shm_real.xmalloc(pool, whole(len) WHERE), len);
}

static void *s_malloc_unsafe(void *pool, size_t len WHERE_PARAMS)
{
	others_have_written();
	return guarded(shm_real.xmalloc_unsafe(pool, whole(len) WHERE), len);
}

static void *s_mallocxz(void *pool, size_t len WHERE_PARAMS)
{
	char *p = s_malloc(pool, len WHERE);

	if(p != NULL)
		memset(p, 0, len);
	return p;
}

/* A block that was kept is nobody's any more. */
static void *released(struct notes *notes)
{
	if(notes != NULL) {
		notes->magic = 0;
		show(notes, whole(notes->len));
	}
	return notes;
}

/* The block to give back to the manager instead of this one, or NULL. */
static void *retire(void *p)
{
	struct notes *notes = notes_of(p);
	unsigned int at;

	if(notes->magic == FREED)
		die("kxguard: shared memory is freed twice\n");
	if(notes->magic != LIVE)
		return p; /* from before */
	notes->magic = FREED;
	hide(p, notes->len);
	at = __atomic_fetch_add(&kept->next, 1, __ATOMIC_RELAXED) % KEPT_MAX;
	return released(__atomic_exchange_n(
			&kept->block[at], (void *)notes, __ATOMIC_ACQ_REL));
}

static void s_free(void *pool, void *p WHERE_PARAMS)
{
	if(p != NULL)
		p = retire(p);
	if(p != NULL)
		shm_real.xfree(pool, p WHERE);
}

static void s_free_unsafe(void *pool, void *p WHERE_PARAMS)
{
	if(p != NULL)
		p = retire(p);
	if(p != NULL)
		shm_real.xfree_unsafe(pool, p WHERE);
}

static void *s_realloc(void *pool, void *p, size_t len WHERE_PARAMS)
{
	void *moved;
	size_t old;

	if(p != NULL && notes_of(p)->magic != LIVE)
		return shm_real.xrealloc(pool, p, len WHERE);
	if(p != NULL && len == 0) {
		s_free(pool, p WHERE);
		return NULL;
	}
	moved = s_malloc(pool, len WHERE);
	if(moved == NULL || p == NULL)
		return moved;
	old = notes_of(p)->len;
	memcpy(moved, p, old < len ? old : len);
	s_free(pool, p WHERE);
	return moved;
}

static void *s_reallocxf(void *pool, void *p, size_t len WHERE_PARAMS)
{
	void *moved = s_realloc(pool, p, len WHERE);

	if(moved == NULL && p != NULL && len > 0)
		s_free(pool, p WHERE);
	return moved;
}

/* Who asks for numbers gets those without the blocks that are only kept. */
static void release_all(void *pool)
{
	void *p;
	int i;

	for(i = 0; i < KEPT_MAX; i++) {
		p = released(
				__atomic_exchange_n(&kept->block[i], NULL, __ATOMIC_ACQ_REL));
		if(p != NULL)
			shm_real.xfree(pool, p HERE);
	}
}

static void s_info(void *pool, struct mem_info *info)
{
	release_all(pool);
	shm_real.xinfo(pool, info);
}

static void s_mod_get_stats(void *pool, void **stats)
{
	release_all(pool);
	shm_real.xmodstats(pool, stats);
}

/* Give the shadow of the pool's inner part to all processes. */
static void share_shadow(char *pool, size_t len)
{
	size_t scale, offset;
	char *from, *to;
	void *got;

	from = (char *)(((uintptr_t)pool + SHADOW_PAGE - 1)
					& ~(uintptr_t)(SHADOW_PAGE - 1));
	to = (char *)(((uintptr_t)pool + len) & ~(uintptr_t)(SHADOW_PAGE - 1));
	__asan_get_shadow_mapping(&scale, &offset);
	if(scale != 3)
		die("kxguard: a shadow of another scale\n");
	got = mmap((void *)(((uintptr_t)from >> 3) + offset), (to - from) >> 3,
			PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1,
			0);
	if(got == MAP_FAILED)
		die("kxguard: the shadow can't be shared\n");
	watched = from;
	watched_end = to;
}

static void take_over_pkg(void)
{
	pkg_real = _pkg_root;
	_pkg_root.xmalloc = p_malloc;
	_pkg_root.xmallocxz = p_mallocxz;
	_pkg_root.xfree = p_free;
	_pkg_root.xrealloc = p_realloc;
	_pkg_root.xreallocxf = p_reallocxf;
}

static int take_over_shm(void)
{
	kept = shm_malloc(sizeof(*kept));
	if(kept == NULL)
		return -1;
	memset(kept, 0, sizeof(*kept));
	if(__asan_poison_memory_region != NULL)
		share_shadow(_shm_root.mem_pool, shm_mem_size);
	shm_real = _shm_root;
	_shm_root.xmalloc = s_malloc;
	_shm_root.xmallocxz = s_mallocxz;
	_shm_root.xmalloc_unsafe = s_malloc_unsafe;
	_shm_root.xfree = s_free;
	_shm_root.xfree_unsafe = s_free_unsafe;
	_shm_root.xrealloc = s_realloc;
	_shm_root.xreallocxf = s_reallocxf;
	_shm_root.xresize = s_realloc;
	_shm_root.xinfo = s_info;
	_shm_root.xmodstats = s_mod_get_stats;
	return 0;
}

int mod_register(char *path, int *dlflags, void *p1, void *p2)
{
	if(shm_real.xmalloc != NULL)
		return 0; /* twice */
	if(!shm_initialized() && init_shm() < 0)
		return -1;
	take_over_pkg();
	return take_over_shm();
}

struct module_exports exports = {"kxguard", DEFAULT_DLFLAGS, NULL, NULL, NULL,
		NULL, NULL, NULL, NULL, NULL};

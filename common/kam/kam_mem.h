/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kamailio's two memory pools as allocators for pure code. */
#ifndef KAM_MEM_H
#define KAM_MEM_H

#include "core/mem/mem.h"
#include "core/mem/shm_mem.h"

#include "kx_alloc.h"

static inline void *kam_pkg_get(size_t size)
{
	return pkg_malloc(size);
}

static inline void kam_pkg_put(void *mem)
{
	if(mem != NULL)
		pkg_free(mem);
}

static inline void *kam_shm_get(size_t size)
{
	return shm_malloc(size);
}

static inline void kam_shm_put(void *mem)
{
	if(mem != NULL)
		shm_free(mem);
}

/** Memory of this process. */
static const struct kx_alloc kam_pkg
		__attribute__((unused)) = {kam_pkg_get, kam_pkg_put};

/** Memory all processes share. */
static const struct kx_alloc kam_shm
		__attribute__((unused)) = {kam_shm_get, kam_shm_put};

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The allocator a host lends to pure code; the only thing it asks a host for
 * besides values. */
#ifndef KX_ALLOC_H
#define KX_ALLOC_H

#include <stddef.h>

/**
 * Two functions of one memory pool. The module hands in pkg or shm, the unit
 * tests hand in one that fails at a chosen call.
 *
 * get returns NULL when there is no memory; put takes what get gave, and
 * NULL. What one allocator gave is never put back to another.
 */
struct kx_alloc
{
	void *(*get)(size_t size);
	void (*put)(void *mem);
};

#endif

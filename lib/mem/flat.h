/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEM_FLAT_H
#define MEM_FLAT_H

/*
 * Host memory for flat extents.
 *
 * Modules are small and many, and the host takes longer to hand out their
 * pages one by one than the linker takes to relocate what is on them.  So once
 * a kernel has some modules, further buffers are cut from chunks that the host
 * may back with huge pages, and a large buffer is a chunk of its own.  A chunk
 * goes when the last buffer in it goes.  A caller's own allocator is asked for
 * each buffer, and so is the C library where the host has no such pages.
 */

#include <stdint.h>

#include "util/alloc.h"

struct kldsim__flat_chunk;

struct kldsim__flat_pool {
	const struct kldsim__alloc *alloc;
	struct kldsim__flat_chunk *open; /* where there is room left, or NULL */
	size_t live;                     /* bytes in use */
};

void kldsim__flat_init(struct kldsim__flat_pool *pool,
    const struct kldsim__alloc *alloc);

/*
 * Bytes that are all zero, NULL if there is no memory.  *chunk_ret says where
 * they come from, for kldsim__flat_free(); NULL is an allocation of its own.
 */
uint8_t *kldsim__flat_alloc(struct kldsim__flat_pool *pool, size_t size,
    struct kldsim__flat_chunk **chunk_ret);
void kldsim__flat_free(struct kldsim__flat_pool *pool, uint8_t *bytes,
    size_t size, struct kldsim__flat_chunk *chunk);

#endif

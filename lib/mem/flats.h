/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEM_FLATS_H
#define MEM_FLATS_H

/*
 * Buffers of zeros for the mappings of modules.
 *
 * Hundreds of modules are loaded one after the other, and a page fault for
 * every 4 KB of them would take longer than all else that is done.  So buffers
 * lie side by side in blocks, which the host can make of large pages.  A block
 * goes when its last buffer does; the newest one stays, and is cleared as far
 * as it is used again.
 *
 * Where the caller brought an allocator, and where a sanitizer or KLDSIM__TIGHT
 * is to see the end of each buffer, every buffer is a request of its own.
 */

#include <stddef.h>
#include <stdint.h>

#include "util/alloc.h"

struct kldsim__flat_block;

struct kldsim__flats {
	const struct kldsim__alloc *alloc;
	struct kldsim__flat_block *newest;
	size_t next_size; /* of a new block */
};

/* A buffer and where it is from, for giving it back. */
struct kldsim__flat {
	uint8_t *bytes; /* NULL: no memory */
	size_t size;
	struct kldsim__flat_block *block; /* NULL: a request of its own */
};

void kldsim__flats_init(struct kldsim__flats *flats,
    const struct kldsim__alloc *alloc);
/* All buffers must have been given back. */
void kldsim__flats_fini(struct kldsim__flats *flats);

struct kldsim__flat kldsim__flats_get(struct kldsim__flats *flats,
    size_t size);
void kldsim__flats_put(struct kldsim__flats *flats,
    const struct kldsim__flat *flat);

#endif

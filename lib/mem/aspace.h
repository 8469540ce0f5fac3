/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEM_ASPACE_H
#define MEM_ASPACE_H

/*
 * The simulated kernel's address space: a sorted set of extents.
 *
 * An extent is either paged (bytes of an immutable image followed by zeros,
 * copied page by page when they are first written: a 40 MB kernel costs the
 * pages touched, a gigabyte of NOBITS nothing) or flat (one buffer, for what is
 * written all over at once) or in stretches, as a module's mapping: what its
 * relocations change is flat, the rest as if it were paged.
 *
 * All changes go through the undo log.  Memory that was mapped within the
 * transaction in progress needs no saving: it goes as a whole.
 */

#include <stdbool.h>

#include <kldsim/status.h>

#include "mem/extents.h"
#include "util/undo.h"

#define KLDSIM__PAGE 4096u /* granule of copying, not the target's page */

struct kldsim__aspace {
	const struct kldsim__alloc *alloc;
	struct kldsim__undo *undo;
	struct kldsim__extents extents; /* by address, disjoint */
	struct kldsim__flats flats;
};

/* What access can come to. */
enum kldsim__access {
	KLDSIM__ACCESS_OK,
	KLDSIM__ACCESS_FAULT, /* not mapped; nothing was changed */
	KLDSIM__ACCESS_NOMEM
};

void kldsim__aspace_init(struct kldsim__aspace *space,
    const struct kldsim__alloc *alloc, struct kldsim__undo *undo);
void kldsim__aspace_fini(struct kldsim__aspace *space);

/*
 * Map [start, start + size), which must be free, not wrap and not be empty.
 * Paged: `image` may be NULL for zeros, and must outlive the extent.
 * NULL if there is no memory.
 */
struct kldsim__extent *kldsim__aspace_map(struct kldsim__aspace *space,
    kldsim_addr start, kldsim_size size, const uint8_t *image,
    kldsim_size image_size);
/* The same with one zeroed buffer. */
struct kldsim__extent *kldsim__aspace_map_flat(struct kldsim__aspace *space,
    kldsim_addr start, size_t size);
/*
 * The same, but parts of it are lent, in ascending order; they have to outlive
 * the extent.
 */
struct kldsim__extent *kldsim__aspace_map_stretches(
    struct kldsim__aspace *space, kldsim_addr start, size_t size,
    const struct kldsim__lent *lent, size_t nlent);
/*
 * Bytes of a flat extent, or of one stretch that is its own: who has mapped it
 * may write there until the transaction ends.  NULL: they are not.
 */
uint8_t *kldsim__extent_own(const struct kldsim__extent *extent,
    kldsim_size offset, kldsim_size size);
/*
 * Map [start, start + size) as a copy of `bytes` bytes at `from`, zeros after
 * them.  What is unchanged in the image behind `from` is shared, not copied.
 */
enum kldsim__access kldsim__aspace_clone(struct kldsim__aspace *space,
    kldsim_addr start, kldsim_size size, kldsim_addr from, kldsim_size bytes);
/* Unmap a whole extent by its start. */
bool kldsim__aspace_unmap(struct kldsim__aspace *space, kldsim_addr start);

/* The extent that holds an address, or NULL. */
struct kldsim__extent *kldsim__aspace_find(const struct kldsim__aspace *space,
    kldsim_addr address);
/* Whether all of [address, address + size) is mapped. */
bool kldsim__aspace_mapped(const struct kldsim__aspace *space,
    kldsim_addr address, kldsim_size size);
/* Whether any of [start, start + size) is mapped. */
bool kldsim__aspace_overlaps(const struct kldsim__aspace *space,
    kldsim_addr start, kldsim_size size);

/*
 * The lowest gap of `size` bytes at or above `floor` and ending at or below
 * `end`, aligned to `align` (a power of two).  False if there is none.
 */
bool kldsim__aspace_first_fit(const struct kldsim__aspace *space,
    kldsim_addr floor, kldsim_addr end, kldsim_size size, kldsim_size align,
    kldsim_addr *start_ret);

/* Reading never needs memory: true, or false for a fault. */
bool kldsim__aspace_read(const struct kldsim__aspace *space,
    kldsim_addr address, void *buffer, size_t size);
enum kldsim__access kldsim__aspace_write(struct kldsim__aspace *space,
    kldsim_addr address, const void *bytes, size_t size);
enum kldsim__access kldsim__aspace_zero(struct kldsim__aspace *space,
    kldsim_addr address, kldsim_size size);
/* Copy between two places that do not overlap. */
enum kldsim__access kldsim__aspace_copy(struct kldsim__aspace *space,
    kldsim_addr to, kldsim_addr from, kldsim_size size);

/*
 * The bytes at an address as far as they lie together, at most `size` of
 * them; NULL for a fault.  Good until the next write.
 */
const uint8_t *kldsim__aspace_peek(const struct kldsim__aspace *space,
    kldsim_addr address, size_t size, size_t *length_ret);

#endif

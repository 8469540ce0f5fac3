/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEM_EXTENTS_H
#define MEM_EXTENTS_H

/*
 * The extents of an address space, by address: a treap, so that each mapping,
 * unmapping and search costs the logarithm of what is mapped, in whatever
 * order a million files come and go.  Every extent knows the gap below it and
 * every subtree its widest one: first fit is a search too.
 *
 * Linking an extent in or out needs no memory, so undoing either cannot fail.
 */

#include <stddef.h>
#include <stdint.h>

#include <kldsim/status.h>

#include "mem/flats.h"
#include "mem/stretches.h"

struct kldsim__extent {
	kldsim_addr start;
	kldsim_size size;
	uint64_t born;      /* epoch in which it was mapped */
	uint8_t *flat;      /* flat: all bytes; else NULL */
	struct kldsim__flat buffer; /* flat, in stretches: own bytes, and whose */
	struct kldsim__stretches stretches;
	const uint8_t *image; /* paged: initial bytes, zeros after them */
	kldsim_size image_size;
	uint8_t ***chunks;  /* private pages, by chunk; NULL: none yet */
	size_t nchunks;
	/* Its place in the treap. */
	struct kldsim__extent *parent;
	struct kldsim__extent *child[2]; /* below it, above it */
	kldsim_size gap;    /* free bytes between it and the one below */
	kldsim_size widest; /* gap of the subtree */
	uint32_t priority;  /* at most its parent's */
	int owner;          /* id of the file that it was mapped for, or 0 */
};

struct kldsim__extents {
	struct kldsim__extent *root;
	struct kldsim__extent **recent; /* the one that was found last, or NULL */
	struct kldsim__extent *found;   /* what recent points to */
	uint64_t seed; /* of the priorities */
};

void kldsim__extents_init(struct kldsim__extents *extents);
/* Free all of them, in no order. */
void kldsim__extents_free(struct kldsim__extents *extents,
    void (*free_extent)(void *owner, void *extent), void *owner);
/* It must not overlap another one, nor wrap, nor be empty. */
void kldsim__extents_insert(struct kldsim__extents *extents,
    struct kldsim__extent *extent);
void kldsim__extents_remove(struct kldsim__extents *extents,
    struct kldsim__extent *extent);

/* The first one that ends above the address, or NULL. */
struct kldsim__extent *kldsim__extents_search(
    const struct kldsim__extents *extents, kldsim_addr address);
/* The highest one, or NULL. */
struct kldsim__extent *kldsim__extents_last(
    const struct kldsim__extents *extents);
/* The next higher one with a gap of so many bytes below it, or NULL. */
struct kldsim__extent *kldsim__extents_next_gap(
    const struct kldsim__extent *extent, kldsim_size size);

#endif

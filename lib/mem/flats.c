/* SPDX-License-Identifier: BSD-2-Clause */

/* Buffers side by side in blocks; see flats.h. */

#include "mem/flats.h"

#include <string.h>

/* Blocks double: one small module costs little, and many are a few blocks. */
#define LEAST_BLOCK (256u << 10)
#define MOST_BLOCK (16u << 20)

/* So much is asked of the host at once. */
#define STEP (2u << 20)

/* No two buffers share a line of the processor's cache. */
#define ALIGN 64u

struct kldsim__flat_block {
	struct kldsim__flat_block *next; /* newest first */
	uint8_t *bytes;
	size_t size;
	size_t used;  /* bytes given out, from the first on */
	size_t dirty; /* bytes that have been given out before */
	size_t ready; /* bytes for which the host was asked */
	unsigned live; /* buffers */
};

void
kldsim__flats_init(struct kldsim__flats *flats,
    const struct kldsim__alloc *alloc)
{
	flats->alloc = alloc;
	flats->newest = NULL;
	flats->next_size = LEAST_BLOCK;
}

static void
free_block(struct kldsim__flats *flats, struct kldsim__flat_block *block)
{
	kldsim__unmap_pages(block->bytes, block->size);
	kldsim__free(flats->alloc, block);
}

void
kldsim__flats_fini(struct kldsim__flats *flats)
{
	if (flats->newest != NULL)
		free_block(flats, flats->newest);
	flats->newest = NULL;
}

static struct kldsim__flat_block *
new_block(struct kldsim__flats *flats, size_t least)
{
	struct kldsim__flat_block *block =
	    kldsim__calloc(flats->alloc, 1, sizeof(*block));

	if (block == NULL)
		return (NULL);
	block->size = least < flats->next_size ? flats->next_size : least;
	block->bytes = kldsim__map_pages(block->size);
	if (block->bytes == NULL) {
		kldsim__free(flats->alloc, block);
		return (NULL);
	}
	if (flats->next_size < MOST_BLOCK)
		flats->next_size *= 2;
	block->next = flats->newest;
	flats->newest = block;
	return (block);
}

/* Have the host make the pages up to an offset, and in a large block more. */
static void
make_ready(const struct kldsim__flats *flats,
    struct kldsim__flat_block *block, size_t end)
{
	size_t ready = end;

	if (end <= block->ready)
		return;
	if (block->size >= 2 * STEP)
		ready = (end + STEP - 1) / STEP * STEP;
	if (ready > block->size)
		ready = block->size;
	kldsim__prefault(flats->alloc, block->bytes + block->ready,
	    ready - block->ready);
	block->ready = ready;
}

/* What comes next in the block, which has the room, as zeros. */
static uint8_t *
take(const struct kldsim__flats *flats, struct kldsim__flat_block *block,
    size_t size)
{
	uint8_t *bytes = block->bytes + block->used;
	size_t dirty = block->dirty > block->used ?
	    block->dirty - block->used : 0;

	make_ready(flats, block, block->used + size);
	memset(bytes, 0, dirty < size ? dirty : size);
	block->used += size;
	if (block->dirty < block->used)
		block->dirty = block->used;
	block->live++;
	return (bytes);
}

struct kldsim__flat
kldsim__flats_get(struct kldsim__flats *flats, size_t size)
{
	struct kldsim__flat_block *block = flats->newest;
	struct kldsim__flat flat = { .bytes = NULL, .size = size };

	if (KLDSIM__APART || !kldsim__is_libc(flats->alloc)) {
		flat.bytes = kldsim__calloc(flats->alloc, size, 1);
		return (flat);
	}
	if (size > SIZE_MAX - STEP)
		return (flat);
	flat.size = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (block == NULL || flat.size > block->size - block->used)
		block = new_block(flats, flat.size);
	if (block == NULL)
		return (flat);
	flat.block = block;
	flat.bytes = take(flats, block, flat.size);
	return (flat);
}

/* A block without buffers: the newest is kept for the next. */
static void
drop(struct kldsim__flats *flats, struct kldsim__flat_block *block)
{
	struct kldsim__flat_block **at = &flats->newest;

	if (block == flats->newest) {
		block->used = 0;
		return;
	}
	while (*at != block)
		at = &(*at)->next;
	*at = block->next;
	free_block(flats, block);
}

void
kldsim__flats_put(struct kldsim__flats *flats,
    const struct kldsim__flat *flat)
{
	struct kldsim__flat_block *block = flat->block;

	if (block == NULL) {
		kldsim__free(flats->alloc, flat->bytes);
		return;
	}
	if (flat->bytes + flat->size == block->bytes + block->used)
		block->used -= flat->size; /* the last one is given back first */
	if (--block->live == 0)
		drop(flats, block);
}

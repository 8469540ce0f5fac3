/* SPDX-License-Identifier: BSD-2-Clause */

/* Blocks of members' bytes. */

#include "source/block.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "util/alloc.h"

#define BLOCK_SIZE (8u << 20)
#define ALIGN 16u

struct kldsim__block {
	atomic_uint refs;
	size_t used;
	uint8_t *bytes;
};

struct kldsim__block *
kldsim__block_new(void)
{
	struct kldsim__block *block = calloc(1, sizeof(*block));

	if (block == NULL)
		return (NULL);
	block->bytes = kldsim__map_pages(BLOCK_SIZE);
	if (block->bytes == NULL) {
		free(block);
		return (NULL);
	}
	atomic_init(&block->refs, 1);
	return (block);
}

void
kldsim__block_ref(struct kldsim__block *block)
{
	atomic_fetch_add(&block->refs, 1);
}

void
kldsim__block_unref(struct kldsim__block *block)
{
	if (block == NULL || atomic_fetch_sub(&block->refs, 1) != 1)
		return;
	kldsim__unmap_pages(block->bytes, BLOCK_SIZE);
	free(block);
}

uint8_t *
kldsim__block_room(struct kldsim__block *block, size_t size)
{
	return (size <= BLOCK_SIZE - block->used ?
	    block->bytes + block->used : NULL);
}

void
kldsim__block_take(struct kldsim__block *block, size_t size)
{
	block->used += (size + ALIGN - 1) / ALIGN * ALIGN;
	if (block->used > BLOCK_SIZE)
		block->used = BLOCK_SIZE;
}

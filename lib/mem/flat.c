/* SPDX-License-Identifier: BSD-2-Clause */

/* Buffers cut from huge pages; see flat.h. */

#include "mem/flat.h"

#include "util/bytes.h"

/* Clearing a huge page costs as much as half of its small ones do. */
#define SMALL (KLDSIM__HUGE / 2)
#define ALIGN 64u

struct kldsim__flat_chunk {
	uint8_t *start;
	size_t size;
	size_t used;
	unsigned live; /* buffers in use */
};

void
kldsim__flat_init(struct kldsim__flat_pool *pool,
    const struct kldsim__alloc *alloc)
{
	pool->alloc = alloc;
	pool->open = NULL;
	pool->live = 0;
}

static struct kldsim__flat_chunk *
new_chunk(const struct kldsim__flat_pool *pool, size_t size)
{
	struct kldsim__flat_chunk *chunk;

	if (!kldsim__has_huge_pages(pool->alloc) || size > SIZE_MAX / 2)
		return (NULL);
	chunk = kldsim__calloc(pool->alloc, 1, sizeof(*chunk));
	if (chunk == NULL)
		return (NULL);
	chunk->size = (size_t)kldsim__roundup2(size, KLDSIM__HUGE);
	chunk->start = kldsim__calloc_large(pool->alloc, chunk->size);
	if (chunk->start == NULL) {
		kldsim__free(pool->alloc, chunk);
		return (NULL);
	}
	return (chunk);
}

/* A chunk with room for a buffer, or NULL: it gets its own allocation. */
static struct kldsim__flat_chunk *
choose_chunk(struct kldsim__flat_pool *pool, size_t size)
{
	struct kldsim__flat_chunk *chunk = pool->open;

	if (size > SMALL)
		return (new_chunk(pool, size));
	if (pool->live < SMALL)
		return (NULL);
	if (chunk == NULL || size > chunk->size - chunk->used) {
		chunk = new_chunk(pool, KLDSIM__HUGE);
		if (chunk != NULL)
			pool->open = chunk;
	}
	return (chunk);
}

uint8_t *
kldsim__flat_alloc(struct kldsim__flat_pool *pool, size_t size,
    struct kldsim__flat_chunk **chunk_ret)
{
	struct kldsim__flat_chunk *chunk = choose_chunk(pool, size);
	uint8_t *bytes;

	if (chunk != NULL) {
		bytes = chunk->start + chunk->used;
		chunk->used += (size_t)kldsim__roundup2(size, ALIGN);
		chunk->live++;
	} else {
		bytes = kldsim__calloc(pool->alloc, size, 1);
	}
	if (bytes != NULL)
		pool->live += size;
	*chunk_ret = chunk;
	return (bytes);
}

void
kldsim__flat_free(struct kldsim__flat_pool *pool, uint8_t *bytes,
    size_t size, struct kldsim__flat_chunk *chunk)
{
	if (bytes == NULL)
		return;
	pool->live -= size;
	if (chunk == NULL) {
		kldsim__free(pool->alloc, bytes);
		return;
	}
	if (--chunk->live != 0)
		return;
	if (pool->open == chunk)
		pool->open = NULL;
	kldsim__free_large(pool->alloc, chunk->start, chunk->size);
	kldsim__free(pool->alloc, chunk);
}

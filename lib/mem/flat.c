/* SPDX-License-Identifier: BSD-2-Clause */

/* Buffers cut from huge pages; see flat.h. */

#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, madvise(2) */

#include "mem/flat.h"

#include <sys/mman.h>

#include "util/bytes.h"

#define HUGE ((size_t)2 << 20)
/* Clearing a huge page costs as much as half of its small ones do. */
#define SMALL (HUGE / 2)
#define ALIGN 64u

/* AddressSanitizer knows the bounds of allocations, not those in a chunk. */
#if defined(__SANITIZE_ADDRESS__)
#define CHUNKS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHUNKS 0
#endif
#endif
#if !defined(CHUNKS)
#if defined(MAP_ANONYMOUS) && defined(MADV_HUGEPAGE)
#define CHUNKS 1
#else
#define CHUNKS 0
#endif
#endif

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

#if CHUNKS
/* Zeroed pages at a multiple of a huge page's size, or NULL. */
static uint8_t *
map_huge(size_t size)
{
	uint8_t *map = mmap(NULL, size + HUGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t before;

	if (map == MAP_FAILED)
		return (NULL);
	before = (HUGE - (uintptr_t)map % HUGE) % HUGE;
	if (before != 0)
		(void)munmap(map, before);
	(void)munmap(map + before + size, HUGE - before);
	/* Without huge pages the small ones do. */
	(void)madvise(map + before, size, MADV_HUGEPAGE);
	return (map + before);
}

static struct kldsim__flat_chunk *
new_chunk(const struct kldsim__flat_pool *pool, size_t size)
{
	struct kldsim__flat_chunk *chunk;

	if (!kldsim__alloc_is_libc(pool->alloc) || size > SIZE_MAX - 2 * HUGE)
		return (NULL);
	chunk = kldsim__calloc(pool->alloc, 1, sizeof(*chunk));
	if (chunk == NULL)
		return (NULL);
	chunk->size = (size_t)kldsim__roundup2(size, HUGE);
	chunk->start = map_huge(chunk->size);
	if (chunk->start == NULL) {
		kldsim__free(pool->alloc, chunk);
		return (NULL);
	}
	return (chunk);
}
#else
static struct kldsim__flat_chunk *
new_chunk(const struct kldsim__flat_pool *pool, size_t size)
{
	(void)pool;
	(void)size;
	return (NULL);
}
#endif

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
		chunk = new_chunk(pool, HUGE);
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
	(void)munmap(chunk->start, chunk->size);
	kldsim__free(pool->alloc, chunk);
}

/* SPDX-License-Identifier: BSD-2-Clause */

/* The arena of executable memory; see exec_arena.h. */

#include "mem/exec_arena.h"

#include <string.h>

#include "util/bytes.h"

#define SPAN(e) KLDSIM__ENTRY(e, struct kldsim__exec_span, extent)
#define BLOCK(l) KLDSIM__ENTRY(l, struct kldsim__exec_block, link)
#define FREE_BLOCK(l) KLDSIM__ENTRY(l, struct kldsim__exec_block, free_link)
#define IN_USE(e) KLDSIM__ENTRY(e, struct kldsim__exec_block, by_start)

void
kldsim__exec_arena_init(struct kldsim__exec_arena *arena,
    struct kldsim__undo *undo, kldsim_size page_size, kldsim_size quantum)
{
	memset(arena, 0, sizeof(*arena));
	arena->undo = undo;
	arena->page_size = page_size;
	arena->quantum = quantum > page_size ? quantum : page_size;
	kldsim__extents_init(&arena->spans);
	kldsim__buckets_init(&arena->in_use, undo);
	for (unsigned i = 0; i < KLDSIM__EXEC_CLASSES; i++)
		kldsim__list_init(&arena->free[i]);
}

static void
free_span(void *owner, void *extent)
{
	struct kldsim__exec_arena *arena = owner;
	struct kldsim__exec_span *span = SPAN(extent);
	struct kldsim__link *next;

	for (struct kldsim__link *l = span->blocks.next; l != &span->blocks;
	    l = next) {
		next = l->next;
		kldsim__free(arena->undo->alloc, BLOCK(l));
	}
	kldsim__free(arena->undo->alloc, span);
}

void
kldsim__exec_arena_fini(struct kldsim__exec_arena *arena)
{
	kldsim__extents_free(&arena->spans, free_span, arena);
	kldsim__buckets_fini(&arena->in_use);
}

/* --- what can be undone --- */

static void
drop(void *owner, void *object)
{
	struct kldsim__exec_arena *arena = owner;

	kldsim__free(arena->undo->alloc, object);
}

static void *
make(struct kldsim__exec_arena *arena, size_t size)
{
	void *object = kldsim__calloc(arena->undo->alloc, 1, size);

	if (object != NULL &&
	    !kldsim__undo_made(arena->undo, drop, arena, object)) {
		drop(arena, object);
		return (NULL);
	}
	return (object);
}

static void
link_span(void *owner, void *span)
{
	struct kldsim__exec_arena *arena = owner;

	kldsim__extents_insert(&arena->spans, span);
}

static void
unlink_span(void *owner, void *span)
{
	struct kldsim__exec_arena *arena = owner;

	kldsim__extents_remove(&arena->spans, span);
}

/* --- free blocks --- */

static unsigned
class_of(const struct kldsim__exec_arena *arena, kldsim_size size)
{
	kldsim_size pages = size / arena->page_size;
	unsigned class = 32;

	if (pages < 32)
		return ((unsigned)pages);
	for (pages /= 64; pages != 0; pages /= 2)
		class++;
	return (class);
}

/* A block that is free now; where its class is searched first. */
static bool
push_free(struct kldsim__exec_arena *arena, struct kldsim__exec_block *block)
{
	return (kldsim__list_insert_after(arena->undo,
	    &arena->free[class_of(arena, block->size)], &block->free_link));
}

/* The free block that an allocation takes, NULL if there is none. */
static struct kldsim__exec_block *
find_free(const struct kldsim__exec_arena *arena, kldsim_size size)
{
	for (unsigned class = class_of(arena, size);
	    class < KLDSIM__EXEC_CLASSES; class++)
		KLDSIM__FOREACH(l, &arena->free[class])
			if (FREE_BLOCK(l)->size >= size)
				return (FREE_BLOCK(l));
	return (NULL);
}

/* A block, free, behind another one of a span or at its beginning. */
static struct kldsim__exec_block *
add_block(struct kldsim__exec_arena *arena, struct kldsim__exec_span *span,
    struct kldsim__link *after, kldsim_addr start, kldsim_size size)
{
	struct kldsim__exec_block *block = make(arena, sizeof(*block));

	if (block == NULL)
		return (NULL);
	block->span = span;
	block->start = start;
	block->size = size;
	if (!kldsim__list_insert_after(arena->undo, after, &block->link) ||
	    !push_free(arena, block))
		return (NULL);
	return (block);
}

/* A block that is in no list of free ones any more goes. */
static bool
remove_block(struct kldsim__exec_arena *arena,
    struct kldsim__exec_block *block)
{
	return (kldsim__list_remove(arena->undo, &block->link) &&
	    kldsim__undo_gone(arena->undo, drop, arena, block));
}

/* --- spans --- */

/*
 * The first place for a new span that is neither mapped nor part of another
 * span: the free rest of a span is not mapped, and taken all the same.
 */
static bool
place_span(const struct kldsim__exec_arena *arena,
    const struct kldsim__aspace *space, kldsim_addr floor, kldsim_addr end,
    kldsim_size size, kldsim_addr *start_ret)
{
	while (kldsim__aspace_first_fit(space, floor, end, size,
	    arena->quantum, start_ret)) {
		const struct kldsim__extent *span =
		    kldsim__extents_search(&arena->spans, *start_ret);

		/* It ends above the place: does it begin there too? */
		if (span == NULL || (span->start > *start_ret &&
		    span->start - *start_ret >= size))
			return (true);
		floor = span->start + span->size;
	}
	return (false);
}

static bool
add_span(struct kldsim__exec_arena *arena, kldsim_addr start,
    kldsim_size size, struct kldsim__exec_block **block_ret)
{
	struct kldsim__exec_span *span = make(arena, sizeof(*span));

	if (span == NULL || !kldsim__undo_made(arena->undo, unlink_span,
	    arena, &span->extent))
		return (false);
	span->extent.start = start;
	span->extent.size = size;
	kldsim__list_init(&span->blocks);
	link_span(arena, &span->extent);
	*block_ret = add_block(arena, span, &span->blocks, start, size);
	return (*block_ret != NULL);
}

/* All of a span is free, in one block. */
static bool
remove_span(struct kldsim__exec_arena *arena,
    struct kldsim__exec_block *block)
{
	struct kldsim__exec_span *span = block->span;

	/* The one that links it again is last: it must not be logged if the span
	 * stays where it is. */
	if (!kldsim__undo_gone(arena->undo, drop, arena, span) ||
	    !kldsim__undo_made(arena->undo, link_span, arena, &span->extent))
		return (false);
	unlink_span(arena, &span->extent);
	return (remove_block(arena, block));
}

/* --- allocating --- */

/* Cut a free block at its low end. */
static bool
cut(struct kldsim__exec_arena *arena, struct kldsim__exec_block *block,
    kldsim_size size)
{
	kldsim_size rest = block->size - size;

	if (!kldsim__list_remove(arena->undo, &block->free_link) ||
	    !KLDSIM__SET(arena->undo, block->size, size) ||
	    !KLDSIM__SET(arena->undo, block->in_use, true) ||
	    !kldsim__buckets_insert(&arena->in_use, &block->by_start,
	    kldsim__hash_number(&arena->in_use, block->start)))
		return (false);
	return (rest == 0 || add_block(arena, block->span, &block->link,
	    block->start + size, rest) != NULL);
}

enum kldsim__exec_status
kldsim__exec_arena_alloc(struct kldsim__exec_arena *arena,
    const struct kldsim__aspace *space, kldsim_addr floor, kldsim_addr end,
    kldsim_size size, kldsim_addr *start_ret)
{
	struct kldsim__exec_block *block = find_free(arena, size);
	kldsim_size whole = kldsim__roundup2(size, arena->quantum);
	kldsim_addr start;

	if (block == NULL) {
		if (whole < size || !place_span(arena, space, floor, end,
		    whole, &start))
			return (KLDSIM__EXEC_FULL);
		if (!add_span(arena, start, whole, &block))
			return (KLDSIM__EXEC_NOMEM);
	}
	if (!cut(arena, block, size))
		return (KLDSIM__EXEC_NOMEM);
	*start_ret = block->start;
	return (KLDSIM__EXEC_OK);
}

/* The free block that has all of a range of its span, NULL if there is none. */
static struct kldsim__exec_block *
find_free_at(struct kldsim__exec_span *span, kldsim_addr start,
    kldsim_size size)
{
	KLDSIM__FOREACH(l, &span->blocks)
		if (kldsim__in_range(start - BLOCK(l)->start, size,
		    BLOCK(l)->size))
			return (BLOCK(l)->in_use ? NULL : BLOCK(l));
	return (NULL);
}

/* Cut a free block in two; the low part may be nothing. */
static struct kldsim__exec_block *
split(struct kldsim__exec_arena *arena, struct kldsim__exec_block *block,
    kldsim_addr start)
{
	kldsim_size low = start - block->start, high = block->size - low;

	if (low == 0)
		return (block);
	if (!kldsim__list_remove(arena->undo, &block->free_link) ||
	    !KLDSIM__SET(arena->undo, block->size, low) ||
	    !push_free(arena, block))
		return (NULL);
	return (add_block(arena, block->span, &block->link, start, high));
}

enum kldsim__exec_status
kldsim__exec_arena_take(struct kldsim__exec_arena *arena, kldsim_addr start,
    kldsim_size size)
{
	struct kldsim__extent *span =
	    kldsim__extents_search(&arena->spans, start);
	struct kldsim__exec_block *block;

	if (span == NULL || (span->start > start &&
	    span->start - start >= size))
		return (KLDSIM__EXEC_OK);
	block = find_free_at(SPAN(span), start, size);
	if (block == NULL)
		return (KLDSIM__EXEC_FULL);
	block = split(arena, block, start);
	return (block != NULL && cut(arena, block, size) ? KLDSIM__EXEC_OK :
	    KLDSIM__EXEC_NOMEM);
}

/* --- freeing --- */

/* A neighbour of a span's block, NULL if there is none or it is in use. */
static struct kldsim__exec_block *
free_neighbour(const struct kldsim__exec_block *block,
    struct kldsim__link *link)
{
	return (link == &block->span->blocks || BLOCK(link)->in_use ? NULL :
	    BLOCK(link));
}

/* Two free blocks, one behind the other, become the first one. */
static bool
merge(struct kldsim__exec_arena *arena, struct kldsim__exec_block *low,
    struct kldsim__exec_block *high)
{
	return (KLDSIM__SET(arena->undo, low->size, low->size + high->size) &&
	    remove_block(arena, high));
}

static bool
release(struct kldsim__exec_arena *arena, struct kldsim__exec_block *block)
{
	struct kldsim__exec_block *below =
	    free_neighbour(block, block->link.prev);
	struct kldsim__exec_block *above =
	    free_neighbour(block, block->link.next);

	if (!kldsim__buckets_remove(&arena->in_use, &block->by_start) ||
	    !KLDSIM__SET(arena->undo, block->in_use, false))
		return (false);
	if (above != NULL && (!kldsim__list_remove(arena->undo,
	    &above->free_link) || !merge(arena, block, above)))
		return (false);
	if (below != NULL) {
		if (!kldsim__list_remove(arena->undo, &below->free_link) ||
		    !merge(arena, below, block))
			return (false);
		block = below;
	}
	return (block->size == block->span->extent.size ?
	    remove_span(arena, block) : push_free(arena, block));
}

enum kldsim__exec_status
kldsim__exec_arena_free(struct kldsim__exec_arena *arena, kldsim_addr start)
{
	KLDSIM__FOREACH_HASHED(entry, &arena->in_use,
	    kldsim__hash_number(&arena->in_use, start))
		if (IN_USE(entry)->start == start)
			return (release(arena, IN_USE(entry)) ?
			    KLDSIM__EXEC_OK : KLDSIM__EXEC_NOMEM);
	return (KLDSIM__EXEC_OK);
}

/* SPDX-License-Identifier: BSD-2-Clause */

/* The arena of executable memory; see exec_arena.h. */

#include "mem/exec_arena.h"

#include <string.h>

#include "util/bytes.h"

void
kldsim__exec_arena_init(struct kldsim__exec_arena *arena,
    struct kldsim__undo *undo, kldsim_size page_size, kldsim_size quantum)
{
	memset(arena, 0, sizeof(*arena));
	arena->undo = undo;
	arena->page_size = page_size;
	arena->quantum = quantum > page_size ? quantum : page_size;
}

void
kldsim__exec_arena_fini(struct kldsim__exec_arena *arena)
{
	kldsim__free(arena->undo->alloc, arena->blocks);
}

static void
drop(void *owner, void *object)
{
	struct kldsim__exec_arena *arena = owner;

	kldsim__free(arena->undo->alloc, object);
}

/* Remember the blocks as they are, and make room for two more. */
static bool
prepare(struct kldsim__exec_arena *arena)
{
	struct kldsim__undo *undo = arena->undo;
	const size_t bytes = arena->nblocks * sizeof(*arena->blocks);
	size_t cap = arena->cap != 0 ? arena->cap * 2 : 8;
	struct kldsim__exec_block *grown;

	if (!kldsim__undo_save(undo, arena, sizeof(*arena)) ||
	    (bytes != 0 && !kldsim__undo_save(undo, arena->blocks, bytes)))
		return (false);
	if (arena->nblocks + 2 <= arena->cap)
		return (true);
	grown = kldsim__malloc(undo->alloc, cap * sizeof(*grown));
	if (grown == NULL)
		return (false);
	if (!kldsim__undo_made(undo, drop, arena, grown)) {
		kldsim__free(undo->alloc, grown);
		return (false);
	}
	if (arena->blocks != NULL) {
		if (!kldsim__undo_gone(undo, drop, arena, arena->blocks))
			return (false);
		memcpy(grown, arena->blocks, bytes);
	}
	arena->blocks = grown;
	arena->cap = cap;
	return (true);
}

/* The class of a size: a page count up to 31, then by powers of two. */
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

/* Whether the walk meets block a before block b. */
static bool
is_before(const struct kldsim__exec_arena *arena,
    const struct kldsim__exec_block *a, const struct kldsim__exec_block *b)
{
	unsigned of_a = class_of(arena, a->size);
	unsigned of_b = class_of(arena, b->size);

	return (of_a != of_b ? of_a < of_b : a->stamp > b->stamp);
}

/* The free block that an allocation takes, nblocks if there is none. */
static size_t
find_free(const struct kldsim__exec_arena *arena, kldsim_size size)
{
	size_t best = arena->nblocks;

	for (size_t i = 0; i < arena->nblocks; i++) {
		const struct kldsim__exec_block *block = &arena->blocks[i];

		if (block->stamp == 0 || block->size < size)
			continue;
		if (best == arena->nblocks ||
		    is_before(arena, block, &arena->blocks[best]))
			best = i;
	}
	return (best);
}

static void
insert_at(struct kldsim__exec_arena *arena, size_t at,
    const struct kldsim__exec_block *block)
{
	struct kldsim__exec_block *to = &arena->blocks[at];

	memmove(to + 1, to, (arena->nblocks - at) * sizeof(*to));
	*to = *block;
	arena->nblocks++;
}

static void
remove_at(struct kldsim__exec_arena *arena, size_t at)
{
	struct kldsim__exec_block *from = &arena->blocks[at];

	arena->nblocks--;
	memmove(from, from + 1, (arena->nblocks - at) * sizeof(*from));
}

/*
 * The first place for a new span that is neither mapped nor part of another
 * span: the free rest of a span is not mapped, and taken all the same.
 */
static bool
place_span(const struct kldsim__exec_arena *arena,
    const struct kldsim__aspace *space, kldsim_addr floor, kldsim_addr end,
    kldsim_size size, kldsim_addr *start_ret)
{
	if (!kldsim__aspace_first_fit(space, floor, end, size,
	    arena->quantum, start_ret))
		return (false);
	for (size_t i = 0; i < arena->nblocks; i++) {
		const struct kldsim__exec_block *block = &arena->blocks[i];

		if (block->span >= *start_ret + size ||
		    block->span + block->span_size <= *start_ret)
			continue;
		/* Ascending: no later one can be in the way from below. */
		if (!kldsim__aspace_first_fit(space,
		    block->span + block->span_size, end, size,
		    arena->quantum, start_ret))
			return (false);
	}
	return (true);
}

/* A new span, all free: the caller has made room. */
static bool
add_span(struct kldsim__exec_arena *arena, const struct kldsim__aspace *space,
    kldsim_addr floor, kldsim_addr end, kldsim_size size, size_t *at_ret)
{
	struct kldsim__exec_block block = { .stamp = ++arena->stamp };
	size_t at = 0;

	block.size = kldsim__roundup2(size, arena->quantum);
	if (block.size < size || !place_span(arena, space, floor, end,
	    block.size, &block.start))
		return (false);
	block.span = block.start;
	block.span_size = block.size;
	while (at < arena->nblocks && arena->blocks[at].start < block.start)
		at++;
	insert_at(arena, at, &block);
	*at_ret = at;
	return (true);
}

enum kldsim__exec_status
kldsim__exec_arena_alloc(struct kldsim__exec_arena *arena,
    const struct kldsim__aspace *space, kldsim_addr floor, kldsim_addr end,
    kldsim_size size, kldsim_addr *start_ret)
{
	struct kldsim__exec_block rest;
	size_t at;

	if (!prepare(arena))
		return (KLDSIM__EXEC_NOMEM);
	at = find_free(arena, size);
	if (at == arena->nblocks &&
	    !add_span(arena, space, floor, end, size, &at))
		return (KLDSIM__EXEC_FULL);
	rest = arena->blocks[at];
	arena->blocks[at].size = size;
	arena->blocks[at].stamp = 0;
	*start_ret = rest.start;
	if (rest.size == size)
		return (KLDSIM__EXEC_OK);
	rest.start += size;
	rest.size -= size;
	rest.stamp = ++arena->stamp;
	insert_at(arena, at + 1, &rest);
	return (KLDSIM__EXEC_OK);
}

/* Merge a block into the one before it, if both are free in one span. */
static void
merge(struct kldsim__exec_arena *arena, size_t at)
{
	struct kldsim__exec_block *block;

	if (at == 0 || at >= arena->nblocks)
		return;
	block = &arena->blocks[at];
	if (block->stamp == 0 || block[-1].stamp == 0 ||
	    block->span != block[-1].span)
		return;
	block[-1].size += block->size;
	block[-1].stamp = arena->stamp;
	remove_at(arena, at);
}

enum kldsim__exec_status
kldsim__exec_arena_free(struct kldsim__exec_arena *arena, kldsim_addr start)
{
	struct kldsim__exec_block *block;
	size_t at = 0;

	while (at < arena->nblocks && (arena->blocks[at].start != start ||
	    arena->blocks[at].stamp != 0))
		at++;
	if (at == arena->nblocks)
		return (KLDSIM__EXEC_OK);
	if (!prepare(arena))
		return (KLDSIM__EXEC_NOMEM);
	arena->blocks[at].stamp = ++arena->stamp;
	merge(arena, at + 1);
	merge(arena, at);
	for (at = 0; at < arena->nblocks; at++) {
		block = &arena->blocks[at];
		if (block->stamp != 0 && block->size == block->span_size) {
			remove_at(arena, at);
			break;
		}
	}
	return (KLDSIM__EXEC_OK);
}

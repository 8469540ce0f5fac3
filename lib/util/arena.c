/* SPDX-License-Identifier: BSD-2-Clause */

/* A bump allocator in a chain of blocks, newest first. */

#include "util/arena.h"

#include <stdint.h>
#include <string.h>

/* Blocks double from the least to the most. */
#ifdef KLDSIM__TIGHT
#define LEAST_BLOCK 1u
#define MOST_BLOCK 1u
#else
#define LEAST_BLOCK 512u
#define MOST_BLOCK 1024u
#endif

struct kldsim__arena_block {
	struct kldsim__arena_block *next;
	union kldsim__max_align data[];
};

void
kldsim__arena_init(struct kldsim__arena *arena,
    const struct kldsim__alloc *alloc)
{
	memset(arena, 0, sizeof(*arena));
	arena->alloc = alloc;
}

void
kldsim__arena_init_undo(struct kldsim__arena *arena, struct kldsim__undo *undo)
{
	kldsim__arena_init(arena, undo->alloc);
	arena->undo = undo;
	arena->born = undo->epoch;
}

void
kldsim__arena_fini(struct kldsim__arena *arena)
{
	struct kldsim__arena_mark start = { NULL, 0, 0 };

	kldsim__arena_release(arena, start);
}

/* Whether the log has to know of a change. */
static bool
is_logged(const struct kldsim__arena *arena)
{
	return (arena->undo != NULL && arena->born != arena->undo->epoch);
}

static bool
save(struct kldsim__arena *arena)
{
	if (!is_logged(arena) || arena->saved == arena->undo->epoch)
		return (true);
	if (!kldsim__undo_save(arena->undo, &arena->now, sizeof(arena->now)))
		return (false);
	arena->saved = arena->undo->epoch;
	return (true);
}

static void
drop_block(void *alloc, void *block)
{
	kldsim__free(alloc, block);
}

static bool
new_block(struct kldsim__arena *arena, size_t size)
{
	size_t least = LEAST_BLOCK;
	struct kldsim__arena_block *block;

	while (least <= arena->now.size && least < MOST_BLOCK)
		least *= 2;
	if (size < least)
		size = least;
	if (size > SIZE_MAX - sizeof(*block))
		return (false);
	block = kldsim__malloc(arena->alloc, sizeof(*block) + size);
	if (block == NULL)
		return (false);
	if (is_logged(arena) && !kldsim__undo_made(arena->undo, drop_block,
	    (void *)(uintptr_t)arena->alloc, block)) {
		kldsim__free(arena->alloc, block);
		return (false);
	}
	block->next = arena->now.blocks;
	arena->now.blocks = block;
	arena->now.size = size;
	arena->now.used = 0;
	return (true);
}

void *
kldsim__arena_alloc(struct kldsim__arena *arena, size_t size)
{
	const size_t align = sizeof(union kldsim__max_align);
	char *data;

	if (size > SIZE_MAX - align)
		return (NULL);
	/* Even nothing has an address of its own. */
	size = size != 0 ? (size + align - 1) / align * align : align;
	if (!save(arena) || (size > arena->now.size - arena->now.used &&
	    !new_block(arena, size)))
		return (NULL);
	data = (char *)arena->now.blocks->data + arena->now.used;
	arena->now.used += size;
	return (data);
}

struct kldsim__arena_mark
kldsim__arena_mark(const struct kldsim__arena *arena)
{
	return (arena->now);
}

void
kldsim__arena_release(struct kldsim__arena *arena,
    struct kldsim__arena_mark mark)
{
	struct kldsim__arena_block *block;

	while ((block = arena->now.blocks) != mark.blocks) {
		arena->now.blocks = block->next;
		kldsim__free(arena->alloc, block);
	}
	arena->now = mark;
}

void *
kldsim__arena_calloc(struct kldsim__arena *arena, size_t count, size_t size)
{
	void *memory;

	if (size != 0 && count > SIZE_MAX / size)
		return (NULL);
	memory = kldsim__arena_alloc(arena, count * size);
	if (memory != NULL)
		memset(memory, 0, count * size);
	return (memory);
}

char *
kldsim__arena_strndup(struct kldsim__arena *arena, const char *text,
    size_t length)
{
	char *copy = kldsim__arena_alloc(arena, length + 1);

	if (copy == NULL)
		return (NULL);
	memcpy(copy, text, length);
	copy[length] = '\0';
	return (copy);
}

char *
kldsim__arena_strdup(struct kldsim__arena *arena, const char *text)
{
	return (kldsim__arena_strndup(arena, text, strlen(text)));
}

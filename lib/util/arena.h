/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_ARENA_H
#define UTIL_ARENA_H

/*
 * Memory that is given back all at once: one arena per linker file, one for
 * the report.  There is no freeing of a part, hence no way to get it wrong.
 *
 * An arena with an undo log is put back with everything else: what was
 * allocated in a transaction goes when that is rolled back.
 */

#include "util/undo.h"

struct kldsim__arena_block;

/* A point in an arena's life to which it can be put back. */
struct kldsim__arena_mark {
	struct kldsim__arena_block *blocks;
	size_t used; /* of the newest block */
	size_t size; /* of the newest block */
};

struct kldsim__arena {
	const struct kldsim__alloc *alloc;
	struct kldsim__arena_mark now;
	struct kldsim__undo *undo; /* NULL: whoever has it releases it */
	uint64_t born;  /* epoch in which it was made: it goes as a whole */
	uint64_t saved; /* epoch in which it was saved last */
};

void kldsim__arena_init(struct kldsim__arena *arena,
    const struct kldsim__alloc *alloc);
void kldsim__arena_init_undo(struct kldsim__arena *arena,
    struct kldsim__undo *undo);
void kldsim__arena_fini(struct kldsim__arena *arena);

struct kldsim__arena_mark kldsim__arena_mark(
    const struct kldsim__arena *arena);
/* Free all that was allocated since the mark; not for an arena with a log. */
void kldsim__arena_release(struct kldsim__arena *arena,
    struct kldsim__arena_mark mark);

/* NULL if there is no memory; aligned for any object. */
void *kldsim__arena_alloc(struct kldsim__arena *arena, size_t size);
/* An array of zeroed elements, overflow checked. */
void *kldsim__arena_calloc(struct kldsim__arena *arena, size_t count,
    size_t size);
char *kldsim__arena_strdup(struct kldsim__arena *arena, const char *text);
char *kldsim__arena_strndup(struct kldsim__arena *arena, const char *text,
    size_t length);

#endif

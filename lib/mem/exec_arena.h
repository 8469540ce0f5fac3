/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEM_EXEC_ARENA_H
#define MEM_EXEC_ARENA_H

/*
 * Where malloc(9) puts executable memory, and with it every module of class
 * "elf64" or "elf32" (D-05): the vmem(9) arena kernel_rwx_arena of
 * sys/vm/vm_kern.c, which is practically the linker's alone.
 *
 * It grows by spans of whole quanta.  Free blocks are kept by class of page
 * count, the newest first; the first that is large enough is cut at its low
 * end.  What is freed merges within its span, and a span that is all free goes
 * back.  Where the quantum is a page this is plain first fit.
 *
 * It hands out addresses; mapping them is the caller's.
 */

#include "mem/aspace.h"
#include "util/buckets.h"
#include "util/list.h"

/* Page counts up to 31, then powers of two up to all of 64 bits. */
#define KLDSIM__EXEC_CLASSES 80u

struct kldsim__exec_span {
	struct kldsim__extent extent; /* among the spans */
	struct kldsim__link blocks;   /* by address */
};

struct kldsim__exec_block {
	struct kldsim__link link;      /* of its span's */
	struct kldsim__link free_link; /* of its class's, if it is free */
	struct kldsim__bucketed by_start; /* if it is in use */
	struct kldsim__exec_span *span;
	kldsim_addr start;
	kldsim_size size;
	bool in_use;
};

struct kldsim__exec_arena {
	struct kldsim__undo *undo;
	struct kldsim__extents spans;
	struct kldsim__link free[KLDSIM__EXEC_CLASSES]; /* the newest first */
	struct kldsim__buckets in_use;
	kldsim_size page_size;
	kldsim_size quantum;
};

enum kldsim__exec_status {
	KLDSIM__EXEC_OK,
	KLDSIM__EXEC_FULL, /* no room; malloc(9) would wait for ever */
	KLDSIM__EXEC_NOMEM /* the host's; what was begun is to be undone */
};

void kldsim__exec_arena_init(struct kldsim__exec_arena *arena,
    struct kldsim__undo *undo, kldsim_size page_size, kldsim_size quantum);
void kldsim__exec_arena_fini(struct kldsim__exec_arena *arena);

/*
 * Memory of `size` bytes, a multiple of a page and not 0.  New spans come from
 * what is free of `space` between `floor` and `end`.
 */
enum kldsim__exec_status kldsim__exec_arena_alloc(
    struct kldsim__exec_arena *arena, const struct kldsim__aspace *space,
    kldsim_addr floor, kldsim_addr end, kldsim_size size,
    kldsim_addr *start_ret);
/* The same at a place that was chosen; if it is not of this arena, nothing. */
enum kldsim__exec_status kldsim__exec_arena_take(
    struct kldsim__exec_arena *arena, kldsim_addr start, kldsim_size size);
/* Give it back; what is not of this arena is nothing to do. */
enum kldsim__exec_status kldsim__exec_arena_free(
    struct kldsim__exec_arena *arena, kldsim_addr start);

#endif

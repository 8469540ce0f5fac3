/* SPDX-License-Identifier: BSD-2-Clause */

/* First fit from the front, merge on free; see modspace.h. */

#include "mem/modspace.h"

#include <string.h>

void
kldsim__modspace_init(struct kldsim__modspace *space,
    struct kldsim__undo *undo, unsigned unit)
{
	memset(space, 0, sizeof(*space));
	space->undo = undo;
	space->unit = (int)unit;
}

void
kldsim__modspace_fini(struct kldsim__modspace *space)
{
	kldsim__free(space->undo->alloc, space->extents);
}

static void
drop(void *owner, void *object)
{
	kldsim__free(((struct kldsim__modspace *)owner)->undo->alloc, object);
}

/* Remember the list as it is, and make room for one more extent. */
static bool
prepare(struct kldsim__modspace *space)
{
	struct kldsim__undo *undo = space->undo;
	struct kldsim__free_extent *grown;
	size_t cap = space->cap != 0 ? space->cap * 2 : 8;

	if (!kldsim__undo_save(undo, space, sizeof(*space)) ||
	    (space->nextents != 0 && !kldsim__undo_save(undo, space->extents,
	    space->nextents * sizeof(*space->extents))))
		return (false);
	if (space->nextents < space->cap)
		return (true);
	grown = kldsim__malloc(undo->alloc, cap * sizeof(*grown));
	if (grown == NULL)
		return (false);
	if (!kldsim__undo_made(undo, drop, space, grown)) {
		kldsim__free(undo->alloc, grown);
		return (false);
	}
	if (space->extents != NULL) {
		if (!kldsim__undo_gone(undo, drop, space, space->extents))
			return (false);
		memcpy(grown, space->extents,
		    space->nextents * sizeof(*grown));
	}
	space->extents = grown;
	space->cap = cap;
	return (true);
}

static void
insert_at(struct kldsim__modspace *space, size_t at, kldsim_addr start,
    int len)
{
	struct kldsim__free_extent *to = &space->extents[at];

	memmove(to + 1, to, (space->nextents - at) * sizeof(*to));
	to->start = start;
	to->len = len;
	space->nextents++;
}

static void
remove_at(struct kldsim__modspace *space, size_t at)
{
	struct kldsim__free_extent *from = &space->extents[at];

	space->nextents--;
	memmove(from, from + 1, (space->nextents - at) * sizeof(*from));
}

enum kldsim__modspace_status
kldsim__modspace_start(struct kldsim__modspace *space, kldsim_addr start,
    int len)
{
	if (!prepare(space))
		return (KLDSIM__MODSPACE_NOMEM);
	insert_at(space, 0, start, len);
	return (KLDSIM__MODSPACE_OK);
}

/* The kernel rounds an int; unsigned arithmetic gives the same bits. */
static int
round_size(const struct kldsim__modspace *space, int size)
{
	unsigned mask = (unsigned)space->unit - 1;

	return ((int)(((unsigned)size + mask) & ~mask));
}

enum kldsim__modspace_status
kldsim__modspace_alloc(struct kldsim__modspace *space, int size,
    kldsim_addr *start_ret)
{
	size = round_size(space, size);
	for (size_t i = 0; i < space->nextents; i++) {
		struct kldsim__free_extent *extent = &space->extents[i];

		if (extent->len < size)
			continue;
		if (!prepare(space))
			return (KLDSIM__MODSPACE_NOMEM);
		extent = &space->extents[i];
		*start_ret = extent->start;
		if (extent->len == size) {
			remove_at(space, i);
		} else {
			extent->start += (kldsim_addr)(int64_t)size;
			extent->len -= size;
		}
		return (KLDSIM__MODSPACE_OK);
	}
	return (KLDSIM__MODSPACE_FULL);
}

static kldsim_addr
end_of(const struct kldsim__free_extent *extent)
{
	return (extent->start + (kldsim_addr)(int64_t)extent->len);
}

/* The freed block begins where extent `at` ends (A-11, case 2). */
static enum kldsim__modspace_status
append_to(struct kldsim__modspace *space, size_t at, int size)
{
	struct kldsim__free_extent *extent = &space->extents[at];

	extent->len += size;
	/* The kernel looks at the next one without asking whether it is. */
	if (at + 1 == space->nextents)
		return (KLDSIM__MODSPACE_PANIC);
	if (end_of(extent) == extent[1].start) {
		extent->len += extent[1].len;
		remove_at(space, at + 1);
	}
	return (KLDSIM__MODSPACE_OK);
}

enum kldsim__modspace_status
kldsim__modspace_free(struct kldsim__modspace *space, kldsim_addr start,
    int size)
{
	kldsim_addr end;
	size_t at;

	size = round_size(space, size);
	end = start + (kldsim_addr)(int64_t)size;
	if (!prepare(space))
		return (KLDSIM__MODSPACE_NOMEM);
	for (at = 0; at < space->nextents; at++) {
		struct kldsim__free_extent *extent = &space->extents[at];

		if (extent->start > end)
			break;
		if (end_of(extent) == start)
			return (append_to(space, at, size));
		if (extent->start == end) {
			extent->start = start;
			extent->len += size;
			return (KLDSIM__MODSPACE_OK);
		}
	}
	insert_at(space, at, start, size);
	return (KLDSIM__MODSPACE_OK);
}

kldsim_size
kldsim__modspace_left(const struct kldsim__modspace *space)
{
	kldsim_size left = 0;

	for (size_t i = 0; i < space->nextents; i++)
		if (space->extents[i].len > 0)
			left += (kldsim_size)space->extents[i].len;
	return (left);
}

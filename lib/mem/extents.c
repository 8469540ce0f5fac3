/* SPDX-License-Identifier: BSD-2-Clause */

/* A treap of extents; see extents.h. */

#include "mem/extents.h"

#include <stdbool.h>

#include "util/hash.h"

enum { BELOW, ABOVE };

void
kldsim__extents_init(struct kldsim__extents *extents)
{
	extents->root = NULL;
	extents->found = NULL;
	extents->recent = &extents->found; /* a search changes nothing else */
	extents->seed = kldsim__hash_seed(extents);
}

void
kldsim__extents_free(struct kldsim__extents *extents,
    void (*free_extent)(void *owner, void *extent), void *owner)
{
	struct kldsim__extent *at = extents->root;

	while (at != NULL) {
		unsigned side = at->child[BELOW] == NULL;
		struct kldsim__extent *next = at->child[side];

		/* Children first; who has none left goes. */
		at->child[side] = NULL;
		if (next == NULL) {
			next = at->parent;
			free_extent(owner, at);
		}
		at = next;
	}
	extents->root = NULL;
	extents->found = NULL;
}

/* --- the tree --- */

static void
measure(struct kldsim__extent *extent)
{
	extent->widest = extent->gap;
	for (unsigned side = BELOW; side <= ABOVE; side++)
		if (extent->child[side] != NULL &&
		    extent->child[side]->widest > extent->widest)
			extent->widest = extent->child[side]->widest;
}

/* From an extent to the root. */
static void
measure_up(struct kldsim__extent *extent)
{
	for (; extent != NULL; extent = extent->parent)
		measure(extent);
}

/* Put a subtree, or NULL, where a child of `parent` is. */
static void
replace(struct kldsim__extents *extents, struct kldsim__extent *parent,
    const struct kldsim__extent *old, struct kldsim__extent *new)
{
	if (parent == NULL)
		extents->root = new;
	else
		parent->child[parent->child[ABOVE] == old] = new;
	if (new != NULL)
		new->parent = parent;
}

/* Rotate an extent above its parent. */
static void
rise(struct kldsim__extents *extents, struct kldsim__extent *extent)
{
	struct kldsim__extent *parent = extent->parent;
	unsigned side = parent->child[ABOVE] == extent;
	struct kldsim__extent *inner = extent->child[!side];

	replace(extents, parent->parent, parent, extent);
	parent->child[side] = inner;
	if (inner != NULL)
		inner->parent = parent;
	extent->child[!side] = parent;
	parent->parent = extent;
	measure(parent);
	measure(extent);
}

/* Room for first fit between two neighbours; NULL: the space's beginning. */
static kldsim_size
gap_between(const struct kldsim__extent *below,
    const struct kldsim__extent *above)
{
	return (below == NULL ? above->start :
	    above->start - (below->start + below->size));
}

/*
 * Folded once, a start that ascends in steps gives priorities that do so too,
 * with one seed in a hundred: folded twice.
 */
static uint32_t
priority(uint64_t seed, uint64_t start)
{
	uint64_t once = kldsim__fold(start ^ 0x9e3779b97f4a7c15u, seed | 1);

	return ((uint32_t)kldsim__fold(once ^ 0xbf58476d1ce4e5b9u,
	    seed >> 1 | 1));
}

void
kldsim__extents_insert(struct kldsim__extents *extents,
    struct kldsim__extent *extent)
{
	struct kldsim__extent *neighbour[2] = { NULL, NULL };
	struct kldsim__extent *parent = NULL;
	unsigned side = BELOW;

	for (struct kldsim__extent *at = extents->root; at != NULL;
	    at = at->child[side]) {
		side = extent->start > at->start ? ABOVE : BELOW;
		neighbour[!side] = at;
		parent = at;
	}
	extent->parent = parent;
	extent->child[BELOW] = NULL;
	extent->child[ABOVE] = NULL;
	extent->priority = priority(extents->seed, extent->start);
	if (parent == NULL)
		extents->root = extent;
	else
		parent->child[side] = extent;
	extent->gap = gap_between(neighbour[BELOW], extent);
	/* Whoever is next is an ancestor of a new leaf. */
	if (neighbour[ABOVE] != NULL)
		neighbour[ABOVE]->gap = gap_between(extent, neighbour[ABOVE]);
	measure_up(extent);
	while (extent->parent != NULL &&
	    extent->parent->priority < extent->priority)
		rise(extents, extent);
}

/* The nearest ancestor on the other side of an extent, or NULL. */
static struct kldsim__extent *
ancestor_above(const struct kldsim__extent *extent)
{
	while (extent->parent != NULL && extent->parent->child[ABOVE] == extent)
		extent = extent->parent;
	return (extent->parent);
}

void
kldsim__extents_remove(struct kldsim__extents *extents,
    struct kldsim__extent *extent)
{
	struct kldsim__extent **child = extent->child;
	struct kldsim__extent *above;

	extents->found = NULL;
	/* Down to where it has no children. */
	while (child[BELOW] != NULL || child[ABOVE] != NULL)
		rise(extents, child[child[BELOW] == NULL ||
		    (child[ABOVE] != NULL &&
		    child[ABOVE]->priority > child[BELOW]->priority)]);
	above = ancestor_above(extent);
	if (above != NULL)
		above->gap += extent->gap + extent->size;
	replace(extents, extent->parent, extent, NULL);
	measure_up(extent->parent);
}

/* --- searching --- */

struct kldsim__extent *
kldsim__extents_search(const struct kldsim__extents *extents,
    kldsim_addr address)
{
	struct kldsim__extent *found = *extents->recent;
	struct kldsim__extent *at = extents->root;

	/* A module's memory is read again and again. */
	if (found != NULL && address - found->start < found->size)
		return (found);
	found = NULL;
	while (at != NULL) {
		if (at->start + (at->size - 1) < address) {
			at = at->child[ABOVE];
		} else {
			found = at;
			at = at->child[BELOW];
		}
	}
	*extents->recent = found;
	return (found);
}

struct kldsim__extent *
kldsim__extents_last(const struct kldsim__extents *extents)
{
	struct kldsim__extent *at = extents->root;

	while (at != NULL && at->child[ABOVE] != NULL)
		at = at->child[ABOVE];
	return (at);
}

static bool
has_gap(const struct kldsim__extent *tree, kldsim_size size)
{
	return (tree != NULL && tree->widest >= size);
}

/* The lowest one of a subtree that has one. */
static struct kldsim__extent *
lowest_gap(struct kldsim__extent *tree, kldsim_size size)
{
	for (;;) {
		if (has_gap(tree->child[BELOW], size))
			tree = tree->child[BELOW];
		else if (tree->gap >= size)
			return (tree);
		else
			tree = tree->child[ABOVE];
	}
}

struct kldsim__extent *
kldsim__extents_next_gap(const struct kldsim__extent *extent, kldsim_size size)
{
	struct kldsim__extent *up = NULL;

	while (!has_gap(extent->child[ABOVE], size)) {
		up = ancestor_above(extent);
		if (up == NULL || up->gap >= size)
			return (up);
		extent = up;
	}
	return (lowest_gap(extent->child[ABOVE], size));
}

/* SPDX-License-Identifier: BSD-2-Clause */

/* An open-addressing table of symbol indexes; see symindex.h. */

#include "sym/symindex.h"

#include <string.h>

#include "util/hash.h"

#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)(address))
#endif

/* Only names that can be read are in the table. */
static const char *
slot_name(const struct kldsim__symview *view,
    const struct kldsim__symslot *slot)
{
	return (view->strings + kldsim__sym_name_offset(view,
	    slot->index - 1));
}

/* A name on its way into the table. */
struct pending {
	const char *name;
	uint32_t symbol;
	uint32_t hash;
};

static void
insert(struct kldsim__symindex *index, const struct kldsim__symview *view,
    const struct pending *new)
{
	for (uint32_t at = new->hash & index->mask;;
	    at = (at + 1) & index->mask) {
		struct kldsim__symslot *slot = &index->slots[at];

		if (slot->index == 0) {
			slot->hash = new->hash;
			slot->index = new->symbol + 1;
			return;
		}
		if (slot->hash == new->hash &&
		    strcmp(slot_name(view, slot), new->name) == 0)
			return; /* the lower index stays */
	}
}

/*
 * The table of a large kernel is larger than the caches, so a slot is asked
 * for AHEAD names before it is needed.
 */
#define AHEAD 16u

static void
fill(struct kldsim__symindex *index, const struct kldsim__symview *view,
    bool (*wanted)(const void *arg, uint32_t i), const void *arg)
{
	struct pending ring[AHEAD];
	uint32_t begun = 0;
	bool nameless = false;

	for (uint32_t i = 0; i < view->count; i++) {
		struct pending *new = &ring[begun % AHEAD];
		uint32_t at = kldsim__sym_name_offset(view, i);
		const char *name;

		if (at == 0 && nameless)
			continue;
		if (wanted != NULL && !wanted(arg, i))
			continue;
		if (at == 0)
			nameless = true;
		name = kldsim__sym_name(view, at);
		if (name == NULL) {
			if (index->first_bad == KLDSIM__NO_SYMBOL)
				index->first_bad = i;
			continue;
		}
		if (begun++ >= AHEAD)
			insert(index, view, new);
		new->name = name;
		new->symbol = i;
		new->hash = kldsim__hash(index->seed, name);
		PREFETCH(&index->slots[new->hash & index->mask]);
	}
	for (uint32_t i = begun > AHEAD ? begun - AHEAD : 0; i < begun; i++)
		insert(index, view, &ring[i % AHEAD]);
}

bool
kldsim__symindex_build(struct kldsim__symindex *index,
    const struct kldsim__alloc *alloc, const struct kldsim__symview *view,
    bool (*wanted)(const void *arg, uint32_t i), const void *arg)
{
	uint64_t slots = 16, names = 1; /* one for all that have none */

	index->alloc = alloc;
	index->first_bad = KLDSIM__NO_SYMBOL;
	index->seed = kldsim__hash_seed(index);
	for (uint32_t i = 0; i < view->count; i++)
		names += kldsim__sym_name_offset(view, i) != 0;
	while (slots < names * 2)
		slots *= 2;
	index->mask = (uint32_t)(slots - 1);
	index->slots = kldsim__calloc(alloc, (size_t)slots,
	    sizeof(*index->slots));
	if (index->slots == NULL)
		return (false);
	kldsim__prefault(alloc, index->slots,
	    (size_t)slots * sizeof(*index->slots));
	fill(index, view, wanted, arg);
	return (true);
}

void
kldsim__symindex_fini(struct kldsim__symindex *index)
{
	if (index->slots != NULL)
		kldsim__free(index->alloc, index->slots);
	index->slots = NULL;
}

uint32_t
kldsim__symindex_find(const struct kldsim__symindex *index,
    const struct kldsim__symview *view, const char *name, bool *bad_ret)
{
	uint32_t hash = kldsim__hash(index->seed, name);
	uint32_t found = KLDSIM__NO_SYMBOL;

	for (uint32_t at = hash & index->mask; index->slots[at].index != 0;
	    at = (at + 1) & index->mask) {
		const struct kldsim__symslot *slot = &index->slots[at];

		if (slot->hash == hash &&
		    strcmp(slot_name(view, slot), name) == 0) {
			found = slot->index - 1;
			break;
		}
	}
	*bad_ret = index->first_bad < found;
	return (found);
}

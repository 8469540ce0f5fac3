/* SPDX-License-Identifier: BSD-2-Clause */

/* An open-addressing table of symbol indexes; see symindex.h. */

#include "sym/symindex.h"

#include <string.h>

#include "util/hash.h"

/* Only names that can be read are in the table. */
static const char *
slot_name(const struct kldsim__symindex *index,
    const struct kldsim__symview *view, uint32_t slot)
{
	return (view->strings + kldsim__sym_name_offset(view,
	    (slot & ~index->tag) - 1));
}

/* A name on its way into the table. */
struct pending {
	const char *name;
	uint32_t symbol;
	uint32_t hash;
};

static inline void
insert(struct kldsim__symindex *index, const struct kldsim__symview *view,
    const struct pending *new)
{
	for (uint32_t at = new->hash & index->mask;;
	    at = (at + 1) & index->mask) {
		uint32_t *slot = &index->slots[at];

		if (*slot == 0) {
			*slot = (new->hash & index->tag) | (new->symbol + 1);
			index->nnames++;
			return;
		}
		if (((*slot ^ new->hash) & index->tag) == 0 &&
		    strcmp(slot_name(index, view, *slot), new->name) == 0)
			return; /* the lower index stays */
	}
}

/*
 * The table of a large kernel is larger than the caches, so a slot is asked
 * for AHEAD names before it is needed.
 */
#define AHEAD 16u

struct filling {
	struct kldsim__symindex *index;
	const struct kldsim__symview *view;
	struct pending ring[AHEAD];
	uint32_t begun;
	bool nameless;
};

static inline void
take(struct filling *filling, uint32_t symbol)
{
	struct kldsim__symindex *index = filling->index;
	const uint32_t at = kldsim__sym_name_offset(filling->view, symbol);
	struct pending *new = &filling->ring[filling->begun % AHEAD];
	const char *name;

	if (at == 0 && filling->nameless)
		return;
	filling->nameless |= at == 0;
	name = kldsim__sym_name(filling->view, at);
	if (name == NULL) {
		if (symbol < index->first_bad)
			index->first_bad = symbol;
		return;
	}
	if (filling->begun++ >= AHEAD)
		insert(index, filling->view, new);
	new->name = name;
	new->symbol = symbol;
	new->hash = kldsim__hash(index->seed, name);
	KLDSIM__PREFETCH(&index->slots[new->hash & index->mask]);
}

static void
fill_end(struct filling *filling)
{
	uint32_t i = filling->begun > AHEAD ? filling->begun - AHEAD : 0;

	for (; i < filling->begun; i++)
		insert(filling->index, filling->view,
		    &filling->ring[i % AHEAD]);
}

/* The bits of a slot that an index plus 1 into so many symbols leaves free. */
static uint32_t
tag_of(uint32_t nsymbols)
{
	uint32_t tag = UINT32_MAX;

	while ((nsymbols & tag) != 0)
		tag <<= 1;
	return (tag);
}

/* Room for so many names, and one more for all that have none. */
static bool
begin(struct kldsim__symindex *index, const struct kldsim__alloc *alloc,
    const struct kldsim__symview *view, uint32_t names)
{
	uint64_t slots = 16;

	index->alloc = alloc;
	index->first_bad = KLDSIM__NO_SYMBOL;
	index->nnames = 0;
	index->seed = kldsim__hash_seed(index);
	index->tag = tag_of(view->count);
	while (slots < ((uint64_t)names + 1) * 2)
		slots *= 2;
	index->mask = (uint32_t)(slots - 1);
	index->slots = kldsim__calloc(alloc, (size_t)slots,
	    sizeof(*index->slots));
	if (index->slots == NULL)
		return (false);
	kldsim__prefault(alloc, index->slots,
	    (size_t)slots * sizeof(*index->slots));
	return (true);
}

bool
kldsim__symindex_build(struct kldsim__symindex *index,
    const struct kldsim__alloc *alloc, const struct kldsim__symview *view,
    bool (*wanted)(const void *arg, uint32_t i), const void *arg)
{
	struct filling filling = { .index = index, .view = view };
	uint32_t names = 0;

	for (uint32_t i = 0; i < view->count; i++)
		names += (wanted == NULL || wanted(arg, i)) &&
		    kldsim__sym_name_offset(view, i) != 0;
	if (!begin(index, alloc, view, names))
		return (false);
	for (uint32_t i = 0; i < view->count; i++)
		if (wanted == NULL || wanted(arg, i))
			take(&filling, i);
	fill_end(&filling);
	return (true);
}

static void
fill_with(struct kldsim__symindex *index, const struct kldsim__symview *view,
    bool local)
{
	struct filling filling = { .index = index, .view = view };

	for (uint32_t i = 0; i < view->count; i++)
		if ((kldsim__sym_info(view, i) >> 4 == STB_LOCAL) == local &&
		    kldsim__sym_shndx(view, i) != SHN_UNDEF &&
		    kldsim__sym_name_offset(view, i) != 0)
			take(&filling, i);
	fill_end(&filling);
}

bool
kldsim__symindex_build_global_first(struct kldsim__symindex *index,
    const struct kldsim__alloc *alloc, const struct kldsim__symview *view)
{
	if (!begin(index, alloc, view, view->count))
		return (false);
	fill_with(index, view, false);
	fill_with(index, view, true);
	return (true);
}

void
kldsim__symindex_fini(struct kldsim__symindex *index)
{
	if (index->slots != NULL)
		kldsim__free(index->alloc, index->slots);
	index->slots = NULL;
}

static inline uint32_t
find(const struct kldsim__symindex *index, const struct kldsim__symview *view,
    const char *name, uint32_t hash)
{
	for (uint32_t at = hash & index->mask; index->slots[at] != 0;
	    at = (at + 1) & index->mask) {
		const uint32_t slot = index->slots[at];

		if (((slot ^ hash) & index->tag) == 0 &&
		    strcmp(slot_name(index, view, slot), name) == 0)
			return ((slot & ~index->tag) - 1);
	}
	return (KLDSIM__NO_SYMBOL);
}

uint32_t
kldsim__symindex_find(const struct kldsim__symindex *index,
    const struct kldsim__symview *view, const char *name, bool *bad_ret)
{
	const uint32_t found = find(index, view, name,
	    kldsim__hash(index->seed, name));

	*bad_ret = index->first_bad < found;
	return (found);
}

/* The symbol of the first slot that may be a name's, plus 1; 0: there is none. */
static uint32_t
first_guess(const struct kldsim__symindex *index, uint32_t hash)
{
	for (uint32_t at = hash & index->mask; index->slots[at] != 0;
	    at = (at + 1) & index->mask)
		if (((index->slots[at] ^ hash) & index->tag) == 0)
			return (index->slots[at] & ~index->tag);
	return (0);
}

static inline void
fetch(const struct kldsim__symindex *index,
    const struct kldsim__symview *view, const char *const *names,
    size_t nnames, uint32_t *hash)
{
	const size_t each = view->is64 ? 24 : 16;
	uint32_t guess[KLDSIM__FETCHED];

	for (size_t i = 0; i < nnames; i++) {
		hash[i] = kldsim__hash(index->seed, names[i]);
		KLDSIM__PREFETCH(&index->slots[hash[i] & index->mask]);
	}
	for (size_t i = 0; i < nnames; i++) {
		guess[i] = first_guess(index, hash[i]);
		if (guess[i] != 0)
			KLDSIM__PREFETCH(view->syms + each * (guess[i] - 1));
	}
	for (size_t i = 0; i < nnames; i++)
		if (guess[i] != 0)
			KLDSIM__PREFETCH(view->strings +
			    kldsim__sym_name_offset(view, guess[i] - 1));
}

void
kldsim__symindex_fetch(const struct kldsim__symindex *index,
    const struct kldsim__symview *view, const char *const *names,
    size_t nnames)
{
	uint32_t hash[KLDSIM__FETCHED];

	fetch(index, view, names, nnames, hash);
}

void
kldsim__symindex_find_all(const struct kldsim__symindex *index,
    const struct kldsim__symview *view, const char *const *names,
    size_t nnames, uint32_t *symbols_ret)
{
	uint32_t hash[KLDSIM__FETCHED];

	fetch(index, view, names, nnames, hash);
	for (size_t i = 0; i < nnames; i++)
		symbols_ret[i] = find(index, view, names[i], hash[i]);
}

/* SPDX-License-Identifier: BSD-2-Clause */

/* Chains, as many as there are entries; see buckets.h. */

#include "util/buckets.h"

#include <string.h>

#ifdef KLDSIM__TIGHT
#define LEAST 1u
#else
#define LEAST 64u
#endif

void
kldsim__buckets_init(struct kldsim__buckets *buckets,
    struct kldsim__undo *undo)
{
	memset(buckets, 0, sizeof(*buckets));
	buckets->undo = undo;
	buckets->seed = kldsim__hash_seed(buckets);
}

void
kldsim__buckets_fini(struct kldsim__buckets *buckets)
{
	kldsim__free(buckets->undo->alloc, buckets->heads);
}

/* Into its chain, where its order says: mostly that is the end. */
static void
link_in(struct kldsim__buckets *buckets, struct kldsim__bucketed *entry)
{
	struct kldsim__bucketed **at =
	    &buckets->heads[entry->hash & (buckets->nheads - 1)];

	while (*at != NULL && (*at)->order < entry->order)
		at = &(*at)->next;
	entry->next = *at;
	*at = entry;
	buckets->used++;
}

static void
link_out(struct kldsim__buckets *buckets, struct kldsim__bucketed *entry)
{
	struct kldsim__bucketed **at =
	    &buckets->heads[entry->hash & (buckets->nheads - 1)];

	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	buckets->used--;
}

static void
undo_insert(void *buckets, void *entry)
{
	link_out(buckets, entry);
}

static void
undo_remove(void *buckets, void *entry)
{
	link_in(buckets, entry);
}

static bool
grow(struct kldsim__buckets *buckets)
{
	struct kldsim__buckets bigger = *buckets;

	bigger.nheads = buckets->nheads != 0 ? buckets->nheads * 2 : LEAST;
	bigger.used = 0;
	bigger.heads = kldsim__calloc(buckets->undo->alloc, bigger.nheads,
	    sizeof(struct kldsim__bucketed *));
	if (bigger.heads == NULL)
		return (false);
	for (size_t i = 0; i < buckets->nheads; i++) {
		struct kldsim__bucketed *next;

		for (struct kldsim__bucketed *entry = buckets->heads[i];
		    entry != NULL; entry = next) {
			next = entry->next;
			link_in(&bigger, entry);
		}
	}
	kldsim__free(buckets->undo->alloc, buckets->heads);
	*buckets = bigger;
	return (true);
}

bool
kldsim__buckets_insert(struct kldsim__buckets *buckets,
    struct kldsim__bucketed *entry, uint32_t hash)
{
	if ((buckets->used >= buckets->nheads && !grow(buckets)) ||
	    !kldsim__undo_made(buckets->undo, undo_insert, buckets, entry))
		return (false);
	entry->hash = hash;
	entry->order = buckets->order++;
	link_in(buckets, entry);
	return (true);
}

bool
kldsim__buckets_remove(struct kldsim__buckets *buckets,
    struct kldsim__bucketed *entry)
{
	if (!kldsim__undo_made(buckets->undo, undo_remove, buckets, entry))
		return (false);
	link_out(buckets, entry);
	return (true);
}

/* The first entry of a hash from here on. */
static struct kldsim__bucketed *
of_hash(struct kldsim__bucketed *entry, uint32_t hash)
{
	while (entry != NULL && entry->hash != hash)
		entry = entry->next;
	return (entry);
}

struct kldsim__bucketed *
kldsim__buckets_first(const struct kldsim__buckets *buckets, uint32_t hash)
{
	if (buckets->nheads == 0)
		return (NULL);
	return (of_hash(buckets->heads[hash & (buckets->nheads - 1)], hash));
}

struct kldsim__bucketed *
kldsim__buckets_next(const struct kldsim__bucketed *entry)
{
	return (of_hash(entry->next, entry->hash));
}

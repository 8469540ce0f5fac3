/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_BUCKETS_H
#define UTIL_BUCKETS_H

/*
 * An index over a list that the kernel walks to find an entry by its name or
 * number: a table that grows with what is in it.  What has the same hash keeps
 * the order in which it came, so the first entry of a name here is the first
 * one of the list.
 *
 * The undo log puts back what is in the table, not how large it is: that
 * nobody can see.
 */

#include "util/hash.h"
#include "util/undo.h"

/*
 * In every entry, which must outlive its place in the table.  One that was
 * removed may come again under the same hash only: the log knows no other.
 */
struct kldsim__bucketed {
	struct kldsim__bucketed *next;
	uint64_t order;
	uint32_t hash;
};

struct kldsim__buckets {
	struct kldsim__undo *undo;
	struct kldsim__bucketed **heads;
	size_t nheads; /* a power of two, 0: nothing was inserted */
	size_t used;
	uint64_t order; /* grows with every entry */
	uint64_t seed;
};

void kldsim__buckets_init(struct kldsim__buckets *buckets,
    struct kldsim__undo *undo);
void kldsim__buckets_fini(struct kldsim__buckets *buckets);

/* False, and nothing changed, if there is no memory. */
bool kldsim__buckets_insert(struct kldsim__buckets *buckets,
    struct kldsim__bucketed *entry, uint32_t hash);
bool kldsim__buckets_remove(struct kldsim__buckets *buckets,
    struct kldsim__bucketed *entry);

/* The first entry of a hash, the one after an entry; NULL: there is none. */
struct kldsim__bucketed *kldsim__buckets_first(
    const struct kldsim__buckets *buckets, uint32_t hash);
struct kldsim__bucketed *kldsim__buckets_next(
    const struct kldsim__bucketed *entry);

#define KLDSIM__FOREACH_HASHED(entry, buckets, hash)                   \
	for (struct kldsim__bucketed *entry =                          \
	    kldsim__buckets_first((buckets), (hash)); entry != NULL;   \
	    entry = kldsim__buckets_next(entry))

/* Of a name's first bytes. */
static inline uint32_t
kldsim__hash_name(const struct kldsim__buckets *buckets, const char *name,
    size_t length)
{
	return (kldsim__hash_n(buckets->seed, name, length));
}

static inline uint32_t
kldsim__hash_number(const struct kldsim__buckets *buckets, uint64_t number)
{
	return ((uint32_t)kldsim__fold(number ^ 0x9e3779b97f4a7c15u,
	    buckets->seed | 1));
}

#endif

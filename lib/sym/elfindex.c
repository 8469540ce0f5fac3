/* SPDX-License-Identifier: BSD-2-Clause */

/* An index in the place of DT_HASH; see elfindex.h. */

#include "sym/elfindex.h"

#include <string.h>

#include "elf/longnames.h"

/*
 * So many names are looked up by the table: about what making the index of a
 * GENERIC takes.
 */
#define FEW 4000u

/* The bucket of a symbol that is in no chain. */
#define NO_BUCKET UINT32_MAX

void
kldsim__elfindex_fini(struct kldsim__elfindex *elfindex)
{
	kldsim__symindex_fini(&elfindex->index);
}

static uint32_t
word(const struct kldsim__elfhash *table, uint64_t at)
{
	return (kldsim__load32(table->words + at * 4, table->big));
}

/* Note whose chain each symbol is in; false: one leads astray, or is met twice. */
static bool
follow_chains(const struct kldsim__elfhash *table, uint32_t *bucket_of,
    uint32_t nsymbols, uint32_t *nfound_ret)
{
	*nfound_ret = 0;
	for (uint32_t bucket = 0; bucket < table->nbuckets; bucket++) {
		uint32_t at = word(table, bucket);

		for (; at != 0; at = word(table,
		    (uint64_t)table->nbuckets + at)) {
			if (at >= nsymbols || at >= table->nchains ||
			    bucket_of[at] != NO_BUCKET)
				return (false);
			bucket_of[at] = bucket;
			++*nfound_ret;
		}
	}
	return (true);
}

/* Whether all symbols of the chains have names, and are where these belong. */
static bool
belong_there(const struct kldsim__elfhash *table,
    const struct kldsim__symview *view, const uint32_t *bucket_of,
    bool lp64_bug)
{
	for (uint32_t i = 0; i < view->count; i++) {
		uint32_t at = kldsim__sym_name_offset(view, i);
		const char *name = kldsim__sym_name(view, at);

		if (bucket_of[i] != NO_BUCKET && (at == 0 || name == NULL ||
		    kldsim__elf_hash(name, lp64_bug) % table->nbuckets !=
		    bucket_of[i]))
			return (false);
	}
	return (true);
}

static bool
is_in_chain(const void *arg, uint32_t i)
{
	return (((const uint32_t *)arg)[i] != NO_BUCKET);
}

static void
make_sound(struct kldsim__elfindex *elfindex,
    const struct kldsim__alloc *alloc, const struct kldsim__elfhash *table,
    const struct kldsim__symview *view, bool lp64_bug, uint32_t *bucket_of)
{
	uint32_t nfound;

	memset(bucket_of, 0xff, (size_t)view->count * sizeof(*bucket_of));
	if (!follow_chains(table, bucket_of, view->count, &nfound) ||
	    !belong_there(table, view, bucket_of, lp64_bug) ||
	    !kldsim__symindex_build(&elfindex->index, alloc, view,
	    is_in_chain, bucket_of))
		return;
	if (elfindex->index.nnames != nfound)
		kldsim__symindex_fini(&elfindex->index);
}

/*
 * Without memory the table is walked as before, and where it would take long to
 * read all names.
 */
static void
make(struct kldsim__elfindex *elfindex, const struct kldsim__alloc *alloc,
    const struct kldsim__elfhash *table, const struct kldsim__symview *view,
    bool lp64_bug)
{
	uint32_t *bucket_of;

	if (table->nbuckets == 0 || table->nwords <
	    (uint64_t)table->nbuckets + table->nchains ||
	    kldsim__too_long_names(view, UINT64_MAX))
		return;
	bucket_of = kldsim__malloc(alloc,
	    (size_t)view->count * sizeof(*bucket_of));
	if (bucket_of == NULL)
		return;
	make_sound(elfindex, alloc, table, view, lp64_bug, bucket_of);
	kldsim__free(alloc, bucket_of);
}

enum kldsim__hash_answer
kldsim__elfindex_find(struct kldsim__elfindex *elfindex,
    const struct kldsim__alloc *alloc, const struct kldsim__elfhash *table,
    const struct kldsim__symview *view, const char *name, bool lp64_bug,
    uint32_t *index_ret)
{
	struct kldsim__sym sym;
	bool bad;

	if (elfindex->asked < FEW && ++elfindex->asked == FEW)
		make(elfindex, alloc, table, view, lp64_bug);
	if (elfindex->index.slots == NULL)
		return (kldsim__elfhash_find(table, view, name, lp64_bug,
		    index_ret));
	*index_ret = kldsim__symindex_find(&elfindex->index, view, name, &bad);
	if (*index_ret == KLDSIM__NO_SYMBOL)
		return (KLDSIM__HASH_ABSENT);
	kldsim__sym_get(view, *index_ret, &sym);
	return (kldsim__elf_usable(&sym) ? KLDSIM__HASH_FOUND :
	    KLDSIM__HASH_NOT_USABLE);
}

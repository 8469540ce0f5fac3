/* SPDX-License-Identifier: BSD-2-Clause */

/* A Bloom filter; see namefilter.h. */

#include "sym/namefilter.h"

#include "sym/beginning.h"

/*
 * A name has four bits of one word.  With half a word for each name, one of a
 * thousand that are not there is taken for one that is.
 */
#define BITS_A_NAME 32u

static inline uint64_t
hash_of(const struct kldsim__namefilter *filter, const uint8_t *beginning)
{
	return (kldsim__hash_beginning(filter->seed, beginning,
	    kldsim__first_word(beginning)));
}

static inline uint64_t *
word_of(const struct kldsim__namefilter *filter, uint64_t hash)
{
	return (&filter->words[hash & filter->mask]);
}

static inline uint64_t
bits_of(uint64_t hash)
{
	return (UINT64_C(1) << (hash >> 58) | UINT64_C(1) << (hash >> 52 & 63) |
	    UINT64_C(1) << (hash >> 46 & 63) | UINT64_C(1) << (hash >> 40 & 63));
}

bool
kldsim__namefilter_build(struct kldsim__namefilter *filter,
    const struct kldsim__alloc *alloc, const struct kldsim__symview *view)
{
	uint8_t room[KLDSIM__BEGINNING];
	uint64_t words = 1;

	while (words * 64 < (uint64_t)view->count * BITS_A_NAME)
		words *= 2;
	filter->words = kldsim__calloc(alloc, (size_t)words,
	    sizeof(*filter->words));
	if (filter->words == NULL)
		return (false);
	filter->mask = words - 1;
	filter->seed = kldsim__hash_seed(filter);
	for (uint32_t i = 0; i < view->count; i++) {
		const uint32_t name = kldsim__sym_name_offset(view, i);
		uint64_t hash;

		/* A walk would read there (Z-05). */
		if (kldsim__sym_name(view, name) == NULL) {
			kldsim__namefilter_fini(filter, alloc);
			return (true);
		}
		hash = hash_of(filter, kldsim__beginning(view, name, room));
		*word_of(filter, hash) |= bits_of(hash);
	}
	return (true);
}

void
kldsim__namefilter_fini(struct kldsim__namefilter *filter,
    const struct kldsim__alloc *alloc)
{
	kldsim__free(alloc, filter->words);
	filter->words = NULL;
}

bool
kldsim__namefilter_lacks(const struct kldsim__namefilter *filter,
    const char *name)
{
	uint8_t room[KLDSIM__BEGINNING];
	uint64_t hash;

	if (filter->words == NULL)
		return (false);
	hash = hash_of(filter, kldsim__beginning_of_text(name, room));
	return ((~*word_of(filter, hash) & bits_of(hash)) != 0);
}

/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Types and symbols by their names.  The index is made when somebody asks for
 * the first name, for most readers never do; without memory for it, names are
 * looked for one by one.
 */

#include "types/graph.h"
#include "util/hash.h"

/* Chains are in the order of the rows; 0 ends them, rows count from 1. */
struct chains {
	uint32_t *heads;
	uint32_t *next; /* by row */
	uint32_t mask;
};

struct kldsim__types_index {
	uint64_t seed;
	struct chains types;
	struct chains symbols;
};

/* Names of either table, by row from 1. */
typedef const char *name_of(const struct kldsim_types *types, size_t row);

static const char *
type_name(const struct kldsim_types *types, size_t row)
{
	return (kldsim__type_name(types, &types->types[row]));
}

static const char *
symbol_name(const struct kldsim_types *types, size_t row)
{
	return (types->strings + types->symbols[row - 1].name);
}

static bool
make_chains(const struct kldsim_types *types, struct chains *chains,
    uint64_t seed, size_t rows, name_of *name)
{
	size_t heads = 16;

	while (heads < rows && heads < UINT32_MAX / 2)
		heads *= 2;
	chains->mask = (uint32_t)(heads - 1);
	chains->heads = kldsim__calloc(&types->alloc, heads, sizeof(uint32_t));
	chains->next = kldsim__calloc(&types->alloc, rows + 1,
	    sizeof(uint32_t));
	if (chains->heads == NULL || chains->next == NULL)
		return (false);
	for (size_t row = rows; row > 0; row--) {
		const char *text = name(types, row);
		uint32_t *head;

		if (*text == '\0')
			continue;
		head = &chains->heads[kldsim__hash(seed, text) & chains->mask];
		chains->next[row] = *head;
		*head = (uint32_t)row;
	}
	return (true);
}

static void
free_index(const struct kldsim_types *types,
    struct kldsim__types_index *index)
{
	kldsim__free(&types->alloc, index->types.heads);
	kldsim__free(&types->alloc, index->types.next);
	kldsim__free(&types->alloc, index->symbols.heads);
	kldsim__free(&types->alloc, index->symbols.next);
	kldsim__free(&types->alloc, index);
}

static struct kldsim__types_index *
make_index(const struct kldsim_types *types)
{
	struct kldsim__types_index *index = kldsim__calloc(&types->alloc, 1,
	    sizeof(*index));

	if (index == NULL)
		return (NULL);
	index->seed = kldsim__hash_seed(index);
	if (make_chains(types, &index->types, index->seed, types->ntypes - 1,
	    type_name) && make_chains(types, &index->symbols, index->seed,
	    types->nsymbols, symbol_name))
		return (index);
	free_index(types, index);
	return (NULL);
}

/* The graph is constant for all who ask; its index is nothing they see. */
static const struct kldsim__types_index *
get_index(const struct kldsim_types *constant)
{
	struct kldsim_types *types =
	    (struct kldsim_types *)(uintptr_t)constant;
	const struct kldsim__types_index *index;

	(void)pthread_mutex_lock(&types->lock);
	if (types->index == NULL)
		types->index = make_index(types);
	index = types->index;
	(void)pthread_mutex_unlock(&types->lock);
	return (index);
}

void
kldsim__types_index_free(struct kldsim_types *types)
{
	if (types->index != NULL)
		free_index(types, types->index);
}

/* The first row after one that has the name; 0: none. */
static size_t
find(const struct kldsim_types *types, const struct chains *chains,
    uint64_t seed, size_t rows, name_of *name, const char *wanted,
    size_t after)
{
	size_t row;

	if (*wanted == '\0' || after >= rows)
		return (0);
	if (chains == NULL) {
		for (row = after + 1; row <= rows; row++)
			if (strcmp(name(types, row), wanted) == 0)
				return (row);
		return (0);
	}
	row = after != 0 ? chains->next[after] :
	    chains->heads[kldsim__hash(seed, wanted) & chains->mask];
	while (row != 0 && strcmp(name(types, row), wanted) != 0)
		row = chains->next[row];
	return (row);
}

kldsim_type_id
kldsim_types_find(const struct kldsim_types *types, const char *name,
    kldsim_type_id after)
{
	const struct kldsim__types_index *index = get_index(types);

	return ((kldsim_type_id)find(types,
	    index != NULL ? &index->types : NULL,
	    index != NULL ? index->seed : 0, types->ntypes - 1, type_name,
	    name, after));
}

enum kldsim_status
kldsim_types_find_symbol(const struct kldsim_types *types, const char *name,
    uint32_t *next, struct kldsim_typed_symbol *symbol_ret)
{
	const struct kldsim__types_index *index = get_index(types);
	size_t row = find(types, index != NULL ? &index->symbols : NULL,
	    index != NULL ? index->seed : 0, types->nsymbols, symbol_name,
	    name, *next);

	if (row != 0)
		*next = (uint32_t)row;
	return (kldsim_types_symbol(types, row != 0 ? (uint32_t)row - 1 :
	    UINT32_MAX, symbol_ret));
}

/* SPDX-License-Identifier: BSD-2-Clause */

/* Open addressing, doubled when half full. */

#include "util/strmap.h"

#include <string.h>

#include "util/hash.h"

struct kldsim__strmap_slot {
	const char *key; /* NULL: empty */
	uint32_t hash;
	uint32_t value;
};

void
kldsim__strmap_init(struct kldsim__strmap *map,
    const struct kldsim__alloc *alloc)
{
	memset(map, 0, sizeof(*map));
	map->alloc = alloc;
	map->seed = kldsim__hash_seed(map);
}

void
kldsim__strmap_fini(struct kldsim__strmap *map)
{
	if (map->slots != NULL)
		kldsim__free(map->alloc, map->slots);
	map->slots = NULL;
	map->nslots = 0;
}

/* The slot of a key, or the empty one where it would go. */
static struct kldsim__strmap_slot *
find_slot(const struct kldsim__strmap *map, const char *key, uint32_t hash)
{
	size_t mask = map->nslots - 1;

	for (size_t at = hash & mask;; at = (at + 1) & mask) {
		struct kldsim__strmap_slot *slot = &map->slots[at];

		if (slot->key == NULL || (slot->hash == hash &&
		    strcmp(slot->key, key) == 0))
			return (slot);
	}
}

static bool
grow(struct kldsim__strmap *map)
{
	struct kldsim__strmap bigger = *map;

	bigger.nslots = map->nslots != 0 ? map->nslots * 2 : 16;
	bigger.slots = kldsim__calloc(map->alloc, bigger.nslots,
	    sizeof(*bigger.slots));
	if (bigger.slots == NULL)
		return (false);
	for (size_t i = 0; i < map->nslots; i++)
		if (map->slots[i].key != NULL)
			*find_slot(&bigger, map->slots[i].key,
			    map->slots[i].hash) = map->slots[i];
	kldsim__free(map->alloc, map->slots);
	*map = bigger;
	return (true);
}

bool
kldsim__strmap_add(struct kldsim__strmap *map, const char *key,
    uint32_t value)
{
	struct kldsim__strmap_slot *slot;
	uint32_t hash = kldsim__hash(map->seed, key);

	if (map->used * 2 >= map->nslots && !grow(map))
		return (false);
	slot = find_slot(map, key, hash);
	if (slot->key != NULL)
		return (true);
	slot->key = key;
	slot->hash = hash;
	slot->value = value;
	map->used++;
	return (true);
}

bool
kldsim__strmap_get(const struct kldsim__strmap *map, const char *key,
    uint32_t *value_ret)
{
	const struct kldsim__strmap_slot *slot;

	if (map->nslots == 0)
		return (false);
	slot = find_slot(map, key, kldsim__hash(map->seed, key));
	if (slot->key == NULL)
		return (false);
	*value_ret = slot->value;
	return (true);
}

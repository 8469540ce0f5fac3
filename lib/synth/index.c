/* SPDX-License-Identifier: BSD-2-Clause */
/* Ids by name, for a builder that may hold a million of them. */

#include <stdlib.h>
#include <string.h>

#include "synth/impl.h"

uint32_t
kldsim__synth_hash(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return hash ^ (hash >> 15);
}

uint32_t
kldsim__synth_index_find(const struct kldsim__synth_index *index,
    const struct kldsim_synth *synth, const char *name, uint32_t hash,
    const char *(*name_of)(const struct kldsim_synth *synth, uint32_t id))
{
	const struct kldsim__synth_slot *slot;
	size_t i;

	if (index->cap == 0)
		return 0;
	for (i = hash & (index->cap - 1);; i = (i + 1) & (index->cap - 1)) {
		slot = &index->slots[i];
		if (slot->id == 0)
			return 0;
		if (slot->hash == hash &&
		    strcmp(name_of(synth, slot->id), name) == 0)
			return slot->id;
	}
}

static void
insert(struct kldsim__synth_index *index, uint32_t hash, uint32_t id)
{
	size_t i = hash & (index->cap - 1);

	while (index->slots[i].id != 0)
		i = (i + 1) & (index->cap - 1);
	index->slots[i] = (struct kldsim__synth_slot){hash, id};
	index->count++;
}

static bool
rehash(struct kldsim__synth_index *index, struct kldsim_synth *synth)
{
	struct kldsim__synth_index bigger = {NULL, 0, 0};
	size_t i;

	bigger.cap = index->cap == 0 ? 64 : index->cap * 2;
	bigger.slots = calloc(bigger.cap, sizeof(*bigger.slots));
	if (bigger.slots == NULL) {
		kldsim__synth_fail(synth, KLDSIM_NOMEM, "no memory for names");
		return false;
	}
	for (i = 0; i < index->cap; i++)
		if (index->slots[i].id != 0)
			insert(&bigger, index->slots[i].hash,
			    index->slots[i].id);
	free(index->slots);
	*index = bigger;
	return true;
}

/* The caller has made sure that the name is not there. */
void
kldsim__synth_index_add(struct kldsim__synth_index *index,
    struct kldsim_synth *synth, uint32_t hash, uint32_t id)
{
	if (index->count * 2 >= index->cap && !rehash(index, synth))
		return;
	insert(index, hash, id);
}

/* SPDX-License-Identifier: BSD-2-Clause */

/* A sorted array of symbol values; see addrindex.h. */

#include "sym/addrindex.h"

#include <string.h>

#define DIGITS 256u /* of one byte of a value */

/*
 * By value, byte by byte from the lowest; of equal values the order stays, which
 * is that of the symbols.  Of a kernel's 65,000 addresses four bytes differ, and
 * comparing them with each other would take ten times as long.
 */
static void
sort(struct kldsim__addrslot *slots, struct kldsim__addrslot *spare,
    size_t count)
{
	for (unsigned shift = 0; shift < 64 && count != 0; shift += 8) {
		size_t places[DIGITS] = { 0 }, at = 0;

		for (size_t i = 0; i < count; i++)
			places[slots[i].value >> shift & (DIGITS - 1)]++;
		if (places[slots[0].value >> shift & (DIGITS - 1)] == count)
			continue;
		for (size_t digit = 0; digit < DIGITS; digit++) {
			const size_t n = places[digit];

			places[digit] = at;
			at += n;
		}
		for (size_t i = 0; i < count; i++)
			spare[places[slots[i].value >> shift &
			    (DIGITS - 1)]++] = slots[i];
		memcpy(slots, spare, count * sizeof(*slots));
	}
}

bool
kldsim__addrindex_build(struct kldsim__addrindex *index,
    const struct kldsim__alloc *alloc, uint32_t nsymbols,
    bool (*get)(const void *arg, uint32_t i, uint64_t *value_ret),
    const void *arg)
{
	struct kldsim__addrslot *spare;

	index->alloc = alloc;
	index->count = 0;
	index->slots = kldsim__calloc(alloc, nsymbols, sizeof(*index->slots));
	if (index->slots == NULL)
		return (false);
	for (uint32_t i = 0; i < nsymbols; i++) {
		struct kldsim__addrslot *slot = &index->slots[index->count];

		slot->index = i;
		if (get(arg, i, &slot->value))
			index->count++;
	}
	spare = kldsim__calloc(alloc, index->count, sizeof(*spare));
	if (spare == NULL) {
		kldsim__addrindex_fini(index);
		return (false);
	}
	sort(index->slots, spare, index->count);
	kldsim__free(alloc, spare);
	return (true);
}

void
kldsim__addrindex_fini(struct kldsim__addrindex *index)
{
	if (index->slots != NULL)
		kldsim__free(index->alloc, index->slots);
	index->slots = NULL;
}

size_t
kldsim__addrindex_upto(const struct kldsim__addrindex *index,
    uint64_t address)
{
	size_t low = 0, high = index->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (index->slots[middle].value <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return (low);
}

uint32_t
kldsim__addrindex_nearest(const struct kldsim__addrindex *index,
    uint64_t address, uint64_t *difference_ret)
{
	const struct kldsim__addrslot *slots = index->slots;
	size_t low = kldsim__addrindex_upto(index, address);

	if (low == 0)
		return (KLDSIM__NO_SYMBOL);
	low--;
	*difference_ret = address - slots[low].value;
	while (*difference_ret == 0 && low > 0 &&
	    slots[low - 1].value == address)
		low--;
	return (slots[low].index);
}

static uint32_t
walk(uint32_t nsymbols,
    bool (*get)(const void *arg, uint32_t i, uint64_t *value_ret),
    const void *arg, uint64_t address, uint64_t *difference_ret)
{
	uint32_t nearest = KLDSIM__NO_SYMBOL;

	*difference_ret = UINT64_MAX;
	for (uint32_t i = 0; i < nsymbols && *difference_ret != 0; i++) {
		uint64_t value;

		if (!get(arg, i, &value) || value > address ||
		    address - value > *difference_ret)
			continue;
		nearest = i;
		*difference_ret = address - value;
	}
	return (nearest);
}

bool
kldsim__addrindex_search(struct kldsim__addrindex *index,
    const struct kldsim__alloc *alloc, uint32_t nsymbols,
    bool (*get)(const void *arg, uint32_t i, uint64_t *value_ret),
    const void *arg, uint64_t address, uint32_t *symbol_ret,
    uint64_t *difference_ret)
{
	if (index->slots == NULL && index->walks < KLDSIM__ADDRESS_WALKS) {
		index->walks++;
		*symbol_ret = walk(nsymbols, get, arg, address,
		    difference_ret);
		return (true);
	}
	if (index->slots == NULL && !kldsim__addrindex_build(index, alloc,
	    nsymbols, get, arg))
		return (false);
	*symbol_ret = kldsim__addrindex_nearest(index, address,
	    difference_ret);
	return (true);
}

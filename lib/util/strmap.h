/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_STRMAP_H
#define UTIL_STRMAP_H

/*
 * A small map from strings to numbers; of equal strings the first one stays.
 * The strings are borrowed.
 */

#include <stdint.h>

#include "util/alloc.h"

struct kldsim__strmap_slot;

struct kldsim__strmap {
	const struct kldsim__alloc *alloc;
	struct kldsim__strmap_slot *slots;
	size_t nslots; /* a power of two, 0: nothing was added */
	size_t used;
	uint64_t seed;
};

void kldsim__strmap_init(struct kldsim__strmap *map,
    const struct kldsim__alloc *alloc);
void kldsim__strmap_fini(struct kldsim__strmap *map);
/* False if there is no memory. */
bool kldsim__strmap_add(struct kldsim__strmap *map, const char *key,
    uint32_t value);
bool kldsim__strmap_get(const struct kldsim__strmap *map, const char *key,
    uint32_t *value_ret);

#endif

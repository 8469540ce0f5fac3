/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_RANDOM_H
#define SUPPORT_RANDOM_H

/* Numbers that look random, and are the same each time for one seed. */

#include <stdint.h>

/* A cheap and even enough generator (Knuth's MMIX multiplier). */
static inline uint32_t
random_below(uint64_t *seed, uint32_t limit)
{
	*seed = *seed * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return ((uint32_t)(*seed >> 33) % limit);
}

#endif

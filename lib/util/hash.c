/* SPDX-License-Identifier: BSD-2-Clause */

/* Seeds for the hashes of hash.h, and FNV-1a. */

#include "util/hash.h"

#include <time.h>

uint64_t
kldsim__hash_seed(const void *table)
{
	struct timespec now = { 0, 0 };
	uint64_t seed;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	seed = (uint64_t)(uintptr_t)table ^
	    (uint64_t)(uintptr_t)&now << 32;
	seed ^= (uint64_t)now.tv_nsec << 20 ^ (uint64_t)now.tv_sec;
	return (kldsim__fold(seed ^ 0x94d049bb133111ebu,
	    0xd6e8feb86659fd93u));
}

uint64_t
kldsim__fnv(uint64_t hash, const void *bytes, size_t size)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
	return (hash);
}

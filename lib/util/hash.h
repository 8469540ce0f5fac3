/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_HASH_H
#define UTIL_HASH_H

/*
 * Hashing names that a hostile file may have chosen.  Every table has a seed
 * of its own, and each step multiplies two numbers that both depend on it, so
 * that nobody can prepare names that all fall into one place.  These hashes
 * order nothing that is ever shown.
 */

#include <stdint.h>
#include <string.h>

/* Memory that is read soon: a hint. */
#if defined(__GNUC__)
#define KLDSIM__PREFETCH(address) __builtin_prefetch(address)
#else
#define KLDSIM__PREFETCH(address) ((void)(address))
#endif

/* The two halves of a 128-bit product, folded. */
static inline uint64_t
kldsim__fold(uint64_t a, uint64_t b)
{
#if defined(__SIZEOF_INT128__)
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)a * b;

	return ((uint64_t)product ^ (uint64_t)(product >> 64));
#else
	uint64_t al = (uint32_t)a, ah = a >> 32;
	uint64_t bl = (uint32_t)b, bh = b >> 32;
	uint64_t low = al * bl, m1 = ah * bl, m2 = al * bh;
	uint64_t middle = (low >> 32) + (uint32_t)m1 + (uint32_t)m2;
	uint64_t high = ah * bh + (m1 >> 32) + (m2 >> 32) + (middle >> 32);

	return (((uint32_t)low | middle << 32) ^ high);
#endif
}

/* Something that differs from run to run and from table to table. */
uint64_t kldsim__hash_seed(const void *table);

static inline uint32_t
kldsim__hash_n(uint64_t seed, const char *name, size_t n)
{
	uint64_t h = seed ^ n, word = 0;

	for (size_t at = 0; at + 8 < n; at += 8) {
		memcpy(&word, name + at, 8);
		h = kldsim__fold(word ^ 0x9e3779b97f4a7c15u, h ^ seed >> 1);
	}
	/* The last word; it may have bytes that have been counted. */
	if (n >= 8)
		memcpy(&word, name + n - 8, 8);
	else
		for (size_t i = 0; i < n; i++)
			word = word << 8 | (uint8_t)name[i];
	h = kldsim__fold(word ^ 0x9e3779b97f4a7c15u, h ^ seed >> 1);
	h = kldsim__fold(h ^ 0xbf58476d1ce4e5b9u, seed | 1);
	return ((uint32_t)(h ^ h >> 32));
}

static inline uint32_t
kldsim__hash(uint64_t seed, const char *name)
{
	return (kldsim__hash_n(seed, name, strlen(name)));
}

/* --- the same from run to run --- */

#define KLDSIM__FNV_BASIS UINT64_C(0xcbf29ce484222325)

/* FNV-1a of text that is shown (I-92), for no table: goes on from a hash. */
uint64_t kldsim__fnv(uint64_t hash, const void *bytes, size_t size);

#endif

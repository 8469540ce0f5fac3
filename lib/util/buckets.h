/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_BUCKETS_H
#define UTIL_BUCKETS_H

/*
 * Lists by name: a kernel's "walk the list and compare" gives the first entry
 * of a name; each of these lists keeps the order of the whole one, so its
 * first entry of a name is the same one.
 */

#include <stdint.h>
#include <string.h>

#include "util/list.h"

#define KLDSIM__BUCKETS 2048u

struct kldsim__buckets {
	struct kldsim__link heads[KLDSIM__BUCKETS];
};

static inline void
kldsim__buckets_init(struct kldsim__buckets *buckets)
{
	for (unsigned i = 0; i < KLDSIM__BUCKETS; i++)
		kldsim__list_init(&buckets->heads[i]);
}

/*
 * The list of a name, of which only the first `length` bytes count.  As
 * strchr(3) does, it takes a const table and gives a list that is not.
 */
static inline struct kldsim__link *
kldsim__bucket_n(const struct kldsim__buckets *buckets, const char *name,
    size_t length)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < length; i++)
		h = (h ^ (uint8_t)name[i]) * 16777619u;
	return ((struct kldsim__link *)(uintptr_t)
	    &buckets->heads[(h ^ h >> 16) % KLDSIM__BUCKETS]);
}

static inline struct kldsim__link *
kldsim__bucket(const struct kldsim__buckets *buckets, const char *name)
{
	return (kldsim__bucket_n(buckets, name, strlen(name)));
}

#endif

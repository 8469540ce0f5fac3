/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYM_NAMEFILTER_H
#define SYM_NAMEFILTER_H

/*
 * Which names a symbol table has not, by how they begin.  To make it takes a
 * tenth of an index's time, and modules ask the kernel for each name that other
 * modules have.
 */

#include "elf/image.h"
#include "util/alloc.h"

struct kldsim__namefilter {
	uint64_t *words; /* NULL: nothing can be said */
	uint64_t mask;   /* of a word's number */
	uint64_t seed;
};

/* False: no memory.  Of a table with an unreadable name nothing can be said. */
bool kldsim__namefilter_build(struct kldsim__namefilter *filter,
    const struct kldsim__alloc *alloc, const struct kldsim__symview *view);
void kldsim__namefilter_fini(struct kldsim__namefilter *filter,
    const struct kldsim__alloc *alloc);

/* Whether a walk through the table finds no such name, for sure. */
bool kldsim__namefilter_lacks(const struct kldsim__namefilter *filter,
    const char *name);

#endif

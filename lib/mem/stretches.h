/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEM_STRETCHES_H
#define MEM_STRETCHES_H

/*
 * What a mapping is made of, where some of it stays as it is in a file:
 * stretches of bytes of its own, and between them those that are lent, or zeros.
 * Half of what a module loads is text and tables that no relocation changes, and
 * is not copied.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kldsim/status.h>

#include "util/alloc.h"

/* A range of a mapping that is lent. */
struct kldsim__lent {
	kldsim_size offset;
	kldsim_size size;
	const uint8_t *bytes; /* NULL: zeros */
	bool *asked;          /* set by who reads there; NULL: nobody minds */
};

/* A stretch goes to where the next one begins; behind the last one is an end. */
struct kldsim__stretch {
	kldsim_size offset;
	uint8_t *own;        /* NULL: it is lent */
	const uint8_t *lent; /* NULL as well: zeros */
	bool *asked;         /* as of what is lent */
};

struct kldsim__stretches {
	struct kldsim__stretch *all; /* NULL: there are none */
	size_t count;
};

/* How many bytes of a mapping are its own. */
kldsim_size kldsim__stretches_own(kldsim_size size,
    const struct kldsim__lent *lent, size_t nlent);
/*
 * What is lent is in ascending order, not empty, and does not overlap; what is
 * not lies together in `own`.  False: no memory.
 */
bool kldsim__stretches_make(struct kldsim__stretches *stretches,
    const struct kldsim__alloc *alloc, kldsim_size size,
    const struct kldsim__lent *lent, size_t nlent, uint8_t *own);
/* The stretch of an offset in the mapping. */
const struct kldsim__stretch *kldsim__stretches_at(
    const struct kldsim__stretches *stretches, kldsim_size offset);

#endif

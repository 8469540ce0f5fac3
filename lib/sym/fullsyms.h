/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYM_FULLSYMS_H
#define SYM_FULLSYMS_H

/*
 * Lookups in a full symbol table (D-60 step 3), most often one that is kept
 * with its image.
 *
 * A boot asks a kernel for a few names that its hash table does not have, and
 * may never ask again; to index 65,000 names for them would take longer than
 * all else it does.  So the first names are looked for as the kernel looks for
 * them, by a walk from symbol 0, and the answers are kept; names that are
 * expected are found by one walk together.  Of names that are not there a filter
 * knows most (namefilter.h).  Whoever asks for more gets an index, which gives
 * the same answers (symindex.h).
 */

#include "sym/symindex.h"

/* Names besides the expected ones that are walked for before an index is. */
#define KLDSIM__WALKS 4u
/* Names that may be expected. */
#define KLDSIM__EXPECTED 64u

struct kldsim__fullsyms;

/* The answer to a lookup: what a walk would meet, KLDSIM__NO_SYMBOL if not. */
struct kldsim__fullsym {
	uint32_t index; /* the first symbol of that name */
	uint32_t bad;   /* before it: a symbol whose name is unreadable (Z-05) */
};

/*
 * What a walk from symbol 0 meets first, for each of n names, KLDSIM__EXPECTED at
 * most: for a table that relocations can change, of which nothing is worth
 * keeping.
 */
void kldsim__fullsyms_walk(const struct kldsim__symview *view,
    const char *const *names, unsigned n, struct kldsim__fullsym *found);

/*
 * NULL: no memory.  The table has to outlive it, and so have the names that
 * are expected, a list that NULL ends.
 */
struct kldsim__fullsyms *kldsim__fullsyms_new(
    const struct kldsim__symview *view, const char *const *expected);
void kldsim__fullsyms_free(struct kldsim__fullsyms *full);

/* False: no memory.  Kernels on one image may ask from several threads. */
bool kldsim__fullsyms_find(struct kldsim__fullsyms *full, const char *name,
    struct kldsim__fullsym *found_ret);

#endif

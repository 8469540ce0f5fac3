/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYM_FULLSYMS_H
#define SYM_FULLSYMS_H

/*
 * Lookups in a full symbol table that is kept with its image (D-60 step 3).
 *
 * A boot asks a kernel for two or three of its static symbols and may never
 * ask again; to index 65,000 names for them would take longer than all else
 * it does.  So the first names are looked for as the kernel looks for them, by
 * a walk from symbol 0, and the answers are kept.  Whoever asks for more gets
 * an index, which gives the same answers (symindex.h).
 */

#include "sym/symindex.h"

/* Different names that are walked for before there is an index. */
#define KLDSIM__WALKS 4u

struct kldsim__fullsyms;

/* The answer to a lookup: what a walk would meet, KLDSIM__NO_SYMBOL if not. */
struct kldsim__fullsym {
	uint32_t index; /* the first symbol of that name */
	uint32_t bad;   /* before it: a symbol whose name is unreadable (Z-05) */
};

/* NULL: no memory.  The table has to outlive it. */
struct kldsim__fullsyms *kldsim__fullsyms_new(
    const struct kldsim__symview *view);
void kldsim__fullsyms_free(struct kldsim__fullsyms *full);

/* False: no memory.  Kernels on one image may ask from several threads. */
bool kldsim__fullsyms_find(struct kldsim__fullsyms *full, const char *name,
    struct kldsim__fullsym *found_ret);

#endif

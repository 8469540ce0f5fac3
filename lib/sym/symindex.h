/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYM_SYMINDEX_H
#define SYM_SYMINDEX_H

/*
 * From a name to the symbol that a walk from index 0 would meet first.
 *
 * link_elf_obj.c and the debug half of link_elf.c compare names one symbol
 * after the other (O-61, D-60 step 3).  The index gives the same answers: of
 * equal names the lowest symbol index wins, and a symbol whose name cannot be
 * read (Z-05) is remembered, because a real walk would have stumbled over it.
 */

#include "elf/image.h"
#include "util/alloc.h"

#define KLDSIM__NO_SYMBOL UINT32_MAX

/*
 * A slot is a symbol's index plus 1, 0 if it is empty, and above that as many
 * bits of the name's hash as there is room for.
 */
struct kldsim__symindex {
	const struct kldsim__alloc *alloc;
	uint32_t *slots;
	uint32_t mask;      /* of the slots */
	uint32_t tag;       /* of the hash's bits */
	uint64_t seed;
	uint32_t first_bad; /* lowest index with an unreadable name */
	uint32_t nnames;    /* different ones in the table */
};

/*
 * Index the symbols for which wanted(arg, i) is true, all if wanted is NULL.
 * Of those with st_name 0, which share a name, the first.  False: no memory.
 */
bool kldsim__symindex_build(struct kldsim__symindex *index,
    const struct kldsim__alloc *alloc, const struct kldsim__symview *view,
    bool (*wanted)(const void *arg, uint32_t i), const void *arg);
/*
 * Index all definitions that have a name; of one that a global symbol and a local
 * one have it is the global one's.  False: no memory.
 */
bool kldsim__symindex_build_global_first(struct kldsim__symindex *index,
    const struct kldsim__alloc *alloc, const struct kldsim__symview *view);
void kldsim__symindex_fini(struct kldsim__symindex *index);

/*
 * The first symbol of that name, KLDSIM__NO_SYMBOL if there is none.  *bad_ret
 * says whether a walk would have read a name outside the string table on its
 * way there.
 */
uint32_t kldsim__symindex_find(const struct kldsim__symindex *index,
    const struct kldsim__symview *view, const char *name, bool *bad_ret);

/*
 * Up to KLDSIM__FETCHED names at once: what the answers are read from is fetched
 * for all of them, while otherwise each answer waits for memory three times.
 */
#define KLDSIM__FETCHED 32u
void kldsim__symindex_find_all(const struct kldsim__symindex *index,
    const struct kldsim__symview *view, const char *const *names,
    size_t nnames, uint32_t *symbols_ret);
/* Names that are looked up next; changes nothing. */
void kldsim__symindex_fetch(const struct kldsim__symindex *index,
    const struct kldsim__symview *view, const char *const *names,
    size_t nnames);

#endif

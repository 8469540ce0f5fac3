/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYM_ELFINDEX_H
#define SYM_ELFINDEX_H

/*
 * An index that gives the answers of a DT_HASH table whose bytes never change.
 *
 * Hundreds of modules ask a kernel for thousands of names, and for each the
 * table leads through symbols and names all over the file.  Whoever asks often
 * gets an index (symindex.h), if the table is sound: every symbol of it is in
 * the chain of its own hash, once, and no two have one name.  Then a walk finds
 * a name's only symbol, or none, and so does the index.  A table that is not
 * is walked, each time.
 */

#include "sym/elfhash.h"
#include "sym/symindex.h"

struct kldsim__elfindex {
	struct kldsim__symindex index; /* slots NULL: there is none */
	uint32_t asked;                /* names, as long as there is none */
};

void kldsim__elfindex_fini(struct kldsim__elfindex *elfindex);

/* As kldsim__elfhash_find(), whose arguments are always the same but the name. */
enum kldsim__hash_answer kldsim__elfindex_find(
    struct kldsim__elfindex *elfindex, const struct kldsim__alloc *alloc,
    const struct kldsim__elfhash *table, const struct kldsim__symview *view,
    const char *name, bool lp64_bug, uint32_t *index_ret);

#endif

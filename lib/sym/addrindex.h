/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYM_ADDRINDEX_H
#define SYM_ADDRINDEX_H

/*
 * From an address to the symbol that a walk over the whole table would settle
 * on: link_elf_search_symbol() (O-64, D-64).
 */

#include "util/alloc.h"

#define KLDSIM__NO_SYMBOL UINT32_MAX

struct kldsim__addrslot {
	uint64_t value;
	uint32_t index;
};

struct kldsim__addrindex {
	const struct kldsim__alloc *alloc;
	struct kldsim__addrslot *slots; /* by value, then by index */
	size_t count;
	unsigned walks; /* made for want of an index */
};

/* Addresses that are walked for before there is an index. */
#define KLDSIM__ADDRESS_WALKS 4u

/*
 * Index the symbols for which get(arg, i, &value) is true: those with a name
 * (O-64).  False: no memory.
 */
bool kldsim__addrindex_build(struct kldsim__addrindex *index,
    const struct kldsim__alloc *alloc, uint32_t nsymbols,
    bool (*get)(const void *arg, uint32_t i, uint64_t *value_ret),
    const void *arg);
void kldsim__addrindex_fini(struct kldsim__addrindex *index);

/* How many slots, counted from the first, are at or below an address. */
size_t kldsim__addrindex_upto(const struct kldsim__addrindex *index,
    uint64_t address);

/*
 * The nearest symbol at or below an address.  Of several just there the first
 * in the table wins, of several below it the last.
 */
uint32_t kldsim__addrindex_nearest(const struct kldsim__addrindex *index,
    uint64_t address, uint64_t *difference_ret);

/*
 * The same of symbols that may not be indexed yet: few questions are not worth
 * it, and are answered by a walk.  *symbol_ret is KLDSIM__NO_SYMBOL if there is
 * none.  False: no memory.
 */
bool kldsim__addrindex_search(struct kldsim__addrindex *index,
    const struct kldsim__alloc *alloc, uint32_t nsymbols,
    bool (*get)(const void *arg, uint32_t i, uint64_t *value_ret),
    const void *arg, uint64_t address, uint32_t *symbol_ret,
    uint64_t *difference_ret);

#endif

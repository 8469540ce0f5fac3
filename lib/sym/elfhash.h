/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYM_ELFHASH_H
#define SYM_ELFHASH_H

/*
 * DT_HASH as link_elf_lookup_symbol() of link_elf.c walks it (D-12, D-60,
 * D-62): the file's own table, used as it stands.
 */

#include "elf/image.h"

struct kldsim__elfhash {
	const uint8_t *words; /* buckets, then chains */
	uint64_t nwords;      /* as many as there are bytes for */
	uint64_t nzeros;      /* and as many behind them that are 0 */
	uint32_t reach;       /* symbols, if there are any of zeros */
	uint32_t nbuckets;    /* 0: there is no table */
	uint32_t nchains;
	bool big;
};

enum kldsim__hash_answer {
	KLDSIM__HASH_FOUND,
	KLDSIM__HASH_NOT_USABLE, /* the name is there, but undefined */
	KLDSIM__HASH_ABSENT,
	KLDSIM__HASH_CORRUPT,    /* "corrupt symbol table" */
	KLDSIM__HASH_LOOP,       /* the chain has no end (Z-41) */
	KLDSIM__HASH_TABLE,      /* a word or symbol outside memory (Z-40) */
	KLDSIM__HASH_OUTSIDE     /* a name outside the strings (Z-05) */
};

/*
 * The hash of a name.  lp64_bug: as before April 2023, when a carry above bit
 * 31 stayed in the 64-bit variable (D-62).
 */
uint64_t kldsim__elf_hash(const char *name, bool lp64_bug);

/* Whether a symbol counts as a definition in this class (D-60). */
bool kldsim__elf_usable(const struct kldsim__sym *sym);

enum kldsim__hash_answer kldsim__elfhash_find(
    const struct kldsim__elfhash *table, const struct kldsim__symview *view,
    const char *name, bool lp64_bug, uint32_t *index_ret);

#endif

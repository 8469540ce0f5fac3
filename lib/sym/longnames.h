/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYM_LONGNAMES_H
#define SYM_LONGNAMES_H

/*
 * What it takes to read all names of a symbol table.  Names may lie over each
 * other in the strings: of one long string each symbol can have a part, and then
 * the names have many times the bytes of the file.
 */

#include "elf/image.h"

/* A file all of whose strings are shorter is read in time. */
#define KLDSIM__NAME_LONG 1024u

/* Bytes of names that are worth an index which can be done without. */
#define KLDSIM__NAMES_MOST (UINT64_C(64) << 20)

/*
 * The bytes of all symbols' names, counted until there are more than `enough`;
 * 0 if no string is longer than KLDSIM__NAME_LONG, which takes a look at a few
 * bytes only.
 */
uint64_t kldsim__long_names(const struct kldsim__symview *view,
    uint64_t enough);

#endif

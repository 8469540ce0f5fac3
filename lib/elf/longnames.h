/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ELF_LONGNAMES_H
#define ELF_LONGNAMES_H

/* What it takes to read all names of a symbol table (util/long_string.h). */

#include "elf/image.h"
#include "util/long_string.h"

/* More bytes of names are not worth an index, nor a comparison. */
#define KLDSIM__NAMES_MOST (UINT64_C(64) << 20)
/* Why a file is refused whose names kldsim__too_long_names() are. */
#define KLDSIM__NAMES_TOO_LONG "the names of its symbols have more bytes than " \
	"64 MiB, or than the limit work allows"

/*
 * The bytes of all symbols' names, counted until there are more than `enough`;
 * 0 if no string is longer than KLDSIM__NAME_LONG, which takes a look at a few
 * bytes only.
 */
uint64_t kldsim__long_names(const struct kldsim__symview *view,
    uint64_t enough);
/* Whether they are more than KLDSIM__NAMES_MOST, or than so many steps. */
bool kldsim__too_long_names(const struct kldsim__symview *view, uint64_t work);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef STALE_STALE_H
#define STALE_STALE_H

/* Numbers for assembler, by their names; see kldsim/stale.h. */

#include <kldsim/stale.h>

#include "util/arena.h"

struct kldsim__number {
	const char *name;
	int64_t value;
	uint8_t parts;      /* of the five arrays of S-01, while it is read */
	bool seen;          /* in the header at hand */
	bool right;         /* by types, and one line at least of the source */
};

struct kldsim_stale {
	struct kldsim__alloc alloc;
	struct kldsim__arena arena;
	struct kldsim__number *all; /* by name */
	size_t count, cap;
};

/* The number of that name; NULL: there is none.  Case may differ. */
struct kldsim__number *kldsim__stale_find(const struct kldsim_stale *stale,
    const char *name, size_t length);

/* Texts of headers and sources, word by word. */
struct kldsim__scan {
	const char *at, *end;
};

/* Go past blanks; then past this text, if it comes next. */
bool kldsim__scan_text(struct kldsim__scan *scan, const char *text);
/* A name; NULL: something else comes next. */
const char *kldsim__scan_name(struct kldsim__scan *scan, size_t *length_ret);
/* A number as C has it; false: something else comes next. */
bool kldsim__scan_number(struct kldsim__scan *scan, int64_t *number_ret);

#endif

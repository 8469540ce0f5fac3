/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DWARF_UNITS_H
#define DWARF_UNITS_H

/*
 * Where a file's units are, by their headers.  libdw finds a unit by walking all
 * before it, so a header that it cannot read would hide the rest: that unit is
 * made an empty one for it (W-44).
 */

#include "dwarf/sections.h"

struct dwarf_unit_place {
	uint64_t offset;  /* in its section */
	uint64_t first;   /* of its first DIE */
	uint64_t end;
	bool in_types;    /* in .debug_types */
	uint8_t version;
	uint8_t type;     /* DW_UT_compile ... */
	const char *bad;  /* why it cannot be read; NULL: it can */
};

struct dwarf_units {
	struct dwarf_unit_place *all;
	size_t count;
	bool cut;         /* there were more than anybody has */
};

/* Units as they come; a unit that runs over the end is cut off the section. */
void dwarf_units_find(struct dwarf_sections *sections,
    struct dwarf_units *units);
void dwarf_units_free(struct dwarf_units *units);

#endif

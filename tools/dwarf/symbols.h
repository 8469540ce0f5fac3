/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DWARF_SYMBOLS_H
#define DWARF_SYMBOLS_H

/*
 * The symbols that types are for: those of the kernel's or module's own file, for
 * the table of its debug file may be another one.
 */

#include "dwarf/graph.h"
#include "dwarf/sections.h"

struct dwarf_symbol {
	const char *name;
	uint64_t value;
	uint32_t index;     /* in the file's table */
	uint32_t next;      /* of the same hash by name; 0: none */
	uint32_t next_placed; /* of the same by name and value */
	uint32_t row;       /* the graph's; 0: no type */
	uint8_t rank;       /* how well that is known */
	bool defined, global;
	bool shared;        /* other local ones are called so */
	bool function;      /* what has been found is one */
	bool no_prototype;  /* called without one in sight (W-21) */
	bool differs;       /* units take it for different things */
};

struct dwarf_symbols {
	Elf *elf;
	struct dwarf_symbol *all; /* from 1 on, in the order of the table */
	size_t count;
	/*
	 * By name: of each one that is global or imported, and one that is
	 * local; by name and value all that are defined.  A kernel has a hundred
	 * local functions of one name.
	 */
	uint32_t *named, *placed;
	size_t nslots;
};

/* Read them; a file may have none. */
void dwarf_symbols_read(const struct kldsim_image *image,
    struct dwarf_symbols *symbols);
void dwarf_symbols_free(struct dwarf_symbols *symbols);

/* See which of them a unit, taken by the graph, has types for. */
void dwarf_symbols_take(struct dwarf_symbols *symbols,
    struct dwarf_graph *graph, struct dwarf_unit *unit);

void dwarf_symbols_build(const struct dwarf_symbols *symbols,
    const struct dwarf_graph *graph, struct kldsim_types_build *build);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DWARF_GRAPH_H
#define DWARF_GRAPH_H

/*
 * All units' types, each once: what a thousand units tell of one structure is
 * one row.  Row 0 is void.
 */

#include <kldsim/types_build.h>

#include "dwarf/unit.h"

struct dwarf_row {
	uint64_t alike;     /* what it is found by */
	uint64_t size, offset;
	uint64_t count;     /* an array's elements */
	const char *name;
	uint32_t target;
	uint32_t first, parts;
	uint32_t id;        /* the builder's */
	uint8_t kind, tag, encoding;
	bool variadic;
	bool stands_for;    /* a declaration, for the type that is meant */
};

struct dwarf_row_part {
	const char *name;
	uint64_t number;
	uint32_t type;
	uint32_t bits;
};

struct dwarf_graph {
	struct dwarf_row *rows;
	size_t nrows, rows_room;
	struct dwarf_row_part *parts;
	size_t nparts, parts_room;
	uint32_t *slots;    /* by row.alike */
	size_t nslots;
};

void dwarf_graph_begin(struct dwarf_graph *graph);
void dwarf_graph_free(struct dwarf_graph *graph);

/* Take a unit's types over; its nodes then have ids, those of rows. */
void dwarf_graph_take(struct dwarf_graph *graph, struct dwarf_unit *unit);

/* The row of one of its functions' type; after dwarf_graph_take(). */
uint32_t dwarf_graph_function(struct dwarf_graph *graph,
    struct dwarf_unit *unit, uint32_t node);

/* Give all to a builder; a row's number of it is in row->id. */
void dwarf_graph_build(struct dwarf_graph *graph,
    struct kldsim_types_build *build);

#endif

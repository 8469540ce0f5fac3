/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DWARF_FACTS_H
#define DWARF_FACTS_H

#include "dwarf/dwarf.h"
#include "dwarf/graph.h"

/* What a unit, of which the first DIE is there, tells of how it was made. */
void dwarf_facts_take(struct dwarf_facts *facts, struct dwarf_graph *graph,
    struct dwarf_unit *unit, uint64_t first);
/* Once the graph is built: types of functions by their numbers there. */
void dwarf_facts_settle(struct dwarf_facts *facts,
    const struct dwarf_graph *graph);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DWARF_FACTS_H
#define DWARF_FACTS_H

#include "dwarf/dwarf.h"
#include "dwarf/unit.h"

/* What a unit, of which the first DIE is there, tells of how it was made. */
void dwarf_facts_take(struct dwarf_facts *facts, struct dwarf_unit *unit,
    uint64_t first);

#endif

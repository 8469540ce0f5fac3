/* SPDX-License-Identifier: BSD-2-Clause */

/* Which compiler, where, and what of headers it compiled in (W-20 to W-25). */

#include "dwarf/facts.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "report/output.h"

#define INLINES_MOST 4096 /* W-43; a module has some hundreds */

/* Where a name is among them, or would be. */
static size_t
place_of(const struct dwarf_facts *facts, const char *name)
{
	size_t low = 0, high = facts->ninlines;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (strcmp(facts->inlines[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return (low);
}

/* The file of a number in the unit's table; "" if nobody can tell. */
static const char *
file_of(struct dwarf_unit *unit, uint64_t first, uint32_t number)
{
	Dwarf_Files *files;
	Dwarf_Die die;
	size_t count;
	const char *name = NULL;

	if (unit->dw.dwarf_offdie(unit->dwarf, first, &die) != NULL &&
	    unit->dw.dwarf_getsrcfiles(&die, &files, &count) == 0 && number < count)
		name = unit->dw.dwarf_filesrc(files, number, NULL, NULL);
	return (name != NULL ? name : "");
}

static void
take_inline(struct dwarf_facts *facts, struct dwarf_graph *graph,
    struct dwarf_unit *unit, uint64_t first, const struct dwarf_node *node)
{
	const size_t at = place_of(facts, node->name);
	struct dwarf_inline *known;

	if (at < facts->ninlines &&
	    strcmp(facts->inlines[at].name, node->name) == 0) {
		facts->inlines[at].places++;
		return;
	}
	if (facts->ninlines == INLINES_MOST)
		return;
	facts->inlines = need(realloc(facts->inlines,
	    (facts->ninlines + 1) * sizeof(*facts->inlines)));
	known = &facts->inlines[at];
	memmove(known + 1, known, (facts->ninlines++ - at) * sizeof(*known));
	known->name = need(strdup(node->name));
	known->file = need(strdup(file_of(unit, first, node->file)));
	known->places = 1;
	known->type = dwarf_graph_function(graph, unit,
	    (uint32_t)(node - unit->nodes));
}

void
dwarf_facts_take(struct dwarf_facts *facts, struct dwarf_graph *graph,
    struct dwarf_unit *unit, uint64_t first)
{
	if (facts->unwanted)
		return;
	if (unit->language != DW_LANG_Mips_Assembler) {
		if (facts->producer == NULL && unit->producer != NULL)
			facts->producer = need(strdup(unit->producer));
		if (facts->directory == NULL && unit->directory != NULL)
			facts->directory = need(strdup(unit->directory));
	}
	for (size_t i = 0; i < unit->nuses; i++) {
		const struct dwarf_node *node = dwarf_unit_origin(unit,
		    &unit->nodes[dwarf_unit_find(unit, unit->uses[i])]);

		if ((node->flags & NODE_FUNCTION) != 0 && *node->name != '\0')
			take_inline(facts, graph, unit, first, node);
	}
}

void
dwarf_facts_settle(struct dwarf_facts *facts, const struct dwarf_graph *graph)
{
	for (size_t i = 0; i < facts->ninlines; i++)
		facts->inlines[i].type =
		    graph->rows[facts->inlines[i].type].id;
}

void
dwarf_facts_free(struct dwarf_facts *facts)
{
	for (size_t i = 0; i < facts->ninlines; i++) {
		free((char *)(uintptr_t)facts->inlines[i].name);
		free((char *)(uintptr_t)facts->inlines[i].file);
	}
	free(facts->inlines);
	free(facts->producer);
	free(facts->directory);
}

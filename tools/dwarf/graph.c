/* SPDX-License-Identifier: BSD-2-Clause */

/* Each type once; see graph.h. */

#include "dwarf/graph.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "report/output.h"

/* --- rows by what they are --- */

static size_t
slot(const struct dwarf_graph *graph, uint64_t alike)
{
	size_t at = (alike ^ alike >> 32) & (graph->nslots - 1);

	while (graph->slots[at] != 0 &&
	    graph->rows[graph->slots[at]].alike != alike)
		at = (at + 1) & (graph->nslots - 1);
	return (at);
}

/* At most half of the slots are used. */
static void
more_slots(struct dwarf_graph *graph)
{
	if (graph->nrows < graph->nslots / 2)
		return;
	graph->nslots = graph->nslots != 0 ? 2 * graph->nslots : 1024;
	free(graph->slots);
	graph->slots = need(calloc(graph->nslots, sizeof(*graph->slots)));
	for (size_t i = 1; i < graph->nrows; i++)
		graph->slots[slot(graph, graph->rows[i].alike)] = (uint32_t)i;
}

/* The row of that number, and whether it has just been made. */
static struct dwarf_row *
find_row(struct dwarf_graph *graph, uint64_t alike, bool *new_ret)
{
	size_t at;

	more_slots(graph);
	at = slot(graph, alike);
	*new_ret = graph->slots[at] == 0;
	if (*new_ret) {
		dwarf_grow(&graph->rows, &graph->rows_room, graph->nrows + 1,
		    sizeof(*graph->rows));
		memset(&graph->rows[graph->nrows], 0, sizeof(*graph->rows));
		graph->rows[graph->nrows].alike = alike;
		graph->slots[at] = (uint32_t)graph->nrows++;
	}
	return (&graph->rows[graph->slots[at]]);
}

void
dwarf_graph_begin(struct dwarf_graph *graph)
{
	memset(graph, 0, sizeof(*graph));
	dwarf_grow(&graph->rows, &graph->rows_room, 1, sizeof(*graph->rows));
	memset(graph->rows, 0, sizeof(*graph->rows));
	graph->nrows = 1;
}

void
dwarf_graph_free(struct dwarf_graph *graph)
{
	free(graph->rows);
	free(graph->parts);
	free(graph->slots);
}

/* --- a unit's nodes --- */

static bool
has_tag(unsigned kind)
{
	return (kind == KLDSIM_TYPE_STRUCT || kind == KLDSIM_TYPE_UNION ||
	    kind == KLDSIM_TYPE_ENUM || kind == KLDSIM_TYPE_FORWARD ||
	    kind == KLDSIM_TYPE_INTEGER || kind == KLDSIM_TYPE_FLOAT);
}

static void
take_node(struct dwarf_row *row, const struct dwarf_node *node)
{
	row->kind = node->kind;
	row->tag = node->tag;
	row->name = node->name;
	row->size = node->size;
	row->offset = node->offset & ~DIE_IN_TYPES;
	row->encoding = node->encoding;
	row->variadic = (node->flags & NODE_VARIADIC) != 0;
}

/* Parts follow each other; node->parts of them. */
static void
take_parts(struct dwarf_graph *graph, const struct dwarf_unit *unit,
    const struct dwarf_node *node, struct dwarf_row *row)
{
	row->first = (uint32_t)graph->nparts;
	dwarf_grow(&graph->parts, &graph->parts_room,
	    graph->nparts + node->parts, sizeof(*graph->parts));
	for (uint32_t i = node->first; i != 0; i = unit->parts[i].next) {
		const struct dwarf_part *part = &unit->parts[i];

		graph->parts[graph->nparts++] = (struct dwarf_row_part) {
			part->name, part->number, unit->nodes[part->to].id,
			part->bits };
	}
	row->parts = node->parts;
}

/* Dimensions from the last to the first are arrays of arrays. */
static uint32_t
take_array(struct dwarf_graph *graph, const struct dwarf_unit *unit,
    const struct dwarf_node *node)
{
	uint32_t target = unit->nodes[node->to].id;
	uint32_t at = node->last;
	uint32_t left = node->parts != 0 ? node->parts : 1;

	while (left-- != 0) {
		const uint64_t count = node->parts != 0 ?
		    unit->parts[at].number : 0;
		uint64_t alike = dwarf_mix(KLDSIM_TYPE_ARRAY, target);
		struct dwarf_row *row;
		bool new;

		row = find_row(graph, dwarf_mix(alike, count), &new);
		if (new) {
			take_node(row, node);
			row->name = "";
			row->size = 0;
			row->target = target;
			row->count = count;
		}
		target = (uint32_t)(row - graph->rows);
		at = unit->parts[at].before;
	}
	return (target);
}

/* What refers to others, by the rows of these. */
static uint32_t
take_other(struct dwarf_graph *graph, const struct dwarf_unit *unit,
    const struct dwarf_node *node)
{
	uint64_t alike = dwarf_mix_text(node->kind, node->name);
	const bool function = node->kind == KLDSIM_TYPE_FUNCTION;
	struct dwarf_row *row;
	bool new;

	if (function) /* an argument's name, or a function's, is no part */
		alike = dwarf_mix(node->kind, node->flags & NODE_VARIADIC);
	alike = dwarf_mix(alike, unit->nodes[node->to].id);
	for (uint32_t i = node->first; i != 0; i = unit->parts[i].next)
		alike = dwarf_mix(alike, unit->nodes[unit->parts[i].to].id);
	row = find_row(graph, dwarf_mix(alike, node->parts), &new);
	if (new) {
		const size_t number = (size_t)(row - graph->rows);

		take_node(row, node);
		row->size = 0;
		row->name = function ? "" : node->name;
		row->target = unit->nodes[node->to].id;
		take_parts(graph, unit, node, row);
		return ((uint32_t)number);
	}
	return ((uint32_t)(row - graph->rows));
}

static void
take(struct dwarf_walk *walk, struct dwarf_node *node, unsigned way)
{
	struct dwarf_graph *graph = walk->user;
	struct dwarf_row *row;
	bool new;

	(void)way;
	if (has_tag(node->kind)) {
		row = find_row(graph, node->alike[ALIKE_WHOLE], &new);
		node->id = (uint32_t)(row - graph->rows);
		if (new)
			take_node(row, node);
	} else if (node->kind == KLDSIM_TYPE_ARRAY) {
		node->id = take_array(graph, walk->unit, node);
	} else {
		node->id = take_other(graph, walk->unit, node);
	}
}

/* Members and values of what has just been found, once all have rows. */
static void
fill(struct dwarf_graph *graph, const struct dwarf_unit *unit, size_t from)
{
	for (size_t i = 1; i < unit->nnodes; i++) {
		const struct dwarf_node *node = &unit->nodes[i];
		struct dwarf_row *row = &graph->rows[node->id];

		if (node->id >= from && row->parts == 0 &&
		    (node->kind == KLDSIM_TYPE_STRUCT ||
		    node->kind == KLDSIM_TYPE_UNION ||
		    node->kind == KLDSIM_TYPE_ENUM))
			take_parts(graph, unit, node, row);
	}
}

void
dwarf_graph_take(struct dwarf_graph *graph, struct dwarf_unit *unit)
{
	struct dwarf_walk walk = { .unit = unit, .way = ALIKE_WAYS,
		.done = take, .user = graph };
	const size_t from = graph->nrows;

	for (uint32_t i = 1; i < unit->nnodes; i++)
		if (unit->nodes[i].kind < NODE_VARIABLE &&
		    (unit->nodes[i].flags & NODE_FUNCTION) == 0)
			(void)dwarf_walk(&walk, i);
	free(walk.frames);
	fill(graph, unit, from);
}

uint32_t
dwarf_graph_function(struct dwarf_graph *graph, struct dwarf_unit *unit,
    uint32_t node)
{
	struct dwarf_walk walk = { .unit = unit, .way = ALIKE_WAYS,
		.done = take, .user = graph };

	(void)dwarf_walk(&walk, node);
	free(walk.frames);
	return (unit->nodes[node].id);
}

/* --- into the library's graph --- */

/* CTF's words for what DWARF says (C-11). */
static const struct encoding {
	uint8_t dwarf, integer, real;
} encodings[] = {
	{ DW_ATE_boolean, KLDSIM_TYPE_SIGNED | KLDSIM_TYPE_BOOL, 0 },
	{ DW_ATE_signed, KLDSIM_TYPE_SIGNED, 0 },
	{ DW_ATE_signed_char, KLDSIM_TYPE_SIGNED | KLDSIM_TYPE_CHAR, 0 },
	{ DW_ATE_unsigned_char, KLDSIM_TYPE_CHAR, 0 },
	{ DW_ATE_float, 0, 1 },
	{ DW_ATE_complex_float, 0, 3 },
	{ DW_ATE_imaginary_float, 0, 10 },
	{ DW_ATE_decimal_float, 0, 1 },
};

/* Single, double, or long double: by the bytes of each part. */
static unsigned
float_of(unsigned first, uint64_t size)
{
	const uint64_t each = first == 3 ? size / 2 : size;

	if (first == 1)
		return (each <= 4 ? 1 : each <= 8 ? 2 : 6);
	return (first + (each <= 4 ? 0 : each <= 8 ? 1 : 2));
}

static unsigned
encoding_of(const struct dwarf_row *row)
{
	for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++)
		if (encodings[i].dwarf == row->encoding)
			return (row->kind == KLDSIM_TYPE_FLOAT ?
			    float_of(encodings[i].real, row->size) :
			    encodings[i].integer);
	return (0);
}

/* By tag: a declaration stands for the first whole type (W-05). */
static uint64_t
tag_of(unsigned kind, const char *name)
{
	return (dwarf_mix_text(kind, name));
}

struct tags {
	uint32_t *rows;
	size_t size;
};

static uint32_t *
find_tag(const struct dwarf_graph *graph, const struct tags *tags,
    unsigned kind, const char *name)
{
	size_t at = tag_of(kind, name) & (tags->size - 1);

	while (tags->rows[at] != 0 &&
	    (graph->rows[tags->rows[at]].kind != kind ||
	    strcmp(graph->rows[tags->rows[at]].name, name) != 0))
		at = (at + 1) & (tags->size - 1);
	return (&tags->rows[at]);
}

static void
find_tags(const struct dwarf_graph *graph, struct tags *tags)
{
	for (tags->size = 1024; tags->size < 2 * graph->nrows; )
		tags->size *= 2;
	tags->rows = need(calloc(tags->size, sizeof(*tags->rows)));
	for (size_t i = 1; i < graph->nrows; i++) {
		const struct dwarf_row *row = &graph->rows[i];
		uint32_t *at;

		if (*row->name == '\0' || (row->kind != KLDSIM_TYPE_STRUCT &&
		    row->kind != KLDSIM_TYPE_UNION &&
		    row->kind != KLDSIM_TYPE_ENUM))
			continue;
		at = find_tag(graph, tags, row->kind, row->name);
		if (*at == 0)
			*at = (uint32_t)i;
	}
}

/* Which number each row will have; declarations have that of what they mean. */
static void
number_rows(struct dwarf_graph *graph)
{
	struct tags tags;
	uint32_t next = 0;

	find_tags(graph, &tags);
	for (size_t i = 1; i < graph->nrows; i++) {
		struct dwarf_row *row = &graph->rows[i];

		if (row->kind != KLDSIM_TYPE_FORWARD ||
		    *find_tag(graph, &tags, row->tag, row->name) == 0)
			row->id = ++next;
	}
	for (size_t i = 1; i < graph->nrows; i++) {
		struct dwarf_row *row = &graph->rows[i];

		row->stands_for = row->id == 0;
		if (row->stands_for)
			row->id = graph->rows[*find_tag(graph, &tags, row->tag,
			    row->name)].id;
	}
	free(tags.rows);
}

static void
build_parts(const struct dwarf_graph *graph, const struct dwarf_row *row,
    struct kldsim_types_build *build)
{
	for (uint32_t i = 0; i < row->parts; i++) {
		const struct dwarf_row_part *part =
		    &graph->parts[row->first + i];
		const uint32_t type = graph->rows[part->type].id;
		const struct kldsim_type_member member = { .name = part->name,
			.type = type, .bit_offset = part->number,
			.bits = part->bits };
		const struct kldsim_type_value value = { part->name,
			(int64_t)part->number };

		if (row->kind == KLDSIM_TYPE_FUNCTION)
			kldsim_types_build_argument(build, type);
		else if (row->kind == KLDSIM_TYPE_ENUM)
			kldsim_types_build_value(build, &value);
		else
			kldsim_types_build_member(build, &member);
	}
}

static void
build_row(const struct dwarf_graph *graph, const struct dwarf_row *row,
    struct kldsim_types_build *build)
{
	const bool number = row->kind == KLDSIM_TYPE_INTEGER ||
	    row->kind == KLDSIM_TYPE_FLOAT;
	const struct kldsim_type type = {
		.kind = (enum kldsim_type_kind)row->kind,
		.name = row->name, .size = row->size,
		.target = graph->rows[row->target].id,
		.count = row->count, .variadic = row->variadic,
		.encoding = number ? encoding_of(row) : 0,
		.bits = number && row->size < 0x2000 ?
		    (unsigned)row->size * 8 : 0,
		.tag = (enum kldsim_type_kind)row->tag, .root = true,
		.offset = row->offset < UINT32_MAX ? row->offset : UINT32_MAX
	};

	if (kldsim_types_build_type(build, &type) != 0)
		build_parts(graph, row, build);
}

void
dwarf_graph_build(struct dwarf_graph *graph, struct kldsim_types_build *build)
{
	number_rows(graph);
	for (size_t i = 1; i < graph->nrows; i++)
		if (!graph->rows[i].stands_for)
			build_row(graph, &graph->rows[i], build);
}

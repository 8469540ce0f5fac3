/* SPDX-License-Identifier: BSD-2-Clause */

/* Makes nodes of a unit's DIEs; see unit.h. */

#include "dwarf/unit.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "report/output.h"

/* W-43 */
#define DEPTH_MOST 256
#define CHAIN_MOST 32

/* What is made of a DIE. */
enum makes { MAKES_NOTHING, MAKES_NODE, MAKES_PART, MAKES_USE };

struct row {
	uint16_t tag;
	uint8_t makes;
	uint8_t kind;
};

static const struct row rows[] = {
	{ DW_TAG_base_type, MAKES_NODE, KLDSIM_TYPE_INTEGER },
	{ DW_TAG_pointer_type, MAKES_NODE, KLDSIM_TYPE_POINTER },
	{ DW_TAG_reference_type, MAKES_NODE, KLDSIM_TYPE_POINTER },
	{ DW_TAG_typedef, MAKES_NODE, KLDSIM_TYPE_TYPEDEF },
	{ DW_TAG_const_type, MAKES_NODE, KLDSIM_TYPE_CONST },
	{ DW_TAG_volatile_type, MAKES_NODE, KLDSIM_TYPE_VOLATILE },
	{ DW_TAG_restrict_type, MAKES_NODE, KLDSIM_TYPE_RESTRICT },
	{ DW_TAG_atomic_type, MAKES_NODE, NODE_ATOMIC },
	{ DW_TAG_unspecified_type, MAKES_NODE, KLDSIM_TYPE_UNKNOWN },
	{ DW_TAG_array_type, MAKES_NODE, KLDSIM_TYPE_ARRAY },
	{ DW_TAG_structure_type, MAKES_NODE, KLDSIM_TYPE_STRUCT },
	{ DW_TAG_class_type, MAKES_NODE, KLDSIM_TYPE_STRUCT },
	{ DW_TAG_union_type, MAKES_NODE, KLDSIM_TYPE_UNION },
	{ DW_TAG_enumeration_type, MAKES_NODE, KLDSIM_TYPE_ENUM },
	{ DW_TAG_subroutine_type, MAKES_NODE, KLDSIM_TYPE_FUNCTION },
	{ DW_TAG_subprogram, MAKES_NODE, KLDSIM_TYPE_FUNCTION },
	{ DW_TAG_variable, MAKES_NODE, NODE_VARIABLE },
	{ DW_TAG_member, MAKES_PART, 0 },
	{ DW_TAG_enumerator, MAKES_PART, 0 },
	{ DW_TAG_subrange_type, MAKES_PART, 0 },
	{ DW_TAG_formal_parameter, MAKES_PART, 0 },
	{ DW_TAG_unspecified_parameters, MAKES_PART, 0 },
	{ DW_TAG_inlined_subroutine, MAKES_USE, 0 },
};

struct level {
	Dwarf_Die die;
	int tag;
	uint32_t node;
};

static bool
fail(struct dwarf_unit *unit, uint64_t offset, const char *what)
{
	(void)snprintf(unit->bad, sizeof(unit->bad), "DIE at 0x%jx: %s",
	    (uintmax_t)(offset & ~DIE_IN_TYPES), what);
	return (false);
}

static const struct row *
row_of(int tag)
{
	static const struct row none;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].tag == tag)
			return (&rows[i]);
	return (&none);
}

/* --- tables --- */

void
dwarf_grow(void *table, size_t *room, size_t count, size_t each)
{
	void **memory = table;

	if (count <= *room)
		return;
	*room = count < 128 ? 256 : count + count / 2;
	*memory = need(realloc(*memory, *room * each));
}

static size_t
slot(const struct dwarf_unit *unit, uint64_t offset)
{
	size_t at = dwarf_mix(0, offset) & (unit->nslots - 1);

	while (unit->slots[at] != 0 &&
	    unit->nodes[unit->slots[at]].offset != offset)
		at = (at + 1) & (unit->nslots - 1);
	return (at);
}

uint32_t
dwarf_unit_find(const struct dwarf_unit *unit, uint64_t offset)
{
	return (offset == 0 ? 0 : unit->slots[slot(unit, offset)]);
}

/* At most half of the slots are used. */
static void
more_slots(struct dwarf_unit *unit)
{
	if (unit->nnodes < unit->nslots / 2)
		return;
	unit->nslots = unit->nslots != 0 ? 2 * unit->nslots : 1024;
	free(unit->slots);
	unit->slots = need(calloc(unit->nslots, sizeof(*unit->slots)));
	for (size_t i = 1; i < unit->nnodes; i++)
		unit->slots[slot(unit, unit->nodes[i].offset)] = (uint32_t)i;
}

static struct dwarf_node *
add_node(struct dwarf_unit *unit, uint64_t offset)
{
	struct dwarf_node *node;

	dwarf_grow(&unit->nodes, &unit->nodes_room, unit->nnodes + 1,
	    sizeof(*unit->nodes));
	more_slots(unit);
	node = &unit->nodes[unit->nnodes];
	memset(node, 0, sizeof(*node));
	node->offset = offset;
	unit->slots[slot(unit, offset)] = (uint32_t)unit->nnodes++;
	return (node);
}

static struct dwarf_part *
add_part(struct dwarf_unit *unit, uint32_t of)
{
	struct dwarf_node *node = &unit->nodes[of];
	const uint32_t number = (uint32_t)unit->nparts;
	struct dwarf_part *part;

	dwarf_grow(&unit->parts, &unit->parts_room, unit->nparts + 1,
	    sizeof(*unit->parts));
	part = &unit->parts[unit->nparts++];
	memset(part, 0, sizeof(*part));
	if (node->first == 0)
		node->first = number;
	else
		unit->parts[node->last].next = number;
	part->before = node->last;
	node->last = number;
	node->parts++;
	return (part);
}

static void
forget(struct dwarf_unit *unit)
{
	unit->nnodes = 0;
	unit->nparts = 1;
	unit->nfields = unit->nuses = 0;
	unit->bad[0] = '\0';
	unit->producer = unit->directory = unit->name = NULL;
	if (unit->nslots != 0)
		memset(unit->slots, 0, unit->nslots * sizeof(*unit->slots));
	(void)add_node(unit, 0);
	unit->slots[slot(unit, 0)] = 0;
	dwarf_grow(&unit->parts, &unit->parts_room, 1, sizeof(*unit->parts));
}

void
dwarf_unit_free(struct dwarf_unit *unit)
{
	free(unit->nodes);
	free(unit->parts);
	free(unit->fields);
	free(unit->uses);
	free(unit->slots);
}

/* --- DIEs --- */

static uint8_t
flags_of(const struct die_values *values, int tag)
{
	return ((tag == DW_TAG_subprogram ? NODE_FUNCTION : 0) |
	    (values->declaration != 0 ? NODE_DECLARED : 0) |
	    (values->external != 0 ? NODE_EXTERNAL : 0) |
	    (values->prototyped != 0 ? NODE_PROTOTYPED : 0) |
	    ((values->has & DIE_ADDRESS) != 0 ? NODE_ADDRESS : 0) |
	    (values->inlined == DW_INL_inlined ||
	    values->inlined == DW_INL_declared_inlined ? NODE_INLINED : 0));
}

static bool
is_tag(unsigned kind)
{
	return (kind == KLDSIM_TYPE_STRUCT || kind == KLDSIM_TYPE_UNION ||
	    kind == KLDSIM_TYPE_ENUM);
}

static bool
is_float(uint64_t encoding)
{
	return (encoding == DW_ATE_float || encoding == DW_ATE_complex_float ||
	    encoding == DW_ATE_imaginary_float ||
	    encoding == DW_ATE_decimal_float);
}

static uint32_t
make_node(struct dwarf_unit *unit, uint64_t offset, int tag, unsigned kind,
    const struct die_values *values)
{
	struct dwarf_node *node = add_node(unit, offset);

	node->kind = (uint8_t)kind;
	node->name = values->name != NULL ? values->name : "";
	node->type = values->type;
	node->origin = values->origin;
	node->size = values->byte_size;
	node->address = values->address;
	node->encoding = (uint8_t)values->encoding;
	node->file = (uint32_t)values->file;
	node->flags = flags_of(values, tag);
	if (kind == KLDSIM_TYPE_INTEGER && is_float(values->encoding))
		node->kind = KLDSIM_TYPE_FLOAT;
	/* W-01: of what has a unit of its own gcc says no more than that. */
	if (is_tag(kind) && (values->declaration != 0 ||
	    (values->has & DIE_SIGNATURE) != 0)) {
		node->kind = KLDSIM_TYPE_FORWARD;
		node->tag = (uint8_t)kind;
		node->origin = values->signature;
	}
	return ((uint32_t)(unit->nnodes - 1));
}

/* W-03: constants by their form: a short one has no sign, nor that of an enum
   which says so. */
static uint64_t
value_of(const struct die_values *values, const struct dwarf_node *of)
{
	const unsigned bits = 8 * values->value_bytes;

	if (bits == 0 || bits >= 64 || values->value_bytes != of->size ||
	    of->encoding == DW_ATE_unsigned ||
	    (values->value >> (bits - 1) & 1) == 0)
		return (values->value);
	return (values->value | ~UINT64_C(0) << bits);
}

/* W-03: -1 is no bound. */
static uint64_t
elements(const struct die_values *values)
{
	if ((values->has & DIE_COUNT) != 0)
		return (values->count);
	if ((values->has & DIE_UPPER) == 0 || values->upper == UINT64_MAX ||
	    (values->value_bytes == 4 && values->upper == UINT32_MAX))
		return (0);
	return (values->upper + 1);
}

static void
make_member(struct dwarf_unit *unit, struct dwarf_part *part,
    const struct die_values *values)
{
	struct dwarf_field *field;

	part->number = values->location * 8;
	if ((values->has & DIE_BIT_SIZE) == 0)
		return;
	part->bits = (uint32_t)values->bit_size;
	if ((values->has & DIE_DATA_BIT_OFFSET) != 0)
		part->number = values->data_bit_offset;
	dwarf_grow(&unit->fields, &unit->fields_room, unit->nfields + 1,
	    sizeof(*unit->fields));
	field = &unit->fields[unit->nfields++];
	field->part = (uint32_t)(part - unit->parts);
	field->old = (values->has & DIE_BIT_OFFSET) != 0 &&
	    (values->has & DIE_DATA_BIT_OFFSET) == 0;
	field->bit_offset = values->bit_offset;
	field->byte_size = values->byte_size;
}

static bool
takes(const struct dwarf_node *node, int tag)
{
	switch (tag) {
	case DW_TAG_member:
		return (node->kind == KLDSIM_TYPE_STRUCT ||
		    node->kind == KLDSIM_TYPE_UNION);
	case DW_TAG_enumerator:
		return (node->kind == KLDSIM_TYPE_ENUM);
	case DW_TAG_subrange_type:
		return (node->kind == KLDSIM_TYPE_ARRAY);
	default:
		return (node->kind == KLDSIM_TYPE_FUNCTION);
	}
}

static void
make_part(struct dwarf_unit *unit, uint32_t of, int tag,
    const struct die_values *values)
{
	struct dwarf_part *part;

	if (!takes(&unit->nodes[of], tag))
		return;
	if (tag == DW_TAG_unspecified_parameters) {
		unit->nodes[of].flags |= NODE_VARIADIC;
		return;
	}
	/* What C calls unnamed is not there (C-13). */
	if (tag == DW_TAG_member && (values->has & DIE_BIT_SIZE) != 0 &&
	    values->name == NULL)
		return;
	part = add_part(unit, of);
	part->name = values->name != NULL ? values->name : "";
	/* What an array is indexed by is nobody's concern (I-11). */
	part->type = tag == DW_TAG_subrange_type ? 0 : values->type;
	if (tag == DW_TAG_enumerator)
		part->number = value_of(values, &unit->nodes[of]);
	else if (tag == DW_TAG_subrange_type)
		part->number = elements(values);
	else if (tag == DW_TAG_member)
		make_member(unit, part, values);
}

static void
make_use(struct dwarf_unit *unit, const struct die_values *values)
{
	if ((values->has & DIE_ORIGIN) == 0)
		return;
	dwarf_grow(&unit->uses, &unit->uses_room, unit->nuses + 1,
	    sizeof(*unit->uses));
	unit->uses[unit->nuses++] = values->origin;
}

/* A variable that has no symbol: an argument's neighbour. */
static bool
is_local(const struct level *above, int tag)
{
	return (tag == DW_TAG_variable && above != NULL &&
	    above->tag != DW_TAG_compile_unit &&
	    above->tag != DW_TAG_partial_unit);
}

/* Make of a DIE what it is; above is NULL for the first of a walk. */
static bool
visit(struct dwarf_unit *unit, struct level *level, const struct level *above)
{
	const uint64_t offset = unit->dw.dwarf_dieoffset(&level->die) |
	    (unit->section.in_types ? DIE_IN_TYPES : 0);
	const struct row *row;
	struct die_values values;

	level->tag = unit->dw.dwarf_tag(&level->die);
	level->node = 0;
	if (unit->dies_left == 0)
		return (fail(unit, offset, "more DIEs than anybody has"));
	unit->dies_left--;
	row = row_of(level->tag);
	if (level->tag == DW_TAG_invalid)
		return (fail(unit, offset, "not a DIE"));
	if (row->makes == MAKES_NOTHING || is_local(above, level->tag))
		return (true);
	if (!die_read(&level->die, &unit->section, &values))
		return (fail(unit, offset, values.bad));
	if (row->makes == MAKES_NODE && dwarf_unit_find(unit, offset) == 0)
		level->node = make_node(unit, offset, level->tag, row->kind,
		    &values);
	else if (row->makes == MAKES_PART && above != NULL && above->node != 0)
		make_part(unit, above->node, level->tag, &values);
	else if (row->makes == MAKES_USE)
		make_use(unit, &values);
	return (true);
}

/* A DIE and all below it, the next one always further on than the last. */
static bool
walk(struct dwarf_unit *unit, const Dwarf_Die *first)
{
	struct level levels[DEPTH_MOST];
	unsigned depth = 0;
	uint64_t before;
	int more;

	levels[0].die = *first;
	if (!visit(unit, &levels[0], NULL))
		return (false);
	do {
		before = unit->dw.dwarf_dieoffset(&levels[depth].die);
		if (depth + 1 == DEPTH_MOST)
			return (fail(unit, before, "too deep inside others"));
		more = unit->dw.dwarf_child(&levels[depth].die, &levels[depth + 1].die);
		if (more == 0)
			depth++;
		while (more == 1 && depth != 0) {
			Dwarf_Die next;

			more = unit->dw.dwarf_siblingof(&levels[depth].die, &next);
			if (more == 1)
				depth--;
			else
				levels[depth].die = next;
		}
		if (more < 0)
			return (fail(unit, before, unit->dw.dwarf_errmsg(-1)));
		if (depth == 0)
			return (true);
		if (unit->dw.dwarf_dieoffset(&levels[depth].die) <= before)
			return (fail(unit, before, "the next one is before "
			    "it"));
	} while (visit(unit, &levels[depth], &levels[depth - 1]));
	return (false);
}

/* --- what refers to what --- */

/* A DIE of another unit, or one that is not there. */
static bool
fetch(struct dwarf_unit *unit, uint64_t offset)
{
	const struct die_section own = unit->section;
	const bool in_types = (offset & DIE_IN_TYPES) != 0;
	Dwarf_Die die, *found;
	bool good;

	if (offset == 0 || dwarf_unit_find(unit, offset) != 0)
		return (true);
	found = in_types ? unit->dw.dwarf_offdie_types(unit->dwarf,
	    offset & ~DIE_IN_TYPES, &die) :
	    unit->dw.dwarf_offdie(unit->dwarf, offset, &die);
	unit->section = in_types ? unit->types : unit->info;
	good = found != NULL && walk(unit, &die);
	unit->section = own;
	if (!good && unit->bad[0] != '\0')
		return (false);
	return (dwarf_unit_find(unit, offset) != 0 ||
	    fail(unit, offset, "is referred to, and is no type"));
}

static bool
fetch_all(struct dwarf_unit *unit)
{
	size_t node = 1, part = 1;

	while (node < unit->nnodes || part < unit->nparts) {
		if (node < unit->nnodes) {
			const uint64_t origin = unit->nodes[node].origin;

			if (!fetch(unit, unit->nodes[node].type) ||
			    !fetch(unit, origin))
				return (false);
			node++;
		} else if (!fetch(unit, unit->parts[part++].type)) {
			return (false);
		}
	}
	return (true);
}

/* The node that a DIE stands for: not one that only leads to another. */
static bool
resolve(struct dwarf_unit *unit, uint64_t offset, uint32_t *to_ret)
{
	const struct dwarf_node *node = NULL;

	for (unsigned i = 0; i < CHAIN_MOST; i++) {
		*to_ret = dwarf_unit_find(unit, offset);
		node = &unit->nodes[*to_ret];
		if (node->kind == NODE_ATOMIC)
			offset = node->type;
		else if (node->kind == KLDSIM_TYPE_FORWARD &&
		    node->origin != 0)
			offset = node->origin;
		else if (node->kind == NODE_VARIABLE ||
		    (node->flags & NODE_FUNCTION) != 0)
			return (fail(unit, offset, "is referred to, and is no "
			    "type"));
		else
			return (true);
	}
	return (fail(unit, offset, "leads on and on"));
}

static uint64_t
size_of(const struct dwarf_unit *unit, uint32_t number)
{
	for (unsigned i = 0; i < CHAIN_MOST; i++) {
		const struct dwarf_node *node = &unit->nodes[number];

		if (node->kind != KLDSIM_TYPE_TYPEDEF &&
		    node->kind != KLDSIM_TYPE_CONST &&
		    node->kind != KLDSIM_TYPE_VOLATILE)
			return (node->size);
		number = node->to;
	}
	return (0);
}

/* W-06: the old way counts from a storage unit's most significant bit. */
static void
place(struct dwarf_unit *unit, const struct dwarf_field *field)
{
	struct dwarf_part *part = &unit->parts[field->part];
	const uint64_t size = size_of(unit, part->to);
	const uint64_t bytes = field->byte_size != 0 ? field->byte_size : size;

	if (field->old && unit->section.big)
		part->number += field->bit_offset;
	else if (field->old)
		part->number += bytes * 8 - field->bit_offset - part->bits;
	if (part->bits == size * 8)
		part->bits = 0;
}

static bool
link_all(struct dwarf_unit *unit)
{
	for (size_t i = 1; i < unit->nnodes; i++)
		if (!resolve(unit, unit->nodes[i].type, &unit->nodes[i].to))
			return (false);
	for (size_t i = 1; i < unit->nparts; i++)
		if (!resolve(unit, unit->parts[i].type, &unit->parts[i].to))
			return (false);
	for (size_t i = 0; i < unit->nfields; i++)
		place(unit, &unit->fields[i]);
	return (true);
}

const struct dwarf_node *
dwarf_unit_origin(const struct dwarf_unit *unit, const struct dwarf_node *node)
{
	for (unsigned i = 0; i < CHAIN_MOST && node->origin != 0; i++)
		node = &unit->nodes[dwarf_unit_find(unit, node->origin)];
	return (node);
}

/* --- the whole --- */

/* W-07: C, and assembler, which has no types. */
static bool
is_c(const struct die_values *values)
{
	return ((values->has & DIE_LANGUAGE) == 0 ||
	    values->language == DW_LANG_C || values->language == DW_LANG_C89 ||
	    values->language == DW_LANG_C99 ||
	    values->language == DW_LANG_C11 ||
	    values->language == 0x2c /* DW_LANG_C17 */ ||
	    values->language == DW_LANG_Mips_Assembler);
}

bool
dwarf_unit_read(struct dwarf_unit *unit, uint64_t first, bool in_types)
{
	struct die_values values;
	Dwarf_Die die, *found;

	forget(unit);
	unit->section = in_types ? unit->types : unit->info;
	found = in_types ? unit->dw.dwarf_offdie_types(unit->dwarf, first, &die) :
	    unit->dw.dwarf_offdie(unit->dwarf, first, &die);
	if (found == NULL)
		return (fail(unit, first, unit->dw.dwarf_errmsg(-1)));
	if (!die_read(&die, &unit->section, &values))
		return (fail(unit, first, values.bad));
	unit->name = values.name;
	unit->producer = values.producer;
	unit->directory = values.directory;
	unit->language = values.language;
	if (!is_c(&values)) {
		(void)snprintf(unit->bad, sizeof(unit->bad),
		    "of another language than C (number 0x%jx)",
		    (uintmax_t)values.language);
		return (false);
	}
	return (walk(unit, &die) && fetch_all(unit) && link_all(unit) &&
	    dwarf_unit_compare(unit));
}

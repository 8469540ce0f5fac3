/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * When two types are the same one: a number of all that makes a type, the same
 * in each unit.  What is behind a pointer counts by its tag alone, so there is no
 * circle; a circle by value is a mistake (C-52).
 */

#include <stdlib.h>

#include "dwarf/unit.h"
#include "report/output.h"

enum { NEW = 0, OPEN, DONE };

struct dwarf_frame {
	uint32_t node;
	uint32_t part;     /* the next one to look at */
	uint8_t way;
	bool began;        /* its own type has been looked at */
};

uint64_t
dwarf_mix(uint64_t hash, uint64_t number)
{
	hash = (hash ^ number) * UINT64_C(0x9e3779b97f4a7c15);
	return (hash ^ hash >> 29);
}

uint64_t
dwarf_mix_text(uint64_t hash, const char *text)
{
	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return (dwarf_mix(hash, 0));
}

/* --- the walk --- */

static bool
is_sou(const struct dwarf_node *node)
{
	return (node->kind == KLDSIM_TYPE_STRUCT ||
	    node->kind == KLDSIM_TYPE_UNION);
}

/* Which way a node looks at its parts and its own type, if at all. */
static bool
looks_on(const struct dwarf_node *node, unsigned way, unsigned *next_ret)
{
	*next_ret = way;
	if (way == ALIKE_WAYS)
		return (!is_sou(node) && node->kind != KLDSIM_TYPE_ENUM);
	if (is_sou(node)) {
		*next_ret = ALIKE_WHOLE;
		return (way == ALIKE_WHOLE || *node->name == '\0');
	}
	if (node->kind == KLDSIM_TYPE_POINTER ||
	    node->kind == KLDSIM_TYPE_FUNCTION)
		*next_ret = ALIKE_NAMED;
	return (node->kind != KLDSIM_TYPE_ENUM);
}

static void
push(struct dwarf_walk *walk, uint32_t node, unsigned way)
{
	struct dwarf_frame *frame;

	if (walk->depth == walk->room) {
		walk->room = walk->room != 0 ? 2 * walk->room : 64;
		walk->frames = need(realloc(walk->frames,
		    walk->room * sizeof(*walk->frames)));
	}
	frame = &walk->frames[walk->depth++];
	frame->node = node;
	frame->part = walk->unit->nodes[node].first;
	frame->way = (uint8_t)way;
	frame->began = false;
	walk->unit->nodes[node].state[way] = OPEN;
}

/* The next node that the one on top refers to; false: there are no more. */
static bool
next_of(struct dwarf_walk *walk, struct dwarf_frame *frame, uint32_t *to_ret,
    unsigned *way_ret)
{
	const struct dwarf_node *node = &walk->unit->nodes[frame->node];

	if (!looks_on(node, frame->way, way_ret))
		return (false);
	if (!frame->began) {
		frame->began = true;
		*to_ret = node->to;
		return (true);
	}
	if (frame->part == 0 || node->kind == KLDSIM_TYPE_ARRAY)
		return (false);
	*to_ret = walk->unit->parts[frame->part].to;
	frame->part = walk->unit->parts[frame->part].next;
	return (true);
}

/* Reached again while it is looked at: fine behind a pointer only. */
static bool
circle(struct dwarf_walk *walk, uint32_t number, unsigned way)
{
	const struct dwarf_node *node = &walk->unit->nodes[number];

	if (is_sou(node) && way == ALIKE_NAMED)
		return (true);
	(void)snprintf(walk->unit->bad, sizeof(walk->unit->bad),
	    "DIE at 0x%jx: %.60s %s", (uintmax_t)(node->offset &
	    ~DIE_IN_TYPES), *node->name != '\0' ? node->name : "a type",
	    is_sou(node) ? "contains itself" : "is nothing but itself");
	return (false);
}

bool
dwarf_walk(struct dwarf_walk *walk, uint32_t number)
{
	struct dwarf_node *nodes = walk->unit->nodes;
	unsigned way = walk->way;

	if (number == 0 || nodes[number].state[way] == DONE)
		return (true);
	walk->depth = 0;
	push(walk, number, way);
	while (walk->depth != 0) {
		struct dwarf_frame *top = &walk->frames[walk->depth - 1];
		uint32_t to;

		if (!next_of(walk, top, &to, &way)) {
			walk->done(walk, &nodes[top->node], top->way);
			nodes[top->node].state[top->way] = DONE;
			walk->depth--;
		} else if (to == 0 || nodes[to].state[way] == DONE) {
			continue;
		} else if (nodes[to].state[way] == NEW) {
			push(walk, to, way);
		} else if (!circle(walk, to, way)) {
			return (false);
		}
	}
	return (true);
}

/* --- the numbers --- */

static uint64_t
mix_parts(const struct dwarf_walk *walk, const struct dwarf_node *node,
    uint64_t hash, unsigned way)
{
	const struct dwarf_unit *unit = walk->unit;

	for (uint32_t i = node->first; i != 0; i = unit->parts[i].next) {
		const struct dwarf_part *part = &unit->parts[i];

		hash = dwarf_mix(hash, part->number);
		hash = dwarf_mix(hash, part->bits);
		hash = dwarf_mix(hash, part->to == 0 ? 0 :
		    unit->nodes[part->to].alike[way]);
		/* Arguments have names that count for nothing. */
		if (node->kind != KLDSIM_TYPE_FUNCTION)
			hash = dwarf_mix_text(hash, part->name);
	}
	return (hash);
}

/* Whether its size depends on what this unit does not tell. */
static bool
is_incomplete(const struct dwarf_unit *unit, const struct dwarf_node *node)
{
	if (node->kind == KLDSIM_TYPE_FORWARD)
		return (true);
	return (node->kind != KLDSIM_TYPE_POINTER &&
	    node->kind != KLDSIM_TYPE_FUNCTION && node->to != 0 &&
	    (unit->nodes[node->to].flags & NODE_INCOMPLETE) != 0);
}

static void
number(struct dwarf_walk *walk, struct dwarf_node *node, unsigned way)
{
	const bool declared = node->kind == KLDSIM_TYPE_FORWARD;
	const unsigned kind = declared ? node->tag : node->kind;
	uint64_t hash = dwarf_mix_text(kind, node->name);
	unsigned next;

	if (way == ALIKE_NAMED && *node->name != '\0' && (declared ||
	    is_sou(node) || node->kind == KLDSIM_TYPE_ENUM)) {
		node->alike[way] = hash;
		return;
	}
	if (is_incomplete(walk->unit, node))
		node->flags |= NODE_INCOMPLETE;
	hash = dwarf_mix(hash, (uint64_t)declared << 32 |
	    (node->flags & NODE_VARIADIC));
	hash = dwarf_mix(hash, node->size);
	hash = dwarf_mix(hash, node->encoding);
	if (looks_on(node, way, &next) && node->to != 0)
		hash = dwarf_mix(hash, walk->unit->nodes[node->to].alike[next]);
	node->alike[way] = mix_parts(walk, node, hash, next);
}

/* A member of a type that is not complete has no size, so nobody can say where
   the next one is. */
static bool
is_whole(struct dwarf_unit *unit, const struct dwarf_node *node)
{
	for (uint32_t i = is_sou(node) ? node->first : 0; i != 0;
	    i = unit->parts[i].next)
		if ((unit->nodes[unit->parts[i].to].flags &
		    NODE_INCOMPLETE) != 0) {
			(void)snprintf(unit->bad, sizeof(unit->bad),
			    "DIE at 0x%jx: member %.50s is of no known size",
			    (uintmax_t)(node->offset & ~DIE_IN_TYPES),
			    unit->parts[i].name);
			return (false);
		}
	return (true);
}

bool
dwarf_unit_compare(struct dwarf_unit *unit)
{
	struct dwarf_walk walk = { .unit = unit, .way = ALIKE_WHOLE,
		.done = number };
	bool good = true;

	for (uint32_t i = 1; i < unit->nnodes && good; i++)
		good = unit->nodes[i].kind >= NODE_VARIABLE ||
		    dwarf_walk(&walk, i);
	free(walk.frames);
	for (uint32_t i = 1; i < unit->nnodes && good; i++)
		good = is_whole(unit, &unit->nodes[i]);
	return (good);
}

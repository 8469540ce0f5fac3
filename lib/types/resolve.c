/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What must be true of every graph, whoever read it.  Types that are nothing but
 * typedefs of each other, and structures that contain themselves, have no end
 * (C-52); what is left has a size, and each typedef is followed once, so that
 * nobody who asks has to.
 *
 * All of it takes one walk of the graph, from a stack on the heap.
 */

#include <stdio.h>

#include "types/build.h"

enum { NEW = 0, OPEN, DONE };

struct frame {
	uint32_t id;
	uint32_t next; /* part to look at */
};

struct walk {
	struct kldsim__build *build;
	struct kldsim_types *types;
	uint8_t *state; /* by type */
	struct frame *stack;
	size_t depth, cap;
};

/* "struct foo", "typedef foo_t", "type 3" */
struct label {
	char text[128];
};

static const char *
label(const struct kldsim_types *types, uint32_t id, struct label *label_ret)
{
	const struct kldsim__type *type = &types->types[id];

	if (*kldsim__type_name(types, type) != '\0')
		(void)snprintf(label_ret->text, sizeof(label_ret->text),
		    "%s %s", kldsim_type_kind_name(
		    (enum kldsim_type_kind)type->kind),
		    kldsim__type_name(types, type));
	else
		(void)snprintf(label_ret->text, sizeof(label_ret->text),
		    "type %ju", (uintmax_t)id);
	return (label_ret->text);
}

/* --- references --- */

static bool
refers_to_none(struct kldsim__build *build, uint32_t id, uint32_t to)
{
	struct kldsim_types *types = build->types;
	struct label name;

	return (kldsim__build_fail(build, KLDSIM_MALFORMED,
	    types->types[id].at, "%s refers to type %ju of %ju",
	    label(types, id, &name), (uintmax_t)to,
	    (uintmax_t)types->ntypes - 1));
}

static bool
members_refer(struct walk *walk, uint32_t id, const struct kldsim__type *type)
{
	const struct kldsim__type_member *member = walk->types->members;
	const size_t most = walk->types->ntypes;

	for (uint32_t i = type->first; i < type->first + type->n; i++)
		if (member[i].type >= most)
			return (refers_to_none(walk->build, id,
			    member[i].type));
	return (true);
}

static bool
arguments_refer(struct walk *walk, uint32_t id, const struct kldsim__type *type)
{
	const uint32_t *argument = walk->types->arguments;
	const size_t most = walk->types->ntypes;

	for (uint32_t i = type->first; i < type->first + type->n; i++)
		if (argument[i] >= most)
			return (refers_to_none(walk->build, id, argument[i]));
	return (true);
}

/* What a type has besides its own reference; DONE: it contains nothing. */
static bool
check_kind(struct walk *walk, uint32_t id, struct kldsim__type *type)
{
	switch (type->kind) {
	case KLDSIM_TYPE_STRUCT:
	case KLDSIM_TYPE_UNION:
		return (members_refer(walk, id, type));
	case KLDSIM_TYPE_ARRAY:
	case KLDSIM_TYPE_TYPEDEF:
	case KLDSIM_TYPE_VOLATILE:
	case KLDSIM_TYPE_CONST:
	case KLDSIM_TYPE_RESTRICT:
		return (true);
	case KLDSIM_TYPE_FUNCTION:
		walk->state[id] = DONE;
		return (arguments_refer(walk, id, type));
	case KLDSIM_TYPE_POINTER:
		type->size = walk->types->info.word_bits / 8;
		break;
	default:
		break;
	}
	walk->state[id] = DONE;
	return (true);
}

/* What refers to nothing that it would contain is resolved at once. */
static bool
check_references(struct walk *walk)
{
	struct kldsim__type *type = walk->types->types;
	const size_t most = walk->types->ntypes;

	for (uint32_t id = 1; id < most; id++) {
		type++;
		if (type->ref >= most)
			return (refers_to_none(walk->build, id, type->ref));
		type->stripped = id;
		if (!check_kind(walk, id, type))
			return (false);
	}
	return (true);
}

/* --- what contains what --- */

static bool
push(struct walk *walk, uint32_t id)
{
	if (!kldsim__grow(&walk->types->alloc, &walk->stack, &walk->cap,
	    walk->depth + 1, sizeof(*walk->stack)))
		return (kldsim__build_nomem(walk->build));
	walk->stack[walk->depth].id = id;
	walk->stack[walk->depth++].next = 0;
	walk->state[id] = OPEN;
	return (true);
}

/* A type is reached again while what it contains is looked at (C-52). */
static bool
circle(struct walk *walk, uint32_t id)
{
	const struct kldsim_types *types = walk->types;
	size_t at = walk->depth;
	struct label name;
	uint32_t whole = 0;

	do {
		at--;
		if (kldsim__type_is_sou(
		    types->types[walk->stack[at].id].kind))
			whole = walk->stack[at].id;
	} while (walk->stack[at].id != id);
	if (whole != 0)
		id = whole;
	return (kldsim__build_fail(walk->build, KLDSIM_MALFORMED,
	    types->types[id].at, "%s %s", label(types, id, &name),
	    whole != 0 ? "contains itself" : "is nothing but itself"));
}

/* The next type that the one on top contains; 0 if there are no more. */
static uint32_t
next_part(struct walk *walk, struct frame *top)
{
	const struct kldsim__type *type = &walk->types->types[top->id];
	const struct kldsim__type_member *member;

	if (!kldsim__type_is_sou(type->kind))
		return (top->next++ == 0 ? type->ref : 0);
	member = walk->types->members;
	for (uint32_t next = top->next; next < type->n; next++) {
		uint32_t id = member[type->first + next].type;

		if (id == 0 || walk->state[id] == DONE)
			continue;
		top->next = next + 1;
		return (id);
	}
	top->next = type->n;
	return (0);
}

/* What a type contains is known. */
static void
settle(struct kldsim_types *types, uint32_t id)
{
	struct kldsim__type *type = &types->types[id];
	const struct kldsim__type *of = &types->types[type->ref];

	if (kldsim__type_is_alias(type->kind)) {
		type->stripped = of->stripped;
		type->size = of->size;
		type->handle = of->handle;
		if (type->handle == 0 && type->kind == KLDSIM_TYPE_TYPEDEF)
			type->handle = type->name;
	} else if (type->kind == KLDSIM_TYPE_ARRAY && type->size == 0 &&
	    of->size != 0 && type->count <= UINT64_MAX / of->size) {
		type->size = type->count * of->size;
	}
}

static bool
resolve_type(struct walk *walk, uint32_t id)
{
	if (!push(walk, id))
		return (false);
	while (walk->depth != 0) {
		struct frame *top = &walk->stack[walk->depth - 1];
		uint32_t part = next_part(walk, top);

		if (part != 0 && walk->state[part] == OPEN)
			return (circle(walk, part));
		if (part != 0 && walk->state[part] == NEW) {
			if (!push(walk, part))
				return (false);
		} else if (part == 0) {
			settle(walk->types, top->id);
			walk->state[top->id] = DONE;
			walk->depth--;
		}
	}
	return (true);
}

/* --- what is odd --- */

static uint64_t
bits_of(uint64_t bytes)
{
	return (bytes > UINT64_MAX / 8 ? UINT64_MAX : bytes * 8);
}

static void
check_array(struct kldsim__build *build, uint32_t id)
{
	const struct kldsim_types *types = build->types;
	const struct kldsim__type *type = &types->types[id];
	const uint64_t each = types->types[type->ref].size;
	struct label name;

	if (type->count == 0 || each == 0 || type->size == 0 ||
	    (type->size / each == type->count && type->size % each == 0))
		return;
	kldsim__build_remark(build, "C-51", type->at,
	    "%s: an array of %ju elements of %ju bytes has %ju bytes",
	    label(types, id, &name), (uintmax_t)type->count, (uintmax_t)each,
	    (uintmax_t)type->size);
}

/*
 * C-13: an enum that is a bit-field has not more bits than there is room.  None
 * crosses the end of its storage unit but in a packed structure, and there what
 * follows need not begin with a unit.
 */
static void
guess_enum_bits(const struct kldsim__type *type,
    struct kldsim__type_member *member, bool last, uint64_t size)
{
	const uint64_t bits = bits_of(size);
	uint64_t end = bits_of(type->size), room;

	if (bits == 0 || bits > 64)
		return;
	if (!last && member[1].bit > member->bit)
		end = member[1].bit;
	else if (member->bit % 8 == 0)
		return;
	room = end > member->bit ? end - member->bit : bits;
	if (room >= bits && member->bit % 8 == 0)
		return;
	if (room > bits)
		room = bits;
	if (end % bits == 0 && room > bits - member->bit % bits)
		room = bits - member->bit % bits;
	member->bits = (uint32_t)room;
	member->at_most = true;
}

static void
check_member(struct kldsim__build *build, uint32_t id, uint64_t room,
    struct kldsim__type_member *member, bool last)
{
	const struct kldsim__type *const types = build->types->types;
	const struct kldsim__type *type = &types[id];
	const struct kldsim__type *of = &types[member->type];
	const struct kldsim__type *base = &types[of->stripped];
	struct label name;
	uint64_t end;

	if (member->bits == 0 && base->kind == KLDSIM_TYPE_INTEGER &&
	    kldsim__type_bits(base) < bits_of(base->size))
		member->bits = kldsim__type_bits(base);
	else if (member->bits == 0 && base->kind == KLDSIM_TYPE_ENUM &&
	    type->kind == KLDSIM_TYPE_STRUCT && build->types->enums_cut)
		guess_enum_bits(type, member, last, base->size);
	if (!kldsim__add(member->bit, member->bits != 0 ? member->bits :
	    bits_of(of->size), &end))
		end = UINT64_MAX;
	if (end <= room)
		return;
	kldsim__build_remark(build, "C-51", type->at,
	    "%s: member %.100s ends at bit %ju of %ju",
	    label(build->types, id, &name),
	    build->types->strings + member->name,
	    (uintmax_t)end, (uintmax_t)room);
}

static void
check_members(struct kldsim__build *build, uint32_t id)
{
	const struct kldsim__type *type = &build->types->types[id];
	struct kldsim__type_member *member = build->types->members;
	const uint32_t end = type->first + type->n;
	const uint64_t room = bits_of(type->size);

	for (uint32_t i = type->first; i < end; i++)
		check_member(build, id, room, &member[i], i + 1 == end);
}

/* When it is known what a type contains, its parts can be looked at. */
static bool
resolve_all(struct walk *walk)
{
	const struct kldsim__type *type = walk->types->types;
	const size_t most = walk->types->ntypes;

	for (uint32_t id = 1; id < most; id++) {
		type++;
		if (walk->state[id] != DONE && !resolve_type(walk, id))
			return (false);
		if (type->kind == KLDSIM_TYPE_ARRAY)
			check_array(walk->build, id);
		else if (kldsim__type_is_sou(type->kind))
			check_members(walk->build, id);
	}
	return (true);
}

void
kldsim__build_resolve(struct kldsim__build *build)
{
	struct walk walk = { .build = build, .types = build->types };
	const struct kldsim__alloc *alloc = &walk.types->alloc;

	walk.state = kldsim__calloc(alloc, walk.types->ntypes, 1);
	if (walk.state == NULL)
		(void)kldsim__build_nomem(build);
	else if (check_references(&walk))
		(void)resolve_all(&walk);
	kldsim__free(alloc, walk.stack);
	kldsim__free(alloc, walk.state);
}

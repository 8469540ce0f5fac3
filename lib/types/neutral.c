/* SPDX-License-Identifier: BSD-2-Clause */

/* What is left of a type for comparison. */

#include "types/neutral.h"

#include <string.h>

#include "types/graph.h"

static const struct {
	enum kldsim__neutral_kind kind;
	enum kldsim_type_kind tag;
} forms[] = {
	[KLDSIM_TYPE_UNKNOWN] = { KLDSIM__NEUTRAL_OPAQUE, 0 },
	[KLDSIM_TYPE_INTEGER] = { KLDSIM__NEUTRAL_BASE, 0 },
	[KLDSIM_TYPE_FLOAT] = { KLDSIM__NEUTRAL_BASE, 0 },
	[KLDSIM_TYPE_POINTER] = { KLDSIM__NEUTRAL_POINTER, 0 },
	[KLDSIM_TYPE_ARRAY] = { KLDSIM__NEUTRAL_ARRAY, 0 },
	[KLDSIM_TYPE_FUNCTION] = { KLDSIM__NEUTRAL_FUNCTION, 0 },
	[KLDSIM_TYPE_STRUCT] = { KLDSIM__NEUTRAL_SOU, KLDSIM_TYPE_STRUCT },
	[KLDSIM_TYPE_UNION] = { KLDSIM__NEUTRAL_SOU, KLDSIM_TYPE_UNION },
	[KLDSIM_TYPE_ENUM] = { KLDSIM__NEUTRAL_ENUM, KLDSIM_TYPE_ENUM },
	[KLDSIM_TYPE_FORWARD] = { KLDSIM__NEUTRAL_FORWARD, 0 },
};

/* C-14: void is an integer of no size; C-13: CTF calls every char signed. */
enum kldsim__neutral_class
kldsim__neutral_class(const struct kldsim_types *types,
    const struct kldsim__type *type)
{
	const uint32_t encoding = type->code >> 24;

	if (type->kind == KLDSIM_TYPE_FLOAT)
		return (KLDSIM__NEUTRAL_FLOAT);
	if (type->size == 0)
		return (KLDSIM__NEUTRAL_VOID);
	if ((encoding & KLDSIM_TYPE_BOOL) != 0)
		return (KLDSIM__NEUTRAL_BOOL);
	return ((encoding & KLDSIM_TYPE_SIGNED) != 0 ||
	    strcmp(kldsim__type_name(types, type), "char") == 0 ?
	    KLDSIM__NEUTRAL_SIGNED : KLDSIM__NEUTRAL_UNSIGNED);
}

static uint64_t
count_of(const struct kldsim__type *type)
{
	return (type->kind == KLDSIM_TYPE_ARRAY ? type->count :
	    type->kind == KLDSIM_TYPE_ENUM ||
	    type->kind == KLDSIM_TYPE_FUNCTION ? type->n : 0);
}

/* Which typedef leads to a type without a name. */
static const char *
handle_of(const struct kldsim_types *types, kldsim_type_id id,
    const struct kldsim__type *type)
{
	return (types->strings + (*kldsim__type_name(types, type) == '\0' ?
	    types->types[id].handle : 0));
}

void
kldsim__neutral(const struct kldsim_types *types, kldsim_type_id id,
    struct kldsim__neutral *neutral_ret)
{
	const kldsim_type_id stripped = kldsim_type_strip(types, id);
	const struct kldsim__type *type = &types->types[stripped];
	const unsigned kind = type->kind;

	memset(neutral_ret, 0, sizeof(*neutral_ret));
	neutral_ret->name = neutral_ret->handle = "";
	if (stripped == 0)
		return; /* a base, and void */
	neutral_ret->kind = forms[kind].kind;
	neutral_ret->id = stripped;
	neutral_ret->of = type->ref;
	neutral_ret->size = type->size;
	neutral_ret->count = count_of(type);
	if (neutral_ret->kind == KLDSIM__NEUTRAL_BASE) {
		neutral_ret->class = kldsim__neutral_class(types, type);
		neutral_ret->bits = type->size * 8;
		return;
	}
	neutral_ret->tag = kind == KLDSIM_TYPE_FORWARD ?
	    (enum kldsim_type_kind)type->tag : forms[kind].tag;
	neutral_ret->name = kldsim__type_name(types, type);
	neutral_ret->handle = handle_of(types, id, type);
	neutral_ret->variadic = (type->flags & KLDSIM__TYPE_VARIADIC) != 0;
	neutral_ret->variadic_known = (type->flags & KLDSIM__TYPE_MADE) == 0;
	neutral_ret->unsaid = (type->flags & KLDSIM__TYPE_UNSAID) != 0;
	neutral_ret->cut = (type->flags & KLDSIM__TYPE_CUT) != 0;
}

/* --- members --- */

static void
enter(struct kldsim__neutral_walk *walk, kldsim_type_id sou, uint64_t bit)
{
	walk->level[walk->depth].sou = sou;
	walk->level[walk->depth].next = 0;
	walk->level[walk->depth++].bit = bit;
}

void
kldsim__neutral_members(const struct kldsim_types *types, kldsim_type_id id,
    uint64_t most, struct kldsim__neutral_walk *walk_ret)
{
	const kldsim_type_id stripped = kldsim_type_strip(types, id);

	walk_ret->types = types;
	walk_ret->depth = 0;
	walk_ret->left = most;
	walk_ret->cut = false;
	if (kldsim__type_is_sou(types->types[stripped].kind))
		enter(walk_ret, stripped, 0);
}

/* The next member of the structure in hand; NULL if it has no more. */
static const struct kldsim__type_member *
step(struct kldsim__neutral_walk *walk, uint64_t *bit_ret)
{
	const struct kldsim_types *types = walk->types;
	const struct kldsim__type *sou =
	    &types->types[walk->level[walk->depth - 1].sou];
	const uint64_t next = walk->level[walk->depth - 1].next;
	const struct kldsim__type_member *member;

	if (next == sou->n)
		return (NULL);
	member = &types->members[sou->first + next];
	*bit_ret = walk->level[walk->depth - 1].bit + member->bit;
	walk->level[walk->depth - 1].next++;
	return (member);
}

/* One more member is looked at; false if it was one too many. */
static bool
may_look(struct kldsim__neutral_walk *walk)
{
	if (walk->left-- != 0)
		return (true);
	walk->cut = true;
	walk->left = 0;
	walk->depth = 0;
	return (false);
}

/* I-12: is a member in fact the members of its type? */
static bool
enter_anonymous(struct kldsim__neutral_walk *walk,
    const struct kldsim__type_member *member, uint64_t bit)
{
	const struct kldsim_types *types = walk->types;
	const kldsim_type_id of = types->types[member->type].stripped;

	if (types->strings[member->name] != '\0' ||
	    !kldsim__type_is_sou(types->types[of].kind))
		return (false);
	walk->cut = walk->cut || walk->depth == KLDSIM__NEUTRAL_DEPTH;
	if (walk->depth == KLDSIM__NEUTRAL_DEPTH)
		return (false);
	enter(walk, of, bit);
	return (true);
}

bool
kldsim__neutral_next(struct kldsim__neutral_walk *walk,
    struct kldsim__neutral_member *member_ret)
{
	while (walk->depth != 0) {
		const struct kldsim__type_member *member;
		uint64_t bit;

		member = step(walk, &bit);
		if (member == NULL) {
			walk->depth--;
		} else if (may_look(walk) &&
		    !enter_anonymous(walk, member, bit)) {
			member_ret->name = walk->types->strings + member->name;
			member_ret->type = member->type;
			member_ret->bit = bit;
			member_ret->bits = member->bits;
			member_ret->bits_at_most = member->at_most;
			return (true);
		}
	}
	return (false);
}

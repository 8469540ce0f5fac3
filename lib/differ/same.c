/* SPDX-License-Identifier: BSD-2-Clause */

/* Two types, member by member; see same.h. */

#include "differ/same.h"

#include <string.h>

#include "types/graph.h"

struct pair {
	const struct kldsim__tags *tags;
	const struct kldsim__tagged *a, *b;
	struct kldsim__shaping *shaping;
};

static bool
same_names(const struct pair *pair, uint32_t in_a, uint32_t in_b)
{
	return (strcmp(pair->a->types->strings + in_a,
	    pair->b->types->strings + in_b) == 0);
}

/* As many steps as the shapes of both would take; they may be too many. */
static bool
take_work(struct kldsim__shaping *shaping, uint64_t steps)
{
	if (shaping->work < 2 * steps)
		return (false);
	shaping->work -= 2 * steps;
	return (true);
}

/* Numbers by what they are, and not by their names (I-11). */
static bool
same_numbers(const struct pair *pair, kldsim_type_id in_a,
    kldsim_type_id in_b)
{
	const struct kldsim__type *a = &pair->a->types->types[in_a];
	const struct kldsim__type *b = &pair->b->types->types[in_b];

	return (a->size == b->size &&
	    kldsim__neutral_class(pair->a->types, a) ==
	    kldsim__neutral_class(pair->b->types, b));
}

/* Void counts (C-14).  Asked unless both types have a number in struct behind. */
static bool
is_number(const struct kldsim__type *types, kldsim_type_id id)
{
	return (id == 0 || types[id].kind == KLDSIM_TYPE_INTEGER ||
	    types[id].kind == KLDSIM_TYPE_FLOAT);
}

/* As many elements, and pointers at the same places. */
static bool
same_steps(const struct pair *pair, kldsim_type_id in_a, kldsim_type_id in_b,
    unsigned steps)
{
	const struct kldsim__type *types_a = pair->a->types->types;
	const struct kldsim__type *types_b = pair->b->types->types;

	for (unsigned i = 0; i < steps; i++) {
		const struct kldsim__type *a = &types_a[types_a[in_a].stripped];
		const struct kldsim__type *b = &types_b[types_b[in_b].stripped];

		if (a->kind != b->kind ||
		    (a->kind == KLDSIM_TYPE_ARRAY && a->count != b->count))
			return (false);
		in_a = a->ref;
		in_b = b->ref;
	}
	return (true);
}

/* The typedef by which what is behind a type goes, as an offset of its name. */
static uint32_t
handle_of(const struct kldsim_types *types, kldsim_type_id id, unsigned steps)
{
	for (unsigned i = 0; i < steps; i++)
		id = types->types[types->types[id].stripped].ref;
	return (types->types[id].handle);
}

/* A nameless type may have several typedefs, or none on this path. */
static bool
same_handles(const struct pair *pair, uint32_t a, uint32_t b)
{
	return (a != 0 && b != 0 && same_names(pair, a, b));
}

/*
 * By name.  With a tag number the numbers must match, and the typedefs of what
 * is nameless; without one, the names.  A nameless type without a typedef is
 * part of what holds it: it is the same as none.
 */
static bool
same_tags(const struct pair *pair, kldsim_type_id id_a,
    const struct kldsim__behind *a, kldsim_type_id id_b,
    const struct kldsim__behind *b)
{
	if (!a->pointer && a->kind != b->kind)
		return (false);
	if (a->tag != 0)
		return (a->tag == b->tag && (a->named || same_handles(pair,
		    handle_of(pair->a->types, id_a, a->steps),
		    handle_of(pair->b->types, id_b, b->steps))));
	return (b->tag == 0 && a->named && b->named &&
	    same_names(pair, pair->a->types->types[a->id].name,
	    pair->b->types->types[b->id].name));
}

/* Whether arrays and numbers tell that two are the same, or are not. */
enum told { DIFFERENT, SAME, UNTOLD };

static inline enum told
tell(const struct pair *pair, kldsim_type_id in_a,
    const struct kldsim__behind *a, kldsim_type_id in_b,
    const struct kldsim__behind *b)
{
	bool same;

	if (a->steps != b->steps || ((a->array || b->array) &&
	    !same_steps(pair, in_a, in_b, a->steps)))
		return (DIFFERENT);
	if (a->number != 0 && b->number != 0)
		same = a->pointer || a->number == b->number;
	else if (is_number(pair->a->types->types, a->id) &&
	    is_number(pair->b->types->types, b->id))
		same = a->pointer || same_numbers(pair, a->id, b->id);
	else
		return (UNTOLD);
	return (same ? SAME : DIFFERENT);
}

/* --- functions --- */

static bool same_prototypes(const struct pair *pair,
    const struct kldsim__type *a, const struct kldsim__type *b, bool called);

/* Of what is passed: functions are called back (I-34), but not any further. */
static bool
same_passed(const struct pair *pair, kldsim_type_id in_a, kldsim_type_id in_b,
    bool called)
{
	const struct kldsim__type *types_a = pair->a->types->types;
	const struct kldsim__type *types_b = pair->b->types->types;
	const struct kldsim__behind *a, *b;
	enum told told;

	a = kldsim__behind(pair->tags, pair->a, in_a);
	b = kldsim__behind(pair->tags, pair->b, in_b);
	told = tell(pair, in_a, a, in_b, b);
	if (told != UNTOLD)
		return (told == SAME);
	if (a->kind == KLDSIM_TYPE_FUNCTION && b->kind == a->kind)
		return (!called || same_prototypes(pair, &types_a[a->id],
		    &types_b[b->id], false));
	return (a->kind == b->kind && same_tags(pair, in_a, a, in_b, b));
}

static bool
same_prototypes(const struct pair *pair, const struct kldsim__type *a,
    const struct kldsim__type *b, bool called)
{
	const uint32_t *in_a = pair->a->types->arguments;
	const uint32_t *in_b = pair->b->types->arguments;

	if (a->n != b->n || !take_work(pair->shaping, (uint64_t)a->n + 1) ||
	    !same_passed(pair, a->ref, b->ref, false))
		return (false);
	for (uint32_t i = 0; i < a->n; i++)
		if (!same_passed(pair, in_a[a->first + i], in_b[b->first + i],
		    called))
			return (false);
	return (true);
}

/* --- members --- */

static bool
same_types(const struct pair *pair, kldsim_type_id in_a, kldsim_type_id in_b)
{
	const struct kldsim__type *types_a = pair->a->types->types;
	const struct kldsim__type *types_b = pair->b->types->types;
	const struct kldsim__behind *a, *b;
	enum told told;

	a = kldsim__behind(pair->tags, pair->a, in_a);
	b = kldsim__behind(pair->tags, pair->b, in_b);
	told = tell(pair, in_a, a, in_b, b);
	if (told != UNTOLD)
		return (told == SAME);
	if (a->kind == KLDSIM_TYPE_FUNCTION && b->kind == a->kind)
		return (same_prototypes(pair, &types_a[a->id],
		    &types_b[b->id], false));
	return (same_tags(pair, in_a, a, in_b, b));
}

static bool
same_member(const struct pair *pair, const struct kldsim__type_member *a,
    const struct kldsim__type_member *b)
{
	return (a->name != 0 && a->bit == b->bit && a->bits == b->bits &&
	    a->at_most == b->at_most && same_names(pair, a->name, b->name) &&
	    same_types(pair, a->type, b->type));
}

static bool
same_members(const struct pair *pair, const struct kldsim__type *a,
    const struct kldsim__type *b)
{
	for (uint32_t i = 0; i < a->n; i++)
		if (!same_member(pair, &pair->a->types->members[a->first + i],
		    &pair->b->types->members[b->first + i]))
			return (false);
	return (true);
}

static bool
same_values(const struct pair *pair, const struct kldsim__type *a,
    const struct kldsim__type *b)
{
	for (uint32_t i = 0; i < a->n; i++) {
		const struct kldsim__type_value *in_a =
		    &pair->a->types->values[a->first + i];
		const struct kldsim__type_value *in_b =
		    &pair->b->types->values[b->first + i];

		if (in_a->value != in_b->value ||
		    !same_names(pair, in_a->name, in_b->name))
			return (false);
	}
	return (true);
}

bool
kldsim__same(const struct kldsim__tags *tags, const struct kldsim__tagged *a,
    kldsim_type_id in_a, const struct kldsim__tagged *b, kldsim_type_id in_b,
    struct kldsim__shaping *shaping)
{
	const struct pair pair = { tags, a, b, shaping };
	const struct kldsim__type *type_a =
	    &a->types->types[a->types->types[in_a].stripped];
	const struct kldsim__type *type_b =
	    &b->types->types[b->types->types[in_b].stripped];

	if (type_a->kind != type_b->kind || type_a->size != type_b->size ||
	    type_a->n != type_b->n ||
	    !take_work(shaping, (uint64_t)type_a->n + 2))
		return (false);
	/* What has no more work left may have been cut. */
	return ((kldsim__type_is_sou(type_a->kind) ?
	    same_members(&pair, type_a, type_b) :
	    type_a->kind == KLDSIM_TYPE_ENUM &&
	    same_values(&pair, type_a, type_b)) && shaping->work != 0);
}

bool
kldsim__same_functions(const struct kldsim__tags *tags,
    const struct kldsim__tagged *a, kldsim_type_id in_a,
    const struct kldsim__tagged *b, kldsim_type_id in_b,
    struct kldsim__shaping *shaping)
{
	const struct pair pair = { tags, a, b, shaping };
	const struct kldsim__type *type_a = &a->types->types[in_a];
	const struct kldsim__type *type_b = &b->types->types[in_b];

	return (type_a->kind == KLDSIM_TYPE_FUNCTION &&
	    type_b->kind == KLDSIM_TYPE_FUNCTION &&
	    same_prototypes(&pair, type_a, type_b, true));
}

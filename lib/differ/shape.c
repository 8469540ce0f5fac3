/* SPDX-License-Identifier: BSD-2-Clause */

/* Members and their hash; see shape.h. */

#include "differ/shape.h"

#include <stdlib.h>

#include "types/graph.h"
#include "util/hash.h"

/*
 * All types of a kernel and of its modules come by here, so that rows of the
 * graph are looked at as they are, and not by neutral.h.
 */

static uint64_t
mix(const struct kldsim__shaping *shaping, uint64_t hash, uint64_t value)
{
	return (kldsim__fold(hash ^ value ^ UINT64_C(0x9e3779b97f4a7c15),
	    shaping->seed | 1) + hash);
}

static uint64_t
mix_name(const struct kldsim__shaping *shaping, uint64_t hash,
    const char *name)
{
	return (mix(shaping, hash, kldsim__hash(shaping->seed, name)));
}

static bool
step(struct kldsim__shaping *shaping)
{
	if (shaping->work == 0)
		return (false);
	shaping->work--;
	return (true);
}

/* --- members --- */

/* A type without its typedefs and qualifiers. */
static const struct kldsim__type *
row_of(const struct kldsim_types *types, kldsim_type_id id)
{
	return (&types->types[types->types[id].stripped]);
}

/* The structure without a name, or any, that a member is; 0: it is none. */
static kldsim_type_id
structure(const struct kldsim_types *types, kldsim_type_id id, bool any,
    bool *array_ret)
{
	const struct kldsim__type *type = row_of(types, id);

	*array_ret = type->kind == KLDSIM_TYPE_ARRAY;
	for (unsigned i = 0; i < KLDSIM__SHAPE_STEPS &&
	    type->kind == KLDSIM_TYPE_ARRAY; i++) {
		id = type->ref;
		type = row_of(types, id);
	}
	return (kldsim__type_is_sou(type->kind) && (any || (type->name == 0 &&
	    types->types[id].handle == 0)) ? types->types[id].stripped : 0);
}

static int
compare_numbers(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a < *b ? -1 : *a > *b);
}

bool
kldsim__leaves_is_open(const uint64_t *open, size_t nopen, uint64_t path)
{
	return (nopen != 0 && bsearch(&path, open, nopen, sizeof(*open),
	    compare_numbers) != NULL);
}

void
kldsim__leaves_sort_open(uint64_t *open, size_t nopen)
{
	if (nopen != 0)
		qsort(open, nopen, sizeof(*open), compare_numbers);
}

static void
enter(struct kldsim__leaves *leaves, kldsim_type_id sou, uint64_t bit,
    const char *name, uint64_t path, bool array)
{
	leaves->level[leaves->depth].sou = sou;
	leaves->level[leaves->depth].next = 0;
	leaves->level[leaves->depth].bit = bit;
	leaves->level[leaves->depth].name = name;
	leaves->level[leaves->depth].path = path;
	leaves->level[leaves->depth++].array = array;
}

void
kldsim__leaves_begin(struct kldsim__leaves *leaves,
    const struct kldsim_types *types, kldsim_type_id id,
    struct kldsim__shaping *shaping)
{
	leaves->types = types;
	leaves->shaping = shaping;
	leaves->depth = 0;
	leaves->open = NULL;
	leaves->nopen = 0;
	leaves->paths = true;
	leaves->cut = false;
	enter(leaves, kldsim_type_strip(types, id), 0, "", shaping->seed,
	    false);
}

/* A member is a leaf, or leads to others; an array is and does. */
static bool
take(struct kldsim__leaves *leaves, const struct kldsim__type_member *member,
    struct kldsim__leaf *leaf_ret)
{
	const unsigned at = leaves->depth - 1;
	const char *name = leaves->types->strings + member->name;
	kldsim_type_id sou;
	bool array;

	leaf_ret->name = name;
	leaf_ret->type = member->type;
	leaf_ret->bit = leaves->level[at].bit + member->bit;
	leaf_ret->bits = member->bits;
	leaf_ret->bits_at_most = member->at_most;
	leaf_ret->path = leaves->level[at].path;
	if (leaves->paths && *name != '\0')
		leaf_ret->path = mix_name(leaves->shaping, leaf_ret->path,
		    name);
	sou = structure(leaves->types, member->type, *name != '\0' &&
	    kldsim__leaves_is_open(leaves->open, leaves->nopen,
	    leaf_ret->path), &array);
	if (sou != 0 && leaves->depth == KLDSIM__LEAF_DEPTH)
		leaves->cut = true;
	else if (sou != 0)
		enter(leaves, sou, leaf_ret->bit, name, leaf_ret->path,
		    array);
	return (*name != '\0' && (sou == 0 || array));
}

bool
kldsim__leaves_next(struct kldsim__leaves *leaves,
    struct kldsim__leaf *leaf_ret)
{
	const struct kldsim_types *types = leaves->types;

	while (leaves->depth != 0) {
		const unsigned at = leaves->depth - 1;
		const struct kldsim__type *sou =
		    &types->types[leaves->level[at].sou];
		const uint64_t next = leaves->level[at].next++;

		if (!step(leaves->shaping)) {
			leaves->cut = true;
			return (false);
		}
		if (!kldsim__type_is_sou(sou->kind) || next >= sou->n)
			leaves->depth--;
		else if (take(leaves, &types->members[sou->first + next],
		    leaf_ret))
			return (true);
	}
	return (false);
}

void
kldsim__leaf_path(const struct kldsim__leaves *leaves,
    const struct kldsim__leaf *leaf, struct kldsim__text *text)
{
	/* An array of structures has been entered already. */
	for (unsigned i = 1; i < leaves->depth; i++)
		if (*leaves->level[i].name != '\0' &&
		    leaves->level[i].path != leaf->path)
			kldsim__text_printf(text, "%s%s.",
			    leaves->level[i].name,
			    leaves->level[i].array ? "[]" : "");
	kldsim__text_puts(text, leaf->name);
}

/* --- what a member is --- */

/* Something of a function: no further than a pointer's type by name. */
static uint64_t
hash_argument(const struct kldsim_types *types, kldsim_type_id id,
    struct kldsim__shaping *shaping, uint64_t hash)
{
	struct kldsim__neutral type;

	for (unsigned i = 0; i < KLDSIM__SHAPE_STEPS; i++) {
		kldsim__neutral(types, id, &type);
		hash = mix(shaping, hash, type.kind);
		if (kldsim__shape_is_tag(&type))
			return (mix_name(shaping, hash,
			    kldsim__shape_name(&type)));
		if (type.kind == KLDSIM__NEUTRAL_BASE)
			return (i > 0 ? hash : mix(shaping, hash,
			    (uint64_t)type.class << 32 | type.bits));
		if (type.kind != KLDSIM__NEUTRAL_POINTER)
			return (hash);
		id = type.of;
	}
	return (hash);
}

static uint64_t
hash_function(const struct kldsim_types *types,
    const struct kldsim__neutral *function, struct kldsim__shaping *shaping,
    uint64_t hash)
{
	kldsim_type_id argument;

	hash = mix(shaping, hash, function->count);
	hash = hash_argument(types, function->of, shaping, hash);
	for (uint64_t i = 0; i < function->count && step(shaping); i++)
		if (kldsim_type_argument(types, function->id, i, &argument) ==
		    KLDSIM_OK)
			hash = hash_argument(types, argument, shaping, hash);
	return (hash);
}

/* An argument may be called back, and is compared as what is (I-34). */
static uint64_t
hash_callback(const struct kldsim_types *types, kldsim_type_id id,
    struct kldsim__shaping *shaping, uint64_t hash)
{
	struct kldsim__neutral type;

	kldsim__neutral(types, id, &type);
	for (unsigned i = 0; i < KLDSIM__SHAPE_STEPS &&
	    type.kind == KLDSIM__NEUTRAL_POINTER; i++)
		kldsim__neutral(types, type.of, &type);
	return (type.kind == KLDSIM__NEUTRAL_FUNCTION ?
	    hash_function(types, &type, shaping, hash) : hash);
}

static uint64_t
hash_prototype(const struct kldsim_types *types,
    const struct kldsim__neutral *function, struct kldsim__shaping *shaping)
{
	uint64_t hash = hash_function(types, function, shaping,
	    shaping->seed);
	kldsim_type_id argument;

	for (uint64_t i = 0; i < function->count && step(shaping); i++)
		if (kldsim_type_argument(types, function->id, i, &argument) ==
		    KLDSIM_OK)
			hash = hash_callback(types, argument, shaping, hash);
	return (shaping->work != 0 ? hash | 1 : 0);
}

/* Numbers by what they are, and not by their names (I-11). */
static uint64_t
hash_base(const struct kldsim_types *types, const struct kldsim__type *type,
    struct kldsim__shaping *shaping, uint64_t hash)
{
	return (mix(shaping, hash, (uint64_t)kldsim__neutral_class(types,
	    type) << 32 | type->size));
}

static uint64_t
hash_tag(const struct kldsim_types *types, kldsim_type_id id,
    const struct kldsim__type *type, struct kldsim__shaping *shaping,
    uint64_t hash)
{
	return (mix_name(shaping, hash, types->strings + (type->name != 0 ?
	    type->name : types->types[id].handle)));
}

static uint64_t
hash_type(const struct kldsim_types *types, kldsim_type_id id,
    struct kldsim__shaping *shaping, uint64_t hash)
{
	bool pointer = false;

	for (unsigned i = 0; i < KLDSIM__SHAPE_STEPS; i++) {
		const struct kldsim__type *type = row_of(types, id);
		const unsigned kind = types->types[id].stripped == 0 ?
		    KLDSIM_TYPE_INTEGER : type->kind;
		struct kldsim__neutral function;

		switch (kind) {
		case KLDSIM_TYPE_INTEGER:
		case KLDSIM_TYPE_FLOAT:
			return (pointer ? hash : hash_base(types, type,
			    shaping, hash));
		case KLDSIM_TYPE_STRUCT:
		case KLDSIM_TYPE_UNION:
		case KLDSIM_TYPE_ENUM:
		case KLDSIM_TYPE_FORWARD:
			/* To what is complete on the one side may lead a tag
			   alone on the other. */
			return (hash_tag(types, id, type, shaping, pointer ?
			    hash : mix(shaping, hash, kind)));
		case KLDSIM_TYPE_FUNCTION:
			kldsim__neutral(types, id, &function);
			return (hash_function(types, &function, shaping,
			    hash));
		case KLDSIM_TYPE_ARRAY:
			hash = mix(shaping, hash, type->count + 1);
			break;
		case KLDSIM_TYPE_POINTER:
			hash = mix(shaping, hash, UINT64_MAX);
			pointer = true;
			break;
		default:
			return (hash);
		}
		id = type->ref;
	}
	return (hash);
}

static uint64_t
hash_members(const struct kldsim_types *types, kldsim_type_id id,
    struct kldsim__shaping *shaping, uint64_t hash)
{
	struct kldsim__leaves leaves;
	struct kldsim__leaf leaf;

	kldsim__leaves_begin(&leaves, types, id, shaping);
	while (kldsim__leaves_next(&leaves, &leaf)) {
		hash = mix(shaping, hash, leaf.path);
		hash = mix(shaping, hash, leaf.bit);
		if (!leaf.bits_at_most)
			hash = mix(shaping, hash, leaf.bits);
		hash = hash_type(types, leaf.type, shaping, hash);
	}
	return (leaves.cut ? 0 : hash | 1);
}

static uint64_t
hash_values(const struct kldsim_types *types, kldsim_type_id id,
    struct kldsim__shaping *shaping, uint64_t hash)
{
	struct kldsim_type_value value;

	for (uint64_t i = 0; kldsim_type_value(types, id, i, &value) ==
	    KLDSIM_OK; i++) {
		if (!step(shaping))
			return (0);
		hash = mix_name(shaping, hash, value.name);
		hash = mix(shaping, hash, (uint64_t)value.value);
	}
	return (hash | 1);
}

uint64_t
kldsim__shape_hash(const struct kldsim_types *types, kldsim_type_id id,
    struct kldsim__shaping *shaping)
{
	struct kldsim__neutral type;
	uint64_t hash = shaping->seed;

	kldsim__neutral(types, id, &type);
	hash = mix(shaping, hash, (uint64_t)type.kind << 8 | type.tag);
	if (type.kind == KLDSIM__NEUTRAL_FUNCTION)
		return (hash_prototype(types, &type, shaping));
	hash = mix(shaping, hash, type.size);
	if (type.kind == KLDSIM__NEUTRAL_SOU)
		return (hash_members(types, type.id, shaping, hash));
	if (type.kind == KLDSIM__NEUTRAL_ENUM)
		return (hash_values(types, type.id, shaping, hash));
	return (hash_type(types, id, shaping, hash) | 1);
}

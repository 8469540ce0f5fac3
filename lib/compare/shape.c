/* SPDX-License-Identifier: BSD-2-Clause */

/* Members and their hash; see shape.h. */

#include "compare/shape.h"

#include "util/hash.h"

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

/* The structure without a name that a member is; 0: it is none. */
static kldsim_type_id
anonymous(const struct kldsim_types *types, kldsim_type_id id,
    bool *array_ret)
{
	struct kldsim__neutral type;

	*array_ret = false;
	kldsim__neutral(types, id, &type);
	for (unsigned i = 0; i < KLDSIM__SHAPE_STEPS &&
	    type.kind == KLDSIM__NEUTRAL_ARRAY; i++) {
		*array_ret = true;
		kldsim__neutral(types, type.of, &type);
	}
	return (type.kind == KLDSIM__NEUTRAL_SOU &&
	    *kldsim__shape_name(&type) == '\0' ? type.id : 0);
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
	leaves->cut = false;
	enter(leaves, kldsim_type_strip(types, id), 0, "", shaping->seed,
	    false);
}

/* A member is a leaf, or leads to others; an array is and does. */
static bool
take(struct kldsim__leaves *leaves, const struct kldsim_type_member *member,
    struct kldsim__leaf *leaf_ret)
{
	const unsigned at = leaves->depth - 1;
	bool array;
	kldsim_type_id sou = anonymous(leaves->types, member->type, &array);

	leaf_ret->name = member->name;
	leaf_ret->type = member->type;
	leaf_ret->bit = leaves->level[at].bit + member->bit_offset;
	leaf_ret->bits = member->bits;
	leaf_ret->bits_at_most = member->bits_at_most;
	leaf_ret->path = leaves->level[at].path;
	if (*member->name != '\0')
		leaf_ret->path = mix_name(leaves->shaping, leaf_ret->path,
		    member->name);
	if (sou != 0 && leaves->depth == KLDSIM__LEAF_DEPTH)
		leaves->cut = true;
	else if (sou != 0)
		enter(leaves, sou, leaf_ret->bit, member->name,
		    leaf_ret->path, array);
	return (*member->name != '\0' && (sou == 0 || array));
}

bool
kldsim__leaves_next(struct kldsim__leaves *leaves,
    struct kldsim__leaf *leaf_ret)
{
	struct kldsim_type_member member;

	while (leaves->depth != 0) {
		const unsigned at = leaves->depth - 1;

		if (!step(leaves->shaping)) {
			leaves->cut = true;
			return (false);
		}
		if (kldsim_type_member(leaves->types, leaves->level[at].sou,
		    leaves->level[at].next++, &member) != KLDSIM_OK)
			leaves->depth--;
		else if (take(leaves, &member, leaf_ret))
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

static uint64_t
hash_type(const struct kldsim_types *types, kldsim_type_id id,
    struct kldsim__shaping *shaping, uint64_t hash)
{
	struct kldsim__neutral type;
	bool pointer = false;

	for (unsigned i = 0; i < KLDSIM__SHAPE_STEPS; i++) {
		kldsim__neutral(types, id, &type);
		/* To what is complete on the one side may lead a tag alone on
		   the other. */
		if (kldsim__shape_is_tag(&type))
			return (mix_name(shaping, mix(shaping, hash, pointer ?
			    UINT64_C(100) : type.kind),
			    kldsim__shape_name(&type)));
		hash = mix(shaping, hash, type.kind);
		if (type.kind == KLDSIM__NEUTRAL_BASE)
			return (pointer ? hash : mix(shaping, hash,
			    (uint64_t)type.class << 32 | type.bits));
		if (type.kind == KLDSIM__NEUTRAL_FUNCTION)
			return (hash_function(types, &type, shaping, hash));
		if (type.kind == KLDSIM__NEUTRAL_OPAQUE)
			return (hash);
		if (type.kind == KLDSIM__NEUTRAL_ARRAY)
			hash = mix(shaping, hash, type.count);
		pointer = pointer || type.kind == KLDSIM__NEUTRAL_POINTER;
		id = type.of;
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
		return (hash_function(types, &type, shaping, hash) | 1);
	hash = mix(shaping, hash, type.size);
	if (type.kind == KLDSIM__NEUTRAL_SOU)
		return (hash_members(types, type.id, shaping, hash));
	if (type.kind == KLDSIM__NEUTRAL_ENUM)
		return (hash_values(types, type.id, shaping, hash));
	return (hash_type(types, id, shaping, hash) | 1);
}

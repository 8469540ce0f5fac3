/* SPDX-License-Identifier: BSD-2-Clause */

/* What makes two types unlike; see alike.h. */

#include "differ/alike.h"

#include <string.h>

#include "types/graph.h"

static struct kldsim__side
of(const struct kldsim__side *side, const struct kldsim__neutral *type)
{
	const struct kldsim__side inner = { side->types, type->of };

	return (inner);
}

static bool
same_names(const struct kldsim__neutral *a, const struct kldsim__neutral *b)
{
	return (strcmp(kldsim__shape_name(a), kldsim__shape_name(b)) == 0);
}

/* I-31: another name, and nothing else. */
static bool
same_shape(struct kldsim__side a, struct kldsim__side b,
    struct kldsim__shaping *shaping)
{
	const uint64_t hash = kldsim__shape_hash(a.types, a.id, shaping);

	return (hash != 0 && hash == kldsim__shape_hash(b.types, b.id,
	    shaping));
}

/* The typedef that a type is declared by; "": none. */
static const char *
typedef_of(const struct kldsim__side *side)
{
	const struct kldsim_types *types = side->types;
	const struct kldsim__type *row = &types->types[side->id];

	for (unsigned i = 0; i < KLDSIM__SHAPE_STEPS &&
	    kldsim__type_is_alias(row->kind); i++) {
		if (row->kind == KLDSIM_TYPE_TYPEDEF)
			return (kldsim__type_name(types, row));
		row = &types->types[row->ref];
	}
	return ("");
}

/* cpuset_t is what it is, whatever the tag behind it is called. */
static bool
same_typedef(const struct kldsim__side *a, const struct kldsim__side *b)
{
	const char *name = typedef_of(a);

	return (*name != '\0' && strcmp(name, typedef_of(b)) == 0);
}

static enum kldsim__unlike
alike_bases(const struct kldsim__neutral *a, const struct kldsim__neutral *b)
{
	const bool float_a = a->class == KLDSIM__NEUTRAL_FLOAT;
	const bool float_b = b->class == KLDSIM__NEUTRAL_FLOAT;

	if (float_a != float_b)
		return (KLDSIM__OTHER);
	if (a->bits != b->bits)
		return (KLDSIM__RESIZED);
	return (a->class == b->class ? KLDSIM__ALIKE : KLDSIM__NOTED);
}

/* I-33: structures and unions by value. */
static enum kldsim__unlike
alike_sous(struct kldsim__side a, const struct kldsim__neutral *in_a,
    struct kldsim__side b, const struct kldsim__neutral *in_b,
    struct kldsim__shaping *shaping)
{
	if (in_a->tag != in_b->tag)
		return (KLDSIM__OTHER);
	if (same_names(in_a, in_b) && in_a->size == in_b->size)
		return (KLDSIM__ALIKE);
	/* Of what has no name, nobody else tells. */
	if (same_names(in_a, in_b))
		return (*kldsim__shape_name(in_a) != '\0' ? KLDSIM__NESTED :
		    KLDSIM__RESIZED);
	if (!same_shape(a, b, shaping))
		return (KLDSIM__OTHER);
	return (same_typedef(&a, &b) ? KLDSIM__ALIKE : KLDSIM__NOTED);
}

/* Two tags behind pointers, which both have a name. */
static enum kldsim__unlike
alike_tags(struct kldsim__side a, const struct kldsim__neutral *in_a,
    struct kldsim__side b, const struct kldsim__neutral *in_b,
    struct kldsim__shaping *shaping)
{
	if (same_names(in_a, in_b))
		return (KLDSIM__ALIKE);
	if (!same_typedef(&a, &b))
		return (KLDSIM__NOTED);
	if (in_a->kind != KLDSIM__NEUTRAL_SOU ||
	    in_b->kind != KLDSIM__NEUTRAL_SOU || same_shape(a, b, shaping))
		return (KLDSIM__ALIKE);
	return (in_a->size != in_b->size ? KLDSIM__RENAMED : KLDSIM__NOTED);
}

/* Prototypes, as whoever calls by the one and gets the other sees it. */
static enum kldsim__unlike alike_functions(struct kldsim__side a,
    struct kldsim__side b, struct kldsim__shaping *shaping);

/* Either side may be the one that calls, and expects a result. */
static enum kldsim__unlike
alike_called(struct kldsim__side a, const struct kldsim__neutral *in_a,
    struct kldsim__side b, const struct kldsim__neutral *in_b,
    struct kldsim__shaping *shaping)
{
	if (alike_functions(a, b, shaping) > KLDSIM__NOTED ||
	    alike_functions(b, a, shaping) > KLDSIM__NOTED)
		return (KLDSIM__CALLED);
	return (in_a->count != in_b->count && (in_a->unsaid || in_b->unsaid) ?
	    KLDSIM__NOTED : KLDSIM__ALIKE);
}

/* I-34: a pointer is a pointer; to what is worth a note where both say. */
static enum kldsim__unlike
alike_pointees(struct kldsim__side a, struct kldsim__side b,
    struct kldsim__shaping *shaping)
{
	struct kldsim__neutral in_a, in_b;

	for (unsigned i = 0; i < KLDSIM__SHAPE_STEPS; i++) {
		kldsim__neutral(a.types, a.id, &in_a);
		kldsim__neutral(b.types, b.id, &in_b);
		if (in_a.kind == KLDSIM__NEUTRAL_FUNCTION &&
		    in_b.kind == KLDSIM__NEUTRAL_FUNCTION)
			return (alike_called(a, &in_a, b, &in_b, shaping));
		if (kldsim__shape_is_tag(&in_a) &&
		    kldsim__shape_is_tag(&in_b))
			return (*kldsim__shape_name(&in_a) == '\0' ||
			    *kldsim__shape_name(&in_b) == '\0' ?
			    KLDSIM__ALIKE : alike_tags(a, &in_a, b, &in_b,
			    shaping));
		if (in_a.kind != KLDSIM__NEUTRAL_POINTER ||
		    in_b.kind != KLDSIM__NEUTRAL_POINTER)
			return (KLDSIM__ALIKE);
		a.id = in_a.of;
		b.id = in_b.of;
	}
	return (KLDSIM__ALIKE);
}

/* Bits of a number, an enum among them; 0: it is none. */
static uint64_t
bits_of(const struct kldsim__neutral *type)
{
	if (type->kind == KLDSIM__NEUTRAL_ENUM)
		return (type->size * 8);
	return (type->kind == KLDSIM__NEUTRAL_BASE &&
	    type->class != KLDSIM__NEUTRAL_FLOAT ? type->bits : 0);
}

/* "extern struct foo x": what is in it nobody says. */
static bool
says_nothing(const struct kldsim__neutral *type)
{
	return (type->kind == KLDSIM__NEUTRAL_OPAQUE ||
	    type->kind == KLDSIM__NEUTRAL_FORWARD);
}

/* Kinds differ. */
static enum kldsim__unlike
alike_kinds(const struct kldsim__neutral *a, const struct kldsim__neutral *b)
{
	const uint64_t bits_a = bits_of(a), bits_b = bits_of(b);

	if (says_nothing(a) || says_nothing(b))
		return (KLDSIM__ALIKE);
	if (bits_a != 0 && bits_b != 0)
		return (bits_a == bits_b ? KLDSIM__ALIKE : KLDSIM__RESIZED);
	if (a->kind == KLDSIM__NEUTRAL_POINTER && bits_b == a->size * 8)
		return (KLDSIM__NOTED);
	if (b->kind == KLDSIM__NEUTRAL_POINTER && bits_a == b->size * 8)
		return (KLDSIM__NOTED);
	return (KLDSIM__OTHER);
}

/* Neither is an array. */
static enum kldsim__unlike
alike_elements(struct kldsim__side a, const struct kldsim__neutral *in_a,
    struct kldsim__side b, const struct kldsim__neutral *in_b,
    struct kldsim__shaping *shaping)
{
	enum kldsim__unlike unlike;

	if (in_a->kind != in_b->kind)
		return (alike_kinds(in_a, in_b));
	switch (in_a->kind) {
	case KLDSIM__NEUTRAL_BASE:
		return (alike_bases(in_a, in_b));
	case KLDSIM__NEUTRAL_POINTER:
		unlike = alike_pointees(of(&a, in_a), of(&b, in_b), shaping);
		return (unlike == KLDSIM__RENAMED ? KLDSIM__NOTED : unlike);
	case KLDSIM__NEUTRAL_ENUM:
		if (in_a->size == in_b->size)
			return (KLDSIM__ALIKE);
		/* I-35: then it is told of the enum. */
		return (*kldsim__shape_name(in_a) != '\0' &&
		    same_names(in_a, in_b) ? KLDSIM__NESTED :
		    KLDSIM__RESIZED);
	case KLDSIM__NEUTRAL_SOU:
		return (alike_sous(a, in_a, b, in_b, shaping));
	default:
		return (KLDSIM__ALIKE);
	}
}

static enum kldsim__unlike
worse(enum kldsim__unlike a, enum kldsim__unlike b)
{
	return (a > b ? a : b);
}

enum kldsim__unlike
kldsim__alike(struct kldsim__side a, struct kldsim__side b,
    struct kldsim__shaping *shaping)
{
	enum kldsim__unlike counts = KLDSIM__ALIKE;
	struct kldsim__neutral in_a, in_b;

	for (unsigned i = 0; i < KLDSIM__SHAPE_STEPS; i++) {
		kldsim__neutral(a.types, a.id, &in_a);
		kldsim__neutral(b.types, b.id, &in_b);
		if (in_a.kind != KLDSIM__NEUTRAL_ARRAY ||
		    in_b.kind != KLDSIM__NEUTRAL_ARRAY)
			break;
		if (in_a.count != in_b.count)
			counts = KLDSIM__COUNT;
		a = of(&a, &in_a);
		b = of(&b, &in_b);
	}
	if ((in_a.kind == KLDSIM__NEUTRAL_ARRAY) !=
	    (in_b.kind == KLDSIM__NEUTRAL_ARRAY))
		return (KLDSIM__OTHER);
	return (worse(counts, alike_elements(a, &in_a, b, &in_b, shaping)));
}

/* --- functions --- */

static bool
is_void(const struct kldsim__neutral *type)
{
	return (type->kind == KLDSIM__NEUTRAL_BASE &&
	    type->class == KLDSIM__NEUTRAL_VOID);
}

/* What is passed as an address. */
static bool
decays(const struct kldsim__neutral *type)
{
	return (type->kind == KLDSIM__NEUTRAL_POINTER ||
	    type->kind == KLDSIM__NEUTRAL_ARRAY);
}

enum kldsim__unlike
kldsim__alike_passed(struct kldsim__side a, struct kldsim__side b,
    struct kldsim__shaping *shaping)
{
	struct kldsim__neutral in_a, in_b;
	enum kldsim__unlike unlike;

	kldsim__neutral(a.types, a.id, &in_a);
	kldsim__neutral(b.types, b.id, &in_b);
	if (decays(&in_a) && decays(&in_b))
		return (alike_pointees(of(&a, &in_a), of(&b, &in_b),
		    shaping));
	unlike = kldsim__alike(a, b, shaping);
	/* I-50: the one passes a number, the other an address. */
	return (decays(&in_a) != decays(&in_b) && unlike != KLDSIM__ALIKE ?
	    KLDSIM__OTHER : unlike);
}

/*
 * Arguments of callbacks; what these point to is not followed, so that functions
 * that take themselves come to an end.
 */
static enum kldsim__unlike
alike_arguments(struct kldsim__side a, struct kldsim__side b,
    struct kldsim__shaping *shaping)
{
	struct kldsim__neutral in_a, in_b;

	kldsim__neutral(a.types, a.id, &in_a);
	kldsim__neutral(b.types, b.id, &in_b);
	return (decays(&in_a) && decays(&in_b) ? KLDSIM__ALIKE :
	    kldsim__alike_passed(a, b, shaping));
}

enum kldsim__unlike
kldsim__alike_results(struct kldsim__side a, struct kldsim__side b,
    struct kldsim__shaping *shaping)
{
	struct kldsim__neutral in_a, in_b;

	kldsim__neutral(a.types, a.id, &in_a);
	kldsim__neutral(b.types, b.id, &in_b);
	/* who expects none does not mind one. */
	if (is_void(&in_a))
		return (KLDSIM__ALIKE);
	return (is_void(&in_b) ? KLDSIM__OTHER :
	    alike_arguments(a, b, shaping));
}

/* "int (*f)()": what it takes nobody says; of CTF, it may be "(void)". */
static bool
is_unspecified(const struct kldsim__neutral *function)
{
	return (function->count == 0 &&
	    (function->variadic || function->unsaid));
}

static enum kldsim__unlike
alike_functions(struct kldsim__side a, struct kldsim__side b,
    struct kldsim__shaping *shaping)
{
	struct kldsim__neutral in_a, in_b;
	enum kldsim__unlike unlike;

	kldsim__neutral(a.types, a.id, &in_a);
	kldsim__neutral(b.types, b.id, &in_b);
	unlike = kldsim__alike_results(of(&a, &in_a), of(&b, &in_b), shaping);
	if (is_unspecified(&in_a) || is_unspecified(&in_b))
		return (unlike);
	if (in_a.count != in_b.count)
		return (KLDSIM__OTHER);
	for (uint64_t i = 0; i < in_a.count && shaping->work != 0; i++) {
		shaping->work--;
		if (kldsim_type_argument(a.types, in_a.id, i, &a.id) ==
		    KLDSIM_OK && kldsim_type_argument(b.types, in_b.id, i,
		    &b.id) == KLDSIM_OK)
			unlike = worse(unlike, alike_arguments(a, b,
			    shaping));
	}
	return (unlike);
}

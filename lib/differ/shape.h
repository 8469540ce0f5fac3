/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DIFFER_SHAPE_H
#define DIFFER_SHAPE_H

/*
 * The shape of one type, apart from the types that it names (I-35): its size,
 * and its members with their places and what they are.  Structures without a
 * name are part of the one around them (I-12), and their members have paths with
 * dots in them.
 */

#include "types/neutral.h"
#include "util/text.h"

#define KLDSIM__LEAF_DEPTH KLDSIM__NEUTRAL_DEPTH
/* Arrays of arrays, pointers to pointers: nobody has so many. */
#define KLDSIM__SHAPE_STEPS 64

/* Steps are counted, for shapes can be made that have no end in sight (I-32). */
struct kldsim__shaping {
	uint64_t seed;
	uint64_t work;   /* steps that are left */
};

struct kldsim__leaf {
	const char *name;
	uint64_t path;   /* a hash of all the names that lead to it */
	kldsim_type_id type;
	uint64_t bit;
	uint32_t bits;   /* of a bit-field; 0: it is none */
	bool bits_at_most;
};

/* A walk over the members of one structure or union. */
struct kldsim__leaves {
	const struct kldsim_types *types;
	struct kldsim__shaping *shaping;
	struct {
		kldsim_type_id sou;
		uint64_t next;
		uint64_t bit;
		const char *name; /* of the member that it is; "" */
		uint64_t path;
		bool array;
	} level[KLDSIM__LEAF_DEPTH];
	unsigned depth;
	/* Paths, in order, whose structures are entered whatever their name. */
	const uint64_t *open;
	size_t nopen;
	bool paths;      /* hash them; who has no use for that may clear it */
	bool cut;        /* there is more */
};

void kldsim__leaves_begin(struct kldsim__leaves *leaves,
    const struct kldsim_types *types, kldsim_type_id id,
    struct kldsim__shaping *shaping);
/* Paths for leaves.open, and whether one is among them. */
void kldsim__leaves_sort_open(uint64_t *open, size_t nopen);
bool kldsim__leaves_is_open(const uint64_t *open, size_t nopen, uint64_t path);
/* False after the last; members without a name that hold nothing are not told. */
bool kldsim__leaves_next(struct kldsim__leaves *leaves,
    struct kldsim__leaf *leaf_ret);
/* "a.b", of the leaf just told. */
void kldsim__leaf_path(const struct kldsim__leaves *leaves,
    const struct kldsim__leaf *leaf, struct kldsim__text *text);

/* By what a type is known: its tag, or the typedef that gives it a name. */
static inline const char *
kldsim__shape_name(const struct kldsim__neutral *type)
{
	return (*type->name != '\0' ? type->name : type->handle);
}

static inline bool
kldsim__shape_is_tag(const struct kldsim__neutral *type)
{
	return (type->kind == KLDSIM__NEUTRAL_SOU ||
	    type->kind == KLDSIM__NEUTRAL_ENUM ||
	    type->kind == KLDSIM__NEUTRAL_FORWARD);
}

/*
 * Two types of the same shape have the same hash; 0: it was cut.  Of a function
 * it is that of its prototype.
 */
uint64_t kldsim__shape_hash(const struct kldsim_types *types,
    kldsim_type_id id, struct kldsim__shaping *shaping);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TYPES_NEUTRAL_H
#define TYPES_NEUTRAL_H

/*
 * A view of types for comparison (I-10 to I-13): what two graphs say of the same
 * C is here the same, whoever compiled it, from whatever format it was read.
 * Typedefs and qualifiers are gone, and so are the names of base types; members
 * of anonymous structures are those of the structure around them.
 *
 * Nothing is made: a type is still its id in its graph, typedefs and all, and
 * each is looked at on its own.  Who walks from one to the next must expect
 * circles.
 */

#include <kldsim/types.h>

enum kldsim__neutral_kind {
	KLDSIM__NEUTRAL_BASE,
	KLDSIM__NEUTRAL_POINTER,
	KLDSIM__NEUTRAL_ARRAY,
	KLDSIM__NEUTRAL_FUNCTION,
	KLDSIM__NEUTRAL_SOU,     /* a structure or a union */
	KLDSIM__NEUTRAL_ENUM,
	KLDSIM__NEUTRAL_FORWARD,
	KLDSIM__NEUTRAL_OPAQUE   /* nobody says: cannot be compared */
};

enum kldsim__neutral_class {
	KLDSIM__NEUTRAL_VOID,
	KLDSIM__NEUTRAL_SIGNED,
	KLDSIM__NEUTRAL_UNSIGNED,
	KLDSIM__NEUTRAL_BOOL,
	KLDSIM__NEUTRAL_FLOAT
};

struct kldsim__neutral {
	enum kldsim__neutral_kind kind;
	kldsim_type_id id;       /* the same for all typedefs of one type */
	enum kldsim__neutral_class class; /* BASE */
	uint64_t bits;           /* BASE; a bit-field's are its member's */
	/* SOU, ENUM, FORWARD: which tag; UNKNOWN: a forward may be any. */
	enum kldsim_type_kind tag;
	const char *name;        /* of the tag; "": anonymous */
	const char *handle;      /* anonymous: by which typedef it goes; "" */
	kldsim_type_id of;       /* POINTER, ARRAY; what a FUNCTION returns */
	uint64_t size;           /* bytes; 0 where there is none */
	uint64_t count;          /* elements, arguments, values */
	bool variadic;           /* FUNCTION */
	/* CTF does not say it of functions, only of pointers to them (C-23). */
	bool variadic_known;
	/* FUNCTION: CTF has "int (*)(void)" for "int (*)()" (C-23). */
	bool unsaid;
	bool cut;                /* ENUM: there may be more values (C-17) */
};

struct kldsim__neutral_member {
	const char *name;
	kldsim_type_id type;
	uint64_t bit;            /* from the start of the outermost */
	uint32_t bits;           /* 0: all of its type's */
	bool bits_at_most;
};

/* Anonymous structures within each other; no compiler's output has so many. */
#define KLDSIM__NEUTRAL_DEPTH 32

/* A walk over the members of one structure. */
struct kldsim__neutral_walk {
	const struct kldsim_types *types;
	struct {
		kldsim_type_id sou;
		uint64_t next;
		uint64_t bit;
	} level[KLDSIM__NEUTRAL_DEPTH];
	unsigned depth;
	uint64_t left;           /* members that it may still look at */
	bool cut;                /* there are more: nobody may call it equal */
};

struct kldsim__type;

/* Of a number. */
enum kldsim__neutral_class kldsim__neutral_class(
    const struct kldsim_types *types, const struct kldsim__type *type);
/* 0, and what is no id, is void. */
void kldsim__neutral(const struct kldsim_types *types, kldsim_type_id id,
    struct kldsim__neutral *neutral_ret);

/*
 * Begin at the first member of a SOU; of any other type there are none.  At most
 * so many are looked at: a structure of anonymous ones can have more members
 * than there are.
 */
void kldsim__neutral_members(const struct kldsim_types *types,
    kldsim_type_id id, uint64_t most, struct kldsim__neutral_walk *walk_ret);
/* False after the last one. */
bool kldsim__neutral_next(struct kldsim__neutral_walk *walk,
    struct kldsim__neutral_member *member_ret);

#endif

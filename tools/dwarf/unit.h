/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DWARF_UNIT_H
#define DWARF_UNIT_H

/*
 * One unit's types, functions and variables as nodes that refer to each other,
 * before it is known which of them other units have had already.  Node 0 is
 * void.  Nodes of one unit take the place of the last one's.
 */

#include <kldsim/types.h>

#include "dwarf/die.h"

/* Kinds of nodes besides the graph's. */
#define NODE_VARIABLE 32
#define NODE_ATOMIC 33

enum {
	NODE_FUNCTION = 1,     /* a subprogram, no type of one */
	NODE_DECLARED = 2,     /* it is defined elsewhere */
	NODE_EXTERNAL = 4,
	NODE_PROTOTYPED = 8,
	NODE_VARIADIC = 16,
	NODE_ADDRESS = 32,
	NODE_INCOMPLETE = 64,  /* its size is not known */
	NODE_INLINED = 128
};

/* How a node is told from others (alike.c). */
enum { ALIKE_WHOLE, ALIKE_NAMED, ALIKE_WAYS };

struct dwarf_part {
	const char *name;
	uint64_t type;      /* a DIE; 0: void */
	uint64_t number;    /* a member's first bit; a value; elements */
	uint32_t bits;
	uint32_t to;        /* the node of that type */
	uint32_t next;      /* the next part; 0: none */
	uint32_t before;
};

struct dwarf_node {
	uint64_t offset;    /* of its DIE */
	uint64_t type;      /* a DIE: to what, of what, what it returns */
	uint64_t origin;    /* a DIE that says the rest of this one */
	uint64_t size;
	uint64_t address;
	uint64_t alike[ALIKE_WAYS];
	const char *name;
	uint32_t first, last, parts;
	uint32_t to;        /* the node of that type */
	uint32_t id;        /* in the graph; 0: not yet */
	uint32_t file;      /* that declares it, in the unit's table */
	uint8_t kind;       /* enum kldsim_type_kind, or NODE_... */
	uint8_t tag;        /* of a FORWARD */
	uint8_t encoding;   /* DW_ATE_... */
	uint8_t flags;
	uint8_t state[ALIKE_WAYS + 1]; /* of a walk */
};

/* A bit-field that is placed when its type's size is known (W-06). */
struct dwarf_field {
	uint64_t bit_offset, byte_size;
	uint32_t part;
	bool old;           /* it has a bit_offset, of DWARF 2 and 3 */
};

struct dwarf_unit {
	struct libdw dw;
	Dwarf *dwarf;
	struct die_section section;     /* the unit's own */
	struct die_section info;        /* .debug_info */
	struct die_section types;       /* .debug_types */
	uint64_t dies_left;             /* W-43: of the file */
	struct dwarf_node *nodes;
	size_t nnodes, nodes_room;
	struct dwarf_part *parts;
	size_t nparts, parts_room;
	struct dwarf_field *fields;
	size_t nfields, fields_room;
	uint64_t *uses;                 /* DIEs that were compiled in */
	size_t nuses, uses_room;
	uint32_t *slots;                /* by DIE: a node */
	size_t nslots;
	const char *producer, *directory, *name;
	uint64_t language;
	char bad[128];                  /* why it cannot be used */
};

/*
 * Read a unit of which the first DIE is at that offset of the section.  False:
 * bad says why it is of no use.
 */
bool dwarf_unit_read(struct dwarf_unit *unit, uint64_t first, bool in_types);
void dwarf_unit_free(struct dwarf_unit *unit);

/* Make room for so many rows of a table, which each has so many bytes. */
void dwarf_grow(void *table, size_t *room, size_t count, size_t each);

/* The node of a DIE; 0: void, or there is none. */
uint32_t dwarf_unit_find(const struct dwarf_unit *unit, uint64_t offset);

/* What a concrete function or variable was made from, or itself. */
const struct dwarf_node *dwarf_unit_origin(const struct dwarf_unit *unit,
    const struct dwarf_node *node);

/* --- alike.c --- */

/* Whether all of it has an end (C-52), and what of it is alike. */
bool dwarf_unit_compare(struct dwarf_unit *unit);

/* Mix a number, or a text, into a hash. */
uint64_t dwarf_mix(uint64_t hash, uint64_t number);
uint64_t dwarf_mix_text(uint64_t hash, const char *text);

/* A walk of what nodes refer to, children first, from a stack on the heap. */
struct dwarf_walk {
	struct dwarf_unit *unit;
	unsigned way;           /* ALIKE_..., or ALIKE_WAYS: by ids */
	/* What to do with a node whose children are done. */
	void (*done)(struct dwarf_walk *walk, struct dwarf_node *node,
	    unsigned way);
	void *user;
	struct dwarf_frame *frames;
	size_t depth, room;
};

bool dwarf_walk(struct dwarf_walk *walk, uint32_t node);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DDB_TYPES_H
#define DDB_TYPES_H

/* The types of linker files, and values that are walked by them. */

#include <kldsim/types.h>

#include "ddb/ddb.h"
#include "inspect/lookup.h"

/* --- types.c --- */

/* What a file tells; NULL: nothing that can be read. */
const struct kldsim_types *kldsim__ddb_types(struct kldsim_ddb *ddb,
    const struct kldsim__file *file);
void kldsim__ddb_types_free(struct kldsim_ddb *ddb);
/* The type of a variable by its symbol; 0: nobody says. */
kldsim_type_id kldsim__ddb_type_of(const struct kldsim_types *types,
    const char *name);
/* Whether a file's symbol of that name is a variable. */
bool kldsim__ddb_is_object(const struct kldsim__file *file, const char *name);
/* What a type is when typedefs and qualifiers are taken off; void: false. */
bool kldsim__ddb_type(const struct kldsim_types *types, kldsim_type_id id,
    struct kldsim_type *type_ret);

/* --- walk.c --- */

#define KLDSIM__DDB_DEPTH 64u

enum kldsim__ddb_step {
	KLDSIM__DDB_LEAF,
	KLDSIM__DDB_ENTER, /* a structure, a union or an array */
	KLDSIM__DDB_LEAVE, /* it is the node that was entered */
	KLDSIM__DDB_DONE
};

/* A part of a value. */
struct kldsim__ddb_node {
	const char *name;    /* of a member; "" if it has none, NULL: element */
	uint64_t index;      /* of an element */
	kldsim_type_id id;   /* as it is declared */
	struct kldsim_type type; /* without typedefs; kind UNKNOWN for void */
	uint64_t offset;     /* bytes from the value's start */
	uint64_t bit;        /* of a bit-field: bits from the value's start, */
	uint32_t bits;       /* and how many; else 0 */
};

/* What has been entered, and how far it is walked. */
struct kldsim__ddb_frame {
	struct kldsim__ddb_node node;
	uint64_t next;
	uint64_t size; /* ARRAY: bytes of an element */
};

struct kldsim__ddb_walk {
	const struct kldsim_types *types;
	kldsim_type_id root; /* 0: it is walked */
	struct kldsim__ddb_frame frames[KLDSIM__DDB_DEPTH];
	size_t depth;
};

void kldsim__ddb_walk_begin(struct kldsim__ddb_walk *walk,
    const struct kldsim_types *types, kldsim_type_id id);
enum kldsim__ddb_step kldsim__ddb_walk_next(struct kldsim__ddb_walk *walk,
    struct kldsim__ddb_node *node_ret);
/* Whether it is an array of characters, which is a leaf. */
bool kldsim__ddb_is_string(const struct kldsim_types *types,
    const struct kldsim_type *type);

/* --- leaf.c --- */

/* The bits of a bit-field that lies in the value's bytes. */
uint64_t kldsim__ddb_take_bits(const struct kldsim_ddb *ddb,
    const struct kldsim__ddb_node *leaf, const uint8_t *bytes);
/* Write a leaf of a value whose bytes are there. */
void kldsim__ddb_put_leaf(struct kldsim_ddb *ddb,
    const struct kldsim_types *types, const struct kldsim__ddb_node *leaf,
    const uint8_t *bytes, uint64_t size);

/* --- pprint.c, value.c --- */

void kldsim__ddb_pprint(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call);
void kldsim__ddb_value(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call);

#endif

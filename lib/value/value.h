/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VALUE_VALUE_H
#define VALUE_VALUE_H

/*
 * Values by their types; the public face is <kldsim/value.h>.
 *
 *	type_of.c     what a name stands for
 *	format.c      the calls that write, and their memory
 *	copies.c      the copies of a variable, and which are alike
 *	differences.c the members in which copies differ
 *	walk.c        a value taken apart, one part at a time
 *	leaf.c        what a part without parts is
 *	initializer.c the text
 *	json.c        the JSON
 *	out.c         where both go
 */

#include <kldsim/value.h>

#include "core/overlay.h"
#include "kern/linker_file.h"
#include "util/text.h"

struct kldsim__value_set;

struct kldsim_typed {
	struct kldsim *sim;
	struct kldsim_typed_info told;
	char *symbol; /* where told.name and told.symbol point to */
	char *file;
	const struct kldsim__value_set *set; /* NULL: of none */
	/* Where the elements end of an array at its end whose number the type
	   does not say, by its symbol; 0: there is none, or nobody says. */
	uint64_t open_end;
};

/* --- out.c --- */

/* What is written; after a failure no more is. */
struct kldsim__value_out {
	struct kldsim__text text;
	kldsim_write_fn write;
	void *user;
	uint64_t steps; /* that are left */
	enum kldsim_status status;
	int sys_errno;
};

void kldsim__value_puts(struct kldsim__value_out *out, const char *text);
void kldsim__value_printf(struct kldsim__value_out *out,
    const char *format, ...) KLDSIM__PRINTF(2, 3);
void kldsim__value_flush(struct kldsim__value_out *out);
/* "01 02 03" */
void kldsim__value_put_hex(struct kldsim__value_out *out,
    const uint8_t *bytes, uint64_t size);
/* One more step of a loop; false: there are no more, or it has failed. */
bool kldsim__value_step(struct kldsim__value_out *out);

/* --- type_of.c --- */

/* A kind of variable that CPUs or vnets have copies of. */
struct kldsim__value_set {
	const char *prefix;
	const char *section;
	const char *what;
	const char *word; /* before the number of a copy */
	enum kldsim_set which;
	enum kldsim_ddb_kind kind;
};

const struct kldsim__set *kldsim__value_set(const struct kldsim *sim,
    const struct kldsim__value_set *row);
/* What a type is when typedefs and qualifiers are taken off; void: false. */
bool kldsim__value_type(const struct kldsim_types *types, kldsim_type_id id,
    struct kldsim_type *type_ret);

/* --- walk.c --- */

#define KLDSIM__VALUE_DEPTH 64u

enum kldsim__value_part {
	KLDSIM__VALUE_LEAF,
	KLDSIM__VALUE_ENTER, /* a structure, a union or an array */
	KLDSIM__VALUE_LEAVE, /* it is the node that was entered */
	KLDSIM__VALUE_DONE
};

/* A part of a value. */
struct kldsim__value_node {
	const char *name;    /* of a member; "" if it has none, NULL: element */
	uint64_t index;      /* of an element */
	uint64_t alike;      /* elements behind it that are left out, being so */
	bool first;          /* of what it is in */
	bool last;           /* nothing of the value comes behind it */
	kldsim_type_id id;   /* as it is declared */
	struct kldsim_type type; /* without typedefs; kind UNKNOWN for void */
	uint64_t offset;     /* bytes from the value's start */
	uint64_t bit;        /* of a bit-field: bits from the value's start, */
	uint32_t bits;       /* and how many; else 0 */
	bool at_most;        /* not more than that; nobody says how many (C-13) */
};

/* What has been entered, and how far it is walked. */
struct kldsim__value_frame {
	struct kldsim__value_node node;
	uint64_t next;
	uint64_t size; /* ARRAY: bytes of an element */
};

struct kldsim__value_walk {
	struct kldsim__value_out *out; /* whose steps are taken */
	const struct kldsim_types *types;
	kldsim_type_id root; /* 0: it is walked */
	uint64_t open_end;   /* of typed */
	size_t depth_max;
	/* Elements that are alike come once; NULL: each one comes. */
	const uint8_t *bytes;
	uint64_t size;
	struct kldsim__value_frame frames[KLDSIM__VALUE_DEPTH];
	size_t depth;
};

void kldsim__value_walk_begin(struct kldsim__value_walk *walk,
    struct kldsim__value_out *out, const struct kldsim_typed *typed,
    unsigned depth);
enum kldsim__value_part kldsim__value_walk_next(
    struct kldsim__value_walk *walk, struct kldsim__value_node *node_ret);
/* Whether it is an array of characters, which is a leaf. */
bool kldsim__value_is_string(const struct kldsim_types *types,
    const struct kldsim_type *type);

/* --- leaf.c --- */

enum kldsim__value_kind {
	KLDSIM__VALUE_NOTE,   /* none: note says why */
	KLDSIM__VALUE_DEEP,   /* it has parts, deeper than is asked for */
	KLDSIM__VALUE_NUMBER,
	KLDSIM__VALUE_BOOL,
	KLDSIM__VALUE_CHAR,
	KLDSIM__VALUE_ENUM,
	KLDSIM__VALUE_POINTER,
	KLDSIM__VALUE_STRING,
	KLDSIM__VALUE_BYTES
};

struct kldsim__value_leaf {
	enum kldsim__value_kind kind;
	uint64_t number;      /* extended if it is signed */
	bool is_signed;
	bool wide;            /* it may have more than 32 bits */
	const char *name;     /* ENUM: its own; POINTER: the nearest symbol's */
	kldsim_size beyond;   /* POINTER: bytes behind that symbol */
	const uint8_t *bytes; /* STRING: up to its NUL; BYTES */
	uint64_t size;
	char note[80];        /* NOTE; STRING: what is odd about its end; "" */
};

/* The bits of a bit-field that lies in the value's bytes. */
uint64_t kldsim__value_bits(const struct kldsim_typed *typed,
    const struct kldsim__value_node *node, const uint8_t *bytes);
/* What a leaf is, of a value whose bytes are there; it takes out's steps. */
void kldsim__value_leaf(struct kldsim__value_out *out,
    const struct kldsim_typed *typed, const struct kldsim__value_node *node,
    const uint8_t *bytes, struct kldsim__value_leaf *leaf_ret);
/* A variable without a type as a leaf (Y-22). */
void kldsim__value_untyped(struct kldsim__value_out *out,
    const struct kldsim_typed *typed, const uint8_t *bytes,
    struct kldsim__value_leaf *leaf_ret);

/* --- copies.c --- */

/* A copy; the first one of a set's variable is the reference copy. */
struct kldsim__value_copy {
	bool reference;
	unsigned id;
	kldsim_addr address;
	const uint8_t *bytes;
	size_t group; /* of those that are alike: the first of them */
};

struct kldsim__value_copies {
	const struct kldsim_typed *typed;
	struct kldsim__value_copy *all;
	size_t count;
	uint8_t *bytes; /* of all copies */
};

/*
 * Find copies, and read them; `overlay` NULL: from bare memory.  Free them in
 * any case.
 */
enum kldsim_status kldsim__value_copies(struct kldsim__value_copies *copies,
    const struct kldsim_typed *typed, int which,
    const struct kldsim__overlay *overlay, struct kldsim_error *error);
/* The value at one address as the only copy. */
enum kldsim_status kldsim__value_one(struct kldsim__value_copies *copies,
    const struct kldsim_typed *typed, kldsim_addr address,
    const struct kldsim__overlay *overlay, struct kldsim_error *error);
void kldsim__value_copies_fini(struct kldsim__value_copies *copies);

/* Group copies by what lies at an offset, so many bytes. */
void kldsim__value_group(struct kldsim__value_copies *copies,
    struct kldsim__value_out *out, uint64_t offset, uint64_t size);
/* And by what a leaf is, which may be some bits only; whether it differs. */
bool kldsim__value_group_leaf(struct kldsim__value_copies *copies,
    struct kldsim__value_out *out, const struct kldsim__value_node *node);
/* Whether there is more than one group. */
bool kldsim__value_differs(const struct kldsim__value_copies *copies);
/* The last copy of those from one on whose numbers go up one by one. */
size_t kldsim__value_run_end(const struct kldsim__value_copies *copies,
    size_t at);

/* --- differences.c --- */

/* Told of a leaf in which copies are not alike; they are grouped by it. */
typedef void (*kldsim__value_difference_fn)(struct kldsim__value_out *out,
    const struct kldsim__value_copies *copies,
    const struct kldsim__value_walk *walk,
    const struct kldsim__value_node *leaf, bool first);

/* Whether there are such. */
bool kldsim__value_each_difference(struct kldsim__value_out *out,
    struct kldsim__value_copies *copies, kldsim__value_difference_fn tell);
/* Where a leaf is: ".queue[3].head"; nothing for the whole value. */
void kldsim__value_put_path(struct kldsim__value_out *out,
    const struct kldsim__value_walk *walk,
    const struct kldsim__value_node *leaf);

/* --- initializer.c, json.c --- */

/* How values are written in one form. */
struct kldsim__value_writer {
	void (*value)(struct kldsim__value_out *out,
	    const struct kldsim_typed *typed, const uint8_t *bytes,
	    unsigned depth);
	void (*copies)(struct kldsim__value_out *out,
	    struct kldsim__value_copies *copies, unsigned depth);
	void (*differences)(struct kldsim__value_out *out,
	    struct kldsim__value_copies *copies);
};

extern const struct kldsim__value_writer kldsim__value_initializer;
extern const struct kldsim__value_writer kldsim__value_json;

/* --- format.c --- */

/*
 * kldsim_format_copies() for who is asked a question already, and sees memory
 * through an overlay.  Of a type alone: the value at an address.
 */
enum kldsim_status kldsim__format(const struct kldsim_typed *typed,
    const kldsim_addr *address, const struct kldsim_value_options *options,
    const struct kldsim__overlay *overlay, uint64_t steps,
    kldsim_write_fn write, void *user, struct kldsim_error *error);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TYPES_GRAPH_H
#define TYPES_GRAPH_H

/*
 * The graph itself: rows of a few tables, which refer to each other by number.
 * build.h makes it, kldsim/types.h and neutral.h ask it.
 */

#include <pthread.h>

#include <kldsim/types.h>

#include "util/arena.h"

enum {
	KLDSIM__TYPE_ROOT = 1,
	KLDSIM__TYPE_VARIADIC = 2,
	KLDSIM__TYPE_CUT = 4,
	KLDSIM__TYPE_MADE = 8,
	KLDSIM__TYPE_UNSAID = 16 /* of a function's arguments (C-23) */
};

/* Names are offsets in the graph's strings. */
struct kldsim__type {
	uint64_t size;
	union {
		uint64_t count; /* ARRAY */
		uint32_t code;  /* INTEGER, FLOAT: CTF's word (C-11) */
		struct {        /* in members, values or arguments */
			uint32_t first;
			uint32_t n;
		};
	};
	uint32_t at;       /* offset in the section */
	uint32_t name;
	uint32_t ref;
	uint32_t stripped; /* without typedefs and qualifiers */
	uint32_t handle;   /* name of the last typedef before that */
	uint8_t kind;
	uint8_t tag;
	uint8_t flags;
};

struct kldsim__type_member {
	uint64_t bit;
	uint32_t name;
	uint32_t type;
	uint32_t bits;
	bool at_most;
};

struct kldsim__type_value {
	int64_t value;
	uint32_t name;
};

struct kldsim__type_symbol {
	uint32_t name;
	uint32_t type;
	uint32_t index;
	bool function;
};

struct kldsim__types_index;

struct kldsim_types {
	struct kldsim__alloc alloc;
	struct kldsim__arena arena; /* names of the file, remarks */
	struct kldsim_types_info info;
	/* Of enums the format has no width as bit-fields (C-13), and of values
	   the low 32 bits (C-17). */
	bool enums_cut;
	char *strings;
	size_t strings_size, strings_cap;
	uint8_t *pages;             /* that strings lie in; NULL: in none */
	size_t pages_size;
	struct kldsim__type *types; /* by id; 0 is void */
	size_t ntypes, types_cap;   /* with void */
	struct kldsim__type_member *members;
	size_t nmembers, members_cap;
	struct kldsim__type_value *values;
	size_t nvalues, values_cap;
	uint32_t *arguments;
	size_t narguments, arguments_cap;
	struct kldsim__type_symbol *symbols; /* by index */
	size_t nsymbols, symbols_cap;
	struct kldsim_types_remark *remarks;
	size_t nremarks, remarks_cap;
	pthread_mutex_t lock;       /* guards index, made when asked for */
	struct kldsim__types_index *index;
};

static inline bool
kldsim__type_is_sou(unsigned kind)
{
	return (kind == KLDSIM_TYPE_STRUCT || kind == KLDSIM_TYPE_UNION);
}

static inline bool
kldsim__type_is_qualifier(unsigned kind)
{
	return (kind >= KLDSIM_TYPE_VOLATILE && kind <= KLDSIM_TYPE_RESTRICT);
}

/* What has its type in ref and is transparent: the others end a chain. */
static inline bool
kldsim__type_is_alias(unsigned kind)
{
	return (kind == KLDSIM_TYPE_TYPEDEF || kldsim__type_is_qualifier(kind));
}

/* How many bits an integer or a float has: C-11. */
static inline uint32_t
kldsim__type_bits(const struct kldsim__type *type)
{
	return (type->code & 0xffff);
}

static inline const char *
kldsim__type_name(const struct kldsim_types *types,
    const struct kldsim__type *type)
{
	return (types->strings + type->name);
}

/* --- types.c --- */

/* The caller's options with the defaults; the answer is what is wrong, or NULL. */
const char *kldsim__types_options(const struct kldsim_types_options *given,
    struct kldsim_types_options *options_ret);

/* --- index.c --- */

void kldsim__types_index_free(struct kldsim_types *types);

#endif

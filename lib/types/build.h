/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TYPES_BUILD_H
#define TYPES_BUILD_H

/*
 * Makes a graph of types from what a reader finds.  Readers know formats; what
 * must be true of any graph is checked here, once.
 *
 * A builder remembers its first mistake and takes nothing after it, so its calls
 * need no checks; a reader asks kldsim__build_failed() where it would go on for
 * long.
 */

#include "types/graph.h"
#include "util/bytes.h"
#include "util/format.h"

struct kldsim__build {
	struct kldsim_types *types;
	struct kldsim_limits limits;
	const char *section;    /* for messages */
	uint64_t file_offset;   /* where that is in the file; 0: it is inflated */
	uint32_t remarks_left_out;
	enum kldsim_status status;
	struct kldsim_error *error;
};

/* error may be NULL; false if there is no memory, which is told there. */
bool kldsim__build_init(struct kldsim__build *build, const char *file,
    const struct kldsim_types_options *options, struct kldsim_error *error);

/* Check all of it and hand it over; or free it. */
enum kldsim_status kldsim__build_finish(struct kldsim__build *build,
    struct kldsim_types **types_ret);

static inline bool
kldsim__build_failed(const struct kldsim__build *build)
{
	return (build->status != KLDSIM_OK);
}

/* A mistake at an offset of the section; false. */
bool kldsim__build_fail(struct kldsim__build *build, enum kldsim_status status,
    uint64_t at, const char *format, ...) KLDSIM__PRINTF(4, 5);
bool kldsim__build_nomem(struct kldsim__build *build);
/* So many, if the limit, a field of build->limits, allows. */
bool kldsim__build_limited(struct kldsim__build *build, const uint64_t *limit,
    uint64_t have, const char *what);
void kldsim__build_remark(struct kldsim__build *build, const char *rules,
    uint64_t at, const char *format, ...) KLDSIM__PRINTF(4, 5);

/* Append strings as they are, and a NUL; where the first of them is. */
uint32_t kldsim__build_strings(struct kldsim__build *build, const void *bytes,
    uint64_t size);
/*
 * The first strings are where a reader has them already: in pages of the host,
 * which are the graph's from then on.  They begin with "", and behind them are
 * zeros, which have to be enough for all that are appended.  False: no more.
 */
bool kldsim__build_strings_in(struct kldsim__build *build, uint8_t *pages,
    size_t pages_size, size_t at, size_t size);

/* So many rows of each table. */
struct kldsim__build_rows {
	uint64_t types, members, values, arguments;
	/* Limits are not for these; all arguments are looked at in the end. */
	uint64_t symbols, made, made_arguments;
};

/* Make room for more, if limits allow; more come all the same. */
bool kldsim__build_reserve(struct kldsim__build *build,
    const struct kldsim__build_rows *more);
bool kldsim__build_reserve_parts(struct kldsim__build *build, uint64_t members,
    uint64_t values, uint64_t arguments);

/*
 * The next type's row, all of which is to be filled in; NULL on failure.  Its
 * members, values or arguments come after it and before the next one.  A
 * reference may be to a type that is yet to come.  made: a symbol's prototype, or a
 * parent's type; for these there are limits elsewhere.
 */
struct kldsim__type *kldsim__build_another_type(struct kldsim__build *build,
    bool made);

/*
 * There are many: where there is room already, no more is asked.  Nor are they
 * copied: what was just stored in small pieces is slow to be read in large ones.
 */
static inline struct kldsim__type *
kldsim__build_type(struct kldsim__build *build, bool made)
{
	struct kldsim_types *types = build->types;

	if (types->ntypes == types->types_cap || kldsim__build_failed(build) ||
	    types->ntypes > build->limits.types)
		return (kldsim__build_another_type(build, made));
	return (&types->types[types->ntypes++]);
}

/* The number of the last one. */
static inline uint32_t
kldsim__build_id(const struct kldsim__build *build)
{
	return ((uint32_t)build->types->ntypes - 1);
}

/* So many more parts of the last type, of which there are so many so far. */
static inline void
kldsim__build_take_parts(struct kldsim__type *type, size_t first, uint32_t n)
{
	if (type->n == 0)
		type->first = (uint32_t)first;
	type->n += n;
}

/*
 * So many members, values or arguments, one at least, to be filled in at once;
 * NULL on failure.
 */
static inline struct kldsim__type_member *
kldsim__build_members(struct kldsim__build *build, uint32_t n)
{
	struct kldsim_types *types = build->types;

	if (n > types->members_cap - types->nmembers &&
	    !kldsim__build_reserve_parts(build, n, 0, 0))
		return (NULL);
	kldsim__build_take_parts(&types->types[types->ntypes - 1],
	    types->nmembers, n);
	types->nmembers += n;
	return (&types->members[types->nmembers - n]);
}

static inline struct kldsim__type_value *
kldsim__build_values(struct kldsim__build *build, uint32_t n)
{
	struct kldsim_types *types = build->types;

	if (n > types->values_cap - types->nvalues &&
	    !kldsim__build_reserve_parts(build, 0, n, 0))
		return (NULL);
	kldsim__build_take_parts(&types->types[types->ntypes - 1],
	    types->nvalues, n);
	types->nvalues += n;
	return (&types->values[types->nvalues - n]);
}

static inline uint32_t *
kldsim__build_arguments(struct kldsim__build *build, uint32_t n)
{
	struct kldsim_types *types = build->types;

	if (n > types->arguments_cap - types->narguments &&
	    !kldsim__build_reserve_parts(build, 0, 0, n))
		return (NULL);
	kldsim__build_take_parts(&types->types[types->ntypes - 1],
	    types->narguments, n);
	types->narguments += n;
	return (&types->arguments[types->narguments - n]);
}

struct kldsim__type_symbol *kldsim__build_another_symbol(
    struct kldsim__build *build);

/*
 * The next symbol's row, to be filled in likewise: they come in the order of their
 * indexes.
 */
static inline struct kldsim__type_symbol *
kldsim__build_symbol(struct kldsim__build *build)
{
	struct kldsim_types *types = build->types;

	if (types->nsymbols == types->symbols_cap ||
	    kldsim__build_failed(build))
		return (kldsim__build_another_symbol(build));
	return (&types->symbols[types->nsymbols++]);
}

/* --- resolve.c: what must be true of every graph --- */

/* References, cycles, sizes, and what is odd. */
void kldsim__build_resolve(struct kldsim__build *build);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_TYPES_BUILD_H
#define KLDSIM_TYPES_BUILD_H

/*
 * Builds the types of types.h from what another reader than the library's own
 * has found, one of DWARF for instance.
 *
 * Types are numbered from 1 in the order in which they are added; a type may
 * refer to one that is yet to come, which has its number by then.  Members,
 * values and arguments come after their type and before the next one.
 *
 * A builder remembers its first mistake and ignores what follows, so adding needs
 * no checks: kldsim_types_build_finish() tells of that mistake.  Every call takes
 * NULL for the builder too, so a failed kldsim_types_build_new() needs none
 * either: the last call answers KLDSIM_NOMEM then.
 *
 * Thread: one at a time.
 * Ownership: names and texts are copied.
 */

#include <kldsim/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim_types_build;

/* What is read. */
struct kldsim_types_source {
	const char *file;
	const char *section; /* for messages, with the offsets of types */
	const char *format;  /* "DWARF" */
	unsigned version;
	unsigned word_bits;  /* of the target: 32 or 64 */
	bool big_endian;
	bool compressed;
	kldsim_size stored;  /* bytes of the section in the file, */
	kldsim_size size;    /* and uncompressed */
};

/**
 * Begin; options NULL means the defaults.
 *
 * Ownership: the caller frees it with kldsim_types_build_free().
 * Errors: NULL if there is no memory, or an option or the source makes no sense.
 */
KLDSIM_API struct kldsim_types_build *kldsim_types_build_new(
    const struct kldsim_types_source *source,
    const struct kldsim_types_options *options);

/** Free a builder; the types that it has finished stay.  NULL is fine. */
KLDSIM_API void kldsim_types_build_free(struct kldsim_types_build *build);

/**
 * Add a type, as kldsim_type_get() is to tell of it; the answer is its number, 0
 * on failure.
 *
 * Of its size the builder knows that of pointers, typedefs and qualifiers by
 * itself, and of an array without one; count is that of an array's elements
 * alone, and made is not looked at.
 */
KLDSIM_API kldsim_type_id kldsim_types_build_type(
    struct kldsim_types_build *build, const struct kldsim_type *type);

/** Add a member to the last type, a structure or union. */
KLDSIM_API void kldsim_types_build_member(struct kldsim_types_build *build,
    const struct kldsim_type_member *member);

/** Add a value to the last type, an enum. */
KLDSIM_API void kldsim_types_build_value(struct kldsim_types_build *build,
    const struct kldsim_type_value *value);

/** Add an argument to the last type, a function. */
KLDSIM_API void kldsim_types_build_argument(struct kldsim_types_build *build,
    kldsim_type_id argument);

/**
 * Add a function or variable, in the order of the symbol table.  A function's
 * type is one of kind FUNCTION.
 */
KLDSIM_API void kldsim_types_build_symbol(struct kldsim_types_build *build,
    const struct kldsim_typed_symbol *symbol);

/** Add a remark. */
KLDSIM_API void kldsim_types_build_remark(struct kldsim_types_build *build,
    const struct kldsim_types_remark *remark);

/**
 * Check all of it and give the types; the builder can then only be freed.
 *
 * Ownership: the caller frees the types with kldsim_types_free().
 * Errors: KLDSIM_MALFORMED for types that refer to none, or contain themselves,
 * KLDSIM_ARG for what was added where it does not belong, KLDSIM_STATE the second
 * time, KLDSIM_LIMIT, KLDSIM_NOMEM.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_types_build_finish(
    struct kldsim_types_build *build, struct kldsim_types **types_ret,
    struct kldsim_error *error_ret);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_VALUE_H
#define KLDSIM_VALUE_H

/*
 * Values of a simulated kernel by their C types: variables, the copies that
 * CPUs and vnets have of them, and any other memory (Y-20 to Y-22 of
 * docs/inspect-semantics.md).  No kernel has this; what ddb(4)'s own pprint
 * prints is kldsim_ddb_command()'s.
 *
 * The text is a C initializer, as gdb prints it.  The JSON is described by
 * docs/kldsim.value.schema.json.
 *
 * Nothing here changes a simulated kernel.
 *
 * Thread: one thread at a time uses a simulated kernel.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kldsim/core.h>
#include <kldsim/ddb.h>
#include <kldsim/status.h>
#include <kldsim/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim;
struct kldsim_typed;

/* What kldsim_type_of() has found. */
struct kldsim_typed_info {
	const char *name;   /* without its prefix; "" of a type alone */
	const char *symbol; /* "vnet_entry_foo"; "" of a type alone */
	const char *file;   /* the linker file that tells */
	const struct kldsim_types *types; /* NULL: it tells none */
	kldsim_type_id type; /* 0: nobody says of which (Y-22) */
	kldsim_size size;    /* bytes of one copy */
	enum kldsim_ddb_kind kind;
	/* A variable's only copy, or its reference copy; 0 of a type alone. */
	kldsim_addr address;
};

enum kldsim_value_form {
	KLDSIM_VALUE_TEXT = 0,
	KLDSIM_VALUE_JSON = 1
};

/* Which copies of a variable; else the number of a CPU or vnet. */
#define KLDSIM_VALUE_ALL (-1)
#define KLDSIM_VALUE_REFERENCE (-2)

/* Size-tagged, as struct kldsim_options is. */
struct kldsim_value_options {
	size_t size;      /* sizeof(struct kldsim_value_options) */
	enum kldsim_value_form form;
	/* Structures and arrays within each other that are opened; those that
	   are deeper are "{ ... }".  0: as many as there may be, which is 64. */
	unsigned depth;
	int copy;         /* kldsim_format_copies(): which; all */
	bool differences; /* and only members in which these differ */
};

/**
 * Set every option to its default.
 *
 * Units: size is sizeof(*options), as the caller knows it.
 */
KLDSIM_API void kldsim_value_options_init(struct kldsim_value_options *options,
    size_t size);

/**
 * Find out of which type something is: a variable by its name, without the
 * prefix if it is a VNET or DPCPU variable, or "struct foo", "union foo".
 *
 * Ownership: the caller frees it with kldsim_typed_free(), before the kernel
 * goes.  It may outlive the file that the variable is in.
 * Errors: KLDSIM_NOENT if nothing has the name, KLDSIM_NOMEM.
 * Kernel: B-11; but variables of shared objects, which DDB does not find
 * (B-13), are found, and their place in modspace.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_type_of(struct kldsim *sim,
    const char *name, struct kldsim_typed **typed_ret,
    struct kldsim_error *error_ret);

/** Free it; NULL is fine. */
KLDSIM_API void kldsim_typed_free(struct kldsim_typed *typed);

/**
 * Say what was found.
 *
 * Ownership: names last as long as what was found, types as long as the
 * simulated kernel.
 */
KLDSIM_API void kldsim_typed_info(const struct kldsim_typed *typed,
    struct kldsim_typed_info *info_ret);

/**
 * Write the value at an address, a copy's or any other, by the type.  Without a
 * type it is a number of 1, 2, 4 or 8 bytes, or the bytes.  Options of NULL are
 * the defaults.
 *
 * Units: address is a target address.
 * Errors: KLDSIM_FAULT for memory that is not there, KLDSIM_SYS if write() gives
 * an errno, KLDSIM_LIMIT for more than 64 MiB and for more steps than the limit
 * work, KLDSIM_ARG for options of an unknown size, KLDSIM_NOMEM.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_format(
    const struct kldsim_typed *typed, kldsim_addr address,
    const struct kldsim_value_options *options, kldsim_write_fn write,
    void *user, struct kldsim_error *error_ret);

/**
 * Write a variable: what it is, and the values of its copies, those of one
 * value together; or only the members in which they differ.
 *
 * Errors: as kldsim_format(); KLDSIM_NOENT for a CPU or vnet that does not exist
 * and for what is no variable.
 * Kernel: A-21, D-74; the reference copy is the one in the kernel's own set.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_format_copies(
    const struct kldsim_typed *typed,
    const struct kldsim_value_options *options, kldsim_write_fn write,
    void *user, struct kldsim_error *error_ret);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_DDB_H
#define KLDSIM_DDB_H

/*
 * The kernel's own debugger, ddb(4): a session of it, line by line, and its
 * answers to single questions: what a name in an expression stands for, and its
 * list of files.
 *
 * Nothing here changes a simulated kernel.
 *
 * Thread: one thread at a time uses a simulated kernel, its sessions too.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim;
struct kldsim_ddb;

/*
 * On whose behalf the debugger has been entered, as no thread is simulated.
 * Size-tagged, as struct kldsim_options is.
 */
struct kldsim_ddb_options {
	size_t size;     /* sizeof(struct kldsim_ddb_options) */
	unsigned curcpu; /* 0 */
	int curvnet;     /* a vnet's number; -1, NULL, as mostly (B-62) */
};

/* How DDB came to the value of a name (rule B-11). */
enum kldsim_ddb_kind {
	KLDSIM_DDB_PLAIN = 0, /* a symbol of that name */
	KLDSIM_DDB_DPCPU = 1, /* pcpu_entry_NAME, on the CPU of $db_cpu */
	KLDSIM_DDB_VNET = 2   /* vnet_entry_NAME, in the vnet of $db_vnet */
};

/* A file as DDB's kldstat lists it (rule K-43). */
struct kldsim_ddb_file {
	int id;
	int refs;
	bool linked;      /* false: half loaded, or a zombie (K-23) */
	const char *name; /* base name */
	const char *path;
	kldsim_addr address;
	kldsim_size size; /* bytes, not rounded */
};

/**
 * What a name stands for in an expression: the symbol of that name, else the
 * DPCPU variable on one CPU, else the VNET variable in one vnet.  A symbol is
 * the first of that name in the kernel's full symbol table, where local ones
 * come first, else that of the first file that has it.  Variables of ET_DYN
 * modules are not found, because their symbols lie outside the kernel's sets.
 *
 * Units: db_cpu is a CPU number, -1 for the current CPU, which is CPU 0;
 * db_vnet is a vnet number, -1 for curvnet, which is vnet 0; the value is a
 * target address.
 * Errors: KLDSIM_NOENT if nothing has the name, KLDSIM_ARG for a CPU that does
 * not exist, KLDSIM_FAULT for a vnet that does not (DDB takes any pointer and
 * faults) or where the kernel would read outside a string table, KLDSIM_NOMEM.
 * Kernel: B-10 to B-16; names are cut after 255 bytes, the prefix included.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_ddb_value(
    struct kldsim *sim, const char *name, int db_cpu, int db_vnet,
    kldsim_addr *value_ret, enum kldsim_ddb_kind *kind_ret);

/**
 * One file of the list, those that are not linked included.
 *
 * Units: index counts from 0, in list order.
 * Ownership: names are borrowed, and last until the file is gone.
 * Errors: KLDSIM_NOENT past the last file.
 * Kernel: K-43; kldnext(2) passes over such files (L-10).
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_file_at(
    const struct kldsim *sim, size_t index,
    struct kldsim_ddb_file *file_ret);

/**
 * Set every option to its default.
 *
 * Units: size is sizeof(*options), as the caller knows it.
 */
KLDSIM_API void kldsim_ddb_options_init(struct kldsim_ddb_options *options,
    size_t size);

/**
 * Enter the debugger.  Options of NULL are the defaults.
 *
 * Ownership: the caller gives it to kldsim_ddb_close(), before the kernel goes.
 * Errors: KLDSIM_NOENT for a vnet, KLDSIM_ARG for a CPU that does not exist and
 * for options of an unknown size, KLDSIM_NOMEM.
 * Kernel: B-70 to B-73 of docs/inspect-semantics.md.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_ddb_open(struct kldsim *sim,
    const struct kldsim_ddb_options *options, struct kldsim_ddb **ddb_ret);

/** Leave it.  NULL is fine. */
KLDSIM_API void kldsim_ddb_close(struct kldsim_ddb *ddb);

/**
 * Type a line, and read what the debugger prints until it prompts again, its
 * prompt left out.  Mistakes are part of that: the debugger complains, and goes
 * on with the next line.
 *
 * Units: size counts the line's bytes, of which 119 at most are taken, none
 * from a newline on; *size_ret counts those printed, at most 8 MiB.
 * Ownership: the text lasts until the session is used again; it is not
 * terminated.
 * Errors: KLDSIM_NOMEM; the session can go on.
 * Kernel: B-40 to B-69 and Y-10 to Y-14 of docs/inspect-semantics.md.  What
 * would change memory, run something or needs a thread says "not simulated".
 * One command is no kernel's: value, which shows copies of variables by their
 * types (Y-20 to Y-22).
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_ddb_command(
    struct kldsim_ddb *ddb, const char *line, size_t size,
    const char **text_ret, size_t *size_ret);

/**
 * Whether the last line was "continue", on which the kernel goes on and the
 * debugger is left.
 */
KLDSIM_API bool kldsim_ddb_left(const struct kldsim_ddb *ddb);

/**
 * $lines: how many lines the debugger prints on a terminal before it waits for
 * a key; it does not if that is not above 0.
 *
 * Kernel: B-60 of docs/inspect-semantics.md.
 */
KLDSIM_API int64_t kldsim_ddb_lines(const struct kldsim_ddb *ddb);

#ifdef __cplusplus
}
#endif

#endif

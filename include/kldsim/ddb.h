/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_DDB_H
#define KLDSIM_DDB_H

/*
 * What the kernel's own debugger, ddb(4), would answer: what a name in an
 * expression stands for, and its list of files.
 *
 * Thread: one thread at a time uses a simulated kernel.
 */

#include <stdbool.h>

#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim;

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
 * What a name stands for in an expression: the symbol of that name in the
 * first file that has it, else the DPCPU variable on one CPU, else the VNET
 * variable in one vnet.  Variables of ET_DYN modules are not found, because
 * their symbols lie outside the kernel's sets.
 *
 * Units: db_cpu is a CPU number, -1 for the current CPU, which is CPU 0;
 * db_vnet is a vnet number, -1 for curvnet, which is vnet 0; the value is a
 * target address.
 * Errors: KLDSIM_NOENT if nothing has the name, KLDSIM_ARG for a CPU that does
 * not exist, KLDSIM_FAULT for a vnet that does not (DDB takes any pointer and
 * faults) or where the kernel would read outside a string table, KLDSIM_NOMEM.
 * Kernel: B-10 to B-13; names are cut after 255 bytes, the prefix included.
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

#ifdef __cplusplus
}
#endif

#endif

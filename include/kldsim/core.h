/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_CORE_H
#define KLDSIM_CORE_H

/*
 * The memory of a simulated kernel as an ELF core, which gdb, LLDB and drgn
 * open, with the scripts that tell gdb and LLDB where the modules are; and as a
 * minidump, which libkvm and kgdb open.
 *
 * These are questions: kernel, console lines and findings stay as they are.
 *
 * Thread: one thread at a time uses a simulated kernel.
 */

#include <stdint.h>

#include <kldsim/report.h>
#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim;

/*
 * Takes the next bytes of a file; `bytes` NULL stands for zeros, which may
 * become a hole.  Gives 0, or the host's errno, which ends the call.
 */
typedef int (*kldsim_write_fn)(void *user, const void *bytes, uint64_t size);

/* Told of what debuggers will miss; the finding lasts as long as the call. */
typedef void (*kldsim_found_fn)(void *user,
    const struct kldsim_finding *finding);

struct kldsim_core_options {
	size_t size;        /* sizeof(struct kldsim_core_options) of the caller */
	const char *name;   /* the core's own file name, for the scripts */
	const char *folder; /* where relative names of the host begin; NULL: they
	                       stay relative */
	kldsim_found_fn found; /* NULL: nobody wants to know */
	void *found_user;
};

/**
 * Set every option to its default: a core called "core", relative names.
 *
 * Units: size is sizeof(*options), as the caller knows it.
 */
KLDSIM_API void kldsim_core_options_init(struct kldsim_core_options *options,
    size_t size);

/**
 * Write the core.  What kernel and modules can write is in it; what they only
 * read and the kernel's file has is left to that file.  The list of linker
 * files is there too, with names of the host, so that debuggers walk it.
 *
 * Errors: KLDSIM_SYS if write() gives an errno, KLDSIM_LIMIT for memory in
 * more pieces than a core can have, or that its word size cannot tell,
 * KLDSIM_NOMEM.
 * Kernel: E-40, E-41, E-70 of docs/inspect-semantics.md; none of FreeBSD's own
 * dumps.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_core_write(
    struct kldsim *sim, const struct kldsim_core_options *options,
    kldsim_write_fn write, void *user, struct kldsim_error *error_ret);

/**
 * Write a minidump of the oldest version that the machine's libkvm reads, for
 * kgdb and tools over libkvm on a FreeBSD host.  All memory is in it; where the
 * kernel's symbols and types allow, also proc0 with thread0 and the way to vnet0,
 * so that kvm_nlist(3) translates.
 *
 * Errors: KLDSIM_SYS if write() gives an errno, KLDSIM_UNSUPPORTED for a machine
 * whose minidumps are not known (E-30 has four), KLDSIM_LIMIT for memory where
 * they cannot have it, KLDSIM_NOMEM.
 * Kernel: E-30 to E-36, E-71 of docs/inspect-semantics.md.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_core_write_minidump(
    struct kldsim *sim, const struct kldsim_core_options *options,
    kldsim_write_fn write, void *user, struct kldsim_error *error_ret);

/**
 * Write gdb's script: it opens kernel and core, names the modules' sections,
 * and defines vprint, dprint, $V and $PCPU.
 *
 * Errors: KLDSIM_SYS if write() gives an errno, KLDSIM_NOMEM.
 * Kernel: E-42, E-43, E-80 to E-84 of docs/inspect-semantics.md.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_core_write_gdb(
    struct kldsim *sim, const struct kldsim_core_options *options,
    kldsim_write_fn write, void *user, struct kldsim_error *error_ret);

/**
 * Write LLDB's script: the same for LLDB, with vprint and dprint.
 *
 * Errors: as kldsim_core_write_gdb().
 * Kernel: E-43, E-80, E-81 of docs/inspect-semantics.md.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_core_write_lldb(
    struct kldsim *sim, const struct kldsim_core_options *options,
    kldsim_write_fn write, void *user, struct kldsim_error *error_ret);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_NEXT_BOOT_H
#define KLDSIM_NEXT_BOOT_H

/*
 * The next boot of an installed system, as far as modules go: what loader.conf
 * has the boot loader put into memory, with the kernel that it chooses, and what
 * kld_list of rc.conf loads after that.
 *
 * The files are read as loader(8) and rc(8) read them, as far as assignments go.
 * What is a program in them, Lua or shell, is not run; a remark says so where it
 * could matter.
 *
 * Ownership: a next boot owns its kernel and all that is told of it.
 * Thread: one thread at a time uses a next boot.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kldsim/check.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim_source;
struct kldsim_next_boot;

/* One thing that is to be loaded. */
struct kldsim_next_boot_file {
	const char *name;  /* of a module, or a path */
	const char *where; /* "/boot/loader.conf:3" says so */
	bool preload;      /* by the boot loader; else kld_list */
	const char *type;  /* of one that is no module, and not tried; or NULL */
	/* KLDSIM_CHECK_NOT_TRIED with a finding: rc(8) passes it over. */
	struct kldsim_check_answer answer;
};

/**
 * Read what a system loads when it boots next, and boot it.
 *
 * The source's root is the system's (source.h).  Of options, preloads,
 * module_path and source are not used: the system says what they are.
 *
 * Ownership: the caller gives the result to kldsim_next_boot_free().
 * Errors: as kldsim_boot(); KLDSIM_NOENT if there is no kernel.  What of the
 * configuration cannot be read, or is too much, is left out, and a remark says so.
 * Kernel: P-30, P-31, P-13 to P-16 and P-26.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_next_boot(
    struct kldsim_source *source, const struct kldsim_options *options,
    struct kldsim_next_boot **next_ret, struct kldsim_error *error_ret);

/** Free a next boot.  NULL is fine. */
KLDSIM_API void kldsim_next_boot_free(struct kldsim_next_boot *next);

/** Where the kernel is that the boot loader chooses. */
KLDSIM_API const char *kldsim_next_boot_kernel_path(
    const struct kldsim_next_boot *next);

/**
 * That kernel.
 *
 * Ownership: borrowed until kldsim_next_boot_free().
 */
KLDSIM_API struct kldsim_image *kldsim_next_boot_image(
    struct kldsim_next_boot *next);

/** The module_path of the boot loader, and of the kernel. */
KLDSIM_API const char *kldsim_next_boot_module_path(
    const struct kldsim_next_boot *next);

/**
 * The kernel when all has been loaded, dead if it does not come up; console
 * lines and findings of the whole boot are in it.
 *
 * Ownership: borrowed; it is only to be read.
 */
KLDSIM_API struct kldsim *kldsim_next_boot_sim(struct kldsim_next_boot *next);

/**
 * One thing that is to be loaded, in the order in which they are.
 *
 * Units: index counts from 0.
 * Errors: NULL behind the last one.
 */
KLDSIM_API const struct kldsim_next_boot_file *kldsim_next_boot_file_at(
    const struct kldsim_next_boot *next, size_t index);

/**
 * What is worth knowing of the configuration, one sentence after the other: lines
 * that are understood by nobody, or that this does not play.
 *
 * Units: index counts from 0.
 * Errors: NULL behind the last one.
 */
KLDSIM_API const char *kldsim_next_boot_remark(
    const struct kldsim_next_boot *next, size_t index);

#ifdef __cplusplus
}
#endif

#endif

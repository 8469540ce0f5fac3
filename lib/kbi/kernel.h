/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KBI_KERNEL_H
#define KBI_KERNEL_H

/* What a kernel file says of how it was built, asked once and kept. */

#include "kbi/options.h"

/*
 * Asked of the kernel when the first module wants to know.  An answer is what
 * the file says, so that it never changes: no undoing (struct kldsim__built).
 */
int kldsim__kernel_built(struct kldsim *sim,
    const struct kldsim__built **built_ret);
/*
 * The same, and where it has no configuration in it, its symbols have been
 * looked through for options (G-02): for when there is something to explain.
 */
int kldsim__kernel_seen(struct kldsim *sim,
    const struct kldsim__built **built_ret);
enum kldsim__has kldsim__kernel_has(const struct kldsim__built *built,
    enum kldsim__kernel_option option);
/*
 * Whether its lock functions take file and line (G-12): the option to which
 * that is due, KLDSIM__NOPTIONS if they do not, or nobody knows.
 */
enum kldsim__kernel_option kldsim__locks_debugged(
    const struct kldsim__built *built);
/* What inline locks call, all of it (lint.c); size 0: the kernel has none. */
int kldsim__find_locks(struct kldsim *sim, kldsim_addr *start_ret,
    kldsim_size *size_ret);
/* A symbol of the kernel; a question that changes nothing (0: not there). */
int kldsim__ask_kernel(struct kldsim *sim, const char *name,
    kldsim_addr *value_ret, kldsim_size *size_ret);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KBI_KBI_H
#define KBI_KBI_H

/*
 * Was this module built for that kernel?  What needs no types: options that
 * symbols show (options.h), locks, sets of CPUs, vnets (lint.c), and version
 * words (words.c).
 *
 * All of it is findings; nothing changes the simulated kernel.  What is the
 * same by construction costs nothing: names are looked through only where the
 * kernel, or the headers of the module, leave something to find.
 */

#include "kern/linker_file.h"
#include "kern/module.h"

/* A dependency of the file: on the kernel, it tells of the headers (I-60). */
void kldsim__note_headers(struct kldsim__file *file, const char *name,
    const struct kldsim__mod_depend *range);

/* A file that has been linked, its calls are still to come. */
int kldsim__kbi_lint(struct kldsim *sim, struct kldsim__file *file);
/* MOD_LOAD of a module: vfs_modevent() and g_modevent() refuse (I-60). */
int kldsim__kbi_mod_load(struct kldsim *sim,
    const struct kldsim__module *module);
/*
 * What a version of an interface says besides its number, for a module that
 * wants one and a file that offers another; "" if nothing (I-60).
 */
const char *kldsim__kbi_interface(const char *name, int wanted, int offered);

/* --- between the sources of this room --- */

/* cdevsw and SDT probes of a file with other headers than the kernel's. */
int kldsim__kbi_probes(struct kldsim *sim, struct kldsim__file *file);
int kldsim__kbi_cdevsw(struct kldsim *sim, const struct kldsim__file *file,
    const struct kldsim__told_symbol *symbol);

#endif

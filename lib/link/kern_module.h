/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_KERN_MODULE_H
#define LINK_KERN_MODULE_H

/* struct module and its handlers (kern_module.c). */

#include "kern/set_walk.h"
#include "kern/linker_file.h"

/*
 * linker_file_register_modules() (M-20): the first errno of its kind, but all
 * are tried.  At boot the answer is ignored.
 */
int kldsim__register_modules(struct kldsim *sim, struct kldsim__file *file,
    bool ignored);
/* Whether a file's metadata has a module of a name. */
int kldsim__declares_module(struct kldsim *sim, struct kldsim__file *file,
    const char *name, bool *declares_ret);
/* module_register_init() (M-21), with the moduledata_t it is given. */
int kldsim__mod_load(const struct kldsim__set_walk *walk, kldsim_addr udata);
/* Every MOD_LOAD of a file has failed: ENOEXEC, and why (K-22 step 7). */
int kldsim__no_module_left(struct kldsim *sim,
    const struct kldsim__file *file);
/* The module of a dependency has refused to start, which nobody looks at. */
void kldsim__note_dead_dependency(struct kldsim *sim,
    const struct kldsim__file *file, const char *name,
    const struct kldsim__file *provider);
/* Quiesce and unload all modules of a file (U-10 steps 4 and 5). */
int kldsim__unload_modules(struct kldsim *sim, struct kldsim__file *file,
    int flags);
/*
 * The kernel's own file is asked to go: its modules are told until one
 * refuses, at the latest the first that would have to go.
 */
int kldsim__kernel_modules_refuse(struct kldsim *sim, int flags);

#endif

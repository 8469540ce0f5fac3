/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INSPECT_LOOKUP_H
#define INSPECT_LOOKUP_H

/* A symbol as debuggers look for it; done within a question. */

#include "kern/linker_class.h"

struct kldsim__debug_symbol {
	struct kldsim__file *file;
	struct kldsim__symref ref;
	kldsim_addr value;
	kldsim_size size;
};

/*
 * linker_debug_lookup() (B-10): all files, those that are not linked included,
 * and local symbols too; ENOENT if none has it.
 */
int kldsim__lookup_debug(struct kldsim *sim, const char *name,
    struct kldsim__debug_symbol *symbol_ret);

/* The same in one file. */
int kldsim__lookup_debug_in(struct kldsim *sim, struct kldsim__file *file,
    const char *name, struct kldsim__debug_symbol *symbol_ret);

#endif

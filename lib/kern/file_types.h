/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERN_FILE_TYPES_H
#define KERN_FILE_TYPES_H

/* The types that linker files tell, read when they are first asked for. */

#include <kldsim/types.h>

#include "kern/sim.h"

/*
 * What a file tells; NULL: nothing that can be read.  It stays until the
 * simulated kernel goes.  KLDSIM_NOMEM is the only failure.
 */
enum kldsim_status kldsim__file_types(struct kldsim *sim,
    const struct kldsim__file *file, const struct kldsim_types **types_ret);
void kldsim__file_types_fini(struct kldsim *sim);

/* The type of a variable by its whole name; 0: nobody says.  No types are fine. */
kldsim_type_id kldsim__type_of_symbol(const struct kldsim_types *types,
    const char *name);

#endif

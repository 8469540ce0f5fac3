/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERN_FOREIGN_FILE_H
#define KERN_FOREIGN_FILE_H

/*
 * Files that are given for modules and are something else: a finding says what
 * they are and what to give instead.  The kernel's answer is its own matter.
 */

#include "kern/sim.h"

#define KLDSIM__NO_FINDING SIZE_MAX

/* The number of the finding, KLDSIM__NO_FINDING if there is nothing to say. */
size_t kldsim__note_kind(struct kldsim *sim, const struct kldsim_image *image,
    const char *path);
/* The host could not open it, or would not read it: it is refused. */
void kldsim__note_unopened(struct kldsim *sim, const char *path,
    const struct kldsim_error *error);

#endif

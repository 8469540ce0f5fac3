/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINKER_CLASS_REFUSAL_H
#define LINKER_CLASS_REFUSAL_H

/* What there is to say of a file or a relocation that is refused. */

#include "kern/sim.h"

/* Say what is wrong with a file that no class took, as far as can be seen. */
void kldsim__explain_refusal(struct kldsim *sim,
    const struct kldsim_image *image, const char *path);

/*
 * A relocation of a type that the machine's code does not take: its
 * line, and a finding unless where is NULL.
 */
int kldsim__refuse_relocation(struct kldsim *sim,
    const struct kldsim__reloc_row *row, const struct kldsim__rel *rel,
    const struct kldsim__where *where);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINKER_CLASS_REFUSAL_H
#define LINKER_CLASS_REFUSAL_H

/* What there is to say of a file or a relocation that is refused. */

#include "kern/sim.h"

/* Say why no class took a file, if nobody else has said it. */
void kldsim__explain_refusal(struct kldsim *sim,
    const struct kldsim_image *image, const char *path);

/* The name and number of a relocation type for messages; row may be NULL. */
struct kldsim__reloc_label {
	char text[96];
};

void kldsim__reloc_label(const struct kldsim *sim,
    const struct kldsim__reloc_row *row, uint32_t type,
    struct kldsim__reloc_label *label_ret);

/* What becomes of a file whose relocation is refused. */
enum kldsim__fate {
	KLDSIM__FATE_REFUSED, /* so is the file */
	KLDSIM__FATE_SKIPPED, /* this release goes on without it */
	KLDSIM__FATE_UNTOLD   /* another pass will say it */
};

/*
 * A relocation of a type that the machine's code does not take: the
 * kernel's line, and a finding.
 */
int kldsim__refuse_relocation(struct kldsim *sim,
    const struct kldsim__reloc_row *row, const struct kldsim__rel *rel,
    enum kldsim__fate fate, const struct kldsim__where *where);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINKER_CLASS_CTORS_H
#define LINKER_CLASS_CTORS_H

#include "kern/linker_file.h"

/* The constructors that the kernel would call now, kept with the file. */
int kldsim__invoke_ctors(struct kldsim *sim, struct kldsim__file *file);
/* And the destructors at its unload, where a release has them (V-21). */
int kldsim__invoke_dtors(struct kldsim *sim, struct kldsim__file *file,
    kldsim_addr dtors, kldsim_size size);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_SDT_H
#define LINK_SDT_H

/* sdt.ko, as far as it listens to the linker (L-25). */

#include "kern/linker_file.h"

/* sdt_tracepoint_valid(): whether a jump could be written over the place. */
bool kldsim__sdt_can_jump(const struct kldsim__arch *arch, kldsim_addr place,
    kldsim_addr target);
/* sdt_kld_unload_try() of a file that was never linked. */
int kldsim__sdt_unload_try(struct kldsim *sim, struct kldsim__file *file);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_KERN_SYSINIT_H
#define LINK_KERN_SYSINIT_H

/* SYSINITs, and the ones of vnets that they register. */

#include "kern/set_walk.h"
#include "kern/linker_file.h"

/* linker_file_sysinit() (M-30, M-31). */
int kldsim__run_sysinits(struct kldsim *sim, struct kldsim__file *file);
/* linker_file_sysuninit() (M-32). */
int kldsim__run_sysuninits(struct kldsim *sim, struct kldsim__file *file);
/* One SYSINIT or SYSUNINIT of a file, at boot or later. */
int kldsim__call_sysinit(const struct kldsim__set_walk *walk,
    const struct kldsim__sysinit *entry, enum kldsim_event_kind kind);

#endif

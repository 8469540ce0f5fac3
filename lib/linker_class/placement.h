/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINKER_CLASS_PLACEMENT_H
#define LINKER_CLASS_PLACEMENT_H

#include "kern/linker_file.h"

/*
 * Where the options want a file of this length, if they say so: a host
 * failure if that cannot be.
 */
int kldsim__chosen_address(struct kldsim *sim,
    const struct kldsim__file *file, kldsim_size length,
    kldsim_addr *address_ret, bool *chosen_ret);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VNET_VNET_SHADOW_H
#define VNET_VNET_SHADOW_H

/* The saved initial values of VNET variables. */

#include "kern/sim.h"

/* The buffer, with all of the kernel's own set_vnet in it (L-22). */
int kldsim__vnet_shadow_start(struct kldsim *sim);
/*
 * vnet_save_init(): what is in the reference copy now; nothing in releases
 * that do not keep it.
 */
int kldsim__vnet_save_init(struct kldsim *sim, kldsim_addr start,
    kldsim_size size);

#endif

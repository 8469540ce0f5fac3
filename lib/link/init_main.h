/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_INIT_MAIN_H
#define LINK_INIT_MAIN_H

/* mi_startup() of sys/kern/init_main.c: the SYSINITs of the boot. */

#include "link/kern_preload.h"

/*
 * The SYSINITs of the kernel and of preloaded files in the order of the boot
 * (M-34, M-35), as far as they leave traces; those of preloaded files are
 * recorded.  preload may be NULL.
 */
int kldsim__boot_sysinits(struct kldsim *sim, struct kldsim__preload *preload);
/*
 * Register the kernel's own VNET_SYSINITs, once; at boot with those of
 * preloaded files (NULL: there are none, and nothing of it is news).
 */
int kldsim__vnet_ready(struct kldsim *sim, struct kldsim__preload *preload);

/*
 * The kernel file's own modules in the order in which they are listed: each
 * MOD_LOAD has moved one to the head (L-12).  It is worked out when it is first
 * asked for, which is no change of the kernel's.
 */
void kldsim__order_own_modules(struct kldsim *sim);

#endif

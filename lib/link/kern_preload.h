/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_KERN_PRELOAD_H
#define LINK_KERN_PRELOAD_H

/* Preloaded files on their way through the boot (kern_preload.c). */

#include "link/link.h"

struct kldsim__preload {
	struct kldsim *sim;
	size_t count;              /* of the options' list */
	struct waiting *waiting;
	size_t *ordered;           /* as they were resolved */
	size_t nordered;
	struct kldsim__file **files; /* by index in the list; NULL: refused */
	int *errors;
	bool *had_modules;         /* LINKER_FILE_MODULES */
};

/* SI_SUB_KLD, SI_ORDER_MIDDLE. */
int kldsim__linker_preload(struct kldsim *sim,
    struct kldsim__preload *preload);
/* SI_SUB_KTHREAD_INIT - 100 (P-28). */
int kldsim__linker_preload_finish(struct kldsim__preload *preload);

/*
 * The SYSINITs of the kernel and of preloaded files in the order of the boot
 * (M-34, M-35), as far as they leave traces; those of preloaded files are
 * recorded.  preload may be NULL.
 */
int kldsim__boot_sysinits(struct kldsim *sim,
    const struct kldsim__preload *preload);

#endif

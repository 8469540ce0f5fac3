/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_KERN_PRELOAD_H
#define LINK_KERN_PRELOAD_H

/* Preloaded files on their way through the boot (kern_linker.c). */

#include "kern/linker_file.h"

/* The kernel itself is worked on; a panic now is its own. */
#define KLDSIM__NO_PRELOAD SIZE_MAX

/*
 * What the boot loader has left, by its order in the metadata block, the
 * kernel left out; the arrays are the preload's own.
 */
struct kldsim__preload {
	struct kldsim *sim;
	struct kldsim__arena arena; /* gone when the boot is over */
	size_t count;
	const struct kldsim__preloaded *loaded; /* the caller's */
	struct waiting *waiting;
	size_t *ordered;           /* as they were resolved */
	size_t nordered;
	struct kldsim__file **files; /* NULL: refused */
	size_t at; /* the one that is worked on, KLDSIM__NO_PRELOAD: none */
	int *errors;
	bool *had_modules;         /* LINKER_FILE_MODULES */
	const struct offer *offers; /* of files that were dropped */
};

/* SI_SUB_KLD, SI_ORDER_MIDDLE; all but sim, arena, count and loaded is 0. */
int kldsim__linker_preload(struct kldsim__preload *preload);
/* SI_SUB_KTHREAD_INIT - 100 (P-28). */
int kldsim__linker_preload_finish(struct kldsim__preload *preload);
void kldsim__preload_fini(struct kldsim__preload *preload);

#endif

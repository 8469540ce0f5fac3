/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_KERN_PRELOAD_H
#define LINK_KERN_PRELOAD_H

/* Preloaded files on their way through the boot (kern_preload.c). */

#include "loader/boot_loader.h"

struct kldsim__preload {
	struct kldsim *sim;
	struct kldsim__boot_loader loader;
	size_t *which;             /* by option: its index in what follows */
	int *refused;              /* by option: the loader's own errors */
	size_t count;              /* of the loader's files */
	struct waiting *waiting;
	size_t *ordered;           /* as they were resolved */
	size_t nordered;
	struct kldsim__file **files; /* in blob order; NULL: refused */
	int *errors;
	bool *had_modules;         /* LINKER_FILE_MODULES */
};

/* What the boot loader does, and SI_SUB_KLD, SI_ORDER_MIDDLE. */
int kldsim__linker_preload(struct kldsim *sim,
    struct kldsim__preload *preload);
/* SI_SUB_KTHREAD_INIT - 100 (P-28). */
int kldsim__linker_preload_finish(struct kldsim__preload *preload);
/* What became of one of the options' preloads: 0 and an id, or an errno. */
int kldsim__preload_result(const struct kldsim__preload *preload,
    size_t option, int *fileid_ret);
void kldsim__preload_fini(struct kldsim__preload *preload);

/*
 * For link_preload: whether a file's MODINFO_TYPE is "elf KIND" or, where that
 * is still taken, "elf64 KIND" (P-06).
 */
bool kldsim__preload_is_type(const struct kldsim *sim, size_t mod,
    const char *kind);

/*
 * The SYSINITs of the kernel and of preloaded files in the order of the boot
 * (M-34, M-35), as far as they leave traces; those of preloaded files are
 * recorded.  preload may be NULL.
 */
int kldsim__boot_sysinits(struct kldsim *sim,
    const struct kldsim__preload *preload);

#endif

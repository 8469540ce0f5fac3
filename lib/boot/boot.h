/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BOOT_BOOT_H
#define BOOT_BOOT_H

#include "link/kern_preload.h"
#include "loader/boot_loader.h"

/* --- options.c --- */

/* Check the kernel's options, and copy what they point to. */
int kldsim__options_keep(struct kldsim *sim);

/* --- boot_facts.c --- */

/* Say what of this kernel's release is not known. */
void kldsim__tell_narrowed(struct kldsim *sim);

/* --- preloads.c --- */

/* The options' preloads, from the boot loader to the kernel's linker. */
struct kldsim__preloads {
	struct kldsim__boot_loader loader;
	size_t *which; /* by option: its index in linked */
	int *refused;  /* by option: the loader's own errors */
	size_t *upto;  /* by option: of the loader's files, those up to it */
	size_t at;     /* the option that the loader works on, SIZE_MAX: none */
	struct kldsim__preload linked;
};

/* What the boot loader does: files into memory, records into the block. */
int kldsim__preloads_load(struct kldsim *sim,
    struct kldsim__preloads *preloads);
/*
 * The option at whose file the kernel has panicked, or the boot loader, one
 * that was loaded for another counted to it; SIZE_MAX: it was no preload's.
 */
size_t kldsim__preloads_panicked(const struct kldsim *sim,
    const struct kldsim__preloads *preloads);
/* Keep what became of each for kldsim_preload_result(). */
int kldsim__preloads_keep(struct kldsim *sim,
    const struct kldsim__preloads *preloads);
/* The same of a boot that has ended at one of them: the others were not tried. */
int kldsim__preloads_keep_panic(struct kldsim *sim, size_t panicked);
void kldsim__preloads_fini(struct kldsim__preloads *preloads);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_OVERLAY_H
#define CORE_OVERLAY_H

/*
 * Simulated memory as a debugger is shown it: with what the real kernel's own
 * bookkeeping would have in its place, which a simulated kernel keeps on the
 * host (E-70).  The simulation never has these bytes.
 *
 * Cores, minidumps and the debugging stub read through it.  Who makes one does
 * so within a question (kern/question.h); it is good until the kernel changes.
 */

#include "kern/sim.h"

struct kldsim__patch {
	kldsim_addr address;
	size_t size;
	uint8_t *bytes;
	bool added; /* where the simulation has no memory */
};

struct kldsim__overlay {
	struct kldsim *sim;
	const char *folder; /* that relative names are below, or NULL */
	struct kldsim__arena arena;
	struct kldsim__patch *patches; /* by address; they do not overlap */
	size_t npatches;
	size_t cap;
};

/*
 * With the list of linker files (overlay_files.c).  `folder` is where relative
 * names of the host begin, NULL: they stay so; it outlives the overlay.  Free
 * it in any case.
 */
int kldsim__overlay_init(struct kldsim__overlay *overlay, struct kldsim *sim,
    const char *folder);
void kldsim__overlay_fini(struct kldsim__overlay *overlay);

/* Other bytes in place of mapped memory: zeros, to be filled in. */
int kldsim__overlay_replace(struct kldsim__overlay *overlay,
    kldsim_addr address, size_t size, uint8_t **bytes_ret);
/* Whether nothing was put there yet, as only one thing can be. */
bool kldsim__overlay_is_free(const struct kldsim__overlay *overlay,
    kldsim_addr address, size_t size);
/* Zeroed pages on the kernel's heap, to be filled in. */
int kldsim__overlay_add(struct kldsim__overlay *overlay, size_t size,
    kldsim_addr *address_ret, uint8_t **bytes_ret);

/*
 * The bytes at an address as far as they lie together, at most `size` of
 * them; NULL for a fault.
 */
const uint8_t *kldsim__overlay_peek(const struct kldsim__overlay *overlay,
    kldsim_addr address, size_t size, size_t *length_ret);
/*
 * As many of `size` bytes as are mapped from the address on.
 */
size_t kldsim__overlay_read(const struct kldsim__overlay *overlay,
    kldsim_addr address, void *buffer, size_t size);
/* The first mapped stretch that ends above an address, cut off below it. */
bool kldsim__overlay_next(const struct kldsim__overlay *overlay,
    kldsim_addr address, kldsim_addr *start_ret, kldsim_size *size_ret);

/* The host's name of a file, below the folder; NULL: no memory. */
const char *kldsim__overlay_path(struct kldsim__overlay *overlay,
    const struct kldsim__file *file);

/* --- overlay_files.c --- */

int kldsim__overlay_files(struct kldsim__overlay *overlay);

/* --- overlay_proc.c --- */

/* Add a process, its thread and the way to vnet0, where the kernel has room. */
int kldsim__overlay_proc(struct kldsim__overlay *overlay);

#endif

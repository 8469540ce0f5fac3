/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INSPECT_NLIST_H
#define INSPECT_NLIST_H

/* nlist(3), by which libkvm finds names of a kernel that does not run. */

#include "kern/sim.h"

struct kldsim__nlist {
	const char *name;
	unsigned char type; /* n_type; 0: not found, or nowhere */
	kldsim_addr value;
};

/*
 * Look up names in a kernel's own file, by its first SHT_SYMTAB.  *left_ret:
 * how many are still looked for in the end, which is not always how many are not
 * found.  KLDSIM_NOMEM is the only failure.
 */
enum kldsim_status kldsim__nlist(struct kldsim *sim,
    struct kldsim__nlist *list, size_t count, size_t *left_ret);

#endif

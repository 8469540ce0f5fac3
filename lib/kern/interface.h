/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERN_INTERFACE_H
#define KERN_INTERFACE_H

/* What files provide: the list that kern_linker.c calls modlist (L-13). */

#include "kern/sim.h"

/* An entry of the provided-interface list, "modlist" (L-13). */
struct kldsim__interface {
	struct kldsim__link link;
	struct kldsim__link file_link; /* of its file's */
	struct kldsim__bucketed by_name;
	struct kldsim__file *file;
	const char *name;
	int version;
};

/* modlist_lookup() and modlist_lookup2() (L-13); any version if dep NULL. */
struct kldsim__interface *kldsim__modlist_lookup(const struct kldsim__linker *linker,
    const char *name, int version);
struct kldsim__interface *kldsim__modlist_lookup2(const struct kldsim__linker *linker,
    const char *name, const struct kldsim__mod_depend *dep);
int kldsim__modlist_add(struct kldsim *sim, struct kldsim__file *file,
    const char *name, int version);
int kldsim__modlist_remove(struct kldsim *sim,
    struct kldsim__interface *interface);

#endif

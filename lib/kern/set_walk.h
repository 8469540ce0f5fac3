/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERN_SET_WALK_H
#define KERN_SET_WALK_H

/*
 * Walking a file's linker set in target memory, pointer by pointer, as
 * kern_linker.c does: the kernel trusts what it finds (Z-70, Z-71), so what
 * cannot be read ends the simulated kernel.
 */

#include "kern/sim.h"

/*
 * How many pointers are read of a set: one that begins below its end counts
 * (Z-71).  The number does not wrap at the last address.
 */
static inline uint64_t
kldsim__set_pointers(const struct kldsim *sim, kldsim_addr start,
    kldsim_addr stop)
{
	return (start < stop ? (stop - start - 1) /
	    kldsim__arch_ptrsz(sim->arch) + 1 : 0);
}

struct kldsim__set_walk {
	struct kldsim *sim;
	struct kldsim__file *file;
	const char *name; /* without set_ */
	kldsim_addr at;
	kldsim_addr stop;
};

/* Begin; *there_ret is false if the file has no such set. */
int kldsim__walk_begin(struct kldsim__set_walk *walk, struct kldsim *sim,
    struct kldsim__file *file, const char *name, bool *there_ret);
/* The next pointer; *more_ret is false at the end. */
int kldsim__walk_next(struct kldsim__set_walk *walk, kldsim_addr *entry_ret,
    bool *more_ret);
/* The next struct mod_metadata of one type. */
int kldsim__walk_metadata(struct kldsim__set_walk *walk,
    enum kldsim__mdt type, struct kldsim__mod_metadata *entry_ret,
    bool *more_ret);
/* The next MDT_VERSION: an interface that the file provides. */
int kldsim__walk_version(struct kldsim__set_walk *walk,
    const char **name_ret, int *version_ret, bool *more_ret);
/* A string of the target, copied into the file's arena. */
int kldsim__walk_string(const struct kldsim__set_walk *walk,
    kldsim_addr address, const char **text_ret);
/* A module's name, which is not the metadata's (M-03, Z-73). */
int kldsim__walk_module_name(const struct kldsim__set_walk *walk,
    kldsim_addr address, const char **name_ret);
/* A sysctl's name (Z-75). */
int kldsim__walk_sysctl_name(const struct kldsim__set_walk *walk,
    kldsim_addr address, const char **name_ret);
/* Something in the set points to where nothing is: the kernel is dead. */
int kldsim__walk_broken(const struct kldsim__set_walk *walk,
    kldsim_addr address, const char *what);

#endif

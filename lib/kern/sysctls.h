/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERN_SYSCTLS_H
#define KERN_SYSCTLS_H

/*
 * The tree of sysctls (sys/kern/kern_sysctl.c), as far as linker sets make it:
 * which oids are in the list of a node, by name and by number (M-43).  A list
 * is known by its address, which is that of its node.
 *
 * FIDELITY: sysctls that code makes at run time (SYSCTL_ADD_*) are not known,
 * and links and numbers of oids in the target's memory stay as in the file.
 */

#include "kern/sim.h"

#define KLDSIM__CTL_AUTO_START 0x100 /* first number for OID_AUTO */
#define KLDSIM__OID_AUTO (-1)

/* An oid of a file other than the kernel that has been entered. */
struct kldsim__oid {
	struct kldsim__bucketed by_parent;
	struct kldsim__file *file;
	kldsim_addr address;
	struct kldsim__sysctl_oid is;
	const char *name;
	bool linked; /* it is in its parent's list */
};

/* An oid that a search has found. */
struct kldsim__sysctl_found {
	kldsim_addr address; /* 0: none */
	bool is_node;
	const struct kldsim__file *file;
};

/* Read the kernel's own, once; without them sysctls.root stays 0. */
int kldsim__sysctls_read(struct kldsim *sim);
/* How many of the kernel's own are in a list. */
size_t kldsim__sysctls_own(const struct kldsim *sim, kldsim_addr list);
/* sysctl_find_oidname(): the oid of a name in a list. */
void kldsim__sysctl_by_name(const struct kldsim *sim, kldsim_addr list,
    const char *name, struct kldsim__sysctl_found *found_ret);
/* Whether an oid of a list has a number of its own. */
bool kldsim__sysctl_number_used(const struct kldsim *sim,
    kldsim_addr list, int number);
/* Whether what lies at an address is an oid that can be reached by its name. */
bool kldsim__sysctl_is_linked(const struct kldsim *sim,
    kldsim_addr address);
/*
 * sysctl_search_oid(): the oid's names from the root on, with dots.  False: it
 * cannot be reached from there, and the name is its own.
 */
bool kldsim__sysctl_path(const struct kldsim *sim, kldsim_addr address,
    char *path, size_t size);
/*
 * The bytes of its names and the dots between, in the list or not; counting
 * ends at limit.  False: one of its nodes is not there.
 */
bool kldsim__sysctl_path_length(const struct kldsim *sim,
    kldsim_addr address, size_t limit, size_t *length_ret);

/* Enter an oid, which lives as long as its file. */
int kldsim__sysctl_enter(struct kldsim *sim, struct kldsim__oid *oid);
/* The entry of an oid, NULL if it was never entered. */
struct kldsim__oid *kldsim__sysctl_entered(struct kldsim *sim,
    kldsim_addr list, kldsim_addr address);
int kldsim__sysctl_forget(struct kldsim *sim, struct kldsim__oid *oid);
/* A list loses all that is in it; *lost_ret: how many those are. */
int kldsim__sysctl_empty(struct kldsim *sim, kldsim_addr list,
    size_t *lost_ret);

#endif

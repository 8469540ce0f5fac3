/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEM_SET_H
#define MEM_SET_H

/*
 * The kernel's set_pcpu or set_vnet: the reference copy, the modspace in it,
 * and one instance of all of it for each CPU or vnet.
 *
 * DPCPU (subr_pcpu.c) and VNET (vnet.c) differ in who has an instance and in
 * when it is made; what an instance is, how a variable is found in it and how
 * a new piece of the reference copy gets there is the same.
 */

#include <stdbool.h>

#include <kldsim/memory.h>

#include "mem/aspace.h"
#include "mem/modspace.h"

struct kldsim__set {
	struct kldsim__aspace *space;
	bool present;
	bool has_modspace;
	kldsim_addr start;   /* DPCPU_START, VNET_START */
	kldsim_addr stop;
	kldsim_addr modspace_start;
	kldsim_size modspace_size;
	struct kldsim__modspace free;
	kldsim_addr heap;     /* where areas are taken from */
	kldsim_addr heap_end;
	kldsim_size page_size;
	/* CPUs ascending; vnets newest first, as their lists go. */
	struct kldsim_instance *instances;
	size_t ninstances;
	unsigned next_id;
};

void kldsim__set_init(struct kldsim__set *set, struct kldsim__aspace *space,
    unsigned ptrsz);
void kldsim__set_fini(struct kldsim__set *set);

/*
 * Give a new instance an area and the reference copy as it is now (A-20,
 * A-32), and put it at the head or the tail of the list.
 */
enum kldsim__access kldsim__set_add_instance(struct kldsim__set *set,
    bool at_head, struct kldsim_instance *instance_ret);
/* Take an instance out and give its area back. */
enum kldsim__access kldsim__set_remove_instance(struct kldsim__set *set,
    unsigned id);
const struct kldsim_instance *kldsim__set_find_instance(
    const struct kldsim__set *set, unsigned id);

/*
 * Copy a piece of the reference copy to all instances: dpcpu_copy(),
 * vnet_data_copy().
 */
enum kldsim__access kldsim__set_copy(struct kldsim__set *set,
    kldsim_addr start, kldsim_size size);

/* Whether an address lies in the reference copy. */
bool kldsim__set_holds(const struct kldsim__set *set, kldsim_addr address);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINKER_CLASS_SET_PART_H
#define LINKER_CLASS_SET_PART_H

/*
 * A file's part of the kernel's set_pcpu or set_vnet: what both linker classes
 * ask dpcpu_alloc(), vnet_data_alloc() and their counterparts for (A-10,
 *
 */

#include "kern/sim.h"

/* Space for a part: *start_ret is 0 when there is none. */
int kldsim__part_alloc(struct kldsim *sim, const struct kldsim__file *file,
    enum kldsim_set which, int size, kldsim_addr *start_ret);
/*
 * There is none: ENOSPC, which both classes answer (O-21, D-33), and why.
 */
int kldsim__part_full(struct kldsim *sim, enum kldsim_set which,
    const struct kldsim__where *where, kldsim_size size);
/* Give it back, with the kernel's own mistake. */
int kldsim__part_free(struct kldsim *sim, enum kldsim_set which,
    const struct kldsim__where *where, kldsim_addr start, int size);

/*
 * dpcpu_copy() or vnet_data_copy() of a part, to all who have an instance.
 * While preloaded files are linked no CPU is in all_cpus yet: CPU 0,
 * which has its area already, gets nothing.
 */
int kldsim__part_copy(struct kldsim *sim, enum kldsim_set which,
    kldsim_addr start, kldsim_size size, bool preloaded);

/* What a preloaded file's part of set_pcpu holds that CPU 0 never got. */
struct kldsim__part_lost {
	kldsim_size bytes; /* that are others */
	kldsim_size first; /* offset of the first of them in the part */
};

/* Compare it with the reference copy, as the other CPUs will get it. */
int kldsim__part_compare(struct kldsim *sim,
    const struct kldsim_set_part *part, struct kldsim__part_lost *lost_ret);
/* Say so, at where->symbol, unless nothing is lost. */
void kldsim__part_report_lost(struct kldsim *sim,
    const struct kldsim__where *where, const struct kldsim_set_part *part,
    const struct kldsim__part_lost *lost);

/* The names of the two in messages. */
static inline const char *
kldsim__part_name(enum kldsim_set which)
{
	return (which == KLDSIM_SET_DPCPU ? "pcpu" : "vnet");
}

static inline struct kldsim__set *
kldsim__part_set(struct kldsim *sim, enum kldsim_set which)
{
	return (which == KLDSIM_SET_DPCPU ? &sim->dpcpu : &sim->vnet);
}

/* Bytes that module space of a region is handed out in (A-10, V-67). */
static inline int
kldsim__part_unit(const struct kldsim *sim, enum kldsim_region region)
{
	return ((region == KLDSIM_REGION_DPCPU ? &sim->dpcpu :
	    &sim->vnet)->free.unit);
}

#endif

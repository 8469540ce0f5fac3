/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEM_MODSPACE_H
#define MEM_MODSPACE_H

/*
 * The free list of modspace, used once for DPCPU and once for VNET: the same
 * code stands twice in the kernel, dpcpu_alloc() and dpcpu_free() of
 * sys/kern/subr_pcpu.c, vnet_data_alloc() and vnet_data_free() of
 * sys/net/vnet.c.  Rules, the missing NULL check
 * included.  The unit is a pointer, and in later VNETs more (V-67).
 */

#include <stdbool.h>

#include <kldsim/status.h>

#include "util/undo.h"

struct kldsim__free_extent {
	kldsim_addr start;
	int len;
};

struct kldsim__modspace {
	struct kldsim__undo *undo;
	struct kldsim__free_extent *extents; /* in list order */
	size_t nextents;
	size_t cap;
	int unit; /* what sizes are rounded up to, and a power of two */
};

enum kldsim__modspace_status {
	KLDSIM__MODSPACE_OK,
	KLDSIM__MODSPACE_FULL,  /* alloc: the kernel's NULL */
	KLDSIM__MODSPACE_PANIC, /* free: NULL dereference */
	KLDSIM__MODSPACE_NOMEM  /* the host's */
};

void kldsim__modspace_init(struct kldsim__modspace *space,
    struct kldsim__undo *undo, unsigned unit);
void kldsim__modspace_fini(struct kldsim__modspace *space);

/* Begin with one extent. */
enum kldsim__modspace_status kldsim__modspace_start(
    struct kldsim__modspace *space, kldsim_addr start, int len);

enum kldsim__modspace_status kldsim__modspace_alloc(
    struct kldsim__modspace *space, int size, kldsim_addr *start_ret);
enum kldsim__modspace_status kldsim__modspace_free(
    struct kldsim__modspace *space, kldsim_addr start, int size);

/* The sum of the free extents. */
kldsim_size kldsim__modspace_left(const struct kldsim__modspace *space);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VNET_VNET_H
#define VNET_VNET_H

/* sys/net/vnet.c: vnets, and the functions that are registered for them. */

#include "kern/set_walk.h"
#include "kern/vnets.h"

/*
 * Whether a function is one of those that SYSINITs call for vnets.  The
 * kernel's own have to be registered before a file's.
 */
bool kldsim__is_vnet_call(const struct kldsim *sim, kldsim_addr func);
/* What such a function does; of any other, nothing. */
int kldsim__vnet_call(const struct kldsim__set_walk *walk,
    const struct kldsim__sysinit *entry);
/* vnet_alloc(). */
int kldsim__vnet_alloc(struct kldsim *sim, struct kldsim_instance *vnet_ret);
/* A new vnet runs what is registered; one that goes runs it backwards. */
int kldsim__vnet_construct(struct kldsim *sim, unsigned vnet);
int kldsim__vnet_destruct(struct kldsim *sim, unsigned vnet);

/* A file goes: whatever it has left registered goes along, with a word. */
int kldsim__vnet_forget(struct kldsim *sim, const struct kldsim__file *file);

/* --- vnet_struct.c --- */

/* struct vnet of a vnet that has its data, and of one that goes. */
int kldsim__vnet_struct_alloc(struct kldsim *sim,
    const struct kldsim_instance *data, uint32_t state);
int kldsim__vnet_struct_free(struct kldsim *sim, unsigned id);

#endif

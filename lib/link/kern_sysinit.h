/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_KERN_SYSINIT_H
#define LINK_KERN_SYSINIT_H

/* SYSINITs, and the ones of vnets that they register. */

#include "kern/set_walk.h"
#include "link/link.h"

/* linker_file_sysinit() (M-30, M-31). */
int kldsim__run_sysinits(struct kldsim *sim, struct kldsim__file *file);
/* linker_file_sysuninit() (M-32). */
int kldsim__run_sysuninits(struct kldsim *sim, struct kldsim__file *file);
/* One SYSINIT or SYSUNINIT of a file, at boot or later. */
int kldsim__call_sysinit(const struct kldsim__set_walk *walk,
    const struct kldsim__sysinit *entry, enum kldsim_event_kind kind);

/* vnet.c: what the functions that SYSINITs call for vnets do. */
int kldsim__vnet_call(const struct kldsim__set_walk *walk,
    const struct kldsim__sysinit *entry);
struct kldsim__preload;

/*
 * Register the kernel's own VNET_SYSINITs, once; at boot with those of
 * preloaded files (NULL: there are none, and nothing of it is news).
 */
int kldsim__vnet_ready(struct kldsim *sim,
    const struct kldsim__preload *preload);
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

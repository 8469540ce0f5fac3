/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_MEMORY_H
#define KLDSIM_MEMORY_H

/*
 * The memory of a simulated kernel, and the two regions of it that exist once
 * for each CPU and once for each vnet.
 *
 * Thread: one thread at a time uses a simulated kernel.
 */

#include <stdbool.h>
#include <stdint.h>

#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim;

/* The kernel's set_pcpu or set_vnet (rules ). */
enum kldsim_set {
	KLDSIM_SET_DPCPU = 0,
	KLDSIM_SET_VNET = 1
};

struct kldsim_set_info {
	bool present;         /* false: a kernel without VIMAGE */
	kldsim_addr start;    /* the reference copy */
	kldsim_addr stop;
	bool has_modspace;    /* false: the kernel is stripped of the symbol */
	kldsim_addr modspace_start;
	kldsim_size modspace_size;
	kldsim_size modspace_free; /* sum of the free extents */
	size_t nfree;         /* free extents */
	size_t nparts;        /* parts given to files */
	size_t ninstances;    /* CPUs with an area, or vnets */
};

struct kldsim_extent_info {
	kldsim_addr start;
	kldsim_size size;
};

/* A part of modspace that a file's set was given. */
struct kldsim_set_part {
	int fileid;
	unsigned section_index; /* section header index, 0 for ET_DYN */
	kldsim_addr start;
	kldsim_size size;       /* as the file has it, not rounded */
};

/* One CPU's or one vnet's copy of the set. */
struct kldsim_instance {
	unsigned id;       /* CPU number, or vnet number counted from boot */
	kldsim_addr area;  /* where its copy of the set begins */
	kldsim_addr base;  /* dpcpu_off[cpu], or vnet_data_base */
};

/**
 * Read target memory, as a debugger would see it after the call before.
 *
 * Units: address is a target address, size counts bytes.
 * Errors: KLDSIM_FAULT if any byte is not mapped; nothing is promised of the
 * buffer then.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_read(
    const struct kldsim *sim, kldsim_addr address, void *buffer, size_t size);

/**
 * Say where the kernel's set and its modspace are, and how much is left.
 *
 * Kernel.
 */
KLDSIM_API void kldsim_set_info(const struct kldsim *sim, enum kldsim_set set,
    struct kldsim_set_info *info_ret);

/**
 * One free extent of modspace, ascending by address.
 *
 * Units: index counts from 0 to nfree - 1.
 * Errors: KLDSIM_NOENT for an index out of range.
 * Kernel: the free lists of subr_pcpu.c and vnet.c.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_set_free_extent(
    const struct kldsim *sim, enum kldsim_set set, size_t index,
    struct kldsim_extent_info *extent_ret);

/**
 * One part of modspace that is given to a file, in file list order.
 *
 * Units: index counts from 0 to nparts - 1.
 * Errors: KLDSIM_NOENT for an index out of range.
 * Kernel: O-20.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_set_part(
    const struct kldsim *sim, enum kldsim_set set, size_t index,
    struct kldsim_set_part *part_ret);

/**
 * One CPU (ascending) or vnet (list order: newest first).
 *
 * Units: index counts from 0 to ninstances - 1.
 * Errors: KLDSIM_NOENT for an index out of range.
 * Kernel.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_set_instance(
    const struct kldsim *sim, enum kldsim_set set, size_t index,
    struct kldsim_instance *instance_ret);

/**
 * Where a vnet's struct vnet is: what vnet_head leads to, vnet0 points to and
 * curvnet would.  Its counts of interfaces and sockets are 0, since nothing
 * here makes any; all else is as vnet_alloc() leaves it.
 *
 * Units: vnet is a vnet's number; the answer is a target address.
 * Errors: KLDSIM_NOENT for a number that no vnet has.
 * Kernel.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_vnet_address(
    const struct kldsim *sim, unsigned vnet, kldsim_addr *address_ret);

/**
 * Where one CPU's or vnet's copy of a variable is.
 *
 * Units: id is as in struct kldsim_instance; symbol is the address of the
 * variable's reference copy; the answer is a target address.
 * Errors: KLDSIM_NOENT for an unknown id, KLDSIM_FAULT for an address outside
 * the kernel's set.
 * Kernel: A-21, D-74.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_set_translate(
    const struct kldsim *sim, enum kldsim_set set, unsigned id,
    kldsim_addr symbol, kldsim_addr *address_ret);

/**
 * Where the saved initial value of a vnet variable is: what later releases
 * give back when somebody unsets the variable's tunable.  It is what the file
 * had there, before any relocation, and stays when the file goes.
 *
 * Units: symbol is the address of the variable's reference copy; the answer is
 * a target address.
 * Errors: KLDSIM_NOENT where none are saved, by release or without VIMAGE,
 * KLDSIM_FAULT for an address outside the kernel's set.
 * Kernel: vnet_init_var of vnet.c.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_vnet_initial(
    const struct kldsim *sim, kldsim_addr symbol, kldsim_addr *address_ret);

/**
 * Bring up one more CPU, the next number: it gets an area of its own, a copy
 * of the whole reference copy as it is now, and its dpcpu_off[].  CPUs do not
 * go away.
 *
 * Errors: KLDSIM_STATE for a kernel without set_pcpu or a dead one,
 * KLDSIM_LIMIT past the last possible CPU, KLDSIM_NOMEM.
 * Kernel: dpcpu_init() of subr_pcpu.c.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_cpu_add(struct kldsim *sim,
    unsigned *cpu_ret, struct kldsim_error *error_ret);

/**
 * Make a vnet; its data are a copy of the whole reference copy as it is now.
 * The answer is the vnet's number, counted from boot.
 *
 * Errors: KLDSIM_STATE without VIMAGE or for a dead kernel, KLDSIM_NOMEM.
 * Kernel: A-32.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_vnet_alloc(
    struct kldsim *sim, unsigned *vnet_ret, struct kldsim_error *error_ret);

/**
 * Destroy a vnet, by its number.
 *
 * Errors: KLDSIM_NOENT, KLDSIM_ARG for vnet 0, KLDSIM_STATE, KLDSIM_NOMEM.
 * Kernel: A-33.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_vnet_destroy(
    struct kldsim *sim, unsigned vnet, struct kldsim_error *error_ret);

#ifdef __cplusplus
}
#endif

#endif

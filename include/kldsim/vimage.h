/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_VIMAGE_H
#define KLDSIM_VIMAGE_H

/*
 * A module and a kernel, built with options VIMAGE or without: what of vnets
 * binds, what is undefined, where variables are and which accesses would fault
 * (section 6 of docs/kbi-semantics.md).
 *
 * Thread: one thread at a time uses a simulated kernel.
 */

#include <kldsim/image.h>
#include <kldsim/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

enum kldsim_vimage_kind {
	KLDSIM_VIMAGE_NONE = 0,   /* nothing of vnets is to be seen */
	KLDSIM_VIMAGE_PLAIN = 1,  /* variables have their own names */
	KLDSIM_VIMAGE_FIXED = 2,  /* vnet_entry_X, set_vnet, vnet.c's functions */
	KLDSIM_VIMAGE_BOTH = 3,   /* some of it is built with, some without */
	KLDSIM_VIMAGE_RUNTIME = 4 /* it finds out: D20278 (J-21) */
};

/* Where set_vnet of the module is. */
enum kldsim_vimage_set {
	KLDSIM_VIMAGE_NO_SET = 0,
	KLDSIM_VIMAGE_MODSPACE = 1, /* once in each vnet */
	KLDSIM_VIMAGE_OWN = 2       /* ordinary data of the file (J-12) */
};

/* How its VNET_SYSINITs run. */
enum kldsim_vimage_calls {
	KLDSIM_VIMAGE_NO_CALLS = 0,
	KLDSIM_VIMAGE_EACH_VNET = 1,
	KLDSIM_VIMAGE_ONCE = 2 /* as SYSINITs do */
};

/* Whose accesses go through a struct vnet that is not there. */
enum kldsim_vimage_fault {
	KLDSIM_VIMAGE_NO_FAULT = 0,
	KLDSIM_VIMAGE_FAULT_OWN = 1,   /* the module's, to its variables (J-12) */
	KLDSIM_VIMAGE_FAULT_KERNEL = 2 /* the kernel's, called by the module from
	                                  a timer or a thread (J-13) */
};

struct kldsim_vimage {
	bool kernel_vimage;   /* the kernel has vnets */
	bool kernel_runtime;  /* it has vimage_configured (J-20) */
	enum kldsim_vimage_kind module;
	uint32_t per_vnet;    /* imports that bind into the kernel's set_vnet */
	uint32_t ordinary;    /* vnet_entry_X that bind to ordinary variables */
	uint32_t undefined;   /* of vnets, and nobody has them: ENOEXEC */
	char first_undefined[128];
	uint32_t shims;       /* of J-22 that it imports */
	enum kldsim_vimage_set set;
	kldsim_size set_size; /* all sections of that name; 0: there is none */
	kldsim_addr set_start; /* of a loaded file, the first; else 0 */
	enum kldsim_vimage_calls calls;
	enum kldsim_vimage_fault fault;
	kldsim_addr fault_at; /* the address that is read */
};

/**
 * Say how a module would fare, from the files alone: nothing is loaded.
 *
 * Errors: KLDSIM_NOT_ELF; KLDSIM_UNSUPPORTED if its symbols cannot be read;
 * KLDSIM_STATE for a dead kernel; KLDSIM_NOMEM.
 * Kernel: J-10 to J-13, J-20 to J-24; loaded at run time or by the boot loader
 * is the same to these.  Only the kernel is asked for names: what a dependency
 * provides counts as undefined.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_vimage_image(
    struct kldsim *sim, const struct kldsim_image *image,
    struct kldsim_vimage *vimage_ret, struct kldsim_error *error_ret);

/**
 * Say how a file that is loaded has fared.
 *
 * Errors: KLDSIM_NOENT if there is no such file, and as above.
 * Kernel: J-10 to J-13, J-20 to J-24.  Names are looked up as relocations had
 * them, in dependencies too.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_vimage_file(
    struct kldsim *sim, int fileid, struct kldsim_vimage *vimage_ret,
    struct kldsim_error *error_ret);

#ifdef __cplusplus
}
#endif

#endif

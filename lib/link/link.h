/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_LINK_H
#define LINK_LINK_H

/*
 * The flows of sys/kern/kern_linker.c, and the two linker classes that they
 * call.  All functions return 0, a FreeBSD errno, or KLDSIM__ABORT.
 */

#include "kern/kern.h"

extern const struct kldsim__linker_class kldsim__link_elf_obj;
extern const struct kldsim__linker_class kldsim__link_elf;

/* --- kern_linker.c --- */

/* linker_load_file() (K-20); image NULL: open the path. */
int kldsim__linker_load_file(struct kldsim *sim, struct kldsim_image *image,
    const char *path, struct kldsim__file **file_ret);
/* linker_file_unload() (U-10). */
int kldsim__linker_file_unload(struct kldsim *sim, struct kldsim__file *file,
    int flags);
/* A load failed: unload by force, and keep the error. */
int kldsim__load_failed(struct kldsim *sim, struct kldsim__file *file,
    int error);

/* --- options.c --- */

/* Put the defaults in the place of limits that are 0. */
void kldsim__options_defaults(struct kldsim_options *options);

/* --- kern_metadata.c --- */

/* linker_load_dependencies() (K-30). */
int kldsim__load_dependencies(struct kldsim *sim, struct kldsim__file *file);
/* linker_addmodules(), of the kernel at boot (P-26). */
int kldsim__add_interfaces(struct kldsim *sim, struct kldsim__file *file);
/* linker_file_register_modules() (M-20). */
int kldsim__register_modules(struct kldsim *sim, struct kldsim__file *file);
/* linker_file_sysinit() as far as it leaves traces (M-21, M-30). */
int kldsim__run_sysinits(struct kldsim *sim, struct kldsim__file *file);
/* module_release() of all modules of a file that is being unloaded. */
int kldsim__release_modules(struct kldsim *sim, struct kldsim__file *file);

/* --- link_elf.c --- */

/* Make the kernel's own file (L-17 to L-20). */
int kldsim__link_elf_kernel(struct kldsim *sim, struct kldsim_image *image);
/* A section of the kernel file by name; ENOENT if there is none. */
int kldsim__link_elf_section(struct kldsim *sim, const char *name,
    kldsim_addr *start_ret, kldsim_addr *stop_ret);
/* Patch the kernel's own ifunc sites that the options answer (D-66). */
int kldsim__link_elf_ireloc(struct kldsim *sim);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_ELF_CLASS_H
#define LINK_ELF_CLASS_H

/* What other rooms may know of the class of shared objects. */

#include "kern/linker_class.h"

extern const struct kldsim__linker_class kldsim__link_elf;

/* Make the kernel's own file (L-17 to L-20). */
int kldsim__link_elf_kernel(struct kldsim *sim, struct kldsim_image *image);
/* The kernel file's headers; they live as long as the file. */
void kldsim__link_elf_headers(const struct kldsim__file *kernel,
    struct kldsim__elf_headers *headers_ret);
/* A section of the kernel file by name; ENOENT if there is none. */
int kldsim__link_elf_section(struct kldsim *sim, const char *name,
    kldsim_addr *start_ret, kldsim_addr *stop_ret);
/* Patch the kernel's own ifunc sites that the options answer (D-66). */
int kldsim__link_elf_ireloc(struct kldsim *sim);

/* Whether DDB has the table "elf": the boot loader has brought it (B-15). */
bool kldsim__link_elf_has_ksymtab(const struct kldsim *sim);
/* X_db_lookup() in it (B-16); ENOENT if there is none. */
int kldsim__link_elf_ksymtab_lookup(struct kldsim *sim, const char *name,
    kldsim_addr *value_ret, kldsim_size *size_ret);
/* X_db_search_symbol() in it (B-17); ENOENT if there is none. */
int kldsim__link_elf_ksymtab_search(struct kldsim *sim, kldsim_addr address,
    struct kldsim__nearest *nearest_ret);

#endif

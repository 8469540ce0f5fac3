/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINKER_CLASS_ELF_SET_H
#define LINKER_CLASS_ELF_SET_H

/* The two lists of sets whose addresses are moved (struct elf_set). */

#include "kern/linker_file.h"

/* A file's own set_pcpu or set_vnet (D-30 to D-34). */
struct kldsim__dynset {
	kldsim_addr start; /* in the file's mapping */
	kldsim_addr stop;
	kldsim_addr base;  /* in the reference copy; 0: nothing allocated */
};

/* elf_set_add() and elf_set_delete(), which knows a set by its start. */
int kldsim__elf_set_add(struct kldsim *sim, struct kldsim__file *file,
    enum kldsim_set which, const struct kldsim__dynset *set);
int kldsim__elf_set_delete(struct kldsim *sim, enum kldsim_set which,
    kldsim_addr start);
/* To where the lists move an address that a lookup found (D-50). */
kldsim_addr kldsim__elf_set_remap(const struct kldsim__linker *linker,
    kldsim_addr address);

#endif

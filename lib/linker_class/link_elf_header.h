/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINKER_CLASS_LINK_ELF_HEADER_H
#define LINKER_CLASS_LINK_ELF_HEADER_H

/*
 * The header checks that both linker classes make in the same words (O-01,
 * D-01).
 */

#include "kern/sim.h"

/* Magic, class, byte order, version; ENOEXEC, with a line on the console. */
int kldsim__check_layout(struct kldsim *sim, const uint8_t *ident,
    uint64_t size, const char *path, struct kldsim__elf *elf_ret);
int kldsim__check_machine(struct kldsim *sim, const struct kldsim__elf *elf,
    const char *path);

#endif

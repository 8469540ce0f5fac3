/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINKER_CLASS_PRELOAD_H
#define LINKER_CLASS_PRELOAD_H

#include "kern/linker_file.h"

/*
 * For link_preload: whether a file's MODINFO_TYPE is "elf KIND" or, where that
 * is still taken, "elf64 KIND" (P-06).
 */
bool kldsim__preload_is_type(const struct kldsim *sim, size_t mod,
    const char *kind);
/* preload_delete_name() of a preloaded file on its way out (P-04, U-13). */
int kldsim__preload_delete(struct kldsim *sim,
    const struct kldsim__file *file);

#endif

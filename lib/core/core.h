/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_CORE_H
#define CORE_CORE_H

/* What the core writer and the writers of scripts share. */

#include "core/overlay.h"
#include "util/text.h"

struct kldsim__core {
	struct kldsim *sim;
	struct kldsim_core_options options;
	struct kldsim__overlay overlay;
	kldsim_write_fn write;
	void *user;
};

/* Hand bytes over; NULL: zeros. */
int kldsim__core_put(struct kldsim__core *core, const void *bytes,
    uint64_t size);

/* --- core_elf.c: the core itself --- */

int kldsim__core_elf(struct kldsim__core *core);

/* --- script_gdb.c, script_lldb.c --- */

int kldsim__core_gdb(struct kldsim__core *core);
int kldsim__core_lldb(struct kldsim__core *core);

#endif

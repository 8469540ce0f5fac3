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
	/* What emit.c has handed over, and what waits: NULL stands for zeros. */
	uint64_t done;
	const uint8_t *waiting;
	uint64_t nwaiting;
};

/* Hand bytes over; NULL: zeros. */
int kldsim__core_put(struct kldsim__core *core, const void *bytes,
    uint64_t size);

/* --- emit.c --- */

/*
 * The same for many pieces: what lies together is handed over together,
 * whatever pages it is in.  The bytes stay as they are until the flush.
 */
int kldsim__core_emit(struct kldsim__core *core, const void *bytes,
    uint64_t size);
/* Blocks of zeros become holes. */
int kldsim__core_emit_sparse(struct kldsim__core *core, const uint8_t *bytes,
    size_t size);
int kldsim__core_flush(struct kldsim__core *core);

/* --- core_elf.c: the core itself --- */

int kldsim__core_elf(struct kldsim__core *core);

/* --- minidump.c --- */

int kldsim__core_minidump(struct kldsim__core *core);

/* --- script_gdb.c, script_lldb.c --- */

int kldsim__core_gdb(struct kldsim__core *core);
int kldsim__core_lldb(struct kldsim__core *core);

#endif

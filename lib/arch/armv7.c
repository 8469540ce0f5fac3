/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * armv7: sys/arm/arm/elf_machdep.c, sys/arm/include/vmparam.h.
 *
 * Modules are shared objects with REL tables.  elf_reloc_local() does
 * R_ARM_RELATIVE and nothing else (R-12, D-42).  R_ARM_ABS32 adds S to what is
 * at the place, also in a RELA table.  There is no R_ARM_GLOB_DAT and no
 * ifunc.  Places need not be aligned.  Unwind tables are told of a module when
 * it is loaded, which leaves nothing that a simulator could show.
 *
 * Types: ELF for the Arm Architecture (AAELF32), relocation codes.
 */

#include "arch/arch.h"

static const struct kldsim__reloc_row rows[] = {
	{ KLDSIM__ROW(0, "R_ARM_NONE", NOTHING, 0, ANY) },
	{ KLDSIM__ROW(2, "R_ARM_ABS32", S_PLUS_A, 4, ANY),
	    .addend_in_place = true },
	{ KLDSIM__ROW(20, "R_ARM_COPY", REFUSED, 0, ANY),
	    .refusal = "kldload: unexpected R_COPY relocation" },
	{ KLDSIM__ROW(22, "R_ARM_JUMP_SLOT", S, 4, ANY) },
	{ KLDSIM__ROW(23, "R_ARM_RELATIVE", B_PLUS_A, 4, ANY),
	    .local = true, .relocaddr = true },
};

const struct kldsim__arch kldsim__arch_armv7 = {
	.name = "armv7",
	.machine = 40,
	.elf_class = 1,
	.elf_data = 1,
	.page_size = 4096,
	.max_align = 8,
	.char_unsigned = true,
	/* The kernel tests for no more than 0 bytes ahead, by mistake. */
	.jump = { .align = 4, .from = 8, .back = 1u << 24 },
	.kernbase = 0xc0000000,
	.map_end = 0xffff0000, /* the vectors lie there */
	.heap = 0xe0000000,
	.heap_end = 0xffff0000,
	.superpage = 1u << 20,
	.exec = { .quantum = 1u << 20 },
	.elf_class_name = "elf32",
	.local_apart = true,
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(rows[0]),
	.debug = { .gdb = "arm", .registers = 168, .prstatus = 148 },
	.code = { .scan = kldsim__code_armv7 },
};

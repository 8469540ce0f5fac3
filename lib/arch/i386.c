/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * i386: sys/i386/i386/elf_machdep.c, sys/i386/include/vmparam.h.
 *
 * Modules are shared objects with REL tables: every addend is read from its
 * place.  elf_reloc_local() does R_386_RELATIVE and nothing else, elf_reloc()
 * everything but that (R-12, D-42).  R_386_PLT32 is "unexpected", and until
 * V-46 so is R_386_JMP_SLOT.  The kernel has 4 GiB for itself (L-23).
 *
 * Types: System V ABI, Intel386 Architecture Processor Supplement, table of
 * relocation types.
 */

#include "arch/arch.h"

static const struct kldsim__reloc_row rows[] = {
	{ KLDSIM__ROW(0, "R_386_NONE", NOTHING, 0, ANY) },
	{ KLDSIM__ROW(1, "R_386_32", S_PLUS_A, 4, ANY) },
	{ KLDSIM__ROW(2, "R_386_PC32", S_PLUS_A_MINUS_P, 4, ANY) },
	{ KLDSIM__ROW(5, "R_386_COPY", REFUSED, 0, ANY),
	    .refusal = "kldload: unexpected R_COPY relocation" },
	{ KLDSIM__ROW(6, "R_386_GLOB_DAT", S, 4, ANY) },
	{ KLDSIM__ROW(7, "R_386_JMP_SLOT", S, 4, ANY),
	    .when = KLDSIM__IF(i386_jmp_slot) },
	{ KLDSIM__ROW(8, "R_386_RELATIVE", B_PLUS_A, 4, ANY),
	    .local = true, .relocaddr = true },
	{ KLDSIM__ROW(42, "R_386_IRELATIVE", CALL_B_PLUS_A, 4, ANY),
	    .ifunc = true },
};

const struct kldsim__arch kldsim__arch_i386 = {
	.name = "i386",
	.machine = 3,
	.elf_class = 1,
	.elf_data = 1,
	.page_size = 4096,
	.max_align = 4,
	.jump = { .from = 5 },
	.kernbase = 0x800000,
	.map_end = 0xff000000,
	.heap = 0x80000000,
	.heap_end = 0xff000000,
	.superpage = 4u << 20, /* 2 MiB with PAE, and of no use here */
	.exec = { .quantum = 4u << 20 },
	.exec_later = { .when = KLDSIM__IF(i386_pae), .quantum = 2u << 20 },
	.set_padding = true,
	.elf_class_name = "elf32",
	.local_apart = true,
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(rows[0]),
	.debug = { .gdb = "i386", .registers = 64, .prstatus = 144 },
	.code = { .scan = kldsim__code_i386, .got = ".got.plt" },
};

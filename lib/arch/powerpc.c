/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * powerpc, 32 bits: sys/powerpc/powerpc/elf32_machdep.c and, of the AIM kernels,
 * sys/powerpc/include/vmparam.h.
 *
 * Modules are shared objects with RELA tables; a REL table is a panic.
 * One routine does local and external relocations.  Every value goes through
 * elf_relocaddr() (D-53).  The halves of addresses take addends that count
 * from a section for such that count from the file (6.5).
 *
 * Types: Power Architecture 32-bit ABI Supplement, relocation types.
 */

#include "arch/arch.h"

/* High half, adjusted: the low half will be added with its sign. */
static const struct kldsim__encoding ha = {
	.piece = { { .from = 16, .count = 16, .to = 0 } },
	.round = 0x8000, .bits = 32,
};

static const struct kldsim__reloc_row rows[] = {
	{ KLDSIM__ROW(0, "R_PPC_NONE", NOTHING, 0, ANY) },
	{ KLDSIM__ROW(1, "R_PPC_ADDR32", S_PLUS_A, 4, ANY),
	    .relocaddr = true },
	{ KLDSIM__ROW(4, "R_PPC_ADDR16_LO", S_PLUS_A, 2, ANY),
	    .relocaddr = true, .section_addend = true },
	{ KLDSIM__ROW(6, "R_PPC_ADDR16_HA", S_PLUS_A, 2, ANY),
	    .encoding = &ha, .relocaddr = true, .section_addend = true },
	{ KLDSIM__ROW(21, "R_PPC_JMP_SLOT", S_PLUS_A, 4, ANY),
	    .when = KLDSIM__IF(powerpc_irelative), .relocaddr = true },
	{ KLDSIM__ROW(22, "R_PPC_RELATIVE", B_PLUS_A, 4, ANY),
	    .relocaddr = true },
	{ KLDSIM__ROW(248, "R_PPC_IRELATIVE", CALL_B_PLUS_A, 4, ANY),
	    .when = KLDSIM__IF(powerpc_irelative), .ifunc = true },
};

const struct kldsim__arch kldsim__arch_powerpc = {
	.name = "powerpc",
	.machine = 20,
	.elf_class = 1,
	.elf_data = 2,
	.page_size = 4096,
	.max_align = 8,
	.char_unsigned = true,
	/* Differences are unsigned words there: none goes back. */
	.jump = { .align = 4, .ahead = 1u << 26 },
	.kernbase = 0x100100,
	.map_end = 0xf0000000,
	.heap = 0xe0000000,
	.heap_end = 0xf0000000,
	.exec = { .base = 0xd0000000 },
	.secure_plt = true,
	.elf_class_name = "elf32",
	.relocatable = true,
	.rel_tables = KLDSIM__REL_PANICS,
	.rel_text = "PPC only supports RELA relocations",
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(rows[0]),
	.debug = { .gdb = "powerpc:common", .registers = 412, .prstatus = 268 },
};

/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * arm64: sys/arm64/arm64/elf_machdep.c, sys/arm64/include/vmparam.h.
 *
 * Modules are shared objects with RELA tables.  elf_reloc_local() does
 * R_AARCH64_RELATIVE and nothing else (R-12, D-42).  From 12.2 on branches to
 * ifuncs need no PLT, so three kinds of branch instruction are relocated too
 * (V-47), by a helper that tests one bit too few and puts every displacement
 * at bit 0 without clearing what was there: right for B and BL, whose
 * field is empty and lies there, and damage to TBZ, CBZ and B.cond.
 *
 * Types: ELF for the Arm 64-bit Architecture (AAELF64), static and dynamic
 * relocations.
 */

#include "arch/arch.h"

/* The helper with msb 15, 20 and 27, and lsb 2. */
static const struct kldsim__encoding imm14 = {
	.piece = { { .from = 2, .count = 14, .to = 0 } },
	.bits = 16, .reach = 17, .keep = true,
};
static const struct kldsim__encoding imm19 = {
	.piece = { { .from = 2, .count = 19, .to = 0 } },
	.bits = 21, .reach = 22, .keep = true,
};
static const struct kldsim__encoding imm26 = {
	.piece = { { .from = 2, .count = 26, .to = 0 } },
	.bits = 28, .reach = 29, .keep = true,
};

/* A REL addend would be the 64 bits at the place for branches as well. */
#define BRANCH(number, text, field) \
	KLDSIM__ROW(number, text, S_PLUS_A_MINUS_P, 4, SIGNED), \
	.when = KLDSIM__IF(arm64_branch_relocs), .encoding = &(field), \
	.rel_width = 8

static const struct kldsim__reloc_row rows[] = {
	{ KLDSIM__ROW(0, "R_AARCH64_NONE", NOTHING, 0, ANY) },
	{ KLDSIM__ROW(257, "R_AARCH64_ABS64", S_PLUS_A, 8, ANY) },
	{ BRANCH(279, "R_AARCH64_TSTBR14", imm14) },
	{ BRANCH(280, "R_AARCH64_CONDBR19", imm19) },
	{ BRANCH(282, "R_AARCH64_JUMP26", imm26) },
	{ BRANCH(283, "R_AARCH64_CALL26", imm26) },
	{ KLDSIM__ROW(1025, "R_AARCH64_GLOB_DAT", S_PLUS_A, 8, ANY) },
	{ KLDSIM__ROW(1026, "R_AARCH64_JUMP_SLOT", S_PLUS_A, 8, ANY) },
	{ KLDSIM__ROW(1027, "R_AARCH64_RELATIVE", B_PLUS_A, 8, ANY),
	    .local = true, .relocaddr = true },
	{ KLDSIM__ROW(1032, "R_AARCH64_IRELATIVE", CALL_B_PLUS_A, 8, ANY),
	    .ifunc = true },
};

const struct kldsim__arch kldsim__arch_arm64 = {
	.name = "arm64",
	.machine = 183,
	.elf_class = 2,
	.elf_data = 1,
	.page_size = 4096,
	.max_align = 16,
	.char_unsigned = true,
	.jump = { .align = 4, .back = 1u << 26, .ahead = 1u << 26,
	    .mapped = true },
	.kernbase = 0xffff000000000000,
	.map_end = 0xffff008000000000,
	.heap = 0xffff004000000000,
	.heap_end = 0xffff008000000000,
	.superpage = 2u << 20,
	.exec = { .quantum = 2u << 20 },
	.preload_protects = KLDSIM__IF(preload_dyn_protects_arm64),
	.elf_class_name = "elf64",
	.local_apart = true,
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(rows[0]),
	.debug = { .gdb = "aarch64", .lldb = "aarch64",
	    .registers = 268, .prstatus = 392, .gregset = 272, .fpregset = 528 },
	.code = { .scan = kldsim__code_arm64, .ld_option = "--no-relax" },
};

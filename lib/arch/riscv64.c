/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * riscv64: sys/riscv/riscv/elf_machdep.c, sys/riscv/include/vmparam.h.
 *
 * Modules are shared objects with RELA tables; a REL table is an error.
 * One routine does local and external relocations.  Of the types that only
 * non-PIC code has, R_RISCV_JAL and R_RISCV_CALL always fail: their test of
 * the distance compares unsigned numbers (T-10).  In 12 the four of V-48 use a
 * variable before it is set; no formula of this kernel but R_RISCV_64's, later
 * on, has an addend.
 *
 * Types: RISC-V ELF psABI, table of relocation types.
 */

#include "arch/arch.h"

/* U-type; what its low half will subtract is added first. */
static const struct kldsim__encoding hi20 = {
	.piece = { { .from = 12, .count = 20, .to = 12 } },
	.round = 0x800, .bits = 32,
};
/* I-type and S-type. */
static const struct kldsim__encoding lo12_i = {
	.piece = { { .from = 0, .count = 12, .to = 20 } },
	.bits = 12,
};
static const struct kldsim__encoding lo12_s = {
	.piece = { { .from = 5, .count = 7, .to = 25 },
	    { .from = 0, .count = 5, .to = 7 } },
	.bits = 12,
};

#define LATER .when = KLDSIM__IF(riscv_looks_up_pcrel)

static const struct kldsim__reloc_row rows[] = {
	{ KLDSIM__ROW(0, "R_RISCV_NONE", NOTHING, 0, ANY) },
	{ KLDSIM__ROW(2, "R_RISCV_64", S, 8, ANY) },
	{ KLDSIM__ROW(2, "R_RISCV_64", S_PLUS_A, 8, ANY),
	    .when = KLDSIM__IF(riscv_addend) },
	{ KLDSIM__ROW(3, "R_RISCV_RELATIVE", B_PLUS_A, 8, ANY),
	    .relocaddr = true },
	{ KLDSIM__ROW(5, "R_RISCV_JUMP_SLOT", S, 8, ANY) },
	{ KLDSIM__ROW(17, "R_RISCV_JAL", NEVER_REACHES, 0, ANY),
	    .refusal = "kldload: huge offset against R_RISCV_JAL" },
	{ KLDSIM__ROW(18, "R_RISCV_CALL", NEVER_REACHES, 0, ANY),
	    .refusal = "kldload: huge offset against R_RISCV_CALL" },
	{ KLDSIM__ROW(23, "R_RISCV_PCREL_HI20", UNSET, 4, SIGNED),
	    .encoding = &hi20 },
	{ KLDSIM__ROW(23, "R_RISCV_PCREL_HI20", S_MINUS_P, 4, SIGNED),
	    .encoding = &hi20, LATER },
	{ KLDSIM__ROW(24, "R_RISCV_PCREL_LO12_I", UNSET, 4, ANY),
	    .encoding = &lo12_i },
	{ KLDSIM__ROW(24, "R_RISCV_PCREL_LO12_I", S, 4, ANY),
	    .encoding = &lo12_i, LATER },
	{ KLDSIM__ROW(25, "R_RISCV_PCREL_LO12_S", UNSET, 4, ANY),
	    .encoding = &lo12_s },
	{ KLDSIM__ROW(25, "R_RISCV_PCREL_LO12_S", S, 4, ANY),
	    .encoding = &lo12_s, LATER },
	{ KLDSIM__ROW(26, "R_RISCV_HI20", UNSET_AFTER_LOOKUP, 4, SIGNED),
	    .encoding = &hi20 },
	{ KLDSIM__ROW(26, "R_RISCV_HI20", S, 4, SIGNED),
	    .encoding = &hi20, LATER },
	{ KLDSIM__ROW(27, "R_RISCV_LO12_I", S, 4, ANY),
	    .encoding = &lo12_i },
	{ KLDSIM__ROW(28, "R_RISCV_LO12_S", S, 4, ANY),
	    .encoding = &lo12_s },
};

const struct kldsim__arch kldsim__arch_riscv64 = {
	.name = "riscv64",
	.machine = 243,
	.elf_class = 2,
	.elf_data = 1,
	.page_size = 4096,
	.max_align = 16,
	.char_unsigned = true,
	.jump = { .align = 2, .back = 1u << 19, .ahead = 1u << 19 },
	.kernbase = 0xffffffc000000000,
	.map_end = 0xffffffc800000000,
	.heap = 0xffffffc400000000,
	.heap_end = 0xffffffc800000000,
	.superpage = 2u << 20,
	.exec = { .quantum = 2u << 20 },
	.elf_class_name = "elf64",
	.strict_alignment = true, /* unless hardware or firmware helps */
	.long_numbers = true,
	.rel_tables = KLDSIM__REL_REFUSED,
	/*
	 * FIDELITY: the kernel prints a line number of elf_machdep.c, which
	 * any change to that file moves; this is one of its time as 12.
	 */
	.rel_text = "elf_reloc_internal:307 unknown reloc type 1",
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(rows[0]),
	.debug = { .gdb = "riscv:rv64", .registers = 264, .prstatus = 376 },
	.code = { .scan = kldsim__code_riscv },
};

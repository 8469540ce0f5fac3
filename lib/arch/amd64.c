/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * amd64: sys/amd64/amd64/elf_machdep.c, sys/amd64/include/vmparam.h.
 *
 * Modules are relocatable objects, placed in the top 2 GiB with the kernel so
 * that R_X86_64_PC32 and R_X86_64_32S reach.  Local and external
 * relocations go through one routine.  It truncates to 32 bits without a look
 * and knows neither GOT nor TLS types nor R_X86_64_PC64: those are
 * "unexpected", which is how a compiler that emits
 * R_X86_64_REX_GOTPCRELX makes a module that loads nowhere.
 *
 * Types: https://gitlab.com/x86-psABIs/x86-64-ABI, table of relocations.
 */

#include "arch/arch.h"

static const struct kldsim__reloc_row rows[] = {
	{ KLDSIM__ROW(0, "R_X86_64_NONE", NOTHING, 0, ANY) },
	{ KLDSIM__ROW(1, "R_X86_64_64", S_PLUS_A, 8, ANY) },
	{ KLDSIM__ROW(2, "R_X86_64_PC32", S_PLUS_A_MINUS_P, 4, SIGNED) },
	{ KLDSIM__ROW(4, "R_X86_64_PLT32", S_PLUS_A_MINUS_P, 4, SIGNED),
	    .when = KLDSIM__IF(amd64_plt32) },
	{ KLDSIM__ROW(5, "R_X86_64_COPY", REFUSED, 0, ANY),
	    .refusal = "kldload: unexpected R_COPY relocation" },
	{ KLDSIM__ROW(6, "R_X86_64_GLOB_DAT", S, 8, ANY) },
	{ KLDSIM__ROW(7, "R_X86_64_JUMP_SLOT", S, 8, ANY) },
	{ KLDSIM__ROW(8, "R_X86_64_RELATIVE", B_PLUS_A, 8, ANY) },
	{ KLDSIM__ROW(8, "R_X86_64_RELATIVE", B_PLUS_A, 8, ANY),
	    .when = KLDSIM__IF(amd64_relative_relocaddr), .relocaddr = true },
	{ KLDSIM__ROW(11, "R_X86_64_32S", S_PLUS_A, 4, SIGNED) },
	{ KLDSIM__ROW(37, "R_X86_64_IRELATIVE", CALL_B_PLUS_A, 8, ANY),
	    .ifunc = true },
};

const struct kldsim__arch kldsim__arch_amd64 = {
	.name = "amd64",
	.machine = 62,
	.elf_class = 2,
	.elf_data = 1,
	.page_size = 4096,
	.max_align = 16,
	.jump = { .from = 5, .back = 1u << 31, .ahead = 1u << 31,
	    .kernel_only = true },
	.kernbase = 0xffffffff80000000,
	.map_end = 0xfffffffffffff000,
	.heap = 0xfffffe0000000000,
	.heap_end = 0xffffffff80000000,
	.superpage = 2u << 20,
	.exec = { .base = 0xfffffe8000000000, .quantum = 2u << 20 },
	.obj_class = "elf64_obj",
	.preload_protects = KLDSIM__IF(preload_dyn_protects_amd64),
	.elf_class_name = "elf64",
	.unwind_loaded = true,
	.long_numbers = true,
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(rows[0]),
	.debug = { .gdb = "i386:x86-64", .lldb = "x86_64",
	    .registers = 164, .prstatus = 336, .gregset = 176, .fpregset = 512 },
	.code = { .scan = kldsim__code_amd64 },
};

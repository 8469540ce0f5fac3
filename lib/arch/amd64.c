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
	{ 0, "R_X86_64_NONE", KLDSIM__NOTHING, 0, KLDSIM__ANY, false, 0,
	    NULL },
	{ 1, "R_X86_64_64", KLDSIM__S_PLUS_A, 8, KLDSIM__ANY, false, 0, NULL },
	{ 2, "R_X86_64_PC32", KLDSIM__S_PLUS_A_MINUS_P, 4, KLDSIM__SIGNED,
	    false, 0, NULL },
	{ 4, "R_X86_64_PLT32", KLDSIM__S_PLUS_A_MINUS_P, 4, KLDSIM__SIGNED,
	    false, 0, NULL },
	{ 5, "R_X86_64_COPY", KLDSIM__REFUSED, 0, KLDSIM__ANY, false, 0,
	    "kldload: unexpected R_COPY relocation" },
	{ 6, "R_X86_64_GLOB_DAT", KLDSIM__S, 8, KLDSIM__ANY, false, 0, NULL },
	{ 7, "R_X86_64_JUMP_SLOT", KLDSIM__S, 8, KLDSIM__ANY, false, 0, NULL },
	{ 8, "R_X86_64_RELATIVE", KLDSIM__B_PLUS_A, 8, KLDSIM__ANY, false, 0,
	    NULL },
	{ 11, "R_X86_64_32S", KLDSIM__S_PLUS_A, 4, KLDSIM__SIGNED, false, 0,
	    NULL },
	{ 37, "R_X86_64_IRELATIVE", KLDSIM__CALL_B_PLUS_A, 8, KLDSIM__ANY,
	    true, 0, NULL },
};

const struct kldsim__arch kldsim__arch_amd64 = {
	.name = "amd64",
	.machine = 62,
	.elf_class = 2,
	.elf_data = 1,
	.page_size = 4096,
	.kernbase = 0xffffffff80000000,
	.module_hint = 0xffffffff80000000,
	.map_end = 0xfffffffffffff000,
	.heap = 0xfffffe0000000000,
	.superpage = 2u << 20,
	.obj_class = "elf64_obj",
	.elf_class_name = "elf64",
	.unknown_type = "kldload: unexpected relocation type %ld",
	.unwind_loaded = true,
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(rows[0]),
};

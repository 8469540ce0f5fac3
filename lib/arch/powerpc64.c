/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * powerpc64: sys/powerpc/powerpc/elf64_machdep.c, sys/powerpc/include/vmparam.h.
 *
 * Modules are shared objects with RELA tables; a REL table is a panic.
 * One routine does local and external relocations.  It does not look whether
 * the symbol of R_PPC64_JMP_SLOT was found (6.5).  Under the first ABI that
 * relocation copies a function descriptor of three words, under the second it
 * stores an address; 12 under the second copies a word from that address.  The
 * kernel's e_flags tell which ABI it has.  Little endian is powerpc64le.c.
 *
 * Types: 64-Bit ELF V2 ABI Specification, Power Architecture, relocation types.
 */

#include "arch/powerpc64.h"

#define NONE { KLDSIM__ROW(0, "R_PPC64_NONE", NOTHING, 0, ANY) }

#define FROM_RELATIVE_ON \
	{ KLDSIM__ROW(22, "R_PPC64_RELATIVE", B_PLUS_A, 8, ANY), \
	    .relocaddr = true }, \
	{ KLDSIM__ROW(38, "R_PPC64_ADDR64", S_PLUS_A, 8, ANY) }, \
	{ KLDSIM__ROW(248, "R_PPC64_IRELATIVE", CALL_B_PLUS_A, 8, ANY), \
	    .when = KLDSIM__IF(powerpc_irelative), .ifunc = true }

#define JMP_SLOT(formula, width) \
	KLDSIM__ROW(21, "R_PPC64_JMP_SLOT", formula, width, ANY), \
	.lookup_ignored = true

static const struct kldsim__reloc_row elfv1_rows[] = {
	NONE,
	{ JMP_SLOT(MEMORY_AT_S, 24) },
	FROM_RELATIVE_ON,
};

const struct kldsim__reloc_row kldsim__powerpc64_elfv2_rows[] = {
	NONE,
	{ JMP_SLOT(MEMORY_AT_S, 8) },
	{ JMP_SLOT(S, 8), .when = KLDSIM__IF(powerpc64_jmp_slot_stores) },
	FROM_RELATIVE_ON,
};

_Static_assert(sizeof(kldsim__powerpc64_elfv2_rows) /
    sizeof(kldsim__powerpc64_elfv2_rows[0]) == KLDSIM__POWERPC64_ELFV2_ROWS,
    "powerpc64.h counts them");

const struct kldsim__arch kldsim__arch_powerpc64_elfv1 = {
	.name = "powerpc64",
	KLDSIM__POWERPC64(2),
	.rows = elfv1_rows,
	.nrows = sizeof(elfv1_rows) / sizeof(elfv1_rows[0]),
};

const struct kldsim__arch kldsim__arch_powerpc64 = {
	.name = "powerpc64",
	KLDSIM__POWERPC64(2),
	.elf_flags_mask = 3,
	.elf_flags = 2,
	.rows = kldsim__powerpc64_elfv2_rows,
	.nrows = KLDSIM__POWERPC64_ELFV2_ROWS,
};

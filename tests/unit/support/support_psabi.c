/* SPDX-License-Identifier: BSD-2-Clause */

/* The tables of the processor supplements; see support_psabi.h. */

#include "support_psabi.h"

#define S32_MIN (-INT64_C(0x80000000))
#define S32_MAX INT64_C(0x7fffffff)

#define AMD64 "System V ABI, AMD64 supplement: Relocation Types"
#define I386 "System V ABI, Intel386 supplement: Relocation Types"
#define DATA64 "ELF for the Arm 64-bit Architecture: Static Data relocations"
#define FLOW64 "ELF for the Arm 64-bit Architecture: control-flow instructions"
#define DYN64 "ELF for the Arm 64-bit Architecture: Dynamic relocations"
#define ARM "ELF for the Arm Architecture: Relocation codes"
#define RISCV "RISC-V ELF psABI: Relocations"
#define PPC "Power Architecture 32-bit ABI: Relocation Types"
#define PPC64 "64-Bit ELF V2 ABI, Power Architecture: Relocation Types"
#define PPC64V1 "64-bit PowerPC ELF ABI: Relocation Types"

/* A whole word that holds any value of that many bytes. */
#define WORD(machine, type, name, bytes, section) \
	{ machine, type, name, bytes, 0, 0, 1, { { 0, 0, 0 }, { 0, 0, 0 } }, \
	    0, section }
#define CHECKED(machine, type, name, bytes, min, max, section) \
	{ machine, type, name, bytes, min, max, 1, \
	    { { 0, 0, 0 }, { 0, 0, 0 } }, 0, section }
/* A field: of values so many apart, and bits of them. */
#define FIELD(machine, type, name, bytes, min, max, step, round, section, ...) \
	{ machine, type, name, bytes, min, max, step, { __VA_ARGS__ }, round, \
	    section }

/* lui and auipc add their 20 bits to 12 that are signed. */
#define U_MIN (S32_MIN - 0x800)
#define U_MAX (S32_MAX - 0x800)
#define U_TYPE { 12, 20, 12 }
#define I_TYPE { 0, 12, 20 }
#define S_TYPE { 5, 7, 25 }, { 0, 5, 7 }

#define POWERPC64(machine, section, slot) \
	WORD(machine, 0, "R_PPC64_NONE", 0, section), \
	WORD(machine, 21, "R_PPC64_JMP_SLOT", slot, section), \
	WORD(machine, 22, "R_PPC64_RELATIVE", 8, section), \
	WORD(machine, 38, "R_PPC64_ADDR64", 8, section), \
	WORD(machine, 248, "R_PPC64_IRELATIVE", 8, section)

const struct psabi psabi[] = {
	WORD("amd64", 0, "R_X86_64_NONE", 0, AMD64),
	WORD("amd64", 1, "R_X86_64_64", 8, AMD64),
	CHECKED("amd64", 2, "R_X86_64_PC32", 4, S32_MIN, S32_MAX, AMD64),
	CHECKED("amd64", 4, "R_X86_64_PLT32", 4, S32_MIN, S32_MAX, AMD64),
	WORD("amd64", 5, "R_X86_64_COPY", 0, AMD64),
	WORD("amd64", 6, "R_X86_64_GLOB_DAT", 8, AMD64),
	WORD("amd64", 7, "R_X86_64_JUMP_SLOT", 8, AMD64),
	WORD("amd64", 8, "R_X86_64_RELATIVE", 8, AMD64),
	CHECKED("amd64", 11, "R_X86_64_32S", 4, S32_MIN, S32_MAX, AMD64),
	WORD("amd64", 37, "R_X86_64_IRELATIVE", 8, AMD64),

	WORD("i386", 0, "R_386_NONE", 0, I386),
	WORD("i386", 1, "R_386_32", 4, I386),
	WORD("i386", 2, "R_386_PC32", 4, I386),
	WORD("i386", 5, "R_386_COPY", 0, I386),
	WORD("i386", 6, "R_386_GLOB_DAT", 4, I386),
	WORD("i386", 7, "R_386_JMP_SLOT", 4, I386),
	WORD("i386", 8, "R_386_RELATIVE", 4, I386),
	WORD("i386", 42, "R_386_IRELATIVE", 4, I386),

	WORD("arm64", 0, "R_AARCH64_NONE", 0, DATA64),
	WORD("arm64", 257, "R_AARCH64_ABS64", 8, DATA64),
	/* tbz: imm14 in bits 18:5; b.cond, cbz: imm19 in 23:5; b: 25:0. */
	FIELD("arm64", 279, "R_AARCH64_TSTBR14", 4, -0x8000, 0x7ffc, 4, 0,
	    FLOW64, { 2, 14, 5 }),
	FIELD("arm64", 280, "R_AARCH64_CONDBR19", 4, -0x100000, 0xffffc, 4, 0,
	    FLOW64, { 2, 19, 5 }),
	FIELD("arm64", 282, "R_AARCH64_JUMP26", 4, -0x8000000, 0x7fffffc, 4,
	    0, FLOW64, { 2, 26, 0 }),
	FIELD("arm64", 283, "R_AARCH64_CALL26", 4, -0x8000000, 0x7fffffc, 4,
	    0, FLOW64, { 2, 26, 0 }),
	WORD("arm64", 1025, "R_AARCH64_GLOB_DAT", 8, DYN64),
	WORD("arm64", 1026, "R_AARCH64_JUMP_SLOT", 8, DYN64),
	WORD("arm64", 1027, "R_AARCH64_RELATIVE", 8, DYN64),
	WORD("arm64", 1032, "R_AARCH64_IRELATIVE", 8, DYN64),

	WORD("armv7", 0, "R_ARM_NONE", 0, ARM),
	WORD("armv7", 2, "R_ARM_ABS32", 4, ARM),
	WORD("armv7", 20, "R_ARM_COPY", 0, ARM),
	WORD("armv7", 22, "R_ARM_JUMP_SLOT", 4, ARM),
	WORD("armv7", 23, "R_ARM_RELATIVE", 4, ARM),

	WORD("riscv64", 0, "R_RISCV_NONE", 0, RISCV),
	WORD("riscv64", 2, "R_RISCV_64", 8, RISCV),
	WORD("riscv64", 3, "R_RISCV_RELATIVE", 8, RISCV),
	WORD("riscv64", 5, "R_RISCV_JUMP_SLOT", 8, RISCV),
	/* Fields of 20 bits and of two instructions; the kernel has none. */
	WORD("riscv64", 17, "R_RISCV_JAL", 0, RISCV),
	WORD("riscv64", 18, "R_RISCV_CALL", 0, RISCV),
	FIELD("riscv64", 23, "R_RISCV_PCREL_HI20", 4, U_MIN, U_MAX, 1, 0x800,
	    RISCV, U_TYPE),
	FIELD("riscv64", 24, "R_RISCV_PCREL_LO12_I", 4, 0, 0, 1, 0, RISCV,
	    I_TYPE),
	FIELD("riscv64", 25, "R_RISCV_PCREL_LO12_S", 4, 0, 0, 1, 0, RISCV,
	    S_TYPE),
	FIELD("riscv64", 26, "R_RISCV_HI20", 4, U_MIN, U_MAX, 1, 0x800,
	    RISCV, U_TYPE),
	FIELD("riscv64", 27, "R_RISCV_LO12_I", 4, 0, 0, 1, 0, RISCV, I_TYPE),
	FIELD("riscv64", 28, "R_RISCV_LO12_S", 4, 0, 0, 1, 0, RISCV, S_TYPE),

	WORD("powerpc", 0, "R_PPC_NONE", 0, PPC),
	WORD("powerpc", 1, "R_PPC_ADDR32", 4, PPC),
	/* #lo and #ha: halves, the high one adjusted. */
	FIELD("powerpc", 4, "R_PPC_ADDR16_LO", 2, 0, 0, 1, 0, PPC,
	    { 0, 16, 0 }),
	FIELD("powerpc", 6, "R_PPC_ADDR16_HA", 2, 0, 0, 1, 0x8000, PPC,
	    { 16, 16, 0 }),
	WORD("powerpc", 21, "R_PPC_JMP_SLOT", 4, PPC),
	WORD("powerpc", 22, "R_PPC_RELATIVE", 4, PPC),
	WORD("powerpc", 248, "R_PPC_IRELATIVE", 4, PPC),

	/* The first ABI's slot is a function descriptor of three words. */
	POWERPC64("powerpc64", PPC64, 8),
	POWERPC64("powerpc64le", PPC64, 8),
	POWERPC64("powerpc64 ELFv1", PPC64V1, 24),
};

const size_t npsabi = sizeof(psabi) / sizeof(psabi[0]);

/* Bit by bit, as the figures of the documents show it. */
uint64_t
psabi_word(const struct psabi *row, uint64_t value, uint64_t word)
{
	if (row->bits[0].count == 0)
		return (value);
	value += row->round;
	for (unsigned part = 0; part < 2; part++) {
		const struct psabi_bits *bits = &row->bits[part];

		for (unsigned i = 0; i < bits->count; i++) {
			const uint64_t bit = UINT64_C(1) << (bits->to + i);

			word = (value >> (bits->low + i) & 1) != 0 ?
			    word | bit : word & ~bit;
		}
	}
	return (word);
}

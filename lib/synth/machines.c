/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machines, as data.  Relocation numbers are those of each machine's psABI;
 * the width says how much an addend in place may fill.  Kernel bases are L-23.
 */

#include <string.h>

#include "synth/impl.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OSABI_FREEBSD 9

static const struct kldsim__synth_row amd64_rows[] = {
	{"R_X86_64_NONE", 0, 0},
	{"R_X86_64_64", 1, 8},
	{"R_X86_64_PC32", 2, 4},
	{"R_X86_64_GOT32", 3, 4},
	{"R_X86_64_PLT32", 4, 4},
	{"R_X86_64_COPY", 5, 0},
	{"R_X86_64_GLOB_DAT", 6, 8},
	{"R_X86_64_JMP_SLOT", 7, 8},
	{"R_X86_64_JUMP_SLOT", 7, 8},
	{"R_X86_64_RELATIVE", 8, 8},
	{"R_X86_64_GOTPCREL", 9, 4},
	{"R_X86_64_32", 10, 4},
	{"R_X86_64_32S", 11, 4},
	{"R_X86_64_16", 12, 2},
	{"R_X86_64_PC16", 13, 2},
	{"R_X86_64_8", 14, 1},
	{"R_X86_64_PC8", 15, 1},
	{"R_X86_64_DTPMOD64", 16, 8},
	{"R_X86_64_DTPOFF64", 17, 8},
	{"R_X86_64_TPOFF64", 18, 8},
	{"R_X86_64_TLSGD", 19, 4},
	{"R_X86_64_TLSLD", 20, 4},
	{"R_X86_64_DTPOFF32", 21, 4},
	{"R_X86_64_GOTTPOFF", 22, 4},
	{"R_X86_64_TPOFF32", 23, 4},
	{"R_X86_64_PC64", 24, 8},
	{"R_X86_64_GOTOFF64", 25, 8},
	{"R_X86_64_GOTPC32", 26, 4},
	{"R_X86_64_SIZE32", 32, 4},
	{"R_X86_64_SIZE64", 33, 8},
	{"R_X86_64_IRELATIVE", 37, 8},
	{"R_X86_64_GOTPCRELX", 41, 4},
	{"R_X86_64_REX_GOTPCRELX", 42, 4},
};

static const struct kldsim__synth_row i386_rows[] = {
	{"R_386_NONE", 0, 0},
	{"R_386_32", 1, 4},
	{"R_386_PC32", 2, 4},
	{"R_386_GOT32", 3, 4},
	{"R_386_PLT32", 4, 4},
	{"R_386_COPY", 5, 0},
	{"R_386_GLOB_DAT", 6, 4},
	{"R_386_JMP_SLOT", 7, 4},
	{"R_386_JUMP_SLOT", 7, 4},
	{"R_386_RELATIVE", 8, 4},
	{"R_386_GOTOFF", 9, 4},
	{"R_386_GOTPC", 10, 4},
	{"R_386_TLS_TPOFF", 14, 4},
	{"R_386_16", 20, 2},
	{"R_386_PC16", 21, 2},
	{"R_386_8", 22, 1},
	{"R_386_PC8", 23, 1},
	{"R_386_IRELATIVE", 42, 4},
	{"R_386_GOT32X", 43, 4},
};

static const struct kldsim__synth_row arm64_rows[] = {
	{"R_AARCH64_NONE", 0, 0},
	{"R_AARCH64_ABS64", 257, 8},
	{"R_AARCH64_ABS32", 258, 4},
	{"R_AARCH64_ABS16", 259, 2},
	{"R_AARCH64_PREL64", 260, 8},
	{"R_AARCH64_PREL32", 261, 4},
	{"R_AARCH64_PREL16", 262, 2},
	{"R_AARCH64_LD_PREL_LO19", 273, 0},
	{"R_AARCH64_ADR_PREL_LO21", 274, 0},
	{"R_AARCH64_ADR_PREL_PG_HI21", 275, 0},
	{"R_AARCH64_ADD_ABS_LO12_NC", 277, 0},
	{"R_AARCH64_LDST8_ABS_LO12_NC", 278, 0},
	{"R_AARCH64_TSTBR14", 279, 0},
	{"R_AARCH64_CONDBR19", 280, 0},
	{"R_AARCH64_JUMP26", 282, 0},
	{"R_AARCH64_CALL26", 283, 0},
	{"R_AARCH64_LDST16_ABS_LO12_NC", 284, 0},
	{"R_AARCH64_LDST32_ABS_LO12_NC", 285, 0},
	{"R_AARCH64_LDST64_ABS_LO12_NC", 286, 0},
	{"R_AARCH64_LDST128_ABS_LO12_NC", 299, 0},
	{"R_AARCH64_ADR_GOT_PAGE", 311, 0},
	{"R_AARCH64_LD64_GOT_LO12_NC", 312, 0},
	{"R_AARCH64_COPY", 1024, 0},
	{"R_AARCH64_GLOB_DAT", 1025, 8},
	{"R_AARCH64_JUMP_SLOT", 1026, 8},
	{"R_AARCH64_RELATIVE", 1027, 8},
	{"R_AARCH64_IRELATIVE", 1032, 8},
};

static const struct kldsim__synth_row arm_rows[] = {
	{"R_ARM_NONE", 0, 0},
	{"R_ARM_ABS32", 2, 4},
	{"R_ARM_REL32", 3, 4},
	{"R_ARM_COPY", 20, 0},
	{"R_ARM_GLOB_DAT", 21, 4},
	{"R_ARM_JUMP_SLOT", 22, 4},
	{"R_ARM_RELATIVE", 23, 4},
	{"R_ARM_GOTOFF", 24, 4},
	{"R_ARM_CALL", 28, 0},
	{"R_ARM_JUMP24", 29, 0},
	{"R_ARM_TARGET1", 38, 4},
	{"R_ARM_V4BX", 40, 0},
	{"R_ARM_PREL31", 42, 0},
	{"R_ARM_MOVW_ABS_NC", 43, 0},
	{"R_ARM_MOVT_ABS", 44, 0},
	{"R_ARM_GOT_PREL", 96, 4},
	{"R_ARM_IRELATIVE", 160, 4},
};

static const struct kldsim__synth_row riscv_rows[] = {
	{"R_RISCV_NONE", 0, 0},
	{"R_RISCV_32", 1, 4},
	{"R_RISCV_64", 2, 8},
	{"R_RISCV_RELATIVE", 3, 8},
	{"R_RISCV_COPY", 4, 0},
	{"R_RISCV_JUMP_SLOT", 5, 8},
	{"R_RISCV_BRANCH", 16, 0},
	{"R_RISCV_JAL", 17, 0},
	{"R_RISCV_CALL", 18, 0},
	{"R_RISCV_CALL_PLT", 19, 0},
	{"R_RISCV_GOT_HI20", 20, 0},
	{"R_RISCV_PCREL_HI20", 23, 0},
	{"R_RISCV_PCREL_LO12_I", 24, 0},
	{"R_RISCV_PCREL_LO12_S", 25, 0},
	{"R_RISCV_HI20", 26, 0},
	{"R_RISCV_LO12_I", 27, 0},
	{"R_RISCV_LO12_S", 28, 0},
	{"R_RISCV_ADD8", 33, 1},
	{"R_RISCV_ADD16", 34, 2},
	{"R_RISCV_ADD32", 35, 4},
	{"R_RISCV_ADD64", 36, 8},
	{"R_RISCV_SUB8", 37, 1},
	{"R_RISCV_SUB16", 38, 2},
	{"R_RISCV_SUB32", 39, 4},
	{"R_RISCV_SUB64", 40, 8},
	{"R_RISCV_ALIGN", 43, 0},
	{"R_RISCV_RVC_BRANCH", 44, 0},
	{"R_RISCV_RVC_JUMP", 45, 0},
	{"R_RISCV_RELAX", 51, 0},
	{"R_RISCV_32_PCREL", 57, 4},
	{"R_RISCV_IRELATIVE", 58, 8},
};

static const struct kldsim__synth_row ppc_rows[] = {
	{"R_PPC_NONE", 0, 0},
	{"R_PPC_ADDR32", 1, 4},
	{"R_PPC_ADDR24", 2, 0},
	{"R_PPC_ADDR16", 3, 2},
	{"R_PPC_ADDR16_LO", 4, 2},
	{"R_PPC_ADDR16_HI", 5, 2},
	{"R_PPC_ADDR16_HA", 6, 2},
	{"R_PPC_REL24", 10, 0},
	{"R_PPC_REL14", 11, 0},
	{"R_PPC_PLTREL24", 18, 0},
	{"R_PPC_COPY", 19, 0},
	{"R_PPC_GLOB_DAT", 20, 4},
	{"R_PPC_JMP_SLOT", 21, 4},
	{"R_PPC_RELATIVE", 22, 4},
	{"R_PPC_REL32", 26, 4},
	{"R_PPC_IRELATIVE", 248, 4},
	{"R_PPC_REL16", 249, 2},
	{"R_PPC_REL16_LO", 250, 2},
	{"R_PPC_REL16_HI", 251, 2},
	{"R_PPC_REL16_HA", 252, 2},
};

static const struct kldsim__synth_row ppc64_rows[] = {
	{"R_PPC64_NONE", 0, 0},
	{"R_PPC64_ADDR32", 1, 4},
	{"R_PPC64_ADDR16", 3, 2},
	{"R_PPC64_ADDR16_LO", 4, 2},
	{"R_PPC64_ADDR16_HI", 5, 2},
	{"R_PPC64_ADDR16_HA", 6, 2},
	{"R_PPC64_REL24", 10, 0},
	{"R_PPC64_REL14", 11, 0},
	{"R_PPC64_COPY", 19, 0},
	{"R_PPC64_GLOB_DAT", 20, 8},
	{"R_PPC64_JMP_SLOT", 21, 8},
	{"R_PPC64_RELATIVE", 22, 8},
	{"R_PPC64_REL32", 26, 4},
	{"R_PPC64_ADDR64", 38, 8},
	{"R_PPC64_REL64", 44, 8},
	{"R_PPC64_TOC16", 47, 2},
	{"R_PPC64_TOC16_LO", 48, 2},
	{"R_PPC64_TOC16_HI", 49, 2},
	{"R_PPC64_TOC16_HA", 50, 2},
	{"R_PPC64_TOC", 51, 8},
	{"R_PPC64_ADDR16_DS", 56, 2},
	{"R_PPC64_ADDR16_LO_DS", 57, 2},
	{"R_PPC64_TOC16_DS", 63, 2},
	{"R_PPC64_TOC16_LO_DS", 64, 2},
	{"R_PPC64_IRELATIVE", 248, 8},
	{"R_PPC64_REL16", 249, 2},
	{"R_PPC64_REL16_LO", 250, 2},
	{"R_PPC64_REL16_HI", 251, 2},
	{"R_PPC64_REL16_HA", 252, 2},
};

#define ROWS(table) .rows = (table), .nrows = COUNT(table)
#define ELF(class, data) .elf_class = ELFCLASS##class, .elf_data = ELFDATA##data
#define KINDS(kernel, module) \
	.kernel_type = ET_##kernel, .module_type = ET_##module
#define TYPES(w, r, j, i) \
	.word = (w), .relative = (r), .jump_slot = (j), .irelative = (i)

static const struct kldsim__synth_machine machines[] = {
	{"amd64", EM_X86_64, ELF(64, 2LSB), .osabi = OSABI_FREEBSD,
	    .rela = true, KINDS(EXEC, REL), .page = 0x1000,
	    .kernel_base = 0xffffffff80200000, TYPES(1, 8, 7, 37),
	    ROWS(amd64_rows)},
	{"i386", EM_386, ELF(32, 2LSB), .osabi = OSABI_FREEBSD, .rela = false,
	    KINDS(EXEC, DYN), .page = 0x1000, .kernel_base = 0x800000,
	    TYPES(1, 8, 7, 42), ROWS(i386_rows)},
	{"arm64", EM_AARCH64, ELF(64, 2LSB), .osabi = 0, .rela = true,
	    KINDS(EXEC, DYN), .page = 0x10000,
	    .kernel_base = 0xffff000000000000, TYPES(257, 1027, 1026, 1032),
	    ROWS(arm64_rows)},
	{"armv7", EM_ARM, ELF(32, 2LSB), .osabi = 0, .rela = false,
	    KINDS(EXEC, DYN), .e_flags = 0x05000000, .page = 0x1000,
	    .kernel_base = 0xc0000000, TYPES(2, 23, 22, 160), ROWS(arm_rows)},
	{"riscv64", EM_RISCV, ELF(64, 2LSB), .osabi = 0, .rela = true,
	    KINDS(EXEC, DYN), .e_flags = 1, .page = 0x1000,
	    .kernel_base = 0xffffffc000000000, TYPES(2, 3, 5, 58),
	    ROWS(riscv_rows)},
	{"powerpc", EM_PPC, ELF(32, 2MSB), .osabi = OSABI_FREEBSD,
	    .rela = true, KINDS(DYN, DYN), .page = 0x10000,
	    .kernel_base = 0x100000, TYPES(1, 22, 21, 248), ROWS(ppc_rows)},
	{"powerpc64", EM_PPC64, ELF(64, 2MSB), .osabi = OSABI_FREEBSD,
	    .rela = true, KINDS(DYN, DYN), .e_flags = 2, .page = 0x10000,
	    .kernel_base = 0x100000, TYPES(38, 22, 21, 248), ROWS(ppc64_rows)},
	{"powerpc64le", EM_PPC64, ELF(64, 2LSB), .osabi = OSABI_FREEBSD,
	    .rela = true, KINDS(DYN, DYN), .e_flags = 2, .page = 0x10000,
	    .kernel_base = 0x100000, TYPES(38, 22, 21, 248), ROWS(ppc64_rows)},
	{"elf32le", EM_NONE, ELF(32, 2LSB), .rela = true, KINDS(EXEC, REL),
	    .page = 0x1000},
	{"elf32be", EM_NONE, ELF(32, 2MSB), .rela = true, KINDS(EXEC, REL),
	    .page = 0x1000},
	{"elf64le", EM_NONE, ELF(64, 2LSB), .rela = true, KINDS(EXEC, REL),
	    .page = 0x1000},
	{"elf64be", EM_NONE, ELF(64, 2MSB), .rela = true, KINDS(EXEC, REL),
	    .page = 0x1000},
};

const struct kldsim__synth_machine *
kldsim__synth_machine(const char *name)
{
	size_t i;

	for (i = 0; name != NULL && i < COUNT(machines); i++)
		if (strcmp(machines[i].name, name) == 0)
			return &machines[i];
	return NULL;
}

const char *
kldsim_synth_machine(size_t index)
{
	return index < COUNT(machines) ? machines[index].name : NULL;
}

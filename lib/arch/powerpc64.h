/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_POWERPC64_H
#define ARCH_POWERPC64_H

/* What powerpc64 and powerpc64le share. */

#include "arch/arch.h"

#define KLDSIM__POWERPC64_ELFV2_ROWS 6

extern const struct kldsim__reloc_row
    kldsim__powerpc64_elfv2_rows[KLDSIM__POWERPC64_ELFV2_ROWS];

#define KLDSIM__POWERPC64(data) \
	.machine = 21, \
	.elf_class = 2, \
	.elf_data = (data), \
	.page_size = 4096, \
	.max_align = 8, \
	.char_unsigned = true, \
	.jump = { .align = 4, .back = 1u << 26, .ahead = 1u << 26 }, \
	.kernbase = 0x100100, \
	.map_end = 0xe000000800000000, \
	.heap = 0xe000000400000000, \
	.heap_end = 0xe000000800000000, \
	.exec = { .base = 0xe000000000000000 }, \
	/* 16 MiB with a hash page table, 2 with a radix tree. */ \
	.exec_later = { .when = KLDSIM__IF(powerpc64_kernel_map), \
	    .base = 0xc008000000000000, .quantum = 16u << 20 }, \
	.elf_class_name = "elf64", \
	.relocatable = true, \
	.rel_tables = KLDSIM__REL_PANICS, \
	.rel_text = "PPC only supports RELA relocations", \
	.debug = { .gdb = "powerpc:common64", .registers = 556, \
	    .prstatus = 504 }, \
	.code = { .scan = kldsim__code_powerpc64, .got = ".got", \
	    .got_offset = 0x8000, .ld_option = "--no-toc-optimize" }

#endif

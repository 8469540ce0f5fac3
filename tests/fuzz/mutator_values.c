/* SPDX-License-Identifier: BSD-2-Clause */

/* The fields of ELF's structures, and the values that tell something. */

#include "mutator_impl.h"

const struct fuzz_field fuzz_fields[FUZZ_FIELDS] = {
	[E_CLASS] = { FUZZ_EHDR, { { 4, 1 }, { 4, 1 } }, FUZZ_WORD },
	[E_DATA] = { FUZZ_EHDR, { { 5, 1 }, { 5, 1 } }, FUZZ_WORD },
	[E_OSABI] = { FUZZ_EHDR, { { 7, 1 }, { 7, 1 } }, FUZZ_WORD },
	[E_TYPE] = { FUZZ_EHDR, { { 16, 2 }, { 16, 2 } }, FUZZ_WORD },
	[E_MACHINE] = { FUZZ_EHDR, { { 18, 2 }, { 18, 2 } }, FUZZ_WORD },
	[E_VERSION] = { FUZZ_EHDR, { { 20, 4 }, { 20, 4 } }, FUZZ_WORD },
	[E_ENTRY] = { FUZZ_EHDR, { { 24, 4 }, { 24, 8 } }, FUZZ_PLACE },
	[E_PHOFF] = { FUZZ_EHDR, { { 28, 4 }, { 32, 8 } }, FUZZ_PLACE },
	[E_SHOFF] = { FUZZ_EHDR, { { 32, 4 }, { 40, 8 } }, FUZZ_PLACE },
	[E_FLAGS] = { FUZZ_EHDR, { { 36, 4 }, { 48, 4 } }, FUZZ_WORD },
	[E_PHENTSIZE] = { FUZZ_EHDR, { { 42, 2 }, { 54, 2 } }, FUZZ_AMOUNT },
	[E_PHNUM] = { FUZZ_EHDR, { { 44, 2 }, { 56, 2 } }, FUZZ_AMOUNT },
	[E_SHENTSIZE] = { FUZZ_EHDR, { { 46, 2 }, { 58, 2 } }, FUZZ_AMOUNT },
	[E_SHNUM] = { FUZZ_EHDR, { { 48, 2 }, { 60, 2 } }, FUZZ_AMOUNT },
	[E_SHSTRNDX] = { FUZZ_EHDR, { { 50, 2 }, { 62, 2 } }, FUZZ_INDEX },

	[SH_NAME] = { FUZZ_SHDR, { { 0, 4 }, { 0, 4 } }, FUZZ_STRING },
	[SH_TYPE] = { FUZZ_SHDR, { { 4, 4 }, { 4, 4 } }, FUZZ_WORD },
	[SH_FLAGS] = { FUZZ_SHDR, { { 8, 4 }, { 8, 8 } }, FUZZ_WORD },
	[SH_ADDR] = { FUZZ_SHDR, { { 12, 4 }, { 16, 8 } }, FUZZ_PLACE },
	[SH_OFFSET] = { FUZZ_SHDR, { { 16, 4 }, { 24, 8 } }, FUZZ_PLACE },
	[SH_SIZE] = { FUZZ_SHDR, { { 20, 4 }, { 32, 8 } }, FUZZ_AMOUNT },
	[SH_LINK] = { FUZZ_SHDR, { { 24, 4 }, { 40, 4 } }, FUZZ_INDEX },
	[SH_INFO] = { FUZZ_SHDR, { { 28, 4 }, { 44, 4 } }, FUZZ_INDEX },
	[SH_ADDRALIGN] = { FUZZ_SHDR, { { 32, 4 }, { 48, 8 } }, FUZZ_ALIGN },
	[SH_ENTSIZE] = { FUZZ_SHDR, { { 36, 4 }, { 56, 8 } }, FUZZ_AMOUNT },

	[P_TYPE] = { FUZZ_PHDR, { { 0, 4 }, { 0, 4 } }, FUZZ_WORD },
	[P_FLAGS] = { FUZZ_PHDR, { { 24, 4 }, { 4, 4 } }, FUZZ_WORD },
	[P_OFFSET] = { FUZZ_PHDR, { { 4, 4 }, { 8, 8 } }, FUZZ_PLACE },
	[P_VADDR] = { FUZZ_PHDR, { { 8, 4 }, { 16, 8 } }, FUZZ_PLACE },
	[P_FILESZ] = { FUZZ_PHDR, { { 16, 4 }, { 32, 8 } }, FUZZ_AMOUNT },
	[P_MEMSZ] = { FUZZ_PHDR, { { 20, 4 }, { 40, 8 } }, FUZZ_AMOUNT },
	[P_ALIGN] = { FUZZ_PHDR, { { 28, 4 }, { 48, 8 } }, FUZZ_ALIGN },

	[ST_NAME] = { FUZZ_SYM, { { 0, 4 }, { 0, 4 } }, FUZZ_STRING },
	[ST_INFO] = { FUZZ_SYM, { { 12, 1 }, { 4, 1 } }, FUZZ_WORD },
	[ST_OTHER] = { FUZZ_SYM, { { 13, 1 }, { 5, 1 } }, FUZZ_WORD },
	[ST_SHNDX] = { FUZZ_SYM, { { 14, 2 }, { 6, 2 } }, FUZZ_INDEX },
	[ST_VALUE] = { FUZZ_SYM, { { 4, 4 }, { 8, 8 } }, FUZZ_PLACE },
	[ST_SIZE] = { FUZZ_SYM, { { 8, 4 }, { 16, 8 } }, FUZZ_AMOUNT },

	/* r_info as its two halves; which is first, byte orders differ in. */
	[REL_OFFSET] = { FUZZ_REL, { { 0, 4 }, { 0, 8 } }, FUZZ_PLACE },
	[REL_INFO] = { FUZZ_REL, { { 4, 4 }, { 8, 8 } }, FUZZ_WORD },
	[REL_FIRST] = { FUZZ_REL, { { 4, 1 }, { 8, 4 } }, FUZZ_INDEX },
	[REL_SECOND] = { FUZZ_REL, { { 5, 2 }, { 12, 4 } }, FUZZ_INDEX },

	[RELA_OFFSET] = { FUZZ_RELA, { { 0, 4 }, { 0, 8 } }, FUZZ_PLACE },
	[RELA_INFO] = { FUZZ_RELA, { { 4, 4 }, { 8, 8 } }, FUZZ_WORD },
	[RELA_FIRST] = { FUZZ_RELA, { { 4, 1 }, { 8, 4 } }, FUZZ_INDEX },
	[RELA_SECOND] = { FUZZ_RELA, { { 5, 2 }, { 12, 4 } }, FUZZ_INDEX },
	[RELA_ADDEND] = { FUZZ_RELA, { { 8, 4 }, { 16, 8 } }, FUZZ_PLACE },

	[D_TAG] = { FUZZ_DYN, { { 0, 4 }, { 0, 8 } }, FUZZ_WORD },
	[D_UN] = { FUZZ_DYN, { { 4, 4 }, { 8, 8 } }, FUZZ_PLACE },

	[HASH_WORD] = { FUZZ_HASH, { { 0, 4 }, { 0, 4 } }, FUZZ_INDEX },
};

/* Names that the kernel linker, the loader or kldxref looks for. */
const char *const fuzz_names[] = {
	"set_pcpu", "set_vnet", "set_modmetadata_set", "set_sysinit_set",
	"set_sysuninit_set", "set_sysctl_set", "set_ifaddr_set",
	"__start_set_pcpu", "__stop_set_pcpu", "__start_set_vnet",
	"__stop_set_vnet", "__start_set_modmetadata_set",
	"__stop_set_modmetadata_set", "__start_set_sysinit_set",
	"__stop_set_sysinit_set", "__start_set_sysuninit_set",
	"__stop_set_sysuninit_set", "__start_set_sysctl_set",
	"__stop_set_sysctl_set", "__start_", "__stop_", "__start_set_",
	"pcpu_entry_x", "vnet_entry_x", "pcpu_entry_modspace",
	"vnet_entry_modspace", "modspace", "dpcpu_off", "osreldate", "kernel",
	".ctors", ".dtors", ".init_array", ".fini_array", ".text", ".data",
	".bss", ".symtab", ".dynsym", ".strtab", ".shstrtab", ".eh_frame",
	"_mod_metadata_md_x", "_DYNAMIC", "_GLOBAL_OFFSET_TABLE_",
	"kernphys", "printf", "",
};
const size_t fuzz_nnames = FUZZ_COUNT(fuzz_names);

/*
 * Telling values whatever the file: ends of index ranges, of int and long, of
 * modspace and of tables; tags, types and flags by being small.
 */
static const uint64_t indexes[] = {
	0, 1, 2, 0xff00, 0xff1f, 0xfff1, 0xfff2, 0xfffe, 0xffff, 0x10000,
	0x7fffffff, 0x80000000, 0xffffffff,
};
static const uint64_t amounts[] = {
	0, 1, 2, 3, 4, 7, 8, 12, 16, 23, 24, 25, 36, 40, 52, 56, 64, 2040,
	2047, 2048, 2049, 2056, 4095, 4096, 32760, 32767, 32768, 32769, 65535,
	0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffff8, 0xffffffff,
	0x100000000, 0x7fffffffffffffff, 0x8000000000000000,
	0xfffffffffffffff8, 0xffffffffffffffff,
};
static const uint64_t places[] = {
	0, 1, 2, 3, 4, 8, 16, 52, 64, 0xfff, 0x1000, 0x1001, 0x200000,
	0x7fffffff, 0x80000000, 0xc0400000, 0xfffffffc, 0xffffffff,
	0x100000000, 0x7fffffffffffffff, 0x8000000000000000,
	0xffff000000000000, 0xffffffff80200000, 0xffffffffffffff00,
	0xfffffffffffffff8, 0xffffffffffffffff,
};
static const uint64_t aligns[] = {
	0, 1, 2, 3, 4, 8, 16, 24, 64, 4095, 4096, 4097, 8192, 65536,
	0x200000, 0x80000000, 0x80000001, 0x100000000, 0x100000001,
	0x10000000000, 0x8000000000000000, 0xffffffffffffffff,
};
static const uint64_t strings[] = {
	0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
};

/* DT_ tags and the rest of the small numbers, machines, SHT_ and PT_. */
static const uint64_t words[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 20, 21,
	22, 23, 24, 25, 26, 28, 30, 36, 37, 40, 62, 183, 243, 0x6ffffef5,
	0x6474e552, 0x7fffffff, 0x80000000, 0xffffffff,
};

static const struct {
	const uint64_t *values;
	size_t n;
} telling[FUZZ_MEANINGS] = {
	[FUZZ_INDEX] = { indexes, FUZZ_COUNT(indexes) },
	[FUZZ_AMOUNT] = { amounts, FUZZ_COUNT(amounts) },
	[FUZZ_PLACE] = { places, FUZZ_COUNT(places) },
	[FUZZ_ALIGN] = { aligns, FUZZ_COUNT(aligns) },
	[FUZZ_STRING] = { strings, FUZZ_COUNT(strings) },
	[FUZZ_WORD] = { words, FUZZ_COUNT(words) },
};

/* How much there is of something in this file. */
static uint64_t
extent(const struct fuzz_elf *elf, enum fuzz_meaning meaning)
{
	const struct fuzz_table *table;
	struct fuzz_section section;

	switch (meaning) {
	case FUZZ_INDEX:
		table = fuzz_any_table(elf, 1u << FUZZ_SHDR | 1u << FUZZ_SYM,
		    1);
		return (table != NULL ? table->count : 0);
	case FUZZ_PLACE:
		table = fuzz_table_of(elf, FUZZ_SHDR);
		if (table == NULL || !fuzz_section(elf, fuzz_any_entry(elf,
		    table), &section))
			return (elf->input->size);
		return (fuzz_coin(elf->random) ? section.size :
		    section.address + section.size);
	case FUZZ_STRING:
		table = fuzz_table_of(elf, FUZZ_SHDR);
		if (table != NULL && fuzz_section(elf, fuzz_any_entry(elf,
		    table), &section))
			return (fuzz_coin(elf->random) ? section.size :
			    section.name + 1);
		return (0);
	default:
		return (elf->input->size);
	}
}

uint64_t
fuzz_value(const struct fuzz_elf *elf, enum fuzz_meaning meaning,
    uint64_t now)
{
	struct fuzz_random *random = elf->random;

	switch (fuzz_below(random, 8)) {
	case 0: /* next to what it is */
		return (now + fuzz_below(random, 17) - 8);
	case 1: /* one bit of it */
		return (now ^ UINT64_C(1) << fuzz_below(random, 64));
	case 2:
	case 3: /* the end of what there is, and its neighbours */
		return (extent(elf, meaning) + fuzz_below(random, 3) - 1);
	default:
		return (telling[meaning].values[fuzz_below(random,
		    telling[meaning].n)]);
	}
}

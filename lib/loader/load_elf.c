/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the boot loader tells the kernel of an ET_EXEC or ET_DYN file, the
 * kernel itself included: the second half of load_elf.c of stand/common
 * (P-12, L-19).
 */

#include "loader/boot_loader.h"

/* Lowest and highest address of the segments. */
static void
find_bounds(const struct kldsim__load_elf *from, kldsim_addr *first,
    kldsim_addr *last)
{
	*first = *last = 0;
	for (unsigned i = 0; i < from->headers.nphdr; i++) {
		const GElf_Phdr *phdr = &from->headers.phdr[i];
		kldsim_addr start = phdr->p_vaddr + from->off;

		if (phdr->p_type != PT_LOAD)
			continue;
		if (*first == 0 || *first > start)
			*first = start;
		if (*last == 0 || *last < start + phdr->p_memsz)
			*last = start + phdr->p_memsz;
	}
}

static void
add_shdrs(const struct kldsim__load_elf *from,
    struct kldsim__preloaded_file *file)
{
	kldsim__file_addmetadata(file, KLDSIM__MODINFOMD_SHDR,
	    from->headers.elf->bytes + from->headers.elf->ehdr.e_shoff,
	    (uint32_t)(from->headers.nshdr *
	    kldsim__elf_sizeof(from->headers.elf, ELF_T_SHDR)));
}

/* The first section called .ctors, with the address that it was linked for. */
static void
add_ctors(const struct kldsim__load_elf *from,
    struct kldsim__preloaded_file *file)
{
	const unsigned names = from->headers.elf->ehdr.e_shstrndx;
	const GElf_Shdr *table;

	if (names >= from->headers.nshdr)
		return; /* of the kernel; of modules it is Z-96 */
	table = &from->headers.shdr[names];
	if (!kldsim__in_range(table->sh_offset, table->sh_size,
	    from->headers.elf->size))
		return;
	for (unsigned i = 0; i < from->headers.nshdr; i++) {
		const char *name = kldsim__strtab_get(
		    (const char *)from->headers.elf->bytes + table->sh_offset,
		    table->sh_size, from->headers.shdr[i].sh_name);

		if (name == NULL || strcmp(name, ".ctors") != 0)
			continue;
		kldsim__file_addword(file, KLDSIM__MODINFOMD_CTORS_ADDR,
		    from->headers.shdr[i].sh_addr);
		kldsim__file_addword(file, KLDSIM__MODINFOMD_CTORS_SIZE,
		    from->headers.shdr[i].sh_size);
		return;
	}
}

/* A table that cannot be read is none. */
const GElf_Shdr *
kldsim__load_elf_symtab(const struct kldsim__load_elf *from)
{
	const GElf_Shdr *symbols = kldsim__elf_last_symtab(&from->headers);
	const GElf_Shdr *strings;

	if (symbols == NULL || symbols->sh_link >= from->headers.nshdr)
		return (NULL);
	strings = &from->headers.shdr[symbols->sh_link];
	if (!kldsim__in_range(symbols->sh_offset, symbols->sh_size,
	    from->headers.elf->size) || !kldsim__in_range(strings->sh_offset,
	    strings->sh_size, from->headers.elf->size))
		return (NULL);
	return (symbols);
}

/* What the block behind the segments takes, of a file with such a table. */
kldsim_size
kldsim__load_elf_symbols_size(const struct kldsim__load_elf *from,
    unsigned word)
{
	const GElf_Shdr *symbols = kldsim__load_elf_symtab(from);

	return (2 * word + kldsim__roundup2(symbols->sh_size, word) +
	    kldsim__roundup2(from->headers.shdr[symbols->sh_link].sh_size, word));
}

/*
 * The block of symbols behind the segments: two sizes, each followed by its
 * table, all padded to longs (L-19).
 */
static void
add_symbols(const struct kldsim__load_elf *from, unsigned word,
    struct kldsim__preloaded_file *file, kldsim_addr *last)
{
	const kldsim_addr ssym = *last;

	if (kldsim__load_elf_symtab(from) == NULL)
		return;
	*last += kldsim__load_elf_symbols_size(from, word);
	kldsim__file_addword(file, KLDSIM__MODINFOMD_SSYM, ssym);
	kldsim__file_addword(file, KLDSIM__MODINFOMD_ESYM, *last);
}

static void
add_dynamic(const struct kldsim__load_elf *from,
    struct kldsim__preloaded_file *file)
{
	for (unsigned i = 0; i < from->headers.nphdr; i++)
		if (from->headers.phdr[i].p_type == PT_DYNAMIC) {
			kldsim__file_addword(file, KLDSIM__MODINFOMD_DYNAMIC,
			    from->headers.phdr[i].p_vaddr);
			return;
		}
}

void
kldsim__load_elf_records(const struct kldsim__load_elf *from, unsigned word,
    struct kldsim__preloaded_file *file)
{
	kldsim_addr first, last;

	find_bounds(from, &first, &last);
	last = kldsim__roundup2(last, word);
	if (from->headers.nshdr != 0) {
		add_shdrs(from, file);
		add_ctors(from, file);
		add_symbols(from, word, file, &last);
	}
	file->addr = first;
	file->size = last - first;
	add_dynamic(from, file);
	kldsim__file_addmetadata(file, KLDSIM__MODINFOMD_ELFHDR,
	    from->headers.elf->bytes,
	    (uint32_t)kldsim__elf_sizeof(from->headers.elf, ELF_T_EHDR));
}

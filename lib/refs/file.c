/* SPDX-License-Identifier: BSD-2-Clause */

/* A file's section headers, symbol tables and sets. */

#include "refs/refs.h"

static bool
read_headers(struct kldsim__refs_reader *reader)
{
	const GElf_Ehdr *ehdr = &reader->elf.ehdr;
	const size_t each = kldsim__elf_sizeof(&reader->elf, ELF_T_SHDR);

	if (ehdr->e_shnum == 0 || ehdr->e_shoff == 0)
		return (kldsim__refs_fail(reader, KLDSIM_MALFORMED,
		    "it has no section headers, which tell the symbols and "
		    "relocations"));
	if (ehdr->e_shnum > reader->limits.sections)
		return (kldsim__refs_fail(reader, KLDSIM_LIMIT, "%u section "
		    "headers, over the limit sections=%ju", ehdr->e_shnum,
		    (uintmax_t)reader->limits.sections));
	reader->shdr = kldsim__calloc(&reader->refs->alloc, ehdr->e_shnum,
	    sizeof(*reader->shdr));
	if (reader->shdr == NULL)
		return (kldsim__refs_nomem(reader));
	if (kldsim__in_range(ehdr->e_shoff, ehdr->e_shnum * each,
	    reader->elf.size) && !kldsim__refs_need_headers(reader,
	    ehdr->e_shoff, ehdr->e_shnum * each))
		return (false);
	if (ehdr->e_shentsize != each || !kldsim__elf_shdrs(&reader->elf,
	    ehdr->e_shoff, ehdr->e_shnum, reader->shdr))
		return (kldsim__refs_fail(reader, KLDSIM_MALFORMED,
		    "offset 0x%jx: its %u section headers are not all there",
		    (uintmax_t)ehdr->e_shoff, ehdr->e_shnum));
	reader->nshdr = ehdr->e_shnum;
	return (true);
}

const uint8_t *
kldsim__refs_bytes(struct kldsim__refs_reader *reader, uint32_t index)
{
	const GElf_Shdr *shdr = &reader->shdr[index];

	if (shdr->sh_type == SHT_NOBITS || !kldsim__in_range(shdr->sh_offset,
	    shdr->sh_size, reader->elf.size) ||
	    !kldsim__refs_need(reader, shdr->sh_offset, shdr->sh_size))
		return (NULL);
	return (reader->elf.bytes + shdr->sh_offset);
}

const char *
kldsim__refs_section_name(const struct kldsim__refs_reader *reader,
    uint32_t index)
{
	const char *name = kldsim__strtab_get(reader->names,
	    reader->names_size, reader->shdr[index].sh_name);

	return (name != NULL ? name : "");
}

static void
take_names(struct kldsim__refs_reader *reader)
{
	const uint32_t index = reader->elf.ehdr.e_shstrndx;
	const uint8_t *bytes = index < reader->nshdr ?
	    kldsim__refs_bytes(reader, index) : NULL;

	reader->names = bytes != NULL ? (const char *)bytes : "";
	reader->names_size = bytes != NULL ? reader->shdr[index].sh_size : 1;
}

/* A symbol table with its strings; one that is not all there is an error. */
static bool
take_symbols(struct kldsim__refs_reader *reader, uint32_t index,
    struct kldsim__symview *view)
{
	const GElf_Shdr *shdr = &reader->shdr[index];
	const uint64_t count = shdr->sh_size / (reader->elf.is64 ? 24 : 16);
	const uint8_t *strings = NULL;

	view->syms = kldsim__refs_bytes(reader, index);
	if (shdr->sh_link < reader->nshdr)
		strings = kldsim__refs_bytes(reader, shdr->sh_link);
	if (view->syms == NULL || strings == NULL)
		return (kldsim__refs_fail(reader, KLDSIM_MALFORMED,
		    "section %u: its symbols or their names are not in the "
		    "file", index));
	if (count > reader->limits.symbols)
		return (kldsim__refs_fail(reader, KLDSIM_LIMIT, "section %u: "
		    "%ju symbols, over the limit symbols=%ju", index,
		    (uintmax_t)count, (uintmax_t)reader->limits.symbols));
	view->count = (uint32_t)count;
	view->is64 = reader->elf.is64;
	view->big = reader->elf.big;
	kldsim__symview_set_strings(view, strings,
	    reader->shdr[shdr->sh_link].sh_size);
	return (true);
}

/* The first section of a type; 0: none. */
static uint32_t
find_type(const struct kldsim__refs_reader *reader, uint32_t type)
{
	for (uint32_t i = 1; i < reader->nshdr; i++)
		if (reader->shdr[i].sh_type == type)
			return (i);
	return (0);
}

/* Relocations of ET_REL name .symtab's symbols, others' .dynsym's. */
static bool
find_symbols(struct kldsim__refs_reader *reader)
{
	const uint32_t all = find_type(reader, SHT_SYMTAB);
	const uint32_t dynamic = find_type(reader, SHT_DYNSYM);

	reader->symbols_index = reader->elf.ehdr.e_type == ET_REL ? all :
	    dynamic;
	if (reader->symbols_index != 0 && !take_symbols(reader,
	    reader->symbols_index, &reader->symbols))
		return (false);
	reader->full = reader->symbols;
	return (all == 0 || all == reader->symbols_index ||
	    take_symbols(reader, all, &reader->full));
}

static void
find_sets(struct kldsim__refs_reader *reader)
{
	static const char *const sets[KLDSIM__REFS_SETS] = { "set_vnet",
		"set_pcpu" };

	for (uint32_t i = 1; i < reader->nshdr; i++) {
		const char *name = kldsim__refs_section_name(reader, i);

		for (unsigned k = 0; k < KLDSIM__REFS_SETS; k++) {
			if (strcmp(name, sets[k]) != 0 || reader->set[k] != 0)
				continue;
			reader->set[k] = i;
			reader->refs->info.set[k] = reader->shdr[i].sh_size;
			reader->hooks |= reader->shdr[i].sh_size == 0;
		}
	}
}

bool
kldsim__refs_open(struct kldsim__refs_reader *reader)
{
	if (reader->image != NULL ? !kldsim__elf_open(reader->image,
	    &reader->elf) : !kldsim__elf_open_bytes(reader->parts.bytes,
	    reader->parts.file->st.size, &reader->elf))
		return (kldsim__refs_fail(reader, KLDSIM_NOT_ELF,
		    "not an ELF file"));
	if (!read_headers(reader))
		return (false);
	take_names(reader);
	find_sets(reader);
	return (find_symbols(reader));
}

/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * ELF headers of either word size and byte order, as libelf's class-neutral
 * types.  Each read is bounded by the file first, then translated.
 */

#include "elf/image.h"

#include <stdlib.h>

/*
 * Translate headers from the file into host structs of the same class, which
 * are as long.  In the file they lie at any address, so they are copied first
 * and translated where they are.
 */
static bool
translate(const struct kldsim__elf *elf, Elf_Type type, uint64_t offset,
    size_t size, void *to)
{
	Elf_Data src, dst;
	unsigned encoding = elf->big ? ELFDATA2MSB : ELFDATA2LSB;

	if (!kldsim__in_range(offset, size, elf->size))
		return (false);
	memcpy(to, elf->bytes + offset, size);
	memset(&src, 0, sizeof(src));
	src.d_buf = to;
	src.d_type = type;
	src.d_size = size;
	src.d_version = EV_CURRENT;
	dst = src;
	/* libelf wants to be told the version before anything else. */
	if (elf_version(EV_CURRENT) == EV_NONE)
		return (false);
	return ((elf->is64 ? elf64_xlatetom(&dst, &src, encoding) :
	    elf32_xlatetom(&dst, &src, encoding)) != NULL);
}

size_t
kldsim__elf_sizeof(const struct kldsim__elf *elf, Elf_Type type)
{
	(void)elf_version(EV_CURRENT);
	return (elf->is64 ? elf64_fsize(type, 1, EV_CURRENT) :
	    elf32_fsize(type, 1, EV_CURRENT));
}

static bool
read_ehdr(struct kldsim__elf *elf)
{
	GElf_Ehdr *to = &elf->ehdr;
	Elf32_Ehdr from;

	if (elf->is64)
		return (translate(elf, ELF_T_EHDR, 0, sizeof(Elf64_Ehdr), to));
	if (!translate(elf, ELF_T_EHDR, 0, sizeof(from), &from))
		return (false);
	memcpy(to->e_ident, from.e_ident, EI_NIDENT);
	to->e_type = from.e_type;
	to->e_machine = from.e_machine;
	to->e_version = from.e_version;
	to->e_entry = from.e_entry;
	to->e_phoff = from.e_phoff;
	to->e_shoff = from.e_shoff;
	to->e_flags = from.e_flags;
	to->e_ehsize = from.e_ehsize;
	to->e_phentsize = from.e_phentsize;
	to->e_phnum = from.e_phnum;
	to->e_shentsize = from.e_shentsize;
	to->e_shnum = from.e_shnum;
	to->e_shstrndx = from.e_shstrndx;
	return (true);
}

bool
kldsim__elf_open(const struct kldsim_image *image,
    struct kldsim__elf *elf_ret)
{
	uint64_t size;
	const uint8_t *bytes = kldsim__image_bytes(image, &size);

	return (kldsim__elf_open_bytes(bytes, size, elf_ret));
}

bool
kldsim__elf_open_bytes(const uint8_t *bytes, uint64_t size,
    struct kldsim__elf *elf_ret)
{
	memset(elf_ret, 0, sizeof(*elf_ret));
	elf_ret->bytes = bytes;
	elf_ret->size = size;
	if (elf_ret->size < EI_NIDENT ||
	    memcmp(elf_ret->bytes, ELFMAG, SELFMAG) != 0)
		return (false);
	if (elf_ret->bytes[EI_CLASS] != ELFCLASS32 &&
	    elf_ret->bytes[EI_CLASS] != ELFCLASS64)
		return (false);
	if (elf_ret->bytes[EI_DATA] != ELFDATA2LSB &&
	    elf_ret->bytes[EI_DATA] != ELFDATA2MSB)
		return (false);
	elf_ret->is64 = elf_ret->bytes[EI_CLASS] == ELFCLASS64;
	elf_ret->big = elf_ret->bytes[EI_DATA] == ELFDATA2MSB;
	return (read_ehdr(elf_ret));
}

static bool
read_phdr32(const struct kldsim__elf *elf, uint64_t offset, GElf_Phdr *to)
{
	Elf32_Phdr from;

	if (!translate(elf, ELF_T_PHDR, offset, sizeof(from), &from))
		return (false);
	to->p_type = from.p_type;
	to->p_flags = from.p_flags;
	to->p_offset = from.p_offset;
	to->p_vaddr = from.p_vaddr;
	to->p_paddr = from.p_paddr;
	to->p_filesz = from.p_filesz;
	to->p_memsz = from.p_memsz;
	to->p_align = from.p_align;
	return (true);
}

bool
kldsim__elf_phdrs(const struct kldsim__elf *elf, uint64_t offset,
    size_t count, GElf_Phdr *phdrs_ret)
{
	const size_t each = elf->is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);

	if (!kldsim__in_range(offset, count * each, elf->size))
		return (false);
	if (elf->is64)
		return (translate(elf, ELF_T_PHDR, offset, count * each,
		    phdrs_ret));
	for (size_t i = 0; i < count; i++)
		if (!read_phdr32(elf, offset + i * each, &phdrs_ret[i]))
			return (false);
	return (true);
}

static bool
read_shdr32(const struct kldsim__elf *elf, uint64_t offset, GElf_Shdr *to)
{
	Elf32_Shdr from;

	if (!translate(elf, ELF_T_SHDR, offset, sizeof(from), &from))
		return (false);
	to->sh_name = from.sh_name;
	to->sh_type = from.sh_type;
	to->sh_flags = from.sh_flags;
	to->sh_addr = from.sh_addr;
	to->sh_offset = from.sh_offset;
	to->sh_size = from.sh_size;
	to->sh_link = from.sh_link;
	to->sh_info = from.sh_info;
	to->sh_addralign = from.sh_addralign;
	to->sh_entsize = from.sh_entsize;
	return (true);
}

bool
kldsim__elf_shdrs(const struct kldsim__elf *elf, uint64_t offset,
    size_t count, GElf_Shdr *shdrs_ret)
{
	const size_t each = elf->is64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);

	if (!kldsim__in_range(offset, count * each, elf->size))
		return (false);
	if (elf->is64)
		return (translate(elf, ELF_T_SHDR, offset, count * each,
		    shdrs_ret));
	for (size_t i = 0; i < count; i++)
		if (!read_shdr32(elf, offset + i * each, &shdrs_ret[i]))
			return (false);
	return (true);
}

/* Whether a table came with a segment. */
static bool
in_segment(const struct kldsim__elf_headers *headers, const GElf_Shdr *shdr)
{
	for (unsigned i = 0; i < headers->nphdr; i++) {
		const GElf_Phdr *phdr = &headers->phdr[i];

		if (phdr->p_type == PT_LOAD &&
		    shdr->sh_offset >= phdr->p_offset &&
		    shdr->sh_offset + shdr->sh_size <=
		    phdr->p_offset + phdr->p_filesz)
			return (true);
	}
	return (false);
}

const GElf_Shdr *
kldsim__elf_last_symtab(const struct kldsim__elf_headers *headers)
{
	for (unsigned i = headers->nshdr; i-- > 0;) {
		const GElf_Shdr *shdr = &headers->shdr[i];

		if (shdr->sh_type == SHT_SYMTAB && shdr->sh_offset != 0 &&
		    shdr->sh_size != 0 && !in_segment(headers, shdr))
			return (shdr);
	}
	return (NULL);
}

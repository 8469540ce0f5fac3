/* SPDX-License-Identifier: BSD-2-Clause */

/* Where the sections of a linker file are: as it was loaded, or by its headers. */

#include <string.h>

#include "elf/image.h"
#include "kern/linker_file.h"

/* The page that a shared object's first segment begins in goes to file->address. */
static kldsim_addr
linked_at(const struct kldsim *sim, const struct kldsim__elf *elf)
{
	const kldsim_addr page = sim->arch->page_size;
	GElf_Phdr phdr;

	for (size_t i = 0; i < elf->ehdr.e_phnum; i++)
		if (kldsim__elf_phdrs(elf, elf->ehdr.e_phoff +
		    i * elf->ehdr.e_phentsize, 1, &phdr) &&
		    phdr.p_type == PT_LOAD)
			return (phdr.p_vaddr & ~(page - 1));
	return (0);
}

/* The section headers' names; NULL if the file does not have them. */
static const char *
names_of(const struct kldsim__elf *elf, uint64_t *size_ret)
{
	GElf_Shdr shdr;

	if (elf->ehdr.e_shstrndx >= elf->ehdr.e_shnum ||
	    !kldsim__elf_shdrs(elf, elf->ehdr.e_shoff +
	    elf->ehdr.e_shstrndx * (uint64_t)elf->ehdr.e_shentsize, 1,
	    &shdr) || !kldsim__in_range(shdr.sh_offset, shdr.sh_size,
	    elf->size))
		return (NULL);
	*size_ret = shdr.sh_size;
	return ((const char *)elf->bytes + shdr.sh_offset);
}

static void
by_headers(const struct kldsim *sim, const struct kldsim__file *file,
    kldsim_section_fn told, void *user)
{
	struct kldsim__elf elf;
	GElf_Shdr shdr;
	const char *names;
	uint64_t size;
	kldsim_addr base;

	if (!kldsim__elf_open(file->image, &elf) ||
	    (names = names_of(&elf, &size)) == NULL)
		return;
	base = linked_at(sim, &elf);
	for (unsigned i = 0; i < elf.ehdr.e_shnum; i++) {
		struct kldsim_section section = { .index = i,
			.region = KLDSIM_REGION_MAPPING };

		if (!kldsim__elf_shdrs(&elf, elf.ehdr.e_shoff +
		    i * (uint64_t)elf.ehdr.e_shentsize, 1, &shdr) ||
		    (shdr.sh_flags & SHF_ALLOC) == 0 ||
		    !kldsim__in_range(shdr.sh_addr - base, shdr.sh_size,
		    file->size))
			continue;
		section.name = kldsim__strtab_get(names, size, shdr.sh_name);
		section.name = section.name != NULL ? section.name : "";
		section.type = shdr.sh_type;
		section.flags = shdr.sh_flags;
		section.address = file->address + (shdr.sh_addr - base);
		section.size = shdr.sh_size;
		section.hole = section.address;
		if (told(user, &section) != 0)
			return;
	}
}

enum kldsim_status
kldsim_file_layout(const struct kldsim *sim, int fileid,
    kldsim_section_fn told, void *user)
{
	const struct kldsim__file *file = kldsim__find_file_by_id(&sim->linker,
	    fileid);

	if (file == NULL)
		return (KLDSIM_NOENT);
	for (size_t i = 0; i < file->nsections; i++)
		if (told(user, &file->sections[i]) != 0)
			return (KLDSIM_OK);
	if (file->nsections == 0)
		by_headers(sim, file, told, user);
	return (KLDSIM_OK);
}

/* SPDX-License-Identifier: BSD-2-Clause */

/* Where a place is that a relocation changes, for whoever is told of it. */

#include "link_elf/link_elf.h"

#include <kldsim/trace.h>

/* The section that an address of the file is in; false: none. */
static bool
find_section(const struct kldsim__dyn *dyn, uint64_t address,
    GElf_Shdr *shdr_ret, unsigned *index_ret)
{
	const GElf_Ehdr *ehdr = &dyn->elf.ehdr;

	for (unsigned i = 1; i < ehdr->e_shnum; i++)
		if (kldsim__elf_shdrs(&dyn->elf, ehdr->e_shoff +
		    (uint64_t)i * ehdr->e_shentsize, 1, shdr_ret) &&
		    (shdr_ret->sh_flags & SHF_ALLOC) != 0 &&
		    address - shdr_ret->sh_addr < shdr_ret->sh_size) {
			*index_ret = i;
			return (true);
		}
	return (false);
}

/* "" if it has none. */
static const char *
section_name(const struct kldsim__dyn *dyn, const GElf_Shdr *shdr)
{
	const GElf_Ehdr *ehdr = &dyn->elf.ehdr;
	const char *name = NULL;
	GElf_Shdr strings;

	if (ehdr->e_shstrndx < ehdr->e_shnum && kldsim__elf_shdrs(&dyn->elf,
	    ehdr->e_shoff + (uint64_t)ehdr->e_shstrndx * ehdr->e_shentsize,
	    1, &strings) && kldsim__in_range(strings.sh_offset,
	    strings.sh_size, dyn->elf.size))
		name = kldsim__strtab_get((const char *)dyn->elf.bytes +
		    strings.sh_offset, strings.sh_size, shdr->sh_name);
	return (name != NULL ? name : "");
}

void
kldsim__dyn_tell_place(const struct kldsim__dyn *dyn, uint64_t offset,
    kldsim_addr at, struct kldsim_trace_reloc *told)
{
	GElf_Shdr shdr;

	told->section = "";
	told->offset = offset;
	if (find_section(dyn, offset, &shdr, &told->section_index)) {
		told->section = section_name(dyn, &shdr);
		told->offset = offset - shdr.sh_addr;
	}
	for (unsigned i = 0; i < 2; i++) {
		const struct kldsim__dynset *set = &dyn->sets[i];

		if (set->base != 0 && at >= set->start && at < set->stop)
			told->reference = at - set->start + set->base;
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */

#include <inttypes.h>

#include "core/placed.h"
#include "kern/bad_news.h"

int
kldsim__headers_read(struct kldsim__headers *headers, struct kldsim *sim,
    const struct kldsim__file *file)
{
	const struct kldsim__elf *elf = &headers->elf;
	const GElf_Shdr *names;

	headers->shdr = NULL;
	headers->count = 0;
	if (!kldsim__elf_open(file->image, &headers->elf) ||
	    elf->ehdr.e_shnum == 0)
		return (0);
	headers->shdr = kldsim__calloc(&sim->alloc, elf->ehdr.e_shnum,
	    sizeof(*headers->shdr));
	if (headers->shdr == NULL)
		return (kldsim__nomem(sim));
	if (elf->ehdr.e_shstrndx >= elf->ehdr.e_shnum ||
	    !kldsim__elf_shdrs(elf, elf->ehdr.e_shoff, elf->ehdr.e_shnum,
	    headers->shdr))
		return (0);
	names = &headers->shdr[elf->ehdr.e_shstrndx];
	if (!kldsim__in_range(names->sh_offset, names->sh_size, elf->size))
		return (0);
	headers->names = (const char *)elf->bytes + names->sh_offset;
	headers->names_size = names->sh_size;
	headers->count = elf->ehdr.e_shnum;
	return (0);
}

/* What the linker has loaded of a section, or NULL; both go by header index. */
static const struct kldsim_section *
loaded(const struct kldsim__file *file, size_t index, size_t *next)
{
	while (*next < file->nsections && file->sections[*next].index < index)
		++*next;
	return (*next < file->nsections && file->sections[*next].index ==
	    index ? &file->sections[*next] : NULL);
}

/* E-10, E-11: by e_type, what gdb's and LLDB's own layouts come to. */
static kldsim_addr
expect(const struct kldsim__headers *headers, const struct kldsim__file *file,
    const GElf_Shdr *shdr, kldsim_addr *running)
{
	kldsim_addr at;

	if (headers->elf.ehdr.e_type != ET_REL)
		return (file->address + shdr->sh_addr);
	at = shdr->sh_addralign > 1 ? kldsim__roundup2(*running,
	    shdr->sh_addralign) : *running;
	*running = at + shdr->sh_size;
	return (at);
}

static void
fill(struct kldsim__placed *placed, const struct kldsim__file *file,
    const struct kldsim__headers *headers)
{
	kldsim_addr running = file->address, last = file->address;
	size_t next = 0;

	for (size_t i = 0; i < headers->count; i++) {
		const GElf_Shdr *shdr = &headers->shdr[i];
		const struct kldsim_section *section;
		struct kldsim__placed_section *to;

		if ((shdr->sh_flags & SHF_ALLOC) == 0)
			continue;
		section = loaded(file, i, &next);
		to = &placed->sections[placed->nsections++];
		to->name = kldsim__strtab_get(headers->names,
		    headers->names_size, shdr->sh_name);
		if (to->name == NULL)
			to->name = "";
		to->sh_addr = shdr->sh_addr;
		to->size = shdr->sh_size;
		to->expected = expect(headers, file, shdr, &running);
		if (section != NULL) {
			to->region = section->region;
			to->hole = section->hole;
			last = section->address;
		} else if (headers->elf.ehdr.e_type != ET_REL)
			last = to->expected; /* its place among the others */
		to->address = last;
	}
}

int
kldsim__placed_init(struct kldsim__placed *placed, struct kldsim *sim,
    const struct kldsim__file *file)
{
	struct kldsim__headers headers;
	int error = kldsim__headers_read(&headers, sim, file);

	memset(placed, 0, sizeof(*placed));
	placed->alloc = &sim->alloc;
	if (error == 0 && headers.count != 0) {
		placed->sections = kldsim__calloc(&sim->alloc, headers.count,
		    sizeof(*placed->sections));
		if (placed->sections == NULL)
			error = kldsim__nomem(sim);
		else
			fill(placed, file, &headers);
	}
	kldsim__free(&sim->alloc, headers.shdr);
	return (error);
}

void
kldsim__placed_fini(struct kldsim__placed *placed)
{
	if (placed->alloc != NULL)
		kldsim__free(placed->alloc, placed->sections);
}

void
kldsim__placed_judge(const struct kldsim__placed *placed, struct kldsim *sim,
    const struct kldsim__file *file)
{
	for (size_t i = 0; i < placed->nsections; i++) {
		const struct kldsim__placed_section *section =
		    &placed->sections[i];

		if (section->region == KLDSIM_REGION_NONE ||
		    section->size == 0 || section->expected == section->hole)
			continue;
		kldsim__find(sim, KLDSIM__F_DEBUGGER_LAYOUT,
		    &(struct kldsim__where){ .file = file->filename,
		    .section = section->name }, "section %s is at 0x%" PRIx64
		    ", and kgdb and LLDB look for it at 0x%" PRIx64,
		    section->name, section->hole, section->expected);
		return;
	}
}

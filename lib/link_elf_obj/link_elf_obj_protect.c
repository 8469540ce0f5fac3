/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The end of an ET_REL load: page protections as link_elf_protect() of
 * sys/kern/link_elf_obj.c sets them (O-70).
 */

#include "link_elf_obj/link_elf_obj.h"
#include "kern/bad_news.h"

/* The kernel's three variables: the run of pages that is not set yet. */
struct run {
	struct kldsim__file *file;
	kldsim_addr start;
	kldsim_addr end;
	unsigned prot;
	unsigned gap;
};

static void
protect(struct run *run, kldsim_addr start, kldsim_addr end, unsigned prot)
{
	struct kldsim_protection *to;

	if (start == end)
		return;
	to = &run->file->protections[run->file->nprotections++];
	to->start = start;
	to->size = end - start;
	to->prot = prot;
}

static unsigned
section_prot(uint64_t flags)
{
	return (KLDSIM_PROT_READ | (flags & SHF_WRITE ? KLDSIM_PROT_WRITE : 0) |
	    (flags & SHF_EXECINSTR ? KLDSIM_PROT_EXEC : 0));
}

/* The four cases of O-70. */
static void
add_section(struct run *run, kldsim_addr start, kldsim_addr end,
    unsigned prot)
{
	if (run->end <= start) {
		protect(run, run->start, run->end, run->prot);
		protect(run, run->end, start, run->gap);
		run->start = start;
		run->end = end;
		run->prot = prot;
	} else if (run->start < start && run->end == end) {
		protect(run, run->start, start, run->prot);
		run->start = start;
		run->prot |= prot;
	} else if (run->end < end) {
		protect(run, run->start, start, run->prot);
		protect(run, start, run->end, run->prot | prot);
		run->start = run->end;
		run->end = end;
		run->prot = prot;
	} else {
		run->prot |= prot;
	}
}

int
kldsim__obj_protect(struct kldsim *sim, struct kldsim__file *file)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	const kldsim_size page = sim->arch->page_size;
	struct run run = { file, file->address, file->address,
		KLDSIM_PROT_READ, obj->preloaded ?
		KLDSIM_PROT_READ | KLDSIM_PROT_WRITE : KLDSIM_PROT_READ };

	if (!sim->facts.obj_wx ||
	    (obj->preloaded && !sim->facts.obj_wx_preloaded))
		return (0);
	/* At most two runs a section, and two at the end. */
	file->protections = kldsim__arena_calloc(&file->arena,
	    (size_t)obj->nprogtab * 2 + 2, sizeof(*file->protections));
	if (file->protections == NULL)
		return (kldsim__nomem(sim));
	for (unsigned i = 0; i < obj->nprogtab; i++) {
		const struct kldsim__progent *prog = &obj->progtab[i];

		if (prog->region != KLDSIM_REGION_MAPPING)
			continue;
		add_section(&run, prog->addr & ~(page - 1),
		    kldsim__roundup2(prog->addr + prog->size, page),
		    section_prot(obj->shdr[prog->sec].sh_flags));
	}
	protect(&run, run.start, run.end, run.prot);
	protect(&run, run.end, kldsim__roundup2(file->address + file->size,
	    page), run.gap);
	return (0);
}

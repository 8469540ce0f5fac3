/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a module takes of the kernel's set_pcpu and set_vnet: by its file, and
 * by what the kernel has given it.
 */

#include "check/guilt.h"

#include <string.h>

#include <kldsim/source.h>

#include "elf/image.h"
#include "kern/linker_file.h"
#include "util/bytes.h"

static const char *const names[2] = {
	[KLDSIM_SET_DPCPU] = "set_pcpu",
	[KLDSIM_SET_VNET] = "set_vnet",
};

static struct kldsim__set *
set_of(struct kldsim *sim, int which)
{
	return (which == KLDSIM_SET_DPCPU ? &sim->dpcpu : &sim->vnet);
}

/* As modspace is handed out. */
static kldsim_size
rounded(const struct kldsim__set *set, kldsim_size size)
{
	const kldsim_size unit = (kldsim_size)set->free.unit;

	return (kldsim__roundup2(size, unit));
}

/* --- the file --- */

/* A file can say any size; sums that wrap are as wrong as they are. */
static void
add_section(struct kldsim *sim, const char *name, kldsim_size size,
    struct kldsim_check_module *module)
{
	for (int which = 0; which < 2; which++) {
		struct kldsim_check_set *set = &module->sets[which];

		if (name == NULL || strcmp(name, names[which]) != 0)
			continue;
		set->size += size;
		if (set_of(sim, which)->present)
			set->modspace += rounded(set_of(sim, which), size);
	}
}

/* Each section of the name is one part, as link_elf_obj.c has it (O-20). */
static bool
read_file(struct kldsim *sim, const struct kldsim_image *image,
    struct kldsim_check_module *module)
{
	struct kldsim__elf elf;
	const GElf_Ehdr *ehdr = &elf.ehdr;
	const GElf_Shdr *strings;
	GElf_Shdr *shdrs;

	if (!kldsim__elf_open(image, &elf) || ehdr->e_shnum == 0 ||
	    ehdr->e_shstrndx >= ehdr->e_shnum || !kldsim__in_range(
	    ehdr->e_shoff, (uint64_t)ehdr->e_shnum * ehdr->e_shentsize,
	    elf.size))
		return (true);
	shdrs = kldsim__malloc(&sim->alloc, ehdr->e_shnum * sizeof(*shdrs));
	if (shdrs == NULL)
		return (false);
	strings = &shdrs[ehdr->e_shstrndx];
	if (kldsim__elf_shdrs(&elf, ehdr->e_shoff, ehdr->e_shnum, shdrs) &&
	    kldsim__in_range(strings->sh_offset, strings->sh_size, elf.size))
		for (unsigned i = 1; i < ehdr->e_shnum; i++)
			add_section(sim, kldsim__strtab_get(
			    (const char *)elf.bytes + strings->sh_offset,
			    strings->sh_size, shdrs[i].sh_name),
			    shdrs[i].sh_size, module);
	kldsim__free(&sim->alloc, shdrs);
	return (true);
}

/* --- the kernel --- */

/* What one file has been given. */
static bool
add_file(struct kldsim *sim, const struct kldsim__file *file,
    struct kldsim__arena *arena, struct kldsim__check_part *part)
{
	bool any;

	for (int which = 0; which < 2; which++)
		for (size_t i = 0; i < file->nparts[which]; i++)
			part->modspace[which] += rounded(set_of(sim, which),
			    file->parts[which][i].size);
	any = part->modspace[0] != 0 || part->modspace[1] != 0;
	part->name = any ? kldsim__arena_strdup(arena, file->filename) : NULL;
	return (!any || part->name != NULL);
}

/* All that is loaded now was loaded for it. */
static bool
read_kernel(struct kldsim *sim, struct kldsim__arena *arena,
    struct kldsim__check_tried *tried)
{
	struct kldsim_check_set *sets = tried->module.sets;
	struct kldsim__check_part *part;
	size_t count = 0;

	KLDSIM__FOREACH(l, &sim->linker.files)
		count += KLDSIM__FILE(l) != sim->linker.kernel;
	tried->parts = kldsim__arena_calloc(arena, count, sizeof(*part));
	if (tried->parts == NULL)
		return (false);
	KLDSIM__FOREACH(l, &sim->linker.files) {
		const struct kldsim__file *file = KLDSIM__FILE(l);

		if (file == sim->linker.kernel)
			continue;
		part = &tried->parts[tried->nparts];
		if (!add_file(sim, file, arena, part))
			return (false);
		for (int which = 0; which < 2; which++)
			sets[which].needed += part->modspace[which];
		tried->nparts += part->name != NULL;
	}
	return (true);
}

/* A file that was found by its name. */
static void
read_loaded(struct kldsim *sim, int fileid, struct kldsim_check_module *module)
{
	const struct kldsim__file *file = kldsim__find_file_by_id(
	    &sim->linker, fileid);

	for (int which = 0; which < 2; which++)
		for (size_t i = 0; i < file->nparts[which]; i++)
			add_section(sim, names[which],
			    file->parts[which][i].size, module);
}

bool
kldsim__check_sets(struct kldsim__check_bench *bench, int fileid,
    struct kldsim__arena *arena, struct kldsim__check_tried *tried)
{
	struct kldsim_image *image;
	enum kldsim_status status = kldsim_source_image(bench->check->source,
	    tried->module.path, &image, NULL);
	bool good = true;

	if (status == KLDSIM_OK) {
		good = read_file(bench->sim, image, &tried->module);
		kldsim_image_unref(image);
	} else if (fileid != 0)
		read_loaded(bench->sim, fileid, &tried->module);
	if (good && fileid != 0)
		good = read_kernel(bench->sim, arena, tried);
	return (good && status != KLDSIM_NOMEM);
}

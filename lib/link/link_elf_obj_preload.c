/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A relocatable file that the boot loader has put into memory: what
 * stand/common/load_elf_obj.c does with it (P-11), and link_elf_link_preload()
 * of sys/kern/link_elf_obj.c (P-21 to P-24).
 *
 * The loader's own refusals are EFTYPE: such a file never reaches the kernel.
 */

#include <inttypes.h>

#include "link/link_elf_obj.h"

/* The loader's view of a file: where each section goes, 0 for nowhere. */
struct loader {
	struct kldsim *sim;
	struct kldsim__file *file;
	struct kldsim__obj *obj;
	kldsim_addr *addr;
	kldsim_addr dest;
	kldsim_addr cursor;
};

static struct kldsim__where
in_section(const struct loader *loader, unsigned sec)
{
	return (kldsim__obj_where(loader->file, sec));
}

/* roundup() of <sys/param.h>: a division, so an alignment of 0 is fatal. */
static int
place(struct loader *loader, unsigned sec)
{
	const GElf_Shdr *shdr = &loader->obj->shdr[sec];
	struct kldsim__where where = in_section(loader, sec);
	uint64_t align = shdr->sh_addralign;

	if (align == 0)
		return (kldsim__panic(loader->sim, KLDSIM__F_PRELOAD, &where,
		    "sh_addralign is 0: the boot loader divides by it "
		    "(Z-95)"));
	if (!kldsim__add(loader->cursor, align - 1, &loader->cursor))
		return (KLDSIM__EFTYPE);
	loader->cursor -= loader->cursor % align;
	loader->addr[sec] = loader->cursor;
	if (!kldsim__add(loader->cursor, shdr->sh_size, &loader->cursor) ||
	    loader->cursor - loader->dest >
	    loader->sim->options.limits.map_bytes)
		return (kldsim__fail(loader->sim, KLDSIM_LIMIT, "%s: the "
		    "loader's layout is over the limit",
		    loader->file->pathname));
	return (0);
}

static int
place_sections(struct loader *loader)
{
	int error = 0;

	for (unsigned i = 0; i < loader->obj->nshdr && error == 0; i++)
		if (kldsim__obj_is_loaded(loader->sim, &loader->obj->shdr[i]))
			error = place(loader, i);
	return (error);
}

/* The symbol table, its strings and the section names: all mandatory. */
static int
place_tables(struct loader *loader)
{
	struct kldsim__obj *obj = loader->obj;
	unsigned names = obj->elf.ehdr.e_shstrndx;
	unsigned tables = 0, strings;
	int error;

	for (unsigned i = 0; i < obj->nshdr; i++) {
		if (obj->shdr[i].sh_type != SHT_SYMTAB)
			continue;
		obj->symtab_sec = i;
		tables++;
		/* 12 makes room for it here and again below (V-60). */
		if (loader->sim->facts.loader_symtab_counted_twice)
			loader->cursor += obj->shdr[i].sh_size;
	}
	if (tables != 1)
		return (KLDSIM__EFTYPE);
	strings = obj->shdr[obj->symtab_sec].sh_link;
	if (strings >= obj->nshdr || obj->shdr[strings].sh_type != SHT_STRTAB)
		return (KLDSIM__EFTYPE);
	if (names == 0 || names >= obj->nshdr ||
	    obj->shdr[names].sh_type != SHT_STRTAB)
		return (KLDSIM__EFTYPE);
	error = place(loader, obj->symtab_sec);
	if (error == 0)
		error = place(loader, strings);
	if (error == 0)
		error = place(loader, names);
	return (error);
}

static int
place_relocs(struct loader *loader, unsigned *count_ret)
{
	struct kldsim__obj *obj = loader->obj;

	for (unsigned i = 0; i < obj->nshdr; i++) {
		const GElf_Shdr *shdr = &obj->shdr[i];
		struct kldsim__where where = in_section(loader, i);
		int error;

		if (shdr->sh_type != SHT_REL && shdr->sh_type != SHT_RELA)
			continue;
		if (shdr->sh_info >= obj->nshdr)
			return (kldsim__panic(loader->sim,
			    KLDSIM__F_RELOC_INFO, &where, "sh_info is %u, but "
			    "there are %u sections: the boot loader and the "
			    "kernel read outside the table (Z-93)",
			    shdr->sh_info, obj->nshdr));
		if ((obj->shdr[shdr->sh_info].sh_flags & SHF_ALLOC) == 0)
			continue;
		error = place(loader, i);
		if (error != 0)
			return (error);
		(*count_ret)++;
	}
	return (0);
}

/* Whether another section with the same bytes was read before (Z-99). */
static bool
is_shadowed(const struct loader *loader, unsigned sec)
{
	const GElf_Shdr *shdr = loader->obj->shdr;

	for (unsigned i = 0; i < sec; i++)
		if (loader->addr[i] != 0 && shdr[i].sh_type != SHT_NOBITS &&
		    shdr[i].sh_offset == shdr[sec].sh_offset)
			return (true);
	return (false);
}

/* Clear the area, then read what has a place. */
static int
read_contents(struct loader *loader, uint8_t *area)
{
	const struct kldsim__obj *obj = loader->obj;

	for (unsigned i = 0; i < obj->nshdr; i++) {
		const GElf_Shdr *shdr = &obj->shdr[i];
		struct kldsim__where where = in_section(loader, i);

		if (loader->addr[i] == 0 || shdr->sh_type == SHT_NOBITS ||
		    shdr->sh_size == 0)
			continue;
		if (!kldsim__in_range(shdr->sh_offset, shdr->sh_size,
		    obj->elf.size))
			return (KLDSIM__EFTYPE);
		if (is_shadowed(loader, i)) {
			kldsim__find(loader->sim, KLDSIM__F_PRELOAD, &where,
			    "another section begins at the same file offset: "
			    "the boot loader reads only the first, this one "
			    "stays zero");
			continue;
		}
		memcpy(area + (loader->addr[i] - loader->dest),
		    obj->elf.bytes + shdr->sh_offset, (size_t)shdr->sh_size);
	}
	return (0);
}

static int
make_area(struct loader *loader)
{
	struct kldsim *sim = loader->sim;
	kldsim_size size = loader->cursor - loader->dest;
	kldsim_size length = kldsim__roundup2(size, sim->arch->page_size);
	struct kldsim__extent *extent;

	if (length == 0)
		return (KLDSIM__EFTYPE);
	if (length > loader->obj->elf.size * 2 + (1u << 20))
		return (kldsim__fail(sim, KLDSIM_LIMIT, "%s: 0x%" PRIx64
		    " bytes to preload are out of proportion to the file",
		    loader->file->pathname, length));
	if (kldsim__aspace_overlaps(&sim->space, loader->dest, length))
		return (kldsim__fail(sim, KLDSIM_ARG, "%s cannot be preloaded "
		    "at 0x%" PRIx64 ": that is not free",
		    loader->file->filename, loader->dest));
	extent = kldsim__aspace_map_flat(&sim->space, loader->dest,
	    (size_t)length);
	if (extent == NULL)
		return (kldsim__nomem(sim));
	loader->obj->mapped = true;
	loader->file->address = loader->dest;
	loader->file->size = size;
	return (read_contents(loader, extent->flat));
}

/* Everything that the boot loader does. */
static int
load(struct loader *loader, unsigned *nrelocs_ret)
{
	struct kldsim__obj *obj = loader->obj;
	int error = kldsim__obj_read_shdrs(loader->sim, loader->file);

	if (error > 0)
		return (KLDSIM__EFTYPE);
	if (error < 0)
		return (error);
	loader->addr = kldsim__arena_calloc(&loader->file->arena, obj->nshdr,
	    sizeof(*loader->addr));
	if (loader->addr == NULL)
		return (kldsim__nomem(loader->sim));
	error = place_sections(loader);
	if (error == 0)
		error = place_tables(loader);
	if (error == 0)
		error = place_relocs(loader, nrelocs_ret);
	if (error == 0)
		error = make_area(loader);
	return (error);
}

/* --- the kernel's half --- */

/*
 * P-22: the kernel takes the lowest address for the beginning of the file.
 * Padding before the first section makes it look in the wrong places.
 */
static int
check_base(const struct loader *loader)
{
	kldsim_addr lowest = UINT64_MAX;
	struct kldsim__where where = { .file = loader->file->filename };

	for (unsigned i = 0; i < loader->obj->nshdr; i++)
		if (loader->addr[i] != 0 && loader->addr[i] < lowest)
			lowest = loader->addr[i];
	if (lowest == loader->dest)
		return (0);
	return (kldsim__panic(loader->sim, KLDSIM__F_PRELOAD, &where,
	    "the first section wants more than a page's alignment: the loader "
	    "pads, the kernel does not know and uses everything 0x%" PRIx64
	    " bytes too low", lowest - loader->dest));
}

/* P-23: the bytes as they lie there go into the set, NOBITS or not. */
static int
fill_set(struct loader *loader, struct kldsim__progent *prog,
    kldsim_addr addr)
{
	struct kldsim *sim = loader->sim;
	struct kldsim__set *set = prog->region == KLDSIM_REGION_DPCPU ?
	    &sim->dpcpu : &sim->vnet;
	int error;

	error = kldsim__accessed(sim, kldsim__aspace_copy(&sim->space, addr,
	    prog->hole, prog->size));
	if (error != 0)
		return (error);
	prog->addr = addr;
	prog->host = NULL;
	if (set == &sim->vnet && sim->facts.propagates_vnets_after_sysctls)
		return (0);
	return (kldsim__accessed(sim, kldsim__set_copy(set, addr,
	    prog->size)));
}

static int
take_section(struct loader *loader, struct kldsim__progent *prog,
    const struct kldsim__extent *extent)
{
	struct kldsim *sim = loader->sim;
	kldsim_addr addr;
	int error;

	/* Address and size are there before any space is (P-23). */
	prog->addr = prog->hole = loader->addr[prog->sec];
	prog->size = loader->obj->shdr[prog->sec].sh_size;
	prog->host = extent->flat + (prog->addr - loader->dest);
	error = kldsim__obj_name_section(sim, loader->file, prog, true);
	if (error != 0)
		return (error);
	kldsim__obj_note_constructors(sim, loader->file, prog, prog->addr,
	    true);
	prog->region = kldsim__obj_region_of(sim, prog->name);
	if (prog->region != KLDSIM_REGION_MAPPING) {
		error = kldsim__obj_allocate_in_set(sim, loader->file, prog,
		    "link_elf_link_preload", &addr);
		if (error != 0)
			return (error);
		if (addr == 0)
			return (KLDSIM__ENOSPC);
		error = fill_set(loader, prog, addr);
		if (error != 0)
			return (error);
	}
	return (kldsim__obj_record_section(sim, loader->file, prog));
}

static int
make_progtab(struct loader *loader)
{
	struct kldsim__obj *obj = loader->obj;
	struct kldsim__arena *arena = &loader->file->arena;
	const struct kldsim__extent *extent =
	    kldsim__aspace_find(&loader->sim->space, loader->dest);
	int error = 0;

	obj->progtab = kldsim__arena_calloc(arena, obj->nshdr,
	    sizeof(*obj->progtab));
	loader->file->sections = kldsim__arena_calloc(arena, obj->nshdr,
	    sizeof(*loader->file->sections));
	if (obj->progtab == NULL || loader->file->sections == NULL)
		return (kldsim__nomem(loader->sim));
	for (unsigned i = 0; i < obj->nshdr; i++) {
		if (!kldsim__obj_is_loaded(loader->sim, &obj->shdr[i]))
			continue;
		obj->progtab[obj->nprogtab].sec = i;
		obj->progent_of[i] = ++obj->nprogtab;
	}
	for (unsigned i = 0; i < obj->nprogtab && error == 0; i++)
		error = take_section(loader, &obj->progtab[i], extent);
	return (error);
}

/*
 * The bytes of a table as the loader left them: the file's, or zeros where it
 * did not read them (Z-99).  NULL: no memory.
 */
static const uint8_t *
table_bytes(const struct loader *loader, unsigned sec)
{
	const GElf_Shdr *shdr = &loader->obj->shdr[sec];

	if (is_shadowed(loader, sec))
		return (kldsim__arena_calloc(&loader->file->arena,
		    (size_t)shdr->sh_size, 1));
	return (loader->obj->elf.bytes + shdr->sh_offset);
}

/* The symbols, their strings and the section names. */
static int
read_tables(struct loader *loader)
{
	struct kldsim__obj *obj = loader->obj;
	unsigned strings = obj->shdr[obj->symtab_sec].sh_link;
	const uint8_t *text;
	int error = kldsim__obj_read_symbols(loader->sim, loader->file);

	if (error == 0)
		error = kldsim__obj_read_section_names(loader->sim,
		    loader->file);
	if (error != 0)
		return (error);
	obj->symtab.syms = table_bytes(loader, obj->symtab_sec);
	text = table_bytes(loader, strings);
	obj->shstrtab = (const char *)table_bytes(loader,
	    obj->elf.ehdr.e_shstrndx);
	if (obj->symtab.syms == NULL || text == NULL || obj->shstrtab == NULL)
		return (kldsim__nomem(loader->sim));
	kldsim__symview_set_strings(&obj->symtab, text,
	    obj->symtab.strings_size);
	return (0);
}

static int
make_reltab(struct loader *loader, unsigned count)
{
	struct kldsim__obj *obj = loader->obj;
	static const unsigned types[] = { SHT_REL, SHT_RELA };

	obj->reltab = kldsim__arena_calloc(&loader->file->arena, count,
	    sizeof(*obj->reltab));
	if (obj->reltab == NULL)
		return (kldsim__nomem(loader->sim));
	for (unsigned t = 0; t < 2; t++) {
		unsigned each = (t == 1 ? 3 : 2) * (obj->elf.is64 ? 8 : 4);

		for (unsigned i = 0; i < obj->nshdr; i++) {
			const GElf_Shdr *shdr = &obj->shdr[i];
			struct kldsim__relent *rel;

			if (shdr->sh_type != types[t] || loader->addr[i] == 0 ||
			    loader->addr[shdr->sh_info] == 0)
				continue;
			rel = &obj->reltab[obj->nreltab++];
			rel->rela = t == 1;
			rel->sec = i;
			rel->target = shdr->sh_info;
			rel->table = table_bytes(loader, i);
			rel->count = shdr->sh_size / each;
			if (rel->table == NULL)
				return (kldsim__nomem(loader->sim));
		}
	}
	return (0);
}

/* link_elf_link_preload() from the file object on. */
static int
link_file(struct loader *loader, unsigned nrelocs)
{
	int error = check_base(loader);

	if (error == 0 && loader->obj->nshdr == 0)
		error = KLDSIM__ENOEXEC;
	if (error == 0)
		error = read_tables(loader);
	if (error == 0)
		error = make_progtab(loader);
	if (error == 0 && loader->obj->nprogtab == 0) {
		kldsim__console(loader->sim, "%s: bad/missing section headers",
		    loader->file->pathname);
		error = KLDSIM__ENOEXEC;
	}
	if (error == 0)
		error = make_reltab(loader, nrelocs);
	if (error == 0)
		error = kldsim__obj_fix_symbols(loader->sim, loader->file);
	if (error == 0)
		error = kldsim__obj_reloc_local(loader->sim, loader->file,
		    false);
	return (error);
}

int
kldsim__obj_link_preload(struct kldsim *sim, struct kldsim_image *image,
    const char *path, kldsim_addr dest, kldsim_addr *end_ret,
    struct kldsim__file **file_ret)
{
	struct loader loader = { .sim = sim, .dest = dest, .cursor = dest };
	unsigned nrelocs = 0;
	struct kldsim__elf elf;
	int error;

	*end_ret = dest;
	if (!kldsim__elf_open(image, &elf) || elf.ehdr.e_type != ET_REL ||
	    elf.ehdr.e_machine != sim->arch->machine ||
	    elf.ehdr.e_ident[EI_CLASS] != sim->arch->elf_class ||
	    elf.ehdr.e_ident[EI_DATA] != sim->arch->elf_data ||
	    elf.ehdr.e_ident[EI_VERSION] != EV_CURRENT ||
	    elf.ehdr.e_version != EV_CURRENT)
		return (KLDSIM__EFTYPE);
	error = kldsim__make_file(sim, &kldsim__link_elf_obj,
	    sim->arch->obj_class, image, path, &loader.file);
	if (error != 0)
		return (error);
	loader.obj = kldsim__arena_calloc(&loader.file->arena, 1,
	    sizeof(*loader.obj));
	if (loader.obj == NULL)
		return (kldsim__nomem(sim));
	loader.obj->elf = elf;
	loader.obj->preloaded = true;
	kldsim__strmap_init(&loader.obj->section_names, &sim->alloc);
	loader.file->class_data = loader.obj;
	error = load(&loader, &nrelocs);
	/* The place is taken, whatever the kernel thinks of the file. */
	if (error == 0)
		*end_ret = loader.cursor;
	if (error == 0)
		error = link_file(&loader, nrelocs);
	if (error != 0)
		return (kldsim__load_failed(sim, loader.file, error));
	*file_ret = loader.file;
	return (0);
}

/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A relocatable file that the boot loader has put into memory:
 * link_elf_link_preload() of sys/kern/link_elf_obj.c (P-21 to P-24).  What the
 * loader did with it before is in load_elf_obj.c.
 */

#include <inttypes.h>

#include "kern/bad_news.h"
#include "link_elf_obj/link_elf_obj.h"
#include "vnet/vnet_shadow.h"
#include "link_elf_obj/class.h"
#include "linker_class/preload.h"
#include "linker_class/set_part.h"

/* The kernel's view: sh_addr of the headers is where the loader has put it. */
struct linking {
	struct kldsim *sim;
	struct kldsim__file *file;
	struct kldsim__obj *obj;
	kldsim_addr base; /* MODINFO_ADDR */
};

/*
 * P-22: the kernel takes the lowest address for the beginning of the file.
 * Padding before the first section makes it look in the wrong places.
 */
static int
check_base(const struct linking *linking)
{
	kldsim_addr lowest = UINT64_MAX;
	struct kldsim__where where = { .file = linking->file->filename };

	for (unsigned i = 0; i < linking->obj->nshdr; i++) {
		kldsim_addr addr = linking->obj->shdr[i].sh_addr;

		if (addr != 0 && addr < lowest)
			lowest = addr;
	}
	if (lowest == linking->base)
		return (0);
	return (kldsim__panic(linking->sim, KLDSIM__F_PRELOAD, &where,
	    "the first section wants more than a page's alignment: the loader "
	    "pads, the kernel does not know and uses everything 0x%" PRIx64
	    " bytes too low", lowest - linking->base));
}

/* P-23: the bytes as they lie there go into the set, NOBITS or not. */
static int
fill_set(struct linking *linking, struct kldsim__progent *prog,
    kldsim_addr addr)
{
	struct kldsim *sim = linking->sim;
	const enum kldsim_set which = prog->region == KLDSIM_REGION_DPCPU ?
	    KLDSIM_SET_DPCPU : KLDSIM_SET_VNET;
	int error;

	error = kldsim__accessed(sim, kldsim__aspace_copy(&sim->space, addr,
	    prog->hole, prog->size));
	if (error != 0)
		return (error);
	prog->addr = addr;
	prog->host = NULL;
	if (which == KLDSIM_SET_VNET)
		error = kldsim__vnet_save_init(sim, addr, prog->size);
	if (error != 0 || (which == KLDSIM_SET_VNET &&
	    sim->facts.propagates_vnets_after_sysctls))
		return (error);
	return (kldsim__part_copy(sim, which, addr, prog->size, true));
}

static int
take_section(struct linking *linking, struct kldsim__progent *prog,
    const struct kldsim__extent *extent)
{
	struct kldsim *sim = linking->sim;
	kldsim_addr addr;
	int error;

	/* Address and size are there before any space is (P-23). */
	prog->addr = prog->hole = linking->obj->shdr[prog->sec].sh_addr;
	prog->size = linking->obj->shdr[prog->sec].sh_size;
	prog->host = extent->flat == NULL ? NULL :
	    extent->flat + (prog->addr - linking->base);
	error = kldsim__obj_name_section(sim, linking->file, prog, true);
	if (error != 0)
		return (error);
	prog->region = kldsim__obj_region_of(sim, prog->name);
	if (prog->region == KLDSIM_REGION_MAPPING) {
		/* Not of a set, whatever its type: other than in O-18. */
		kldsim__obj_note_constructors(sim, linking->file, prog,
		    prog->addr, true);
	} else {
		error = kldsim__obj_allocate_in_set(sim, linking->file, prog,
		    "link_elf_link_preload", &addr);
		if (error != 0)
			return (error);
		error = fill_set(linking, prog, addr);
		if (error != 0)
			return (error);
	}
	return (kldsim__obj_record_section(sim, linking->file, prog));
}

/* Whether there is anything to put into progtab. */
static bool
has_sections(const struct linking *linking)
{
	for (unsigned i = 0; i < linking->obj->nshdr; i++)
		if (kldsim__obj_is_loaded(linking->sim,
		    &linking->obj->shdr[i]))
			return (true);
	return (false);
}

static int
make_progtab(struct linking *linking)
{
	struct kldsim__obj *obj = linking->obj;
	struct kldsim__arena *arena = &linking->file->arena;
	const struct kldsim__extent *extent =
	    kldsim__aspace_find(&linking->sim->space, linking->base);
	int error = 0;

	obj->progtab = kldsim__arena_calloc(arena, obj->nshdr,
	    sizeof(*obj->progtab));
	linking->file->sections = kldsim__arena_calloc(arena, obj->nshdr,
	    sizeof(*linking->file->sections));
	if (obj->progtab == NULL || linking->file->sections == NULL)
		return (kldsim__nomem(linking->sim));
	for (unsigned i = 0; i < obj->nshdr; i++) {
		if (!kldsim__obj_is_loaded(linking->sim, &obj->shdr[i]))
			continue;
		obj->progtab[obj->nprogtab].sec = i;
		obj->progent_of[i] = ++obj->nprogtab;
	}
	obj->counted = obj->nprogtab;
	for (unsigned i = 0; i < obj->nprogtab && error == 0; i++)
		error = take_section(linking, &obj->progtab[i], extent);
	return (error);
}

/* A table as it lies in memory, as the loader left it; NULL: no memory. */
static const uint8_t *
table_bytes(const struct linking *linking, unsigned sec)
{
	const GElf_Shdr *shdr = &linking->obj->shdr[sec];
	uint8_t *bytes = kldsim__arena_alloc(&linking->file->arena,
	    (size_t)shdr->sh_size + 1);

	if (bytes == NULL || !kldsim__aspace_read(&linking->sim->space,
	    shdr->sh_addr, bytes, (size_t)shdr->sh_size))
		return (NULL);
	return (bytes);
}

/* The symbols, their strings and the section names. */
static int
read_tables(struct linking *linking)
{
	struct kldsim__obj *obj = linking->obj;
	unsigned strings = obj->shdr[obj->symtab_sec].sh_link;
	const uint8_t *text;
	int error = kldsim__obj_read_symbols(linking->sim, linking->file);

	if (error == 0)
		error = kldsim__obj_read_section_names(linking->sim,
		    linking->file);
	if (error != 0)
		return (error);
	obj->symtab.syms = table_bytes(linking, obj->symtab_sec);
	text = table_bytes(linking, strings);
	obj->shstrtab = (const char *)table_bytes(linking,
	    obj->elf.ehdr.e_shstrndx);
	if (obj->symtab.syms == NULL || text == NULL || obj->shstrtab == NULL)
		return (kldsim__nomem(linking->sim));
	kldsim__symview_set_strings(&obj->symtab, text,
	    obj->symtab.strings_size);
	return (0);
}

/* Whether a section is a table of relocations for a loaded one. */
static bool
is_reltab(const struct linking *linking, const GElf_Shdr *shdr, unsigned type)
{
	return (shdr->sh_type == type && shdr->sh_addr != 0 &&
	    linking->obj->shdr[shdr->sh_info].sh_addr != 0);
}

/* REL before RELA, as everywhere (O-41). */
static int
make_reltab(struct linking *linking)
{
	static const unsigned types[] = { SHT_REL, SHT_RELA };
	struct kldsim__obj *obj = linking->obj;
	uint64_t relocs = 0;
	int error;

	obj->reltab = kldsim__arena_calloc(&linking->file->arena, obj->nshdr,
	    sizeof(*obj->reltab));
	if (obj->reltab == NULL)
		return (kldsim__nomem(linking->sim));
	for (unsigned t = 0; t < 2; t++) {
		unsigned each = (t == 1 ? 3 : 2) * (obj->elf.is64 ? 8 : 4);

		for (unsigned i = 0; i < obj->nshdr; i++) {
			struct kldsim__relent *rel;

			if (!is_reltab(linking, &obj->shdr[i], types[t]))
				continue;
			rel = &obj->reltab[obj->nreltab++];
			rel->rela = t == 1;
			rel->sec = i;
			rel->target = obj->shdr[i].sh_info;
			rel->table = table_bytes(linking, i);
			rel->count = obj->shdr[i].sh_size / each;
			relocs += rel->count;
			if (rel->table == NULL)
				return (kldsim__nomem(linking->sim));
		}
	}
	error = kldsim__limited(linking->sim,
	    &linking->sim->options.limits.relocs, relocs, "%s: relocations",
	    linking->file->pathname);
	return (error != 0 ? error : kldsim__work(linking->sim, linking->file,
	    2 * relocs));
}

/* link_elf_link_preload() from the section headers on. */
static int
link_file(struct linking *linking)
{
	const struct kldsim__where where = {
		.file = linking->file->filename };
	int error;

	/* Before addresses are looked at (P-21); the loader checks the rest. */
	if (!has_sections(linking)) {
		kldsim__console(linking->sim, "%s: bad/missing section headers",
		    linking->file->pathname);
		return (kldsim__refuse(linking->sim, KLDSIM__ENOEXEC,
		    KLDSIM__F_FILE_FORMAT, &where, "none of its sections is "
		    "of a kind that is loaded (code, data, bss)"));
	}
	error = check_base(linking);
	if (error == 0)
		error = read_tables(linking);
	if (error == 0)
		error = make_progtab(linking);
	if (error == 0)
		error = make_reltab(linking);
	if (error == 0)
		error = kldsim__obj_fix_symbols(linking->sim, linking->file);
	if (error == 0)
		error = kldsim__obj_reloc_local(linking->sim, linking->file,
		    false);
	return (error);
}

/* --- the records --- */

/* What the file's records say (P-21). */
struct records {
	uint64_t addr;
	uint64_t size;
	const uint8_t *shdr;
	size_t shdr_size;
};

static int
read_records(const struct kldsim *sim, size_t mod, struct records *records)
{
	const struct kldsim__preload_metadata *md = &sim->booted.metadata;
	const uint8_t *ehdr;
	size_t size;

	if (!kldsim__preload_is_type(sim, mod, "obj module"))
		return (KLDSIM__EFTYPE);
	ehdr = kldsim__preload_search_info(md, mod,
	    KLDSIM__MODINFOMD_ELFHDR, &size);
	records->shdr = kldsim__preload_search_info(md, mod,
	    KLDSIM__MODINFOMD_SHDR, &records->shdr_size);
	if (!kldsim__preload_word(md, mod, KLDSIM__MODINFO_ADDR,
	    &records->addr) || !kldsim__preload_word(md, mod,
	    KLDSIM__MODINFO_SIZE, &records->size) || ehdr == NULL ||
	    records->shdr == NULL)
		return (KLDSIM__EINVAL); /* the loader writes all of them */
	return (0);
}

/* The section headers of the record, with the addresses of the loader. */
static int
take_shdrs(struct linking *linking, const struct records *records)
{
	struct kldsim__obj *obj = linking->obj;
	struct kldsim__arena *arena = &linking->file->arena;
	struct kldsim__elf table = obj->elf;

	table.bytes = records->shdr;
	table.size = records->shdr_size;
	obj->nshdr = obj->elf.ehdr.e_shnum;
	obj->shdr = kldsim__arena_calloc(arena, obj->nshdr,
	    sizeof(*obj->shdr));
	obj->progent_of = kldsim__arena_calloc(arena, obj->nshdr,
	    sizeof(*obj->progent_of));
	if (obj->shdr == NULL || obj->progent_of == NULL)
		return (kldsim__nomem(linking->sim));
	if (!kldsim__elf_shdrs(&table, 0, obj->nshdr, obj->shdr))
		return (KLDSIM__ENOEXEC); /* the kernel reads on (Z-92) */
	for (unsigned i = 0; i < obj->nshdr; i++)
		if (obj->shdr[i].sh_type == SHT_SYMTAB)
			obj->symtab_sec = i;
	return (0);
}

/* The file object; its memory is there already. */
static int
make_file(struct linking *linking, const struct kldsim__preloaded *loaded,
    const struct records *records)
{
	struct kldsim *sim = linking->sim;
	struct kldsim__extent *extent;
	int error = kldsim__make_file(sim, &kldsim__link_elf_obj,
	    sim->arch->obj_class, loaded->image, kldsim__preload_string(
	    &sim->booted.metadata, loaded->mod, KLDSIM__MODINFO_NAME),
	    &linking->file);

	if (error != 0)
		return (error);
	linking->obj = kldsim__arena_calloc(&linking->file->arena, 1,
	    sizeof(*linking->obj));
	if (linking->obj == NULL)
		return (kldsim__nomem(sim));
	kldsim__strmap_init(&linking->obj->section_names, &sim->alloc);
	(void)kldsim__elf_open(loaded->image, &linking->obj->elf);
	linking->obj->preloaded = true;
	linking->obj->mapped = true;
	linking->file->class_data = linking->obj;
	linking->file->address = linking->base = records->addr;
	linking->file->size = records->size;
	extent = kldsim__aspace_find(&sim->space, records->addr);
	if (extent != NULL)
		extent->owner = linking->file->id;
	return (0);
}

int
kldsim__obj_link_preload(struct kldsim *sim,
    const struct kldsim__preloaded *loaded, struct kldsim__file **file_ret)
{
	struct linking linking = { .sim = sim };
	struct records records;
	int error = read_records(sim, loaded->mod, &records);

	if (error == 0)
		error = make_file(&linking, loaded, &records);
	if (error != 0)
		return (error);
	error = take_shdrs(&linking, &records);
	if (error == 0)
		error = link_file(&linking);
	*file_ret = linking.file;
	return (error);
}

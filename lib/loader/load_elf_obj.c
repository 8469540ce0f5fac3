/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the boot loader does with a relocatable file: load_elf_obj.c of
 * stand/common (P-11).
 *
 * A file that it refuses, with EFTYPE or EIO, never reaches the kernel.
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "loader/boot_loader.h"
#include "util/path.h"

/* A file on its way in: where each section goes, 0 for nowhere. */
struct loading {
	struct kldsim *sim;
	struct kldsim__boot_loader *loader;
	struct kldsim__loaded *loaded;
	struct kldsim__elf elf;
	GElf_Shdr *shdr;
	unsigned nshdr;
	unsigned symtab;
	kldsim_addr *addr;
	kldsim_addr dest;
	kldsim_addr cursor;
};

/* A section for messages, with its name if it has one. */
static struct kldsim__where
in_section(const struct loading *loading, unsigned sec)
{
	const GElf_Shdr *names = &loading->shdr[0];
	struct kldsim__where where = { .section = "", .section_index = sec,
		.file = kldsim__basename(loading->loaded->file.name) };
	const char *text = NULL;

	if (loading->elf.ehdr.e_shstrndx < loading->nshdr)
		names = &loading->shdr[loading->elf.ehdr.e_shstrndx];
	if (names->sh_type == SHT_STRTAB && kldsim__in_range(names->sh_offset,
	    names->sh_size, loading->elf.size))
		text = kldsim__strtab_get((const char *)loading->elf.bytes +
		    names->sh_offset, names->sh_size,
		    loading->shdr[sec].sh_name);
	if (text != NULL)
		where.section = text;
	return (where);
}

static int
divides_by_zero(struct loading *loading, unsigned sec)
{
	struct kldsim__where where = in_section(loading, sec);

	return (kldsim__panic(loading->sim, KLDSIM__F_PRELOAD, &where,
	    "sh_addralign is 0: the boot loader divides by it (Z-95)"));
}

/* The loader gives up, and does not say at what. */
static int
no_io(struct loading *loading, unsigned sec, const char *why)
{
	struct kldsim__where where = {
		.file = kldsim__basename(loading->loaded->file.name) };

	if (sec != 0)
		where = in_section(loading, sec);
	return (kldsim__refuse(loading->sim, KLDSIM__EIO,
	    KLDSIM__F_FILE_FORMAT, &where, "the boot loader does not load it: "
	    "%s", why));
}

/* From the first section to the last, as the loader reckons, it clears. */
static int
wraps(struct loading *loading, unsigned sec, const char *field, uint64_t value)
{
	struct kldsim__where where = in_section(loading, sec);

	return (kldsim__panic(loading->sim, KLDSIM__F_PRELOAD, &where,
	    "%s is 0x%" PRIx64 ": the boot loader's cursor wraps, and it "
	    "clears all memory there is (P-11)", field, value));
}

/* roundup() of <sys/param.h>: a division, so an alignment of 0 is fatal. */
static int
place(struct loading *loading, unsigned sec)
{
	const GElf_Shdr *shdr = &loading->shdr[sec];
	uint64_t align = shdr->sh_addralign;

	if (align == 0)
		return (divides_by_zero(loading, sec));
	if (!kldsim__add(loading->cursor, align - 1, &loading->cursor))
		return (wraps(loading, sec, "sh_addralign", align));
	loading->cursor -= loading->cursor % align;
	loading->addr[sec] = loading->cursor;
	if (!kldsim__add(loading->cursor, shdr->sh_size, &loading->cursor))
		return (wraps(loading, sec, "sh_size", shdr->sh_size));
	return (kldsim__limited(loading->sim,
	    &loading->sim->options.limits.map_bytes,
	    loading->cursor - loading->dest, "%s: bytes of the loader's "
	    "layout", loading->loaded->file.name));
}

/*
 * What the loader gives a place: the kernel's class has a list of its own, and
 * the two have to agree (O-04, P-11).
 */
static bool
has_place(const struct kldsim *sim, const GElf_Shdr *shdr)
{
	if (shdr->sh_size == 0 || (shdr->sh_flags & SHF_ALLOC) == 0)
		return (false);
	return (shdr->sh_type == SHT_PROGBITS ||
	    shdr->sh_type == SHT_NOBITS ||
	    (shdr->sh_type == SHT_X86_64_UNWIND &&
	    sim->arch->unwind_loaded) ||
	    ((shdr->sh_type == SHT_INIT_ARRAY ||
	    shdr->sh_type == SHT_FINI_ARRAY) && sim->facts.obj_init_arrays));
}

static int
place_sections(struct loading *loading)
{
	int error = 0;

	for (unsigned i = 0; i < loading->nshdr && error == 0; i++)
		if (has_place(loading->sim, &loading->shdr[i]))
			error = place(loading, i);
	return (error);
}

/* Exactly one symbol table, empty ones included. */
static bool
find_symtab(struct loading *loading)
{
	unsigned tables = 0;

	for (unsigned i = 0; i < loading->nshdr; i++) {
		if (loading->shdr[i].sh_type != SHT_SYMTAB)
			continue;
		loading->symtab = i;
		tables++;
		/* 12 makes room for it here and again below (V-60). */
		if (loading->sim->facts.loader_symtab_counted_twice)
			loading->cursor += loading->shdr[i].sh_size;
	}
	return (tables == 1);
}

static bool
is_strtab(const struct loading *loading, unsigned sec)
{
	return (sec < loading->nshdr &&
	    loading->shdr[sec].sh_type == SHT_STRTAB);
}

/* The symbol table, its strings and the section names: all mandatory. */
static int
place_tables(struct loading *loading)
{
	const unsigned names = loading->elf.ehdr.e_shstrndx;
	unsigned strings;
	int error;

	if (!find_symtab(loading))
		return (no_io(loading, 0, "it has no symbol table (.symtab), "
		    "without which its relocations mean nothing"));
	strings = loading->shdr[loading->symtab].sh_link;
	if (!is_strtab(loading, strings))
		return (no_io(loading, loading->symtab, "the names of its "
		    "symbols are not there (sh_link)"));
	if (names == 0 || !is_strtab(loading, names))
		return (no_io(loading, 0, "the names of its sections are not "
		    "there (e_shstrndx)"));
	error = place(loading, loading->symtab);
	if (error == 0)
		error = place(loading, strings);
	if (error == 0)
		error = place(loading, names);
	return (error);
}

static int
place_relocs(struct loading *loading)
{
	int error = 0;

	for (unsigned i = 0; i < loading->nshdr && error == 0; i++) {
		const GElf_Shdr *shdr = &loading->shdr[i];
		struct kldsim__where where = in_section(loading, i);

		if (shdr->sh_type != SHT_REL && shdr->sh_type != SHT_RELA)
			continue;
		if (shdr->sh_info >= loading->nshdr)
			return (kldsim__panic(loading->sim,
			    KLDSIM__F_RELOC_INFO, &where, "sh_info is %u, but "
			    "there are %u sections: the boot loader and the "
			    "kernel read outside the table (Z-93)",
			    shdr->sh_info, loading->nshdr));
		if ((loading->shdr[shdr->sh_info].sh_flags & SHF_ALLOC) != 0)
			error = place(loading, i);
	}
	return (error);
}

/* --- contents --- */

/* A section to be read. */
struct content {
	uint64_t offset;
	unsigned sec;
};

/* By file offset; of one offset the first section is first. */
static int
compare_contents(const void *a, const void *b)
{
	const struct content *x = a, *y = b;

	if (x->offset != y->offset)
		return (x->offset < y->offset ? -1 : 1);
	return (x->sec < y->sec ? -1 : x->sec > y->sec);
}

static int
read_section(struct loading *loading, unsigned sec)
{
	const GElf_Shdr *shdr = &loading->shdr[sec];

	if (shdr->sh_size == 0)
		return (0);
	if (!kldsim__in_range(shdr->sh_offset, shdr->sh_size,
	    loading->elf.size))
		return (no_io(loading, sec, "the section goes past the end of "
		    "the file, which is cut off"));
	return (kldsim__accessed(loading->sim, kldsim__aspace_write(
	    &loading->sim->space, loading->addr[sec],
	    loading->elf.bytes + shdr->sh_offset, (size_t)shdr->sh_size)));
}

/* The next section at an offset that has been read stays zero (Z-99). */
static void
note_shadowed(struct loading *loading, unsigned sec)
{
	struct kldsim__where where = in_section(loading, sec);

	if (loading->shdr[sec].sh_size != 0)
		kldsim__find(loading->sim, KLDSIM__F_PRELOAD, &where,
		    "another section begins at the same file offset: the "
		    "boot loader reads only the first, this one stays zero");
}

/* Read what has a place, in the order of the file. */
static int
read_contents(struct loading *loading)
{
	struct content *list = kldsim__arena_calloc(&loading->loader->arena,
	    loading->nshdr, sizeof(*list));
	size_t n = 0;
	int error = 0;

	if (list == NULL)
		return (kldsim__nomem(loading->sim));
	for (unsigned i = 0; i < loading->nshdr; i++)
		if (loading->addr[i] != 0 &&
		    loading->shdr[i].sh_type != SHT_NOBITS)
			list[n++] = (struct content){
			    loading->shdr[i].sh_offset, i };
	qsort(list, n, sizeof(*list), compare_contents);
	for (size_t i = 0; i < n && error == 0; i++) {
		if (i != 0 && list[i].offset == list[i - 1].offset)
			note_shadowed(loading, list[i].sec);
		else
			error = read_section(loading, list[i].sec);
	}
	return (error);
}

/*
 * Clear the area and read into it.  One no larger than the file makes plausible
 * is one buffer; one that only claims to be large is zeros until somebody
 * writes there, as in link_elf_obj_place.c.
 */
static int
make_area(struct loading *loading)
{
	struct kldsim *sim = loading->sim;
	struct kldsim__preloaded_file *file = &loading->loaded->file;
	kldsim_size size = loading->cursor - loading->dest;
	kldsim_size length = kldsim__roundup2(size, sim->arch->page_size);
	struct kldsim__extent *extent;
	int error;

	if (length == 0)
		return (no_io(loading, 0, "none of its sections is of a kind "
		    "that is loaded (code, data, bss)"));
	if (kldsim__aspace_overlaps(&sim->space, loading->dest, length))
		return (kldsim__fail(sim, KLDSIM_ARG, "%s cannot be preloaded "
		    "at 0x%" PRIx64 ": that is not free",
		    kldsim__basename(file->name), loading->dest));
	if (length <= loading->elf.size * 2 + (1u << 20))
		extent = kldsim__aspace_map_flat(&sim->space, loading->dest,
		    (size_t)length);
	else
		extent = kldsim__aspace_map(&sim->space, loading->dest,
		    length, NULL, 0);
	if (extent == NULL)
		return (kldsim__nomem(sim));
	error = read_contents(loading);
	if (error > 0 &&
	    !kldsim__aspace_unmap(&sim->space, loading->dest))
		return (kldsim__nomem(sim));
	file->addr = loading->dest;
	file->size = size;
	return (error);
}

/* --- records --- */

/* The section headers as they are in the file, but for sh_addr. */
static int
add_shdrs(struct loading *loading)
{
	const size_t each = kldsim__elf_sizeof(&loading->elf, ELF_T_SHDR);
	const unsigned at = loading->elf.is64 ? 16 : 12;
	const unsigned word = kldsim__arch_ptrsz(loading->sim->arch);
	uint8_t *bytes = kldsim__arena_calloc(&loading->loader->arena,
	    loading->nshdr, each);

	if (bytes == NULL)
		return (kldsim__nomem(loading->sim));
	memcpy(bytes, loading->elf.bytes + loading->elf.ehdr.e_shoff,
	    loading->nshdr * each);
	for (unsigned i = 0; i < loading->nshdr; i++)
		kldsim__store(bytes + i * each + at, word, loading->elf.big,
		    loading->addr[i]);
	kldsim__file_addmetadata(&loading->loaded->file,
	    KLDSIM__MODINFOMD_SHDR, bytes, (uint32_t)(loading->nshdr * each));
	return (0);
}

/* What the loader looks at in the header, and the section headers. */
static int
open_file(struct loading *loading)
{
	const struct kldsim__arch *arch = loading->sim->arch;
	const GElf_Ehdr *ehdr = &loading->elf.ehdr;

	if (arch->obj_class == NULL ||
	    !kldsim__elf_open(loading->loaded->image, &loading->elf) ||
	    ehdr->e_type != ET_REL || ehdr->e_machine != arch->machine ||
	    ehdr->e_ident[EI_CLASS] != arch->elf_class ||
	    ehdr->e_ident[EI_DATA] != arch->elf_data ||
	    ehdr->e_ident[EI_VERSION] != EV_CURRENT ||
	    ehdr->e_version != EV_CURRENT)
		return (KLDSIM__EFTYPE);
	loading->nshdr = ehdr->e_shnum;
	if (loading->nshdr == 0 || ehdr->e_shoff == 0 ||
	    ehdr->e_shentsize != kldsim__elf_sizeof(&loading->elf, ELF_T_SHDR))
		return (KLDSIM__EFTYPE);
	if (kldsim__limited(loading->sim,
	    &loading->sim->options.limits.sections, loading->nshdr,
	    "%s: sections", loading->loaded->file.name) != 0)
		return (KLDSIM__ABORT);
	loading->shdr = kldsim__arena_calloc(&loading->loader->arena,
	    loading->nshdr, sizeof(*loading->shdr));
	loading->addr = kldsim__arena_calloc(&loading->loader->arena,
	    loading->nshdr, sizeof(*loading->addr));
	if (loading->shdr == NULL || loading->addr == NULL)
		return (kldsim__nomem(loading->sim));
	return (kldsim__elf_shdrs(&loading->elf, ehdr->e_shoff, loading->nshdr,
	    loading->shdr) ? 0 : no_io(loading, 0, "its section headers go "
	    "past the end of the file, which is cut off"));
}

int
kldsim__load_elf_obj(struct kldsim__boot_loader *loader,
    struct kldsim__loaded *loaded, kldsim_addr dest)
{
	struct loading loading = { .sim = loader->sim, .loader = loader,
		.loaded = loaded, .dest = dest, .cursor = dest };
	int error = open_file(&loading);

	if (error == 0)
		error = place_sections(&loading);
	if (error == 0)
		error = place_tables(&loading);
	if (error == 0)
		error = place_relocs(&loading);
	if (error == 0)
		error = make_area(&loading);
	if (error == 0)
		error = add_shdrs(&loading);
	if (error != 0)
		return (error);
	loaded->file.type = KLDSIM__TYPE_OBJ_MODULE;
	kldsim__file_addmetadata(&loaded->file, KLDSIM__MODINFOMD_ELFHDR,
	    loading.elf.bytes,
	    (uint32_t)kldsim__elf_sizeof(&loading.elf, ELF_T_EHDR));
	return (0);
}

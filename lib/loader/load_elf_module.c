/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A shared object that the boot loader puts into memory: the first half of
 * elf_loadimage() in load_elf.c of stand/common (P-12).  What it then tells
 * the kernel is made in load_elf.c here, and what it asks of the file at last
 * in load_elf_metadata.c.
 */

#include <inttypes.h>

#include "loader/boot_loader.h"
#include "util/path.h"

struct loading {
	struct kldsim *sim;
	struct kldsim__boot_loader *loader;
	struct kldsim__loaded *loaded;
	struct kldsim__elf elf;
	struct kldsim__load_elf from;
	kldsim_addr start;  /* of the pages that the file takes */
	kldsim_size length;
	const struct kldsim__extent *memory; /* NULL: not there yet */
};

/* The loader gives up, and does not say at what. */
static int
no_load(const struct loading *loading, int error, const char *why)
{
	const struct kldsim__where where = {
		.file = kldsim__basename(loading->loaded->file.name) };

	return (kldsim__refuse(loading->sim, error, KLDSIM__F_FILE_FORMAT,
	    &where, "the boot loader does not load it: %s", why));
}

/*
 * What the loader looks at in the header, and the program headers, which are
 * in the first page and of the usual size, whatever e_phentsize is.
 */
static int
open_file(struct loading *loading, GElf_Phdr **phdr_ret)
{
	const struct kldsim__arch *arch = loading->sim->arch;
	const GElf_Ehdr *ehdr = &loading->elf.ehdr;
	uint64_t end;

	if (!kldsim__elf_open(loading->loaded->image, &loading->elf) ||
	    loading->elf.size <= kldsim__elf_sizeof(&loading->elf,
	    ELF_T_EHDR) || ehdr->e_machine != arch->machine ||
	    ehdr->e_ident[EI_CLASS] != arch->elf_class ||
	    ehdr->e_ident[EI_DATA] != arch->elf_data ||
	    ehdr->e_ident[EI_VERSION] != EV_CURRENT ||
	    ehdr->e_version != EV_CURRENT)
		return (KLDSIM__EFTYPE);
	if (ehdr->e_type == ET_EXEC)
		return (no_load(loading, KLDSIM__EPERM, "it is taken for a "
		    "second kernel (ET_EXEC), and there is one"));
	if (ehdr->e_type != ET_DYN)
		return (KLDSIM__EFTYPE);
	end = (uint64_t)ehdr->e_phnum *
	    kldsim__elf_sizeof(&loading->elf, ELF_T_PHDR);
	if (!kldsim__in_range(ehdr->e_phoff, end, arch->page_size))
		return (no_load(loading, KLDSIM__EIO, "its program headers "
		    "are not in its first page"));
	*phdr_ret = kldsim__arena_calloc(&loading->loader->arena,
	    ehdr->e_phnum, sizeof(**phdr_ret));
	if (*phdr_ret == NULL)
		return (kldsim__nomem(loading->sim));
	return (kldsim__elf_phdrs(&loading->elf, ehdr->e_phoff,
	    ehdr->e_phnum, *phdr_ret) ? 0 : no_load(loading, KLDSIM__EIO,
	    "its program headers go past the end of the file, which is cut "
	    "off"));
}

/* The section headers; without them there are no symbols, and that is all. */
static int
read_shdrs(struct loading *loading)
{
	const GElf_Ehdr *ehdr = &loading->elf.ehdr;
	const GElf_Shdr *symbols;
	GElf_Shdr *shdr;

	if (ehdr->e_shoff == 0 || ehdr->e_shnum == 0 || ehdr->e_shentsize !=
	    kldsim__elf_sizeof(&loading->elf, ELF_T_SHDR))
		return (0);
	if (kldsim__limited(loading->sim,
	    &loading->sim->options.limits.sections, ehdr->e_shnum,
	    "%s: sections", loading->loaded->file.name) != 0)
		return (KLDSIM__ABORT);
	shdr = kldsim__arena_calloc(&loading->loader->arena, ehdr->e_shnum,
	    sizeof(*shdr));
	if (shdr == NULL)
		return (kldsim__nomem(loading->sim));
	if (!kldsim__elf_shdrs(&loading->elf, ehdr->e_shoff, ehdr->e_shnum,
	    shdr))
		return (0);
	loading->from.headers.shdr = shdr;
	loading->from.headers.nshdr = ehdr->e_shnum;
	symbols = kldsim__load_elf_symtab(&loading->from);
	return (symbols == NULL ? 0 : kldsim__limited(loading->sim,
	    &loading->sim->options.limits.symbols, symbols->sh_size /
	    kldsim__elf_sizeof(&loading->elf, ELF_T_SYM), "%s: symbols",
	    loading->loaded->file.name));
}

/* .ctors is looked for, among names that are read wherever they may be. */
static int
check_names(struct loading *loading)
{
	const struct kldsim__load_elf *from = &loading->from;
	const unsigned names = loading->elf.ehdr.e_shstrndx;
	struct kldsim__where where = {
	    .file = kldsim__basename(loading->loaded->file.name) };
	const GElf_Shdr *table;

	if (from->headers.nshdr == 0)
		return (0);
	if (names >= from->headers.nshdr)
		return (kldsim__panic(loading->sim, KLDSIM__F_PRELOAD, &where,
		    "e_shstrndx is %u, but there are %u sections: the boot "
		    "loader reads outside the table (Z-96)", names,
		    from->headers.nshdr));
	table = &from->headers.shdr[names];
	if (table->sh_size == 0 || !kldsim__in_range(table->sh_offset,
	    table->sh_size, loading->elf.size))
		return (0); /* it cannot be read, and nobody looks */
	for (unsigned i = 0; i < from->headers.nshdr; i++) {
		const char *name = kldsim__strtab_get(
		    (const char *)loading->elf.bytes + table->sh_offset,
		    table->sh_size, from->headers.shdr[i].sh_name);

		if (name != NULL && strcmp(name, ".ctors") == 0)
			break;
		if (from->headers.shdr[i].sh_name >= table->sh_size)
			return (kldsim__panic(loading->sim,
			    KLDSIM__F_PRELOAD, &where, "section %u has its "
			    "name at 0x%" PRIx32 " of 0x%" PRIx64 " bytes: "
			    "the boot loader reads there (Z-96)", i,
			    (uint32_t)from->headers.shdr[i].sh_name,
			    table->sh_size));
	}
	return (0);
}

/* Past what the file plausibly fills, memory is zeros until written. */
#define PLAUSIBLE (UINT64_C(16) << 20)

/* How much of the area is one buffer: all, or up to the last file byte. */
static kldsim_size
flat_size(const struct loading *loading)
{
	const kldsim_size page = loading->sim->arch->page_size;
	kldsim_size end = page;

	if (loading->length <= loading->elf.size * 2 + PLAUSIBLE)
		return (loading->length);
	for (unsigned i = 0; i < loading->from.headers.nphdr; i++) {
		const GElf_Phdr *phdr = &loading->from.headers.phdr[i];
		kldsim_size to = phdr->p_vaddr + loading->from.off -
		    loading->start + phdr->p_filesz;

		if (phdr->p_type == PT_LOAD && to > end &&
		    to <= loading->length)
			end = to;
	}
	return (kldsim__roundup2(end, page));
}

static int
map_area(struct loading *loading, kldsim_size flat)
{
	struct kldsim__aspace *space = &loading->sim->space;

	loading->memory = kldsim__aspace_map_flat(space, loading->start,
	    (size_t)flat);
	if (loading->memory == NULL || (flat < loading->length &&
	    kldsim__aspace_map(space, loading->start + flat,
	    loading->length - flat, NULL, 0) == NULL))
		return (kldsim__nomem(loading->sim));
	return (0);
}

/* Memory for the segments and for the symbols behind them. */
static int
make_area(struct loading *loading)
{
	struct kldsim *sim = loading->sim;
	const struct kldsim__preloaded_file *file = &loading->loaded->file;
	const kldsim_size page = sim->arch->page_size;
	kldsim_size flat;

	if (file->size == 0 || file->addr == 0)
		return (no_load(loading, KLDSIM__EIO, "it has no segment "
		    "that is loaded (PT_LOAD)"));
	loading->start = file->addr & ~(page - 1);
	loading->length = kldsim__roundup2(file->addr + file->size, page) -
	    loading->start;
	if (kldsim__limited(sim, &sim->options.limits.map_bytes,
	    loading->length, "%s: bytes of its segments and symbols",
	    file->name) != 0)
		return (KLDSIM__ABORT);
	if (loading->start + loading->length < loading->start ||
	    kldsim__aspace_overlaps(&sim->space, loading->start,
	    loading->length))
		return (kldsim__fail(sim, KLDSIM_ARG, "%s cannot be preloaded "
		    "at 0x%" PRIx64 ": that is not free",
		    kldsim__basename(file->name), loading->start));
	flat = flat_size(loading);
	if (flat > loading->elf.size * 2 + PLAUSIBLE)
		return (kldsim__fail(sim, KLDSIM_LIMIT, "%s: segments that "
		    "lie 0x%" PRIx64 " bytes apart are out of proportion to "
		    "the file", file->name, flat));
	return (map_area(loading, flat));
}

/*
 * One segment.  What the first page holds is copied as a whole, also past the
 * segment's end (Z-97); the rest is read, and what is missing is an error.
 * Behind the file's own memory is what the loader uses next.
 */
static int
load_segment(struct loading *loading, const GElf_Phdr *phdr)
{
	const kldsim_size at = phdr->p_vaddr + loading->from.off -
	    loading->start;
	const uint64_t page = loading->sim->arch->page_size;
	uint64_t first = page < loading->elf.size ? page : loading->elf.size;
	uint64_t copy = phdr->p_filesz;
	struct kldsim__where where = {
	    .file = kldsim__basename(loading->loaded->file.name) };
	struct kldsim__aspace *space = &loading->sim->space;
	int error = 0;

	if (!kldsim__in_range(at, phdr->p_memsz, loading->length))
		return (kldsim__panic(loading->sim, KLDSIM__F_PRELOAD, &where,
		    "a segment at 0x%" PRIx64 " has 0x%" PRIx64 " bytes: the "
		    "boot loader clears all memory there is (P-12)",
		    (uint64_t)phdr->p_vaddr, (uint64_t)phdr->p_memsz));
	if (copy != 0 && !kldsim__in_range(phdr->p_offset, copy,
	    loading->elf.size))
		return (no_load(loading, KLDSIM__EIO, "a segment goes past "
		    "the end of the file, which is cut off"));
	if (phdr->p_offset < first && first - phdr->p_offset > copy)
		copy = first - phdr->p_offset;
	if (copy > loading->length - at)
		copy = loading->length - at;
	if (copy != 0) /* or the offset may be anything */
		error = kldsim__accessed(loading->sim, kldsim__aspace_write(
		    space, loading->start + at,
		    loading->elf.bytes + phdr->p_offset, (size_t)copy));
	if (error == 0 && phdr->p_filesz < phdr->p_memsz)
		error = kldsim__accessed(loading->sim, kldsim__aspace_zero(
		    space, loading->start + at + phdr->p_filesz,
		    phdr->p_memsz - phdr->p_filesz));
	return (error);
}

static int
load_segments(struct loading *loading)
{
	int error = 0;

	for (unsigned i = 0; i < loading->from.headers.nphdr && error == 0; i++)
		if (loading->from.headers.phdr[i].p_type == PT_LOAD)
			error = load_segment(loading, &loading->from.headers.phdr[i]);
	return (error);
}

/* The block that SSYM and ESYM tell of (L-19); its bounds are the records'. */
static int
load_symbols(struct loading *loading)
{
	struct kldsim__aspace *space = &loading->sim->space;
	const unsigned word = kldsim__arch_ptrsz(loading->sim->arch);
	const GElf_Shdr *symbols = kldsim__load_elf_symtab(&loading->from);
	const GElf_Shdr *tables[2];
	kldsim_addr at = loading->loaded->file.addr +
	    loading->loaded->file.size;
	int error = 0;

	if (symbols == NULL)
		return (0);
	tables[0] = symbols;
	tables[1] = &loading->from.headers.shdr[symbols->sh_link];
	at -= kldsim__load_elf_symbols_size(&loading->from, word);
	for (unsigned i = 0; i < 2 && error == 0; i++) {
		uint8_t size[8];

		kldsim__store(size, word, loading->elf.big,
		    tables[i]->sh_size);
		error = kldsim__accessed(loading->sim,
		    kldsim__aspace_write(space, at, size, word));
		at += word;
		if (error == 0)
			error = kldsim__accessed(loading->sim,
			    kldsim__aspace_write(space, at,
			    loading->elf.bytes + tables[i]->sh_offset,
			    (size_t)tables[i]->sh_size));
		at = kldsim__roundup2(at + tables[i]->sh_size, word);
	}
	return (error);
}

int
kldsim__load_elf_module(struct kldsim__boot_loader *loader,
    struct kldsim__loaded *loaded, kldsim_addr dest)
{
	struct loading loading = { .sim = loader->sim, .loader = loader,
		.loaded = loaded };
	GElf_Phdr *phdr = NULL;
	int error = open_file(&loading, &phdr);

	loading.from.headers.elf = &loading.elf;
	loading.from.headers.phdr = phdr;
	loading.from.headers.nphdr = loading.elf.ehdr.e_phnum;
	loading.from.off = dest;
	if (error == 0)
		error = read_shdrs(&loading);
	if (error == 0)
		error = check_names(&loading);
	if (error != 0)
		return (error);
	kldsim__load_elf_records(&loading.from,
	    kldsim__arch_ptrsz(loader->sim->arch), &loaded->file);
	error = make_area(&loading);
	if (error == 0)
		error = load_segments(&loading);
	if (error == 0)
		error = load_symbols(&loading);
	if (error == 0)
		error = kldsim__load_elf_metadata(loader->sim, &loading.from,
		    loaded->file.name, loading.memory);
	if (error > 0 && loading.memory != NULL &&
	    !kldsim__boot_loader_unmap(loader, &loaded->file))
		error = kldsim__nomem(loader->sim);
	loaded->file.type = KLDSIM__TYPE_MODULE;
	return (error);
}

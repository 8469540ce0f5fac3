/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Reading a kernel file, as the boot loader and link_elf_init() of
 * sys/kern/link_elf.c do between them (L-17 to L-20, D-10).
 *
 * The real kernel has been run by then, so its tables are good.  Ours come
 * from a file: every table is checked to lie in it, once, here.
 */

#include <inttypes.h>

#include "kern/bad_news.h"
#include "link_elf/link_elf.h"
#include "link_elf/class.h"

/* What is wrong lies at an address. */
static int
misplaced(struct kldsim *sim, const char *what, kldsim_addr address)
{
	return (kldsim__fail(sim, KLDSIM_MALFORMED,
	    "unusable kernel: %s (at 0x%" PRIx64 ")", what, address));
}

/* Or at an offset of the file. */
static int
malformed(struct kldsim *sim, const char *what, uint64_t offset)
{
	int error = misplaced(sim, what, offset);

	sim->abort.error.has_offset = 1;
	sim->abort.error.offset = offset;
	return (error);
}

static int
read_phdrs(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	const GElf_Ehdr *ehdr = &dyn->elf.ehdr;

	if (ehdr->e_phnum == 0 || ehdr->e_phentsize !=
	    kldsim__elf_sizeof(&dyn->elf, ELF_T_PHDR))
		return (malformed(sim, "no program headers of the "
		    "right size", ehdr->e_phoff));
	dyn->nphdr = ehdr->e_phnum;
	dyn->phdr = kldsim__arena_calloc(&file->arena, dyn->nphdr,
	    sizeof(*dyn->phdr));
	if (dyn->phdr == NULL)
		return (kldsim__nomem(sim));
	if (!kldsim__elf_phdrs(&dyn->elf, ehdr->e_phoff, dyn->nphdr,
	    dyn->phdr))
		return (malformed(sim, "program headers outside the "
		    "file", ehdr->e_phoff));
	return (0);
}

/* One PT_LOAD becomes one extent over the image's bytes. */
static int
map_segment(struct kldsim *sim, struct kldsim__file *file,
    const GElf_Phdr *phdr)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);

	if (phdr->p_filesz > phdr->p_memsz)
		return (misplaced(sim, "PT_LOAD with p_filesz over "
		    "p_memsz", phdr->p_vaddr));
	if (!kldsim__in_range(phdr->p_offset, phdr->p_filesz, dyn->elf.size))
		return (malformed(sim, "PT_LOAD outside the file",
		    phdr->p_offset));
	if (phdr->p_memsz == 0)
		return (0);
	if (phdr->p_vaddr + (phdr->p_memsz - 1) < phdr->p_vaddr ||
	    kldsim__aspace_overlaps(&sim->space, phdr->p_vaddr,
	    phdr->p_memsz))
		return (misplaced(sim, "PT_LOAD that wraps or overlaps "
		    "another", phdr->p_vaddr));
	if (kldsim__aspace_map(&sim->space, phdr->p_vaddr, phdr->p_memsz,
	    dyn->elf.bytes + phdr->p_offset, phdr->p_filesz) == NULL)
		return (kldsim__nomem(sim));
	return (0);
}

static int
map_segments(struct kldsim *sim, struct kldsim__file *file)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	kldsim_addr first = UINT64_MAX, last = 0;
	kldsim_size total = 0;

	for (unsigned i = 0; i < dyn->nphdr; i++) {
		const GElf_Phdr *phdr = &dyn->phdr[i];
		int error;

		if (phdr->p_type != PT_LOAD)
			continue;
		error = map_segment(sim, file, phdr);
		if (error != 0)
			return (error);
		total += phdr->p_memsz;
		if (kldsim__limited(sim, &sim->options.limits.map_bytes,
		    total, "bytes of the kernel's segments") != 0)
			return (KLDSIM__ABORT);
		if (phdr->p_vaddr < first)
			first = phdr->p_vaddr;
		if (phdr->p_vaddr + phdr->p_memsz > last)
			last = phdr->p_vaddr + phdr->p_memsz;
	}
	if (last == 0)
		return (malformed(sim, "no PT_LOAD",
		    dyn->elf.ehdr.e_phoff));
	file->address = first; /* until the loader's records are read (L-18) */
	file->size = last - first;
	sim->load_floor = kldsim__roundup2(last, sim->arch->page_size);
	return (0);
}

/* The file's bytes behind a virtual address, NULL if they are not there. */
static const uint8_t *
at_vaddr(const struct kldsim__dyn *dyn, kldsim_addr vaddr, uint64_t size)
{
	for (unsigned i = 0; i < dyn->nphdr; i++) {
		const GElf_Phdr *phdr = &dyn->phdr[i];

		if (phdr->p_type == PT_LOAD &&
		    kldsim__in_range(vaddr - phdr->p_vaddr, size,
		    phdr->p_filesz))
			return (dyn->elf.bytes + phdr->p_offset +
			    (vaddr - phdr->p_vaddr));
	}
	return (NULL);
}

/* The tags that are used (D-10), the last one of each kind. */
struct tags {
	kldsim_addr hash, symtab, strtab, rela, rel;
	uint64_t strsz, relasz, relsz;
	kldsim_addr jmprel;
	uint64_t pltrelsz, pltrel;
};

static void
take_tag(struct tags *tags, uint64_t tag, uint64_t value)
{
	const struct {
		uint64_t tag;
		uint64_t *to;
	} wanted[] = {
		{ DT_HASH, &tags->hash }, { DT_SYMTAB, &tags->symtab },
		{ DT_STRTAB, &tags->strtab }, { DT_STRSZ, &tags->strsz },
		{ DT_RELA, &tags->rela }, { DT_RELASZ, &tags->relasz },
		{ DT_REL, &tags->rel }, { DT_RELSZ, &tags->relsz },
		{ DT_JMPREL, &tags->jmprel }, { DT_PLTRELSZ, &tags->pltrelsz },
		{ DT_PLTREL, &tags->pltrel },
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (wanted[i].tag == tag)
			*wanted[i].to = value;
}

static int
read_dynamic(struct kldsim *sim, struct kldsim__file *file,
    struct tags *tags)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	const GElf_Phdr *dynamic = NULL;
	const unsigned word = dyn->elf.is64 ? 8 : 4;

	for (unsigned i = 0; i < dyn->nphdr; i++)
		if (dyn->phdr[i].p_type == PT_DYNAMIC)
			dynamic = &dyn->phdr[i];
	if (dynamic == NULL)
		return (malformed(sim, "no PT_DYNAMIC",
		    dyn->elf.ehdr.e_phoff));
	if (!kldsim__in_range(dynamic->p_offset, dynamic->p_filesz,
	    dyn->elf.size))
		return (malformed(sim, "PT_DYNAMIC outside the file",
		    dynamic->p_offset));
	for (uint64_t at = 0; at + 2 * word <= dynamic->p_filesz;
	    at += 2 * word) {
		const uint8_t *p = dyn->elf.bytes + dynamic->p_offset + at;
		uint64_t tag = kldsim__load(p, word, dyn->elf.big);

		if (tag == DT_NULL)
			return (0);
		take_tag(tags, tag, kldsim__load(p + word, word,
		    dyn->elf.big));
	}
	return (malformed(sim, "PT_DYNAMIC without DT_NULL",
	    dynamic->p_offset));
}

static int
read_hash(struct kldsim *sim, struct kldsim__file *file,
    const struct tags *tags)
{
	struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	const uint8_t *head;
	uint64_t words;

	if (tags->hash == 0)
		return (misplaced(sim, "no DT_HASH", 0));
	head = at_vaddr(dyn, tags->hash, 8);
	if (head == NULL)
		return (misplaced(sim, "DT_HASH outside the segments",
		    tags->hash));
	dyn->hash.nbuckets = kldsim__load32(head, dyn->elf.big);
	dyn->hash.nchains = kldsim__load32(head + 4, dyn->elf.big);
	words = (uint64_t)dyn->hash.nbuckets + dyn->hash.nchains;
	dyn->hash.words = at_vaddr(dyn, tags->hash + 8, words * 4);
	dyn->hash.nwords = words;
	dyn->hash.big = dyn->elf.big;
	if (dyn->hash.nbuckets == 0 || dyn->hash.words == NULL)
		return (misplaced(sim, "DT_HASH is empty or does not "
		    "fit its segment", tags->hash));
	return (0);
}

static int
read_dynsym(struct kldsim *sim, struct kldsim__file *file,
    const struct tags *tags)
{
	struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	const unsigned each = dyn->elf.is64 ? 24 : 16;
	const uint8_t *strings;

	dyn->dynsym.count = dyn->dynsym_room = dyn->dynsym_reach =
	    dyn->hash.nchains;
	dyn->dynsym.is64 = dyn->elf.is64;
	dyn->dynsym.big = dyn->elf.big;
	dyn->dynsym.syms = at_vaddr(dyn, tags->symtab,
	    (uint64_t)dyn->dynsym.count * each);
	if (dyn->dynsym.syms == NULL)
		return (misplaced(sim, "DT_SYMTAB does not fit its "
		    "segment", tags->symtab));
	strings = at_vaddr(dyn, tags->strtab, tags->strsz);
	if (strings == NULL)
		return (misplaced(sim, "DT_STRTAB does not fit its "
		    "segment", tags->strtab));
	kldsim__symview_set_strings(&dyn->dynsym, strings, tags->strsz);
	return (0);
}

static int
read_relocs(struct kldsim *sim, struct kldsim__file *file,
    const struct tags *tags)
{
	struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	const unsigned word = dyn->elf.is64 ? 8 : 4;

	dyn->rela = at_vaddr(dyn, tags->rela, tags->relasz);
	dyn->nrela = tags->rela != 0 ? tags->relasz / (3 * word) : 0;
	dyn->rel = at_vaddr(dyn, tags->rel, tags->relsz);
	dyn->nrel = tags->rel != 0 ? tags->relsz / (2 * word) : 0;
	dyn->plt_rela = tags->pltrel == DT_RELA;
	dyn->plt = at_vaddr(dyn, tags->jmprel, tags->pltrelsz);
	dyn->nplt = tags->jmprel != 0 ? tags->pltrelsz /
	    ((dyn->plt_rela ? 3 : 2) * word) : 0;
	if (dyn->nrela != 0 && dyn->rela == NULL)
		return (misplaced(sim, "DT_RELA does not fit its "
		    "segment", tags->rela));
	if (dyn->nrel != 0 && dyn->rel == NULL)
		return (misplaced(sim, "DT_REL does not fit its "
		    "segment", tags->rel));
	if (dyn->nplt != 0 && dyn->plt == NULL)
		return (misplaced(sim, "DT_JMPREL does not fit its "
		    "segment", tags->jmprel));
	return (0);
}

/*
 * elf_reloc_self(): what a relocatable kernel does first of all (L-18).  Its
 * pointers are nowhere but in these entries.  It keeps its link addresses, so
 * what it adds to them is 0.
 */
static int
relocate_self(struct kldsim *sim, struct kldsim__file *file)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);

	if (kldsim__limited(sim, &sim->options.limits.relocs, dyn->nrela,
	    "relocations of the kernel") != 0)
		return (KLDSIM__ABORT);
	for (uint64_t i = 0; sim->arch->relocatable && i < dyn->nrela; i++) {
		const struct kldsim__reloc_row *row;
		struct kldsim__rel rel;
		uint8_t bytes[8];
		int error;

		kldsim__rel_get(&dyn->elf, dyn->rela, true, i, &rel);
		row = kldsim__reloc_row(&sim->relocator, rel.type);
		if (row == NULL || row->formula != KLDSIM__B_PLUS_A)
			continue;
		kldsim__store(bytes, row->width, dyn->elf.big, rel.addend);
		if (!kldsim__aspace_mapped(&sim->space, rel.offset,
		    row->width))
			return (misplaced(sim, "a relocation of its own where "
			    "nothing is", rel.offset));
		error = kldsim__accessed(sim, kldsim__aspace_write(
		    &sim->space, rel.offset, bytes, row->width));
		if (error != 0)
			return (error);
	}
	return (0);
}

/* The bytes of a section, NULL if they are not in the file. */
static const uint8_t *
section_bytes(const struct kldsim__dyn *dyn, const GElf_Shdr *shdr)
{
	if (!kldsim__in_range(shdr->sh_offset, shdr->sh_size, dyn->elf.size))
		return (NULL);
	return (dyn->elf.bytes + shdr->sh_offset);
}

static int
use_symtab(struct kldsim *sim, struct kldsim__file *file,
    const GElf_Shdr *shdr)
{
	struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	struct kldsim__symview *view = &dyn->symtab;
	const unsigned each = dyn->elf.is64 ? 24 : 16;
	const GElf_Shdr *strings;
	const uint8_t *text;

	if (shdr->sh_link >= dyn->nshdr)
		return (malformed(sim, "symbol table without strings",
		    shdr->sh_offset));
	strings = &dyn->shdr[shdr->sh_link];
	view->syms = section_bytes(dyn, shdr);
	text = section_bytes(dyn, strings);
	if (view->syms == NULL || text == NULL)
		return (malformed(sim, "symbol table outside the file",
		    shdr->sh_offset));
	if (kldsim__limited(sim, &sim->options.limits.symbols,
	    shdr->sh_size / each, "symbols of the kernel") != 0)
		return (KLDSIM__ABORT);
	view->is64 = dyn->elf.is64;
	view->big = dyn->elf.big;
	view->count = (uint32_t)(shdr->sh_size / each);
	kldsim__symview_set_strings(view, text, strings->sh_size);
	dyn->has_symtab = true;
	return (0);
}

static int
read_shdrs(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	const GElf_Ehdr *ehdr = &dyn->elf.ehdr;

	if (ehdr->e_shnum == 0 || ehdr->e_shoff == 0)
		return (0);
	if (ehdr->e_shentsize != kldsim__elf_sizeof(&dyn->elf, ELF_T_SHDR))
		return (malformed(sim, "section headers of a wrong "
		    "size", ehdr->e_shoff));
	if (kldsim__limited(sim, &sim->options.limits.sections, ehdr->e_shnum,
	    "sections of the kernel") != 0)
		return (KLDSIM__ABORT);
	dyn->shdr = kldsim__arena_calloc(&file->arena, ehdr->e_shnum,
	    sizeof(*dyn->shdr));
	if (dyn->shdr == NULL)
		return (kldsim__nomem(sim));
	if (!kldsim__elf_shdrs(&dyn->elf, ehdr->e_shoff, ehdr->e_shnum,
	    dyn->shdr))
		return (malformed(sim, "section headers outside the "
		    "file", ehdr->e_shoff));
	dyn->nshdr = ehdr->e_shnum;
	return (0);
}

void
kldsim__link_elf_headers(const struct kldsim__file *kernel,
    struct kldsim__elf_headers *headers_ret)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(kernel);

	*headers_ret = (struct kldsim__elf_headers){ .elf = &dyn->elf,
		.phdr = dyn->phdr, .nphdr = dyn->nphdr, .shdr = dyn->shdr,
		.nshdr = dyn->nshdr };
}

/*
 * The full symbol table, if the file still has one (L-19): the one that the
 * boot loader brings along.
 */
static int
read_symtab(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	struct kldsim__elf_headers headers;
	const GElf_Shdr *symbols;
	struct kldsim__where where = { .file = file->filename };

	kldsim__link_elf_headers(file, &headers);
	symbols = kldsim__elf_last_symtab(&headers);
	dyn->symtab = dyn->dynsym;
	dyn->in_image = true;
	if (symbols != NULL)
		return (use_symtab(sim, file, symbols));
	kldsim__find(sim, KLDSIM__F_KERNEL_SYMBOLS_MISSING, &where,
	    "the kernel has no full symbol table: only its dynamic symbols "
	    "are found");
	return (0);
}

int
kldsim__link_elf_section(struct kldsim *sim, const char *name,
    kldsim_addr *start_ret, kldsim_addr *stop_ret)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(sim->linker.kernel);
	const unsigned names = dyn->elf.ehdr.e_shstrndx;
	const uint8_t *table;

	if (names >= dyn->nshdr)
		return (KLDSIM__ENOENT);
	table = section_bytes(dyn, &dyn->shdr[names]);
	for (unsigned i = 0; table != NULL && i < dyn->nshdr; i++) {
		const char *text = kldsim__strtab_get((const char *)table,
		    dyn->shdr[names].sh_size, dyn->shdr[i].sh_name);

		if (text == NULL || strcmp(text, name) != 0)
			continue;
		*start_ret = dyn->shdr[i].sh_addr;
		*stop_ret = dyn->shdr[i].sh_addr + dyn->shdr[i].sh_size;
		return (0);
	}
	return (KLDSIM__ENOENT);
}

int
kldsim__dyn_read_kernel(struct kldsim *sim, struct kldsim__file *file)
{
	struct tags tags = { 0 };
	int error;

	error = read_phdrs(sim, file);
	if (error == 0)
		error = map_segments(sim, file);
	if (error == 0)
		error = read_dynamic(sim, file, &tags);
	if (error == 0)
		error = read_hash(sim, file, &tags);
	if (error == 0)
		error = read_dynsym(sim, file, &tags);
	if (error == 0)
		error = read_relocs(sim, file, &tags);
	if (error == 0)
		error = relocate_self(sim, file);
	if (error == 0)
		error = read_shdrs(sim, file);
	if (error == 0)
		error = read_symtab(sim, file);
	return (error);
}

/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A shared object that the boot loader has put into memory:
 * link_elf_link_preload(), link_elf_preload_parse_symbols() and
 * preload_protect() of sys/kern/link_elf.c (P-25, L-19, V-32).  What the
 * loader did with it before is in load_elf_module.c.
 */

#include <inttypes.h>

#include "kern/bad_news.h"
#include "link_elf/link_elf.h"
#include "linker_class/preload.h"
#include "util/path.h"

/* The file object; its memory is there already. */
static int
make_file(struct kldsim *sim, const struct kldsim__preloaded *loaded,
    struct kldsim__file **file_ret)
{
	const struct kldsim__preload_metadata *md = &sim->booted.metadata;
	struct kldsim__extent *extent;
	struct kldsim__dyn *dyn;
	struct kldsim__elf elf;
	int error;

	(void)kldsim__elf_open(loaded->image, &elf); /* has been looked at */
	error = kldsim__dyn_make_file(sim, loaded->image, &elf,
	    kldsim__preload_string(md, loaded->mod, KLDSIM__MODINFO_NAME),
	    file_ret);
	if (error != 0)
		return (error);
	dyn = kldsim__dyn_of(*file_ret);
	(void)kldsim__preload_word(md, loaded->mod, KLDSIM__MODINFO_ADDR,
	    &(*file_ret)->address);
	(void)kldsim__preload_word(md, loaded->mod, KLDSIM__MODINFO_SIZE,
	    &(*file_ret)->size);
	extent = kldsim__aspace_find(&sim->space, (*file_ret)->address);
	if (extent == NULL || extent->flat == NULL)
		return (kldsim__fail(sim, KLDSIM_INTERNAL,
		    "a preloaded file is not in memory"));
	extent->owner = (*file_ret)->id;
	dyn->preloaded = true;
	dyn->map_start = extent->start;
	dyn->host = extent->flat + ((*file_ret)->address - extent->start);
	dyn->host_size = extent->start + extent->size - (*file_ret)->address;
	dyn->bias = (*file_ret)->address;
	/* Where zeros lie apart, they are the file's too. */
	extent = kldsim__aspace_find(&sim->space, extent->start + extent->size);
	if (extent != NULL && dyn->host_size < (*file_ret)->size)
		extent->owner = (*file_ret)->id;
	return (0);
}

/* Where the loader says that the constructors are. */
static void
take_ctors(const struct kldsim *sim, size_t mod, struct kldsim__file *file)
{
	const struct kldsim__preload_metadata *md = &sim->booted.metadata;
	uint64_t address, size;

	if (!kldsim__preload_word(md, mod, KLDSIM__MODINFOMD_CTORS_ADDR,
	    &address) || !kldsim__preload_word(md, mod,
	    KLDSIM__MODINFOMD_CTORS_SIZE, &size))
		return;
	file->ctors = kldsim__dyn_address(kldsim__dyn_of(file), address);
	file->ctors_size = size;
}

/* SSYM, ESYM: what follows is read from memory when the load ends. */
static void
take_symbols(const struct kldsim *sim, size_t mod, struct kldsim__dyn *dyn)
{
	const struct kldsim__preload_metadata *md = &sim->booted.metadata;

	if (!kldsim__preload_word(md, mod, KLDSIM__MODINFOMD_SSYM,
	    &dyn->ssym) || !kldsim__preload_word(md, mod,
	    KLDSIM__MODINFOMD_ESYM, &dyn->esym))
		dyn->ssym = dyn->esym = 0;
}

/* DYNAMIC, which is added to the base unchecked. */
static int
take_dynamic(struct kldsim *sim, struct kldsim__file *file, uint64_t value)
{
	struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	struct kldsim__where where = { .file = file->filename,
		.section = ".dynamic" };

	dyn->dynamic = kldsim__dyn_address(dyn, value);
	if (kldsim__dyn_own(file, dyn->dynamic, dyn->elf.is64 ? 16 : 8) !=
	    NULL)
		return (0);
	return (kldsim__panic(sim, KLDSIM__F_DYNAMIC, &where,
	    "the loader says that the dynamic section is at 0x%jx, outside "
	    "the file's mapping: the kernel reads there (Z-101)",
	    (uintmax_t)dyn->dynamic));
}

int
kldsim__dyn_link_preload(struct kldsim *sim,
    const struct kldsim__preloaded *loaded, struct kldsim__file **file_ret)
{
	const struct kldsim__preload_metadata *md = &sim->booted.metadata;
	const struct kldsim__where where = { .file = kldsim__basename(
	    kldsim__preload_string(md, loaded->mod, KLDSIM__MODINFO_NAME)) };
	struct kldsim__file *file;
	uint64_t word, dynamic;
	int error;

	if (!kldsim__preload_is_type(sim, loaded->mod, "module"))
		return (KLDSIM__EFTYPE);
	if (!kldsim__preload_word(md, loaded->mod, KLDSIM__MODINFO_ADDR,
	    &word) || !kldsim__preload_word(md, loaded->mod,
	    KLDSIM__MODINFO_SIZE, &word) || !kldsim__preload_word(md,
	    loaded->mod, KLDSIM__MODINFOMD_DYNAMIC, &dynamic))
		return (kldsim__refuse(sim, KLDSIM__EINVAL, KLDSIM__F_DYNAMIC,
		    &where, "the boot loader has found no dynamic section "
		    "(.dynamic) to tell the kernel of, without which it "
		    "cannot link the file: link it as kmod.mk does"));
	error = make_file(sim, loaded, &file);
	if (error != 0)
		return (error);
	error = take_dynamic(sim, file, dynamic);
	if (error != 0)
		return (error);
	take_ctors(sim, loaded->mod, file);
	take_symbols(sim, loaded->mod, kldsim__dyn_of(file));
	*file_ret = file;
	return (kldsim__dyn_link(sim, file));
}

/* --- the end of the load --- */

static bool
protects(const struct kldsim *sim)
{
	return (sim->arch->preload_protects != 0 &&
	    kldsim__holds(sim->arch->preload_protects, &sim->facts));
}

/* What the reader can do about it, whichever way the file has come. */
#define REMEDY "link it with a script whose first segment has FILEHDR PHDRS, " \
	"or load it by kldload(8) or kld_list of rc.conf, where nobody looks " \
	"for a header (Z-100)"

/* Where the first segment begins in the file; 0 is what there should be. */
static uint64_t
first_offset(const struct kldsim__dyn *dyn)
{
	const GElf_Ehdr *ehdr = &dyn->elf.ehdr;
	const size_t each = kldsim__elf_sizeof(&dyn->elf, ELF_T_PHDR);
	GElf_Phdr phdr;

	for (unsigned i = 0; i < ehdr->e_phnum; i++)
		if (kldsim__elf_phdrs(&dyn->elf, ehdr->e_phoff + i * each, 1,
		    &phdr) && phdr.p_type == PT_LOAD)
			return (phdr.p_offset);
	return (0);
}

void
kldsim__dyn_lint_headers(struct kldsim *sim, const struct kldsim__file *file)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	struct kldsim__where where = { .file = file->filename,
		.has_offset = true, .offset = first_offset(dyn) };

	if (!protects(sim) || dyn->preloaded || where.offset == 0)
		return;
	kldsim__find(sim, KLDSIM__F_PRELOAD, &where,
	    "the file's first segment begins behind its ELF header: if "
	    "loader.conf named it, the kernel would take code for program "
	    "headers and panic; " REMEDY);
}

/*
 * preload_protect(): the program headers that lie where the ELF header in
 * front of the file says (Z-100).
 */
static int
protect(struct kldsim *sim, struct kldsim__file *file)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	const GElf_Ehdr *ehdr = &dyn->elf.ehdr;
	const size_t each = kldsim__elf_sizeof(&dyn->elf, ELF_T_PHDR);
	struct kldsim__where where = { .file = file->filename };
	struct kldsim__elf memory = dyn->elf;

	if (!protects(sim))
		return (0);
	memory.bytes = dyn->host;
	memory.size = dyn->host_size;
	if (memcmp(dyn->host, dyn->elf.bytes, 16) != 0 ||
	    !kldsim__in_range(ehdr->e_phoff, ehdr->e_phnum * each,
	    memory.size))
		return (kldsim__panic(sim, KLDSIM__F_PRELOAD, &where,
		    "the file's first segment, at 0x%" PRIx64 " of the file, "
		    "does not hold its headers: the kernel takes what lies "
		    "there for them; " REMEDY, first_offset(dyn)));
	file->protections = kldsim__arena_calloc(&file->arena, ehdr->e_phnum,
	    sizeof(*file->protections));
	if (file->protections == NULL)
		return (kldsim__nomem(sim));
	for (unsigned i = 0; i < ehdr->e_phnum; i++) {
		struct kldsim_protection *to =
		    &file->protections[file->nprotections];
		GElf_Phdr phdr;

		(void)kldsim__elf_phdrs(&memory, ehdr->e_phoff + i * each, 1,
		    &phdr);
		if (phdr.p_type != PT_LOAD)
			continue;
		to->start = kldsim__dyn_address(dyn, phdr.p_vaddr);
		to->size = kldsim__roundup2(phdr.p_memsz,
		    sim->arch->page_size);
		to->prot = KLDSIM_PROT_READ |
		    (phdr.p_flags & PF_W ? KLDSIM_PROT_WRITE : 0) |
		    (phdr.p_flags & PF_X ? KLDSIM_PROT_EXEC : 0);
		file->nprotections++;
	}
	return (0);
}

/* One table of the block, and where what is behind it would be. */
struct table {
	kldsim_addr at;
	int size;       /* the kernel has an int */
	kldsim_addr end;
};

/*
 * The size, and roundup() of it in unsigned longs: of what is negative, the
 * last few do not lead out of the block (L-19).
 */
static bool
take_table(const struct kldsim *sim, const struct kldsim__file *file,
    kldsim_addr base, struct table *table_ret)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	const unsigned word = kldsim__arch_ptrsz(sim->arch);
	uint8_t size[8];
	uint64_t up;

	if (!kldsim__dyn_read(sim, file, base, size, word))
		return (false);
	table_ret->size =
	    (int)(uint32_t)kldsim__load(size, word, dyn->elf.big);
	up = ((uint64_t)(int64_t)table_ret->size + word - 1) & dyn->mask;
	table_ret->at = base + word;
	table_ret->end = (table_ret->at + up / word * word) & dyn->mask;
	return (table_ret->end <= dyn->esym && table_ret->end >= dyn->ssym);
}

/*
 * A table as it lies in memory: where that is the file's buffer, in place, else
 * in a copy.  NULL: no memory.
 */
static const uint8_t *
table_bytes(const struct kldsim *sim, struct kldsim__file *file,
    kldsim_addr at, kldsim_size size)
{
	const uint8_t *bytes = kldsim__dyn_own(file, at, size);
	uint8_t *copy;

	if (bytes != NULL)
		return (bytes);
	copy = kldsim__arena_calloc(&file->arena, (size_t)size + 1, 1);
	if (copy == NULL || !kldsim__dyn_read(sim, file, at, copy,
	    (size_t)size))
		return (NULL);
	return (copy);
}

/*
 * What the kernel has taken as good: a negative size divided by an unsigned
 * one is a table that goes far beyond the file.
 */
static int
use_symbols(struct kldsim *sim, struct kldsim__file *file,
    const struct table *symbols, const struct table *strings)
{
	struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	struct kldsim__where where = { .file = file->filename,
		.section = ".symtab" };
	const uint8_t *bytes, *text;
	kldsim_size text_size;

	if (symbols->size < 0)
		return (kldsim__panic(sim, KLDSIM__F_DYNAMIC_SYMBOLS, &where,
		    "the symbols behind the segments claim %d bytes, which "
		    "the kernel takes: it reads on when it looks for a name "
		    "(L-19)", symbols->size));
	/* The strings' size is asked by nobody. */
	text_size = strings->size >= 0 ? (uint32_t)strings->size :
	    kldsim__dyn_reach(file, strings->at);
	bytes = table_bytes(sim, file, symbols->at, (uint32_t)symbols->size);
	text = table_bytes(sim, file, strings->at, text_size);
	if (bytes == NULL || text == NULL)
		return (kldsim__nomem(sim));
	kldsim__dyn_set_symtab(dyn, bytes,
	    (uint32_t)symbols->size / (dyn->elf.is64 ? 24 : 16), text,
	    text_size);
	return (0);
}

/* link_elf_preload_parse_symbols() (L-19); relocations may have been there. */
static int
parse_symbols(struct kldsim *sim, struct kldsim__file *file)
{
	struct table symbols, strings;

	if (kldsim__dyn_of(file)->ssym == 0)
		return (0);
	if (take_table(sim, file, kldsim__dyn_of(file)->ssym, &symbols) &&
	    take_table(sim, file, symbols.end, &strings))
		return (use_symbols(sim, file, &symbols, &strings));
	kldsim__console(sim, "Symbols are corrupt!");
	return (0);
}

/* The headers are in the block too (SHDR); only we want them here. */
static int
record_sections(struct kldsim *sim, struct kldsim__file *file)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	const GElf_Ehdr *ehdr = &dyn->elf.ehdr;
	const size_t each = kldsim__elf_sizeof(&dyn->elf, ELF_T_SHDR);
	GElf_Shdr *shdr;

	if (ehdr->e_shnum == 0 || ehdr->e_shoff == 0 ||
	    ehdr->e_shentsize != each || !kldsim__in_range(ehdr->e_shoff,
	    ehdr->e_shnum * each, dyn->elf.size))
		return (0);
	shdr = kldsim__arena_calloc(&file->arena, ehdr->e_shnum,
	    sizeof(*shdr));
	if (shdr == NULL)
		return (kldsim__nomem(sim));
	if (!kldsim__elf_shdrs(&dyn->elf, ehdr->e_shoff, ehdr->e_shnum, shdr))
		return (0);
	return (kldsim__dyn_record_sections(sim, file, shdr, ehdr->e_shnum,
	    ehdr->e_shstrndx < ehdr->e_shnum ? &shdr[ehdr->e_shstrndx] :
	    NULL));
}

int
kldsim__dyn_preload_finish(struct kldsim *sim, struct kldsim__file *file)
{
	int error = protect(sim, file);

	if (error == 0)
		error = parse_symbols(sim, file);
	return (error != 0 ? error : record_sections(sim, file));
}

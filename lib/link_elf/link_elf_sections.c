/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The end of link_elf_load_file() of sys/kern/link_elf.c: the section headers,
 * which the kernel wants for the full symbol table and for .ctors (D-21), and
 * which tell the public API where things lie.
 *
 * The kernel trusts every number in them; where one would take it outside the
 * buffer that it has read them into, the simulated kernel dies.
 */

#include <inttypes.h>
#include <limits.h>

#include "link_elf/link_elf.h"
#include "kern/bad_news.h"
#include "linker_class/elf_set.h"
#include "linker_class/set_part.h"

/* The buffer of section headers, and the section names. */
struct headers {
	struct kldsim *sim;
	struct kldsim__file *file;
	struct kldsim__dyn *dyn;
	kldsim_size size;  /* bytes of the buffer; what the file lacks is 0 */
	size_t each;
	unsigned nshdr;    /* as many as the buffer has room for */
	GElf_Shdr *shdr;   /* those that the file has, see header_at() */
	unsigned nread;
	bool named;        /* shstrs is not NULL */
	GElf_Shdr names;
};

/* One of nshdr; behind the end of the file they are zeros. */
static const GElf_Shdr *
header_at(const struct headers *headers, unsigned sec)
{
	static const GElf_Shdr none;

	return (sec < headers->nread ? &headers->shdr[sec] : &none);
}

static struct kldsim__where
in_section(const struct headers *headers, unsigned sec)
{
	return ((struct kldsim__where){ .file = headers->file->filename,
		.section_index = sec });
}

/* What the file has of [offset, offset + size). */
static kldsim_size
available(const struct headers *headers, uint64_t offset, kldsim_size size)
{
	const uint64_t end = headers->dyn->elf.size;

	if (offset >= end)
		return (0);
	return (size < end - offset ? size : end - offset);
}

/* The kernel's int of a size; a negative one asks malloc(9) for too much. */
static int
int_size(const struct headers *headers, unsigned sec, kldsim_size size)
{
	struct kldsim__where where = in_section(headers, sec);

	if ((uint32_t)size <= INT_MAX)
		return (0);
	return (kldsim__panic(headers->sim, KLDSIM__F_SECTION_HEADERS, &where,
	    "0x%" PRIx64 " bytes are negative as an int: malloc(9) is asked "
	    "for nearly all there is", size));
}

/* No file system reads at a negative offset. */
static int
read_offset(const struct headers *headers, const char *what,
    uint64_t offset)
{
	const struct kldsim__where where = {
		.file = headers->file->filename };

	if (offset <= INT64_MAX)
		return (0);
	return (kldsim__refuse(headers->sim, KLDSIM__EINVAL,
	    KLDSIM__F_SECTION_HEADERS, &where, "the %s are at file offset 0x%"
	    PRIx64 ", which is negative for the file system", what, offset));
}

/* A header by its number, which nobody has looked at (Z-46, Z-47). */
static int
check_index(const struct headers *headers, unsigned sec, const char *what)
{
	struct kldsim__where where = in_section(headers, sec);

	if (sec < headers->nshdr)
		return (0);
	return (kldsim__panic(headers->sim, KLDSIM__F_SECTION_HEADERS, &where,
	    "%s is section %u, and there are %u headers of 0x%zx bytes in the "
	    "0x%" PRIx64 " that the kernel has read: it reads outside", what,
	    sec, headers->nshdr, headers->each, headers->size));
}

static int
read_headers(struct headers *headers)
{
	const GElf_Ehdr *ehdr = &headers->dyn->elf.ehdr;
	struct kldsim__elf table = headers->dyn->elf;
	kldsim_size have;
	uint8_t *bytes;
	int error;

	headers->each = kldsim__elf_sizeof(&headers->dyn->elf, ELF_T_SHDR);
	headers->size = (uint64_t)ehdr->e_shnum * ehdr->e_shentsize;
	error = int_size(headers, 0, headers->size);
	if (error == 0)
		error = read_offset(headers, "section headers", ehdr->e_shoff);
	if (error != 0)
		return (error);
	if (kldsim__limited(headers->sim,
	    &headers->sim->options.limits.sections, ehdr->e_shnum,
	    "%s: sections", headers->file->pathname) != 0)
		return (KLDSIM__ABORT);
	headers->nshdr = (unsigned)(headers->size / headers->each);
	if (headers->nshdr > ehdr->e_shnum)
		headers->nshdr = ehdr->e_shnum;
	have = available(headers, ehdr->e_shoff,
	    headers->nshdr * headers->each);
	headers->nread = (unsigned)((have + headers->each - 1) /
	    headers->each);
	bytes = kldsim__arena_calloc(&headers->file->arena, headers->nread,
	    headers->each);
	headers->shdr = kldsim__arena_calloc(&headers->file->arena,
	    headers->nread, sizeof(*headers->shdr));
	if (bytes == NULL || headers->shdr == NULL)
		return (kldsim__nomem(headers->sim));
	if (have != 0)
		memcpy(bytes, table.bytes + ehdr->e_shoff, (size_t)have);
	table.bytes = bytes;
	table.size = headers->nread * headers->each;
	(void)kldsim__elf_shdrs(&table, 0, headers->nread, headers->shdr);
	return (0);
}

/* shstrs: read if there is a string table by the number of e_shstrndx. */
static int
read_names(struct headers *headers)
{
	const unsigned sec = headers->dyn->elf.ehdr.e_shstrndx;
	int error;

	if (sec == 0)
		return (0);
	error = check_index(headers, sec, "e_shstrndx");
	if (error != 0)
		return (error);
	headers->names = *header_at(headers, sec);
	if (headers->names.sh_type != SHT_STRTAB ||
	    headers->names.sh_size == 0)
		return (0);
	error = int_size(headers, sec, headers->names.sh_size);
	headers->names.sh_size = (uint32_t)headers->names.sh_size;
	if (error == 0)
		error = read_offset(headers, "section names",
		    headers->names.sh_offset);
	headers->named = true;
	return (error);
}

/* strcmp() of a section's name, which may begin or end outside the names. */
static int
compare_name(const struct headers *headers, unsigned sec, const char *with,
    bool *equal_ret)
{
	const GElf_Shdr *names = &headers->names;
	const uint64_t have = available(headers, names->sh_offset,
	    names->sh_size);
	const uint8_t *bytes = headers->dyn->elf.bytes + names->sh_offset;
	struct kldsim__where where = in_section(headers, sec);

	for (uint64_t at = header_at(headers, sec)->sh_name;; at++, with++) {
		uint8_t c;

		if (at >= names->sh_size)
			return (kldsim__panic(headers->sim,
			    KLDSIM__F_SECTION_NAME, &where, "the name of "
			    "section %u is at 0x%x of 0x%" PRIx64 " bytes of "
			    "names, and comparing it reads outside", sec,
			    header_at(headers, sec)->sh_name,
			    (uint64_t)names->sh_size));
		c = at < have ? bytes[at] : 0;
		*equal_ret = c == (uint8_t)*with;
		if (!*equal_ret || c == 0)
			return (0);
	}
}

/* The last .ctors and the last symbol table. */
static int
find_tables(const struct headers *headers, unsigned *symtab_ret)
{
	struct kldsim__file *file = headers->file;
	const unsigned count = headers->dyn->elf.ehdr.e_shnum;

	for (unsigned i = 0; i < count; i++) {
		const GElf_Shdr *shdr = header_at(headers, i);
		bool ctors = false;
		int error = check_index(headers, i, "e_shnum");

		if (error != 0)
			return (error);
		if (shdr->sh_type == SHT_SYMTAB) {
			*symtab_ret = i;
			continue;
		}
		if (headers->named && shdr->sh_name != 0)
			error = compare_name(headers, i, ".ctors", &ctors);
		if (error != 0)
			return (error);
		if (!ctors)
			continue;
		file->ctors = kldsim__dyn_address(headers->dyn,
		    shdr->sh_addr - headers->dyn->base_vaddr);
		file->ctors_size = shdr->sh_size;
	}
	return (0);
}

/* --- the full symbol table --- */

/*
 * The strings as the kernel has them: what the file lacks is what malloc(9)
 * left (here: zeros).  *in_image_ret: the bytes are the image's own.
 */
static const uint8_t *
string_bytes(const struct headers *headers, const GElf_Shdr *strings,
    kldsim_size size, kldsim_size *have_ret, bool *in_image_ret)
{
	const kldsim_size have = available(headers, strings->sh_offset, size);
	const uint8_t *bytes = headers->dyn->elf.bytes;
	uint8_t *copy;

	*have_ret = have;
	*in_image_ret = have == size;
	if (*in_image_ret)
		return (have != 0 ? bytes + strings->sh_offset : bytes);
	copy = kldsim__arena_calloc(&headers->file->arena, (size_t)have + 1,
	    1);
	if (copy != NULL && have != 0)
		memcpy(copy, bytes + strings->sh_offset, (size_t)have);
	*have_ret = have + 1;
	return (copy);
}

void
kldsim__dyn_set_symtab(struct kldsim__dyn *dyn, const uint8_t *symbols,
    uint32_t count, const uint8_t *strings, uint64_t strings_size)
{
	struct kldsim__symview *view = &dyn->symtab;

	view->is64 = dyn->elf.is64;
	view->big = dyn->elf.big;
	view->syms = symbols;
	view->count = count;
	kldsim__symview_set_strings(view, strings, strings_size);
	dyn->has_symtab = true;
	/* It was of the dynamic symbols. */
	kldsim__addrindex_fini(&dyn->addresses);
	memset(&dyn->addresses, 0, sizeof(dyn->addresses));
}

static void
note_short(const struct headers *headers, unsigned sec, const char *what,
    kldsim_size have, kldsim_size claimed)
{
	struct kldsim__where where = in_section(headers, sec);

	if (have < claimed)
		kldsim__find(headers->sim, KLDSIM__F_SECTION_HEADERS, &where,
		    "the file has 0x%" PRIx64 " of the 0x%" PRIx64 " bytes of "
		    "its %s: the kernel takes what memory happens to hold for "
		    "the rest", have, claimed, what);
}

static int
use_symtab(const struct headers *headers, unsigned sec)
{
	struct kldsim__dyn *dyn = headers->dyn;
	const GElf_Shdr *shdr = header_at(headers, sec);
	const GElf_Shdr *strings = header_at(headers, shdr->sh_link);
	const unsigned each = dyn->elf.is64 ? 24 : 16;
	const kldsim_size claimed = (uint32_t)shdr->sh_size;
	const kldsim_size text_size = (uint32_t)strings->sh_size;
	kldsim_size have = available(headers, shdr->sh_offset, claimed);
	kldsim_size text_have;
	const uint8_t *text;

	if (kldsim__limited(headers->sim,
	    &headers->sim->options.limits.symbols, claimed / each,
	    "%s: symbols", headers->file->pathname) != 0)
		return (KLDSIM__ABORT);
	note_short(headers, sec, "symbol table", have, claimed);
	note_short(headers, shdr->sh_link, "symbols' names",
	    available(headers, strings->sh_offset, text_size), text_size);
	text = string_bytes(headers, strings, text_size, &text_have,
	    &dyn->in_image);
	if (text == NULL)
		return (kldsim__nomem(headers->sim));
	kldsim__dyn_set_symtab(dyn, dyn->elf.bytes + (have != 0 ?
	    shdr->sh_offset : 0), (uint32_t)(have / each), text, text_have);
	if (!dyn->in_image)
		dyn->symtab.blank_end = text_size;
	return (0);
}

static int
read_symtab(const struct headers *headers, unsigned sec)
{
	const GElf_Shdr *shdr = header_at(headers, sec);
	int error;

	/* As an int it is negative: then there is no symbol table. */
	if (shdr->sh_link > INT_MAX)
		return (0);
	error = int_size(headers, sec, shdr->sh_size);
	if (error == 0)
		error = check_index(headers, shdr->sh_link, "sh_link of the "
		    "symbol table");
	if (error == 0)
		error = int_size(headers, shdr->sh_link,
		    header_at(headers, shdr->sh_link)->sh_size);
	if (error == 0)
		error = read_offset(headers, "symbols", shdr->sh_offset);
	if (error == 0)
		error = read_offset(headers, "names of symbols",
		    header_at(headers, shdr->sh_link)->sh_offset);
	return (error != 0 ? error : use_symtab(headers, sec));
}

/* --- for the public API --- */

static const char *
section_name(const struct headers *headers, unsigned sec)
{
	const GElf_Shdr *names = &headers->names;
	const char *name = NULL;

	if (headers->named && kldsim__in_range(names->sh_offset,
	    names->sh_size, headers->dyn->elf.size))
		name = kldsim__strtab_get(
		    (const char *)headers->dyn->elf.bytes + names->sh_offset,
		    names->sh_size, header_at(headers, sec)->sh_name);
	return (name != NULL ? name : "");
}

/* Where a section of the file is used: its set may have moved. */
static void
place_section(const struct kldsim__file *file, struct kldsim_section *section)
{
	static const enum kldsim_region regions[] = {
		KLDSIM_REGION_DPCPU, KLDSIM_REGION_VNET
	};

	section->address = section->hole;
	section->region = KLDSIM_REGION_MAPPING;
	for (unsigned i = 0; i < 2; i++) {
		const struct kldsim__dynset *set =
		    &kldsim__dyn_of(file)->sets[i];

		if (set->base == 0 || !kldsim__in_range(section->hole -
		    set->start, section->size, file->parts[i]->size))
			continue;
		section->address = section->hole - set->start + set->base;
		section->region = regions[i];
	}
}

/* An alignment that modspace does not give (A-10, M-42). */
static void
lint_alignment(const struct headers *headers,
    const struct kldsim_section *section, uint64_t align)
{
	struct kldsim__where where = in_section(headers, section->index);

	where.section = section->name;
	if (section->region == KLDSIM_REGION_MAPPING || align <= 1 ||
	    (align & (align - 1)) != 0 ||
	    (section->address & (align - 1)) == 0)
		return;
	kldsim__find(headers->sim, KLDSIM__F_SET_ALIGNMENT, &where,
	    "the set wants alignment %" PRIu64 " and is at 0x%" PRIx64
	    ": module space is handed out in units of %d bytes, so its "
	    "variables are misaligned in every instance", align,
	    section->address, kldsim__part_unit(headers->sim,
	    section->region));
}

int
kldsim__dyn_record_sections(struct kldsim *sim, struct kldsim__file *file,
    const GElf_Shdr *shdr, unsigned nshdr, const GElf_Shdr *names)
{
	struct headers headers = { .sim = sim, .file = file,
		.dyn = kldsim__dyn_of(file),
		.shdr = (GElf_Shdr *)(uintptr_t)shdr, .nread = nshdr,
		.named = names != NULL };

	if (names != NULL)
		headers.names = *names;
	file->sections = kldsim__arena_calloc(&file->arena, nshdr,
	    sizeof(*file->sections));
	if (file->sections == NULL)
		return (kldsim__nomem(sim));
	for (unsigned i = 0; i < nshdr; i++) {
		struct kldsim_section *section =
		    &file->sections[file->nsections];

		if ((shdr[i].sh_flags & SHF_ALLOC) == 0 ||
		    shdr[i].sh_size == 0)
			continue;
		section->name = section_name(&headers, i);
		section->index = i;
		section->type = shdr[i].sh_type;
		section->flags = shdr[i].sh_flags;
		section->size = shdr[i].sh_size;
		section->hole = kldsim__dyn_address(headers.dyn,
		    shdr[i].sh_addr - headers.dyn->base_vaddr);
		/* Headers may say anything; what is told is memory. */
		if (!kldsim__in_range(section->hole - file->address,
		    section->size, file->size))
			continue;
		place_section(file, section);
		lint_alignment(&headers, section, shdr[i].sh_addralign);
		file->nsections++;
	}
	return (0);
}

int
kldsim__dyn_read_sections(struct kldsim *sim, struct kldsim__file *file)
{
	struct headers headers = { .sim = sim, .file = file,
		.dyn = kldsim__dyn_of(file) };
	const GElf_Ehdr *ehdr = &headers.dyn->elf.ehdr;
	unsigned symtab = UINT_MAX;
	int error;

	if (ehdr->e_shnum == 0 || ehdr->e_shentsize == 0 ||
	    ehdr->e_shoff == 0)
		return (0);
	error = read_headers(&headers);
	if (error == 0)
		error = read_names(&headers);
	if (error == 0)
		error = find_tables(&headers, &symtab);
	if (error == 0 && symtab != UINT_MAX)
		error = read_symtab(&headers, symtab);
	if (error == 0)
		error = kldsim__dyn_record_sections(sim, file, headers.shdr,
		    headers.nread, headers.named ? &headers.names : NULL);
	return (error);
}

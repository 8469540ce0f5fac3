/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The section with the types, in an ELF file (C-01): the first of its name, and
 * the symbols that its records stand for.
 */

#include <stdarg.h>
#include <stdio.h>

#include "elf/longnames.h"
#include "types/ctf.h"
#include "util/error.h"

struct file {
	const struct kldsim_image *image;
	struct kldsim__elf elf;
	struct kldsim__alloc alloc;
	struct kldsim_limits limits;
	GElf_Shdr *shdrs;
	struct kldsim__ctf_section section;
	struct kldsim_error *error; /* may be NULL */
};

static enum kldsim_status
fail(const struct file *file, enum kldsim_status status, const char *format,
    ...) KLDSIM__PRINTF(3, 4);

static enum kldsim_status
fail(const struct file *file, enum kldsim_status status, const char *format,
    ...)
{
	char what[256];
	va_list args;

	if (file->error == NULL)
		return (status);
	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return (kldsim__error_set(file->error, status, "%s: %s",
	    kldsim__image_name(file->image), what));
}

/* --- the file --- */

static enum kldsim_status
read_headers(struct file *file)
{
	const GElf_Ehdr *ehdr = &file->elf.ehdr;

	if (!kldsim__elf_open(file->image, &file->elf))
		return (fail(file, KLDSIM_NOT_ELF, "not an ELF file"));
	if (ehdr->e_shnum == 0 || ehdr->e_shoff == 0)
		return (fail(file, KLDSIM_NOENT,
		    "no types: it has no section headers"));
	if (ehdr->e_shnum > file->limits.sections)
		return (fail(file, KLDSIM_LIMIT, "%u section headers, over the "
		    "limit sections=%ju", ehdr->e_shnum,
		    (uintmax_t)file->limits.sections));
	file->shdrs = kldsim__calloc(&file->alloc, ehdr->e_shnum,
	    sizeof(*file->shdrs));
	if (file->shdrs == NULL)
		return (fail(file, KLDSIM_NOMEM, "no memory for types"));
	if (ehdr->e_shentsize != kldsim__elf_sizeof(&file->elf, ELF_T_SHDR) ||
	    !kldsim__elf_shdrs(&file->elf, ehdr->e_shoff, ehdr->e_shnum,
	    file->shdrs))
		return (fail(file, KLDSIM_MALFORMED, "offset 0x%jx: its %u "
		    "section headers are not all there",
		    (uintmax_t)ehdr->e_shoff, ehdr->e_shnum));
	return (KLDSIM_OK);
}

/* The bytes of a section that has some; NULL if they are not in the file. */
static const uint8_t *
section_bytes(const struct file *file, const GElf_Shdr *shdr)
{
	if (shdr->sh_type == SHT_NOBITS ||
	    !kldsim__in_range(shdr->sh_offset, shdr->sh_size, file->elf.size))
		return (NULL);
	return (file->elf.bytes + shdr->sh_offset);
}

/* The first section of the name; NULL if there is none, or no names. */
static const GElf_Shdr *
find_section(const struct file *file, const char *wanted)
{
	const GElf_Ehdr *ehdr = &file->elf.ehdr;
	const GElf_Shdr *strings, *shdr = file->shdrs;
	const char *names, *name;

	if (ehdr->e_shstrndx >= ehdr->e_shnum)
		return (NULL);
	strings = &file->shdrs[ehdr->e_shstrndx];
	names = (const char *)section_bytes(file, strings);
	if (names == NULL)
		return (NULL);
	for (; shdr < file->shdrs + ehdr->e_shnum; shdr++) {
		name = kldsim__strtab_get(names, strings->sh_size,
		    shdr->sh_name);
		if (name != NULL && strcmp(name, wanted) == 0)
			return (shdr);
	}
	return (NULL);
}

/* --- the symbols --- */

/* Its own symbol table, or the file's: later tools may forget which (C-01). */
static const GElf_Shdr *
find_symtab(const struct file *file, const GElf_Shdr *of)
{
	const GElf_Shdr *shdr = file->shdrs;
	const GElf_Shdr *end = shdr + file->elf.ehdr.e_shnum;

	if (of->sh_link < file->elf.ehdr.e_shnum &&
	    file->shdrs[of->sh_link].sh_type == SHT_SYMTAB)
		return (&file->shdrs[of->sh_link]);
	while (shdr < end && shdr->sh_type != SHT_SYMTAB)
		shdr++;
	return (shdr < end ? shdr : NULL);
}

/* What keeps it from being read; NULL: nothing. */
static const char *
view_symtab(struct file *file, const GElf_Shdr *symtab)
{
	struct kldsim__symview *view = &file->section.symbols;
	const size_t each = kldsim__elf_sizeof(&file->elf, ELF_T_SYM);
	const GElf_Shdr *strings;
	const uint8_t *names;

	if (symtab == NULL)
		return ("it has no symbol table");
	view->syms = section_bytes(file, symtab);
	if (view->syms == NULL || symtab->sh_entsize != each ||
	    symtab->sh_link >= file->elf.ehdr.e_shnum)
		return ("its symbol table cannot be read");
	strings = &file->shdrs[symtab->sh_link];
	names = section_bytes(file, strings);
	if (names == NULL)
		return ("its symbols' names cannot be read");
	view->is64 = file->elf.is64;
	view->big = file->elf.big;
	kldsim__symview_set_strings(view, names, strings->sh_size);
	return (NULL);
}

static enum kldsim_status
find_symbols(struct file *file, const GElf_Shdr *of)
{
	struct kldsim__ctf_section *section = &file->section;
	const GElf_Shdr *symtab = find_symtab(file, of);
	uint64_t count;

	section->no_symbols = view_symtab(file, symtab);
	if (section->no_symbols != NULL)
		return (KLDSIM_OK);
	count = symtab->sh_size / symtab->sh_entsize;
	if (count > file->limits.symbols || count > UINT32_MAX)
		return (fail(file, KLDSIM_LIMIT, "%ju symbols, over the limit "
		    "symbols=%ju", (uintmax_t)count,
		    (uintmax_t)file->limits.symbols));
	section->symbols.count = (uint32_t)count;
	if (kldsim__too_long_names(&section->symbols, file->limits.work))
		return (fail(file, KLDSIM_LIMIT, KLDSIM__NAMES_TOO_LONG));
	return (KLDSIM_OK);
}

/* A kernel is linked to an address, or has an interpreter as programs have. */
static bool
is_kernel(const struct file *file)
{
	const GElf_Ehdr *ehdr = &file->elf.ehdr;
	const size_t each = kldsim__elf_sizeof(&file->elf, ELF_T_PHDR);
	GElf_Phdr phdr;

	if (ehdr->e_type != ET_DYN || ehdr->e_phentsize != each)
		return (ehdr->e_type == ET_EXEC);
	for (unsigned i = 0; i < ehdr->e_phnum; i++)
		if (ehdr->e_phoff <= file->elf.size && kldsim__elf_phdrs(
		    &file->elf, ehdr->e_phoff + i * each, 1, &phdr) &&
		    phdr.p_type == PT_INTERP)
			return (true);
	return (false);
}

/* --- all of it --- */

static enum kldsim_status
find_types(struct file *file)
{
	struct kldsim__ctf_section *section = &file->section;
	const GElf_Shdr *shdr = find_section(file, KLDSIM__CTF_SECTION);

	if (shdr == NULL || shdr->sh_type == SHT_NOBITS)
		return (fail(file, KLDSIM_NOENT, "no types: there is no section "
		    KLDSIM__CTF_SECTION "; build it WITH_CTF=1"));
	section->file = kldsim__image_name(file->image);
	section->size = shdr->sh_size;
	section->offset = shdr->sh_offset;
	section->bytes = section_bytes(file, shdr);
	section->word_bits = file->elf.is64 ? 64 : 32;
	section->big = file->elf.big;
	section->kernel = is_kernel(file);
	if (section->bytes == NULL)
		return (fail(file, KLDSIM_MALFORMED, KLDSIM__CTF_SECTION
		    ": its %ju bytes at 0x%jx do not lie in the file",
		    (uintmax_t)shdr->sh_size, (uintmax_t)shdr->sh_offset));
	if ((shdr->sh_flags & SHF_COMPRESSED) != 0)
		return (fail(file, KLDSIM_UNSUPPORTED, KLDSIM__CTF_SECTION
		    ": compressed as ELF has it, which nobody does to CTF; "
		    "make the file without that"));
	return (find_symbols(file, shdr));
}

static enum kldsim_status
take_options(struct file *file, const struct kldsim_types_options *given,
    struct kldsim_types_options *options_ret)
{
	const char *wrong = kldsim__types_options(given, options_ret);

	if (wrong != NULL)
		return (fail(file, KLDSIM_ARG, "%s", wrong));
	file->limits = options_ret->limits;
	kldsim__alloc_init(&file->alloc, &options_ret->allocator);
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_types_read(const struct kldsim_image *image,
    const struct kldsim_types_options *options,
    struct kldsim_types **types_ret, struct kldsim_error *error_ret)
{
	struct file file = { .image = image, .error = error_ret };
	struct kldsim_types_options all;
	enum kldsim_status status = take_options(&file, options, &all);

	if (status != KLDSIM_OK)
		return (status);
	status = read_headers(&file);
	if (status == KLDSIM_OK)
		status = find_types(&file);
	if (status == KLDSIM_OK)
		status = kldsim__ctf_read(&file.section, &all, types_ret,
		    error_ret);
	kldsim__free(&file.alloc, file.shdrs);
	return (status);
}

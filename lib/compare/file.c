/* SPDX-License-Identifier: BSD-2-Clause */

/* What of a file is compared; see file.h. */

#include "compare/file.h"

#include <stdio.h>

#include "elf/longnames.h"
#include "kbi/kern_conf.h"
#include "kldxref/kldxref.h"
#include "types/neutral.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/sized.h"

static enum kldsim_status
fail(const struct kldsim_image *image, struct kldsim_error *error,
    enum kldsim_status status, const char *what)
{
	return (kldsim__error_set(error, status, "%s: %s",
	    kldsim__image_name(image), what));
}

void
kldsim_kbi_options_init(struct kldsim_kbi_options *options, size_t size)
{
	static const struct kldsim_kbi_options defaults = { .size = 0 };

	kldsim__sized_init(options, size, &defaults, sizeof(defaults));
}

/* --- sections and symbols --- */

static const uint8_t *
section_bytes(const struct kldsim_kbi_file *file, const GElf_Shdr *shdr)
{
	if (shdr->sh_type == SHT_NOBITS ||
	    !kldsim__in_range(shdr->sh_offset, shdr->sh_size, file->elf.size))
		return (NULL);
	return (file->elf.bytes + shdr->sh_offset);
}

const GElf_Shdr *
kldsim__compare_section(const struct kldsim_kbi_file *file, const char *name)
{
	const GElf_Ehdr *ehdr = &file->elf.ehdr;
	const GElf_Shdr *strings;
	const char *names;

	if (file->shdrs == NULL || ehdr->e_shstrndx >= ehdr->e_shnum)
		return (NULL);
	strings = &file->shdrs[ehdr->e_shstrndx];
	names = (const char *)section_bytes(file, strings);
	for (unsigned i = 1; i < ehdr->e_shnum && names != NULL; i++) {
		const char *found = kldsim__strtab_get(names,
		    strings->sh_size, file->shdrs[i].sh_name);

		if (found != NULL && strcmp(found, name) == 0)
			return (&file->shdrs[i]);
	}
	return (NULL);
}

static const GElf_Shdr *
find_symtab(const struct kldsim_kbi_file *file, uint32_t type)
{
	for (unsigned i = 1; i < file->elf.ehdr.e_shnum; i++)
		if (file->shdrs[i].sh_type == type)
			return (&file->shdrs[i]);
	return (NULL);
}

/*
 * A file without symbols imports nothing: then the view stays empty.  Answers
 * with what there is too much of, or NULL.
 */
static const char *
view_symbols(struct kldsim_kbi_file *file)
{
	const GElf_Shdr *symtab = find_symtab(file, SHT_SYMTAB);
	const size_t each = kldsim__elf_sizeof(&file->elf, ELF_T_SYM);
	const GElf_Shdr *strings;
	const uint8_t *syms, *names;
	uint64_t count;

	if (symtab == NULL)
		symtab = find_symtab(file, SHT_DYNSYM);
	if (symtab == NULL || symtab->sh_entsize != each ||
	    symtab->sh_link >= file->elf.ehdr.e_shnum)
		return (NULL);
	strings = &file->shdrs[symtab->sh_link];
	syms = section_bytes(file, symtab);
	names = section_bytes(file, strings);
	count = symtab->sh_size / each;
	if (syms == NULL || names == NULL)
		return (NULL);
	if (count > file->limits.symbols || count > UINT32_MAX)
		return ("more symbols than the limit symbols allows");
	file->symbols.syms = syms;
	file->symbols.count = (uint32_t)count;
	kldsim__symview_set_strings(&file->symbols, names, strings->sh_size);
	if (kldsim__too_long_names(&file->symbols, file->limits.work))
		return (KLDSIM__NAMES_TOO_LONG);
	return (NULL);
}

static enum kldsim_status
read_headers(struct kldsim_kbi_file *file, struct kldsim_error *error)
{
	const GElf_Ehdr *ehdr = &file->elf.ehdr;
	const char *wrong;

	if (!kldsim__elf_open(file->image, &file->elf))
		return (fail(file->image, error, KLDSIM_NOT_ELF,
		    "not an ELF file"));
	file->symbols.is64 = file->elf.is64;
	file->symbols.big = file->elf.big;
	if (ehdr->e_shnum == 0)
		return (KLDSIM_OK);
	if (ehdr->e_shnum > file->limits.sections)
		return (fail(file->image, error, KLDSIM_LIMIT,
		    "more section headers than the limit sections allows"));
	file->shdrs = kldsim__arena_calloc(&file->arena, ehdr->e_shnum,
	    sizeof(*file->shdrs));
	if (file->shdrs == NULL)
		return (fail(file->image, error, KLDSIM_NOMEM, "no memory"));
	if (ehdr->e_shentsize != kldsim__elf_sizeof(&file->elf, ELF_T_SHDR) ||
	    !kldsim__elf_shdrs(&file->elf, ehdr->e_shoff, ehdr->e_shnum,
	    file->shdrs)) {
		file->shdrs = NULL;
		return (fail(file->image, error, KLDSIM_MALFORMED,
		    "its section headers are not all there"));
	}
	wrong = view_symbols(file);
	return (wrong == NULL ? KLDSIM_OK : fail(file->image, error,
	    KLDSIM_LIMIT, wrong));
}

/* Which symbols have types; of as many as there are, twice fits in 32 bits. */
static bool
index_types(struct kldsim_kbi_file *file)
{
	struct kldsim_typed_symbol symbol;

	file->typed = kldsim__calloc(&file->alloc,
	    (size_t)file->symbols.count + 1, sizeof(*file->typed));
	if (file->typed == NULL)
		return (false);
	for (uint32_t i = 0; kldsim_types_symbol(file->types, i, &symbol) ==
	    KLDSIM_OK; i++)
		if (symbol.index < file->symbols.count)
			file->typed[symbol.index] =
			    (symbol.type << 1 | symbol.function) + 1;
	return (true);
}

bool
kldsim__compare_index(struct kldsim_kbi_file *file)
{
	if (file->indexed)
		return (true);
	if (file->types != NULL && !index_types(file))
		return (false);
	if (!kldsim__symindex_build_global_first(&file->index, &file->alloc,
	    &file->symbols)) {
		kldsim__free(&file->alloc, file->typed);
		file->typed = NULL;
		return (false);
	}
	file->indexed = true;
	return (true);
}

bool
kldsim__compare_symbol(struct kldsim_kbi_file *file, const char *name,
    uint32_t *index_ret)
{
	bool bad;

	*index_ret = KLDSIM__NO_SYMBOL;
	if (!kldsim__compare_index(file))
		return (false);
	*index_ret = kldsim__symindex_find(&file->index, &file->symbols, name,
	    &bad);
	return (true);
}

/* What the types say of a symbol of an indexed file; false: nothing. */
static bool
typed_at(const struct kldsim_kbi_file *file, uint32_t index,
    kldsim_type_id *type_ret, bool *function_ret)
{
	const uint32_t typed = file->typed[index];

	if (typed == 0)
		return (false);
	*type_ret = (typed - 1) >> 1;
	*function_ret = ((typed - 1) & 1) != 0;
	return (true);
}

/* C-21: what is chosen at boot has no record, and who chooses it has one. */
static kldsim_type_id
type_by_resolver(const struct kldsim_kbi_file *file, uint32_t index)
{
	const char *name = kldsim__sym_name(&file->symbols,
	    kldsim__sym_name_offset(&file->symbols, index));
	kldsim_type_id resolver;
	struct kldsim__neutral type;
	bool function;
	char wanted[256];
	uint32_t found;
	bool bad;

	if (name == NULL || (size_t)snprintf(wanted, sizeof(wanted),
	    "%s_resolver", name) >= sizeof(wanted))
		return (0);
	found = kldsim__symindex_find(&file->index, &file->symbols, wanted,
	    &bad);
	if (found == KLDSIM__NO_SYMBOL ||
	    !typed_at(file, found, &resolver, &function))
		return (0);
	/* It returns a pointer to one of them. */
	kldsim__neutral(file->types, resolver, &type);
	if (type.kind == KLDSIM__NEUTRAL_FUNCTION)
		kldsim__neutral(file->types, type.of, &type);
	if (type.kind == KLDSIM__NEUTRAL_POINTER)
		kldsim__neutral(file->types, type.of, &type);
	return (type.kind == KLDSIM__NEUTRAL_FUNCTION ? type.id : 0);
}

kldsim_type_id
kldsim__compare_type(const struct kldsim_kbi_file *file, uint32_t index,
    bool *function_ret)
{
	kldsim_type_id type;

	if (file->types == NULL)
		return (0);
	if (typed_at(file, index, &type, function_ret))
		return (type);
	if ((kldsim__sym_info(&file->symbols, index) & 0xf) != STT_GNU_IFUNC)
		return (0);
	*function_ret = true;
	return (type_by_resolver(file, index));
}

/* --- how it was built --- */

/* I-60, M-10: which kernel's headers, and whether of that one alone. */
static bool
take_metadata(void *user, enum kldsim__mdt type, const char *name,
    const int *numbers)
{
	struct kldsim_kbi_file *file = user;

	if (type == KLDSIM__MDT_DEPEND && strcmp(name, "kernel") == 0 &&
	    numbers[1] > 0) {
		file->info.osreldate = (uint32_t)numbers[1];
		file->info.tied = numbers[1] == numbers[2];
	}
	if (type == KLDSIM__MDT_VERSION && strcmp(name, "netgraph") == 0)
		file->netgraph = (uint32_t)numbers[0];
	if (type == KLDSIM__MDT_VERSION &&
	    strcmp(name, "kernel_mac_support") == 0)
		file->mac = (uint32_t)numbers[0];
	return (true);
}

uint64_t
kldsim__compare_word(const struct kldsim_kbi_file *file, uint64_t address,
    unsigned width)
{
	for (unsigned i = 1; i < file->elf.ehdr.e_shnum; i++) {
		const GElf_Shdr *shdr = &file->shdrs[i];
		const uint8_t *bytes;

		if ((shdr->sh_flags & SHF_ALLOC) == 0 ||
		    address < shdr->sh_addr || !kldsim__in_range(
		    address - shdr->sh_addr, width, shdr->sh_size))
			continue;
		bytes = section_bytes(file, shdr);
		return (bytes == NULL ? 0 : kldsim__load(bytes + (address -
		    shdr->sh_addr), width, file->elf.big));
	}
	return (0);
}

/* M-10: a kernel has it in a variable. */
static void
read_osreldate(struct kldsim_kbi_file *file)
{
	struct kldsim__sym sym;

	for (uint32_t i = 0; i < file->symbols.count; i++) {
		const char *name = kldsim__sym_name(&file->symbols,
		    kldsim__sym_name_offset(&file->symbols, i));

		if (name == NULL || !kldsim__same_name(name, "osreldate"))
			continue;
		kldsim__sym_get(&file->symbols, i, &sym);
		if (sym.shndx == SHN_UNDEF)
			continue;
		file->info.osreldate = (uint32_t)kldsim__compare_word(file,
		    sym.value, 4);
		return;
	}
}

static void
read_configuration(struct kldsim_kbi_file *file)
{
	const GElf_Shdr *shdr = kldsim__compare_section(file, "kern_conf");
	struct kldsim__kern_conf conf;
	struct kldsim__conf_line line;

	if (shdr == NULL || shdr->sh_size == 0 ||
	    shdr->sh_size > KLDSIM__KERN_CONF_MOST)
		return;
	file->conf = section_bytes(file, shdr);
	file->conf_size = (size_t)shdr->sh_size;
	if (file->conf == NULL || !kldsim__kern_conf_begin(&conf, file->conf,
	    file->conf_size)) {
		file->conf = NULL;
		return;
	}
	file->conf_known = kldsim__kern_conf_is_whole(file->conf,
	    file->conf_size);
	while (kldsim__kern_conf_next(&conf, &line))
		if (kldsim__conf_word_is(&line.keyword, "ident") &&
		    line.name.size != 0)
			file->info.ident = kldsim__arena_strndup(&file->arena,
			    line.name.text, line.name.size);
}

enum kldsim__stated
kldsim__compare_option(const struct kldsim_kbi_file *file, const char *name)
{
	struct kldsim__kern_conf conf;
	struct kldsim__conf_line line;
	enum kldsim__stated stated = file->conf_known ?
	    KLDSIM__STATED_OFF : KLDSIM__STATED_NOT_KNOWN;

	if (file->conf == NULL ||
	    !kldsim__kern_conf_begin(&conf, file->conf, file->conf_size))
		return (KLDSIM__STATED_NOT_KNOWN);
	while (kldsim__kern_conf_next(&conf, &line)) {
		if (!kldsim__conf_word_is(&line.name, name))
			continue;
		if (kldsim__conf_word_is(&line.keyword, "options"))
			stated = KLDSIM__STATED_ON;
		else if (kldsim__conf_word_is(&line.keyword, "nooptions"))
			stated = KLDSIM__STATED_OFF;
	}
	return (stated);
}

/* --- the whole --- */

static void
take_types(struct kldsim_kbi_file *file, const struct kldsim_types *types)
{
	struct kldsim_types_info info;

	kldsim_types_info(types, &info);
	file->types = types;
	file->info.format = info.format;
	file->info.version = info.version;
	file->info.types = info.types;
}

static enum kldsim_status
take_none(struct kldsim_kbi_file *file, const char *why,
    struct kldsim_error *error)
{
	const char *name = kldsim__image_name(file->image);
	const size_t length = strlen(name);

	file->info.no_types = kldsim__arena_strdup(&file->arena,
	    strncmp(why, name, length) == 0 && why[length] == ':' ?
	    why + length + 2 : why);
	return (file->info.no_types != NULL ? KLDSIM_OK :
	    fail(file->image, error, KLDSIM_NOMEM, "no memory"));
}

/* The caller's inlines and their names. */
static bool
take_inlines(struct kldsim_kbi_file *file,
    const struct kldsim_kbi_options *options)
{
	struct kldsim_kbi_inline *all;

	if (options->ninlines == 0)
		return (true);
	all = kldsim__arena_calloc(&file->arena, options->ninlines,
	    sizeof(*all));
	for (size_t i = 0; i < options->ninlines && all != NULL; i++) {
		all[i].type = options->inlines[i].type;
		all[i].name = kldsim__arena_strdup(&file->arena,
		    options->inlines[i].name);
		if (all[i].name == NULL)
			return (false);
	}
	file->inlines = all;
	file->ninlines = options->ninlines;
	return (all != NULL);
}

/* A file that has no types, or none that can be read, is one all the same. */
static enum kldsim_status
read_types(struct kldsim_kbi_file *file,
    const struct kldsim_kbi_options *options, struct kldsim_error *error)
{
	struct kldsim_types_options how;
	struct kldsim_error why;
	enum kldsim_status status;

	if (options->types != NULL) {
		take_types(file, options->types);
		return (take_inlines(file, options) ? KLDSIM_OK :
		    fail(file->image, error, KLDSIM_NOMEM, "no memory"));
	}
	if (options->no_types != NULL)
		return (take_none(file, options->no_types, error));
	kldsim_types_options_init(&how, sizeof(how));
	how.limits = options->limits;
	how.allocator = options->allocator;
	status = kldsim_types_read(file->image, &how, &file->own, &why);
	if (status == KLDSIM_OK) {
		take_types(file, file->own);
		return (KLDSIM_OK);
	}
	file->own = NULL;
	if (status != KLDSIM_NOMEM)
		return (take_none(file, why.text, error));
	if (error != NULL)
		*error = why;
	return (status);
}

static enum kldsim_status
read_file(struct kldsim_kbi_file *file,
    const struct kldsim_kbi_options *options, struct kldsim_error *error)
{
	enum kldsim_status status = read_headers(file, error);

	if (status != KLDSIM_OK)
		return (status);
	/* What kldxref(8) would stumble over says nothing of headers. */
	(void)kldsim__xref_walk(file->image, &file->alloc, false,
	    take_metadata, file);
	read_configuration(file);
	if (file->info.osreldate == 0 && file->elf.ehdr.e_type != ET_REL)
		read_osreldate(file);
	return (read_types(file, options, error));
}

enum kldsim_status
kldsim_kbi_file_new(struct kldsim_image *image,
    const struct kldsim_kbi_options *options,
    struct kldsim_kbi_file **file_ret, struct kldsim_error *error_ret)
{
	struct kldsim_kbi_options all;
	struct kldsim__alloc alloc;
	struct kldsim_kbi_file *file;
	enum kldsim_status status;
	const char *wrong;

	kldsim_kbi_options_init(&all, sizeof(all));
	wrong = kldsim__sized_take(&all, sizeof(all), options);
	if (wrong != NULL)
		return (fail(image, error_ret, KLDSIM_ARG, wrong));
	kldsim__limits_defaults(&all.limits);
	kldsim__alloc_init(&alloc, &all.allocator);
	file = kldsim__calloc(&alloc, 1, sizeof(*file));
	if (file == NULL)
		return (fail(image, error_ret, KLDSIM_NOMEM, "no memory"));
	file->alloc = alloc;
	kldsim__arena_init(&file->arena, &file->alloc);
	file->limits = all.limits;
	file->count_unreached = all.count_unreached;
	file->image = kldsim_image_ref(image);
	file->info.file = kldsim__image_name(image);
	status = read_file(file, &all, error_ret);
	if (status == KLDSIM_OK)
		*file_ret = file;
	else
		kldsim_kbi_file_free(file);
	return (status);
}

void
kldsim_kbi_file_free(struct kldsim_kbi_file *file)
{
	struct kldsim__alloc alloc;

	if (file == NULL)
		return;
	alloc = file->alloc;
	kldsim_types_free(file->own);
	if (file->indexed)
		kldsim__symindex_fini(&file->index);
	kldsim__free(&alloc, file->typed);
	kldsim_image_unref(file->image);
	kldsim__arena_fini(&file->arena);
	kldsim__free(&alloc, file);
}

void
kldsim_kbi_file_info(const struct kldsim_kbi_file *file,
    struct kldsim_kbi_file_info *info_ret)
{
	*info_ret = file->info;
}

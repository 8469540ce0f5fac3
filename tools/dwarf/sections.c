/* SPDX-License-Identifier: BSD-2-Clause */

/* Finds a file's debug sections; see sections.h. */

#include "dwarf/sections.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "dwarf/bytes.h"

static const char *const names[DWARF_SECTIONS] = {
	[DWARF_INFO] = "info", [DWARF_TYPES] = "types",
	[DWARF_ABBREV] = "abbrev", [DWARF_STR] = "str",
	[DWARF_LINE_STR] = "line_str", [DWARF_STR_OFFSETS] = "str_offsets",
	[DWARF_ADDR] = "addr", [DWARF_LINE] = "line"
};

const char *
dwarf_section_called(enum dwarf_section_name name)
{
	return (names[name]);
}

enum kldsim_status
dwarf_fail(struct kldsim_error *error, enum kldsim_status status,
    const char *file, const char *format, ...)
{
	va_list arguments;
	int length;

	memset(error, 0, sizeof(*error));
	error->status = status;
	length = snprintf(error->text, sizeof(error->text), "%.200s: ", file);
	va_start(arguments, format);
	(void)vsnprintf(error->text + length, sizeof(error->text) -
	    (size_t)length, format, arguments);
	va_end(arguments);
	return (status);
}

/* Which section a name means: .debug_NAME, or .zdebug_NAME of old. */
static bool
is_debug(const char *text, enum dwarf_section_name *name_ret, bool *old_ret)
{
	*old_ret = strncmp(text, ".zdebug_", 8) == 0;
	if (!*old_ret && strncmp(text, ".debug_", 7) != 0)
		return (false);
	text += *old_ret ? 8 : 7;
	for (unsigned i = 0; i < DWARF_SECTIONS; i++)
		if (strcmp(text, names[i]) == 0) {
			*name_ret = (enum dwarf_section_name)i;
			return (true);
		}
	return (false);
}

/* What would have libdw open other files. */
static bool
leads_elsewhere(const char *text)
{
	return (strcmp(text, ".gnu_debugaltlink") == 0 ||
	    strcmp(text, ".debug_sup") == 0);
}

static enum kldsim_status
take_section(struct dwarf_sections *sections, Elf_Scn *scn,
    const GElf_Shdr *shdr, const char *text, struct kldsim_error *error)
{
	enum dwarf_section_name name;
	struct dwarf_section *section;
	Elf_Data *data;
	bool old;

	if (leads_elsewhere(text))
		sections->as_it_stands = false;
	if (!is_debug(text, &name, &old) || shdr->sh_type == SHT_NOBITS ||
	    shdr->sh_size == 0)
		return (KLDSIM_OK);
	section = &sections->all[name];
	/* One of a group's, with one type: libdw might take it for the whole. */
	if (section->bytes != NULL || (shdr->sh_flags & SHF_GROUP) != 0) {
		sections->as_it_stands = false;
		return (KLDSIM_OK);
	}
	data = elf_rawdata(scn, NULL);
	if (data == NULL || data->d_buf == NULL)
		return (dwarf_fail(error, KLDSIM_MALFORMED, sections->file,
		    "section %s is not all there", text));
	section->bytes = data->d_buf;
	section->size = section->stored = data->d_size;
	section->index = elf_ndxscn(scn);
	if (!old && (shdr->sh_flags & SHF_COMPRESSED) == 0)
		return (KLDSIM_OK);
	return (dwarf_inflate(sections, name, old, error));
}

static enum kldsim_status
take_sections(struct dwarf_sections *sections, struct kldsim_error *error)
{
	enum kldsim_status status = KLDSIM_OK;
	Elf_Scn *scn = NULL;
	size_t strings;

	if (elf_getshdrstrndx(sections->elf, &strings) != 0)
		return (dwarf_fail(error, KLDSIM_NOENT, sections->file,
		    "no sections, so no DWARF"));
	while (status == KLDSIM_OK &&
	    (scn = elf_nextscn(sections->elf, scn)) != NULL) {
		const char *text;
		GElf_Shdr shdr;

		if (gelf_getshdr(scn, &shdr) == NULL)
			continue;
		text = elf_strptr(sections->elf, strings, shdr.sh_name);
		if (text != NULL)
			status = take_section(sections, scn, &shdr, text,
			    error);
	}
	return (status);
}

enum kldsim_status
dwarf_sections_open(const struct kldsim_image *image,
    struct dwarf_sections *sections, struct kldsim_error *error)
{
	struct kldsim_image_info info;
	enum kldsim_status status;

	memset(sections, 0, sizeof(*sections));
	sections->bytes = kldsim_image_bytes(image, &sections->size);
	kldsim_image_info(image, &info);
	sections->file = info.name;
	sections->as_it_stands = true;
	(void)elf_version(EV_CURRENT);
	/* libelf only reads it. */
	sections->elf = elf_memory((char *)(uintptr_t)sections->bytes,
	    sections->size);
	if (sections->elf == NULL || elf_kind(sections->elf) != ELF_K_ELF ||
	    gelf_getehdr(sections->elf, &sections->ehdr) == NULL)
		return (dwarf_fail(error, KLDSIM_NOT_ELF, info.name,
		    "not an ELF file"));
	sections->big = info.big_endian;
	sections->wide = info.word_bits == 64;
	status = take_sections(sections, error);
	if (status == KLDSIM_OK && sections->all[DWARF_INFO].bytes == NULL)
		status = dwarf_fail(error, KLDSIM_NOENT, info.name,
		    "no section .debug_info, so no DWARF");
	if (status == KLDSIM_OK && sections->ehdr.e_type == ET_REL)
		status = dwarf_relocate(sections, error);
	return (status);
}

void
dwarf_sections_close(struct dwarf_sections *sections)
{
	for (unsigned i = 0; i < DWARF_SECTIONS; i++)
		free(sections->all[i].own);
	free(sections->made);
	if (sections->elf != NULL)
		(void)elf_end(sections->elf);
}

uint8_t *
dwarf_section_own(struct dwarf_sections *sections,
    enum dwarf_section_name name)
{
	struct dwarf_section *section = &sections->all[name];

	sections->as_it_stands = false;
	if (section->own == NULL) {
		section->own = need(malloc((size_t)section->size + 1));
		memcpy(section->own, section->bytes, (size_t)section->size);
		section->bytes = section->own;
	}
	return (section->own);
}

/* --- a file of them --- */

#define EHDR 64
#define SHDR 64

/* Names of sections: NUL, then each with its NUL; where the next begins. */
static size_t
put_name(uint8_t *to, size_t at, const char *prefix, const char *name)
{
	const size_t first = strlen(prefix), second = strlen(name) + 1;

	if (to != NULL) {
		memcpy(to + at, prefix, first);
		memcpy(to + at + first, name, second);
	}
	return (at + first + second);
}

static void
put_shdr(const struct dwarf_sections *sections, uint8_t *at, size_t name,
    uint32_t type, uint64_t offset, uint64_t size)
{
	const bool big = sections->big;

	store_number(at, 4, big, name);
	store_number(at + 4, 4, big, type);
	store_number(at + 24, 8, big, offset);
	store_number(at + 32, 8, big, size);
	store_number(at + 48, 8, big, 1);
}

static void
put_ehdr(const struct dwarf_sections *sections, uint8_t *at, uint64_t shoff,
    unsigned shnum)
{
	const bool big = sections->big;

	memcpy(at, "\177ELF", 4);
	at[EI_CLASS] = ELFCLASS64;
	at[EI_DATA] = big ? ELFDATA2MSB : ELFDATA2LSB;
	at[EI_VERSION] = EV_CURRENT;
	store_number(at + 16, 2, big, ET_EXEC);
	store_number(at + 18, 2, big, sections->ehdr.e_machine);
	store_number(at + 20, 4, big, EV_CURRENT);
	store_number(at + 40, 8, big, shoff);
	store_number(at + 52, 2, big, EHDR);
	store_number(at + 58, 2, big, SHDR);
	store_number(at + 60, 2, big, shnum);
	store_number(at + 62, 2, big, shnum - 1);
}

/* The header, the sections, their names, their headers. */
static uint8_t *
make_file(const struct dwarf_sections *sections, size_t *size_ret)
{
	uint64_t size = EHDR, at = EHDR, name = 1, texts = 1, shdr;
	unsigned count = 2;
	uint8_t *made;

	for (unsigned i = 0; i < DWARF_SECTIONS; i++)
		if (sections->all[i].bytes != NULL) {
			size += sections->all[i].size;
			texts = put_name(NULL, texts, ".debug_", names[i]);
			count++;
		}
	texts = put_name(NULL, texts, ".shstrtab", "");
	shdr = (size + texts + 7) / 8 * 8;
	*size_ret = (size_t)(shdr + (uint64_t)count * SHDR);
	made = need(calloc(1, *size_ret));
	put_ehdr(sections, made, shdr, count);
	for (unsigned i = 0; i < DWARF_SECTIONS; i++) {
		const struct dwarf_section *section = &sections->all[i];

		if (section->bytes == NULL)
			continue;
		shdr += SHDR;
		put_shdr(sections, made + shdr, name, SHT_PROGBITS, at,
		    section->size);
		memcpy(made + at, section->bytes, (size_t)section->size);
		name = put_name(made + size, name, ".debug_", names[i]);
		at += section->size;
	}
	put_shdr(sections, made + shdr + SHDR, name, SHT_STRTAB, size, texts);
	(void)put_name(made + size, name, ".shstrtab", "");
	return (made);
}

/* Whose copy is in the file made is not needed twice. */
static void
let_go(struct dwarf_sections *sections)
{
	uint64_t at = EHDR;

	for (unsigned i = 0; i < DWARF_SECTIONS; i++) {
		struct dwarf_section *section = &sections->all[i];

		if (section->bytes == NULL)
			continue;
		free(section->own);
		section->own = NULL;
		section->bytes = sections->made + at;
		at += section->size;
	}
}

const uint8_t *
dwarf_sections_file(struct dwarf_sections *sections, size_t *size_ret)
{
	*size_ret = sections->size;
	if (sections->as_it_stands)
		return (sections->bytes);
	sections->made = make_file(sections, size_ret);
	let_go(sections);
	return (sections->made);
}

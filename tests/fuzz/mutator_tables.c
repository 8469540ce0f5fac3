/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A view of an ELF file: its tables, as far as they lie within the file.  The
 * file may say anything; the view never believes a number that it has not
 * compared with the size.
 */

#include "mutator_impl.h"

#include <string.h>

/* ELF's numbers. */
enum {
	SHT_SYMTAB = 2, SHT_RELA = 4, SHT_HASH = 5, SHT_DYNAMIC = 6,
	SHT_NOBITS = 8, SHT_REL = 9, SHT_DYNSYM = 11,
	PT_LOAD = 1, PT_DYNAMIC = 2,
	DT_HASH = 4, DT_SYMTAB = 6, DT_RELA = 7, DT_REL = 17, DT_JMPREL = 23,
	DT_PLTRELSZ = 2, DT_RELASZ = 8, DT_RELSZ = 18, DT_PLTREL = 20
};

static const uint8_t strides[FUZZ_STRUCTS][2] = {
	[FUZZ_EHDR] = { 52, 64 }, [FUZZ_SHDR] = { 40, 64 },
	[FUZZ_PHDR] = { 32, 56 }, [FUZZ_SYM] = { 16, 24 },
	[FUZZ_REL] = { 8, 16 }, [FUZZ_RELA] = { 12, 24 },
	[FUZZ_DYN] = { 8, 16 }, [FUZZ_HASH] = { 4, 4 },
};

size_t
fuzz_stride(const struct fuzz_elf *elf, enum fuzz_struct of)
{
	return (strides[of][elf->wide]);
}

static bool
inside(const struct fuzz_elf *elf, uint64_t at, uint64_t n)
{
	return (at <= elf->input->size && n <= elf->input->size - at);
}

uint64_t
fuzz_get(const struct fuzz_elf *elf, uint64_t at, unsigned width)
{
	uint64_t value = 0;

	if (!inside(elf, at, width))
		return (0);
	for (unsigned i = 0; i < width; i++) {
		unsigned byte = elf->big ? i : width - 1 - i;

		value = value << 8 | elf->input->data[at + byte];
	}
	return (value);
}

bool
fuzz_put(struct fuzz_elf *elf, uint64_t at, unsigned width, uint64_t value)
{
	uint64_t before = fuzz_get(elf, at, width);

	if (!inside(elf, at, width))
		return (false);
	for (unsigned i = 0; i < width; i++) {
		unsigned byte = elf->big ? width - 1 - i : i;

		elf->input->data[at + byte] = (uint8_t)(value >> 8 * i);
	}
	return (fuzz_get(elf, at, width) != before);
}

uint64_t
fuzz_get_field(const struct fuzz_elf *elf, uint64_t entry,
    enum fuzz_field_id field)
{
	const struct fuzz_field *row = &fuzz_fields[field];

	return (fuzz_get(elf, entry + row->in[elf->wide].at,
	    row->in[elf->wide].width));
}

bool
fuzz_put_field(struct fuzz_elf *elf, uint64_t entry,
    enum fuzz_field_id field, uint64_t value)
{
	const struct fuzz_field *row = &fuzz_fields[field];

	return (fuzz_put(elf, entry + row->in[elf->wide].at,
	    row->in[elf->wide].width, value));
}

/* --- tables --- */

/* Remember `bytes` bytes of entries, or as many whole ones as there are. */
static void
add_table(struct fuzz_elf *elf, enum fuzz_struct of, uint64_t offset,
    uint64_t bytes, uint32_t section)
{
	size_t stride = fuzz_stride(elf, of);

	if (elf->ntables == FUZZ_TABLES || !inside(elf, offset, stride))
		return;
	if (!inside(elf, offset, bytes))
		bytes = elf->input->size - offset;
	if (bytes < stride)
		return;
	elf->tables[elf->ntables++] = (struct fuzz_table){ of,
	    (size_t)offset, (size_t)bytes / stride, stride, section };
}

size_t
fuzz_section_header(const struct fuzz_elf *elf, uint64_t index)
{
	const struct fuzz_table *table = fuzz_table_of(elf, FUZZ_SHDR);

	if (table == NULL || index >= table->count)
		return (elf->input->size);
	return (table->offset + (size_t)index * table->stride);
}

bool
fuzz_section(const struct fuzz_elf *elf, uint64_t index,
    struct fuzz_section *section)
{
	size_t at = fuzz_section_header(elf, index);

	if (at == elf->input->size)
		return (false);
	section->name = fuzz_get_field(elf, at, SH_NAME);
	section->type = fuzz_get_field(elf, at, SH_TYPE);
	section->flags = fuzz_get_field(elf, at, SH_FLAGS);
	section->address = fuzz_get_field(elf, at, SH_ADDR);
	section->offset = fuzz_get_field(elf, at, SH_OFFSET);
	section->size = fuzz_get_field(elf, at, SH_SIZE);
	section->link = fuzz_get_field(elf, at, SH_LINK);
	section->info = fuzz_get_field(elf, at, SH_INFO);
	return (true);
}

uint8_t *
fuzz_section_bytes(const struct fuzz_elf *elf,
    const struct fuzz_section *section, size_t *size_ret)
{
	*size_ret = 0;
	if (section->type == SHT_NOBITS || !inside(elf, section->offset, 0))
		return (elf->input->data);
	*size_ret = inside(elf, section->offset, section->size) ?
	    (size_t)section->size :
	    elf->input->size - (size_t)section->offset;
	return (elf->input->data + section->offset);
}

static void
add_section_tables(struct fuzz_elf *elf)
{
	static const struct {
		uint32_t type;
		enum fuzz_struct of;
	} types[] = {
		{ SHT_SYMTAB, FUZZ_SYM }, { SHT_DYNSYM, FUZZ_SYM },
		{ SHT_REL, FUZZ_REL }, { SHT_RELA, FUZZ_RELA },
		{ SHT_DYNAMIC, FUZZ_DYN }, { SHT_HASH, FUZZ_HASH },
	};
	const struct fuzz_table *headers = fuzz_table_of(elf, FUZZ_SHDR);
	struct fuzz_section section;

	if (headers == NULL)
		return;
	for (uint32_t i = 1; i < headers->count; i++)
		for (size_t j = 0; j < FUZZ_COUNT(types) &&
		    fuzz_section(elf, i, &section); j++)
			if (section.type == types[j].type)
				add_table(elf, types[j].of, section.offset,
				    section.size, i);
}

bool
fuzz_address_offset(const struct fuzz_elf *elf, uint64_t address,
    uint64_t *offset_ret)
{
	const struct fuzz_table *segments = fuzz_table_of(elf, FUZZ_PHDR);

	for (size_t i = 0; segments != NULL && i < segments->count; i++) {
		uint64_t at = segments->offset + i * segments->stride;
		uint64_t from = address - fuzz_get_field(elf, at, P_VADDR);

		if (fuzz_get_field(elf, at, P_TYPE) != PT_LOAD ||
		    from >= fuzz_get_field(elf, at, P_FILESZ))
			continue;
		*offset_ret = from + fuzz_get_field(elf, at, P_OFFSET);
		return (true);
	}
	return (false);
}

/* The value of the first entry of a tag; 0 if there is none. */
static uint64_t
dynamic_value(const struct fuzz_elf *elf, const struct fuzz_table *dynamic,
    uint64_t tag)
{
	for (size_t i = 0; i < dynamic->count; i++) {
		uint64_t at = dynamic->offset + i * dynamic->stride;

		if (fuzz_get_field(elf, at, D_TAG) == tag)
			return (fuzz_get_field(elf, at, D_UN));
	}
	return (0);
}

/* The tables that the kernel finds: through the dynamic section (D-12). */
static void
add_dynamic_tables(struct fuzz_elf *elf, const struct fuzz_table *dynamic)
{
	bool rela = dynamic_value(elf, dynamic, DT_PLTREL) == DT_RELA;
	const struct {
		enum fuzz_struct of;
		uint64_t address, size;
	} rows[] = {
		{ FUZZ_REL, DT_REL, DT_RELSZ },
		{ FUZZ_RELA, DT_RELA, DT_RELASZ },
		{ rela ? FUZZ_RELA : FUZZ_REL, DT_JMPREL, DT_PLTRELSZ },
	};
	uint64_t at;

	for (size_t i = 0; i < FUZZ_COUNT(rows); i++)
		if (fuzz_address_offset(elf, dynamic_value(elf, dynamic,
		    rows[i].address), &at))
			add_table(elf, rows[i].of, at,
			    dynamic_value(elf, dynamic, rows[i].size), 0);
	if (fuzz_address_offset(elf, dynamic_value(elf, dynamic, DT_HASH),
	    &at)) {
		uint64_t nchain = fuzz_get(elf, at + 4, 4);

		add_table(elf, FUZZ_HASH, at,
		    4 * (2 + fuzz_get(elf, at, 4) + nchain), 0);
		if (fuzz_address_offset(elf, dynamic_value(elf, dynamic,
		    DT_SYMTAB), &at))
			add_table(elf, FUZZ_SYM, at,
			    nchain * fuzz_stride(elf, FUZZ_SYM), 0);
	}
}

static void
add_segment_tables(struct fuzz_elf *elf)
{
	const struct fuzz_table *segments = fuzz_table_of(elf, FUZZ_PHDR);
	size_t n = elf->ntables;

	for (size_t i = 0; segments != NULL && i < segments->count; i++) {
		uint64_t at = segments->offset + i * segments->stride;

		if (fuzz_get_field(elf, at, P_TYPE) == PT_DYNAMIC)
			add_table(elf, FUZZ_DYN,
			    fuzz_get_field(elf, at, P_OFFSET),
			    fuzz_get_field(elf, at, P_FILESZ), 0);
		if (elf->ntables > n) {
			add_dynamic_tables(elf, &elf->tables[n]);
			return;
		}
	}
}

bool
fuzz_elf_view(struct fuzz_elf *elf, struct fuzz_input *input,
    struct fuzz_random *random)
{
	memset(elf, 0, sizeof(*elf));
	elf->input = input;
	elf->random = random;
	if (input->size < 52 || memcmp(input->data, "\177ELF", 4) != 0)
		return (false);
	elf->wide = input->data[4] == 2;
	elf->big = input->data[5] == 2;
	elf->type = (uint16_t)fuzz_get_field(elf, 0, E_TYPE);
	add_table(elf, FUZZ_EHDR, 0, fuzz_stride(elf, FUZZ_EHDR), 0);
	add_table(elf, FUZZ_SHDR, fuzz_get_field(elf, 0, E_SHOFF),
	    fuzz_get_field(elf, 0, E_SHNUM) *
	    fuzz_stride(elf, FUZZ_SHDR), 0);
	add_table(elf, FUZZ_PHDR, fuzz_get_field(elf, 0, E_PHOFF),
	    fuzz_get_field(elf, 0, E_PHNUM) *
	    fuzz_stride(elf, FUZZ_PHDR), 0);
	add_section_tables(elf);
	add_segment_tables(elf);
	return (elf->ntables > 0);
}

const struct fuzz_table *
fuzz_table_of(const struct fuzz_elf *elf, enum fuzz_struct of)
{
	for (size_t i = 0; i < elf->ntables; i++)
		if (elf->tables[i].of == of)
			return (&elf->tables[i]);
	return (NULL);
}

const struct fuzz_table *
fuzz_any_table(const struct fuzz_elf *elf, unsigned mask, size_t least)
{
	const struct fuzz_table *fits[FUZZ_TABLES];
	size_t n = 0;

	for (size_t i = 0; i < elf->ntables; i++)
		if ((mask >> elf->tables[i].of & 1) != 0 &&
		    elf->tables[i].count >= least)
			fits[n++] = &elf->tables[i];
	return (n == 0 ? NULL : fits[fuzz_below(elf->random, n)]);
}

size_t
fuzz_any_entry(const struct fuzz_elf *elf, const struct fuzz_table *table)
{
	switch (fuzz_below(elf->random, 8)) {
	case 0:
		return (0);
	case 1:
		return (table->count - 1);
	default:
		return ((size_t)fuzz_below(elf->random, table->count));
	}
}

bool
fuzz_string_begins(const struct fuzz_elf *elf, uint64_t table, uint64_t at,
    const char *word)
{
	struct fuzz_section section;
	size_t n = strlen(word), size;
	const uint8_t *bytes;

	if (!fuzz_section(elf, table, &section))
		return (false);
	bytes = fuzz_section_bytes(elf, &section, &size);
	return (at <= size && n <= size - at &&
	    memcmp(bytes + at, word, n) == 0);
}

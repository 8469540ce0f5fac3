/* SPDX-License-Identifier: BSD-2-Clause */

/* The model reads ELF, of the machines that it knows; see support_model.h. */

#include "support_model.h"

/* Sections 6.1 to 6.5; addresses are where nothing else is. */
static const struct model_machine machines[] = {
	{ .name = "amd64", .word = 8, .align = 16,
	    .lowest = 0xffffffff80000000,
	    .base = 0xffffffff82000000 },
	{ .name = "arm64", .word = 8, .align = 16, .shared = true, .step = 4,
	    .apart = true, .base = 0xffff000100000000, .quantum = 0x200000,
	    .base_later = 0xffff000100000000, .quantum_later = 0x200000,
	    .types = { { 257, MODEL_S_A, "R_AARCH64_ABS64" },
		{ 1025, MODEL_S_A, "R_AARCH64_GLOB_DAT" },
		{ 1026, MODEL_S_A, "R_AARCH64_JUMP_SLOT" },
		{ 1027, MODEL_B_A, NULL } } },
	{ .name = "i386", .word = 4, .align = 4, .shared = true,
	    .apart = true, .padded = true, .base = 0x10000000, .quantum = 0x400000,
	    .base_later = 0x10000000, .quantum_later = 0x200000,
	    .types = { { 1, MODEL_S_A, "R_386_32" },
		{ 2, MODEL_S_A_P, "R_386_PC32" },
		{ 6, MODEL_S, "R_386_GLOB_DAT" },
		{ 8, MODEL_B_A, NULL } } },
	{ .name = "powerpc64", .word = 8, .align = 8, .big = true, .shared = true,
	    .apart_exec = true, .step = 4,
	    .base = 0xe000000000000000, .quantum = 0x1000,
	    .base_later = 0xc008000000000000, .quantum_later = 0x1000000,
	    .types = { { 38, MODEL_S_A, "R_PPC64_ADDR64" },
		{ 22, MODEL_B_A, NULL } } },
};

/* Every other pair of graphs is amd64's, since a release has more there. */
const struct model_machine *
model_machine_of(uint64_t seed)
{
	return &machines[seed / 2 % 2 == 0 ? 0 : 1 + seed / 4 % 3];
}

uint64_t
model_get(const struct model_machine *machine, const unsigned char *bytes,
    unsigned width)
{
	uint64_t value = 0;
	unsigned i;

	for (i = 0; i < width; i++)
		value = value << 8 | bytes[machine->big ? i : width - 1 - i];
	return value;
}

void
model_put(const struct model_machine *machine, unsigned char *bytes,
    unsigned width, uint64_t value)
{
	unsigned i;

	for (i = 0; i < width; i++, value >>= 8)
		bytes[machine->big ? width - 1 - i : i] =
		    (unsigned char)value;
}

static void *
array(size_t count, size_t size)
{
	void *memory = calloc(count + 1, size);

	assert_non_null(memory);
	return memory;
}

/* Members of both classes of the section header, by their place. */
static void
parse_section(struct model_image *image, struct model_section *section,
    const unsigned char *header, uint64_t names)
{
	const struct model_machine *m = image->machine;
	unsigned w = m->word;

	section->name = (const char *)image->bytes + names +
	    model_get(m, header, 4);
	section->type = (uint32_t)model_get(m, header + 4, 4);
	section->flags = model_get(m, header + 8, w);
	section->address = model_get(m, header + 8 + w, w);
	section->offset = model_get(m, header + 8 + 2 * w, w);
	section->size = model_get(m, header + 8 + 3 * w, w);
	section->link = (uint32_t)model_get(m, header + 8 + 4 * w, 4);
	section->info = (uint32_t)model_get(m, header + 12 + 4 * w, 4);
	section->align = model_get(m, header + 16 + 4 * w, w);
}

static void
parse_sections(struct model_image *image)
{
	const struct model_machine *m = image->machine;
	const unsigned char *b = image->bytes;
	unsigned w = m->word, each = 16 + 6 * w;
	uint64_t table = model_get(m, b + 24 + 2 * w, w), names;
	const unsigned char *counts = b + 36 + 3 * w; /* e_shnum, e_shstrndx */
	size_t i;

	image->nsections = model_get(m, counts, 2);
	image->sections = array(image->nsections, sizeof(*image->sections));
	names = model_get(m, b + table + each * model_get(m, counts + 2, 2) +
	    8 + 2 * w, w);
	for (i = 0; i < image->nsections; i++)
		parse_section(image, &image->sections[i],
		    b + table + each * i, names);
}

unsigned
model_symbol_size(const struct model_machine *machine)
{
	return machine->word == 8 ? 24 : 16;
}

struct model_symbol
model_symbol_decode(const struct model_machine *m, const unsigned char *entry,
    const char *names)
{
	const unsigned char *info = entry + (m->word == 8 ? 4 : 12);
	const unsigned char *value = entry + (m->word == 8 ? 8 : 4);
	struct model_symbol symbol;

	symbol.name = names + model_get(m, entry, 4);
	symbol.bind = info[0] >> 4;
	symbol.type = info[0] & 15;
	symbol.shndx = (unsigned)model_get(m, info + 2, 2);
	symbol.value = model_get(m, value, m->word);
	symbol.size = model_get(m, value + m->word, m->word);
	return symbol;
}

static void
parse_symbols(struct model_image *image, const struct model_section *table)
{
	const unsigned each = model_symbol_size(image->machine);
	const char *names = (const char *)image->bytes +
	    image->sections[table->link].offset;
	const unsigned char *entry = image->bytes + table->offset;
	size_t i;

	image->nsymbols = table->size / each;
	image->symbols = array(image->nsymbols, sizeof(*image->symbols));
	for (i = 0; i < image->nsymbols; i++, entry += each)
		image->symbols[i] = model_symbol_decode(image->machine, entry,
		    names);
}

void
model_image_parse(struct model_image *image)
{
	size_t i;

	image->magic = image->size >= 64 &&
	    memcmp(image->bytes, "\177ELF", 4) == 0;
	if (!image->magic)
		return;
	image->cut = model_get(image->machine, image->bytes + 24 +
	    2 * image->machine->word, image->machine->word) >= image->size;
	if (image->cut)
		return;
	parse_sections(image);
	for (i = 0; i < image->nsections; i++)
		if (image->sections[i].type == MODEL_SYMTAB) {
			image->ntables++;
			image->nameless = image->sections[
			    image->sections[i].link].type != MODEL_STRTAB;
			if (!image->nameless)
				parse_symbols(image, &image->sections[i]);
		}
}

void
model_image_free(struct model_image *image)
{
	kldsim_image_unref(image->image);
	kldsim_synth_free_bytes(image->bytes);
	free(image->sections);
	free(image->symbols);
	memset(image, 0, sizeof(*image));
}

/* O-04, as far as types are generated. */
bool
model_section_loaded(const struct model_section *section)
{
	return section->size != 0 && (section->flags & MODEL_ALLOC) != 0 &&
	    (section->type == MODEL_PROGBITS || section->type == MODEL_NOBITS);
}

/* D-60: the kernel's own symbols; what is UNDEF there is not found. */
const struct model_symbol *
model_image_symbol(const struct model_image *image, const char *name)
{
	size_t i;

	for (i = 1; i < image->nsymbols; i++)
		if (image->symbols[i].bind != MODEL_LOCAL &&
		    strcmp(image->symbols[i].name, name) == 0)
			return image->symbols[i].shndx != 0 ?
			    &image->symbols[i] : NULL;
	return NULL;
}

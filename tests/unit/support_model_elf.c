/* SPDX-License-Identifier: BSD-2-Clause */

/* The model reads ELF: little-endian, 64 bits; see support_model.h. */

#include "support_model.h"

uint64_t
model_get(const unsigned char *bytes, unsigned width)
{
	uint64_t value = 0;

	while (width-- != 0)
		value = value << 8 | bytes[width];
	return value;
}

void
model_put(unsigned char *bytes, unsigned width, uint64_t value)
{
	unsigned i;

	for (i = 0; i < width; i++, value >>= 8)
		bytes[i] = (unsigned char)value;
}

static void *
array(size_t count, size_t size)
{
	void *memory = calloc(count + 1, size);

	assert_non_null(memory);
	return memory;
}

static void
parse_sections(struct model_image *image)
{
	const unsigned char *b = image->bytes, *header;
	uint64_t table = model_get(b + 40, 8), names;
	size_t i;

	image->nsections = model_get(b + 60, 2);
	image->sections = array(image->nsections, sizeof(*image->sections));
	names = model_get(b + table + 64 * model_get(b + 62, 2) + 24, 8);
	for (i = 0; i < image->nsections; i++) {
		struct model_section *section = &image->sections[i];

		header = b + table + 64 * i;
		section->name = (const char *)b + names + model_get(header, 4);
		section->type = (uint32_t)model_get(header + 4, 4);
		section->flags = model_get(header + 8, 8);
		section->address = model_get(header + 16, 8);
		section->offset = model_get(header + 24, 8);
		section->size = model_get(header + 32, 8);
		section->link = (uint32_t)model_get(header + 40, 4);
		section->info = (uint32_t)model_get(header + 44, 4);
		section->align = model_get(header + 48, 8);
	}
}

static void
parse_symbols(struct model_image *image, const struct model_section *table)
{
	const char *names = (const char *)image->bytes +
	    image->sections[table->link].offset;
	const unsigned char *entry = image->bytes + table->offset;
	size_t i;

	image->nsymbols = table->size / 24;
	image->symbols = array(image->nsymbols, sizeof(*image->symbols));
	for (i = 0; i < image->nsymbols; i++, entry += 24) {
		struct model_symbol *symbol = &image->symbols[i];

		symbol->name = names + model_get(entry, 4);
		symbol->bind = entry[4] >> 4;
		symbol->type = entry[4] & 15;
		symbol->shndx = (unsigned)model_get(entry + 6, 2);
		symbol->value = model_get(entry + 8, 8);
		symbol->size = model_get(entry + 16, 8);
	}
}

void
model_image_parse(struct model_image *image)
{
	size_t i;

	image->magic = image->size >= 64 &&
	    memcmp(image->bytes, "\177ELF", 4) == 0;
	if (!image->magic)
		return;
	image->cut = model_get(image->bytes + 40, 8) >= image->size;
	if (image->cut)
		return;
	parse_sections(image);
	for (i = 0; i < image->nsections; i++)
		if (image->sections[i].type == MODEL_SYMTAB)
			parse_symbols(image, &image->sections[i]);
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

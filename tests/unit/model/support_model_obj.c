/* SPDX-License-Identifier: BSD-2-Clause */

/* The model of link_elf_obj.c: ET_REL. */

#include "support_model.h"

#define PAGE UINT64_C(4096)
#define SUPERPAGE (UINT64_C(2) << 20)

static uint64_t
round_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

/* Which set a section belongs into: 0, 1, or none: -1. */
static int
set_of(const struct model *model, const struct model_section *section)
{
	if (strcmp(section->name, "set_pcpu") == 0)
		return 0;
	return strcmp(section->name, "set_vnet") == 0 &&
	    model->graph->vimage ? 1 : -1;
}

/* O-10. */
static uint64_t
map_size(const struct model_image *image)
{
	uint64_t size = 0;
	size_t i;

	for (i = 0; i < image->nsections; i++)
		if (model_section_loaded(&image->sections[i]))
			size = round_up(size, image->sections[i].align) +
			    image->sections[i].size;
	return size;
}

static uint64_t
first_fit(const struct model *model, uint64_t from, uint64_t length)
{
	size_t i = 0;

	while (i < model->nfiles) {
		const struct model_file *file =
		    &model->files[model->list[i++]];
		uint64_t end = file->address + round_up(file->size, PAGE);

		if (file->mem == NULL || file->address >= from + length ||
		    end <= from)
			continue;
		from = end;
		i = 0;
	}
	return from;
}

/* O-12, V-29. */
static uint64_t
place(const struct model *model, uint64_t length)
{
	uint64_t at = first_fit(model, model->floor, length);

	if (model_superpages(model) && length >= SUPERPAGE)
		while (at != round_up(at, SUPERPAGE))
			at = first_fit(model, round_up(at, SUPERPAGE), length);
	return at;
}

/* O-20 to O-24: one section of a set. */
static int
load_set(struct model *model, struct model_file *file, size_t index,
    struct model_set *set)
{
	const struct model_section *section = &file->image->sections[index];
	bool vnet = set == &model->sets[1];
	uint64_t at = model_set_alloc(model, vnet, section->size);

	file->at[index] = at;
	if (at == 0) {
		model_print(model, "link_elf_load_file: %s module space is "
		    "out of space; cannot allocate %#jx for %s",
		    vnet ? "vnet" : "pcpu", (uintmax_t)section->size,
		    file->path);
		return MODEL_ENOSPC;
	}
	if (section->type == MODEL_NOBITS) {
		memset(model_at(model, at), 0, section->size);
		return 0;
	}
	memcpy(model_at(model, at), file->image->bytes + section->offset,
	    section->size);
	if (vnet ? !model_propagates_late(model) : !model->preloading)
		model_set_copy(set, at, section->size);
	return 0;
}

/* O-14, O-15, O-30. */
static int
load_sections(struct model *model, struct model_file *file)
{
	const struct model_image *image = file->image;
	uint64_t cursor = file->address;
	size_t i, j;

	for (i = 0; i < image->nsections; i++) {
		const struct model_section *section = &image->sections[i];
		int set = set_of(model, section), error = 0;

		if (!model_section_loaded(section))
			continue;
		cursor = round_up(cursor, section->align);
		file->named++;
		/* The boot loader puts sets there as well (P-23). */
		if (section->type == MODEL_PROGBITS &&
		    (set < 0 || file->preloaded))
			memcpy(file->mem + (cursor - file->address),
			    image->bytes + section->offset, section->size);
		if (set >= 0)
			error = load_set(model, file, i, &model->sets[set]);
		if (error != 0)
			return error;
		if (set < 0)
			file->at[i] = cursor;
		cursor += section->size;
		file->known = cursor - file->address;
		for (j = 1; j < image->nsymbols; j++)
			if (file->symbols[j].shndx == i)
				file->symbols[j].value += file->at[i];
	}
	return 0;
}

/* O-32; the number given to the symbol counts loaded sections. */
static void
fix_bounds(struct model_file *file, struct model_symbol *symbol)
{
	const struct model_image *image = file->image;
	bool stop = strncmp(symbol->name, "__stop_", 7) == 0;
	unsigned progtab = 0;
	const char *rest;
	size_t i;

	if (symbol->shndx != 0 ||
	    (!stop && strncmp(symbol->name, "__start_", 8) != 0))
		return;
	rest = symbol->name + (stop ? 7 : 8);
	for (i = 0; i < image->nsections; i++) {
		if (!model_section_loaded(&image->sections[i]))
			continue;
		if (strcmp(image->sections[i].name, rest) == 0) {
			symbol->value = file->at[i] +
			    (stop ? image->sections[i].size : 0);
			symbol->shndx = progtab;
			return;
		}
		progtab++;
	}
}

/* O-61 to O-63. */
uint64_t
model_obj_own(const struct model *model, int index, const char *name)
{
	const struct model_file *file = &model->files[index];
	const struct model_symbol *symbol;
	size_t i;

	for (i = 0; i < file->image->nsymbols; i++) {
		symbol = &file->symbols[i];
		if (symbol->shndx == 0 || strcmp(symbol->name, name) != 0)
			continue;
		if (symbol->value == 0 && symbol->size != 0)
			fail_msg("model: %s is a common", name);
		return symbol->value;
	}
	return 0;
}

/* O-50 to O-53. */
static bool
lookup(struct model *model, int index, size_t number, uint64_t *value_ret)
{
	struct model_symbol *symbol = &model->files[index].symbols[number];

	*value_ret = symbol->value;
	if (symbol->shndx != 0)
		return true;
	*value_ret = 0;
	if (symbol->bind == MODEL_LOCAL || symbol->name[0] == '\0')
		return false;
	*value_ret = model_lookup(model, index, symbol->name, true);
	if (*value_ret == 0) {
		symbol->value = 0;
		return symbol->bind == MODEL_WEAK;
	}
	symbol->shndx = MODEL_CACHED;
	symbol->value = *value_ret;
	return true;
}

/* Section 6.1: R_X86_64_64 and R_X86_64_PC32. */
static bool
relocate(struct model *model, int index, uint64_t base,
    const unsigned char *entry)
{
	const struct model_machine *machine = model->graph->machine;
	uint64_t place_at = base + model_get(machine, entry, 8), value;
	unsigned type = (unsigned)model_get(machine, entry + 8, 4);

	if (!lookup(model, index, model_get(machine, entry + 12, 4), &value))
		return false;
	value += model_get(machine, entry + 16, 8);
	if (type == 1)
		model_put(machine, model_at(model, place_at), 8, value);
	else if (type == 2)
		model_put(machine, model_at(model, place_at), 4,
		    value - place_at);
	else
		fail_msg("model: relocation type %u", type);
	return true;
}

/* One table in one pass: O-41, O-43, O-46. */
static int
relocate_table(struct model *model, int index,
    const struct model_section *table, bool global)
{
	struct model_file *file = &model->files[index];
	const unsigned char *entry = file->image->bytes + table->offset;
	const unsigned char *end = entry + table->size;

	for (; entry < end; entry += 24) {
		const struct model_symbol *symbol =
		    &file->symbols[model_get(model->graph->machine,
		    entry + 12, 4)];

		if ((symbol->bind != MODEL_LOCAL) != global ||
		    relocate(model, index, file->at[table->info], entry))
			continue;
		assert_true(global);
		model_print(model, "link_elf_obj: symbol %s undefined",
		    symbol->name);
		return MODEL_ENOENT;
	}
	return 0;
}

/* O-40 to O-47. */
static int
obj_relocate(struct model *model, int index, bool global)
{
	struct model_file *file = &model->files[index];
	const struct model_image *image = file->image;
	int error = 0;
	size_t i;

	for (i = 1; !global && i < image->nsymbols; i++)
		fix_bounds(file, &file->symbols[i]);
	for (i = 0; error == 0 && i < image->nsections; i++)
		if (image->sections[i].type == MODEL_RELA &&
		    image->sections[i].size != 0)
			error = relocate_table(model, index,
			    &image->sections[i], global);
	for (i = 1; error == 0 && global && i < image->nsymbols; i++)
		if (file->symbols[i].shndx == MODEL_CACHED) {
			file->symbols[i].shndx = 0;
			file->symbols[i].value = 0;
		}
	return error;
}

/* O-05: symbols without which nothing goes on; what was counted by then. */
static bool
has_symbols(struct model *model, struct model_file *file)
{
	const struct model_image *image = file->image;
	size_t i;

	if (image->ntables == 1 && !image->nameless)
		return true;
	model_print(model, "kldload: %s: file %s", file->path,
	    image->ntables != 1 ? "must have exactly one symbol table" :
	    "has invalid symbol strings");
	for (i = 0; i < image->nsections; i++) {
		const struct model_section *section = &image->sections[i];

		if (section->type == MODEL_RELA && section->size != 0 &&
		    (image->sections[section->info].flags & MODEL_ALLOC) != 0)
			file->half = true;
	}
	return false;
}

/* O-03 to O-40: everything after the file object is there; P-11, P-23. */
int
model_obj_load(struct model *model, int index)
{
	struct model_file *file = &model->files[index];
	const struct model_image *image = file->image;
	int error;

	if (image->cut)
		return MODEL_ENOEXEC; /* O-03: short read */
	if (!has_symbols(model, file))
		return MODEL_ENOEXEC;
	if (!file->preloaded) {
		file->size = map_size(image);
		file->address = place(model, round_up(file->size, PAGE));
	}
	file->mem = model_keep(model, file->size);
	file->at = model_keep(model, image->nsections * sizeof(*file->at));
	file->symbols = model_keep(model,
	    image->nsymbols * sizeof(*file->symbols));
	memcpy(file->symbols, image->symbols,
	    image->nsymbols * sizeof(*file->symbols));
	error = load_sections(model, file);
	if (error == 0)
		error = obj_relocate(model, index, false);
	if (error == 0)
		error = model_dependencies(model, index);
	if (error == 0)
		error = obj_relocate(model, index, true);
	return error;
}

/* O-81, D-22; a set section whose allocation failed has none (O-81). */
void
model_obj_unload(struct model *model, int index)
{
	struct model_file *file = &model->files[index];
	size_t i;

	if (file->half) /* U-14: the entries of tables that are not there */
		model->panicked = true;
	for (i = 0; file->mem != NULL && i < file->image->nsections; i++) {
		int set = set_of(model, &file->image->sections[i]);

		if (set >= 0 && file->at[i] != 0 &&
		    !model_set_free(model, set, file->at[i],
		    file->image->sections[i].size))
			model->panicked = true;
	}
}

/* O-65. */
bool
model_obj_set(const struct model *model, int index, const char *name,
    uint64_t *start_ret, uint64_t *stop_ret)
{
	const struct model_file *file = &model->files[index];
	size_t i;

	for (i = 0; file->mem != NULL && i < file->image->nsections; i++) {
		const struct model_section *section =
		    &file->image->sections[i];

		if (!model_section_loaded(section) ||
		    strcmp(section->name, name) != 0)
			continue;
		*start_ret = file->at[i];
		*stop_ret = file->at[i] + section->size;
		return true;
	}
	return false;
}

/* the first set_vnet of the file, whatever it holds. */
void
model_obj_propagate(struct model *model, int index)
{
	uint64_t start, stop;

	if (model->graph->vimage &&
	    model_obj_set(model, index, "set_vnet", &start, &stop))
		model_set_copy(&model->sets[1], start, stop - start);
}

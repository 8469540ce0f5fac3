/* SPDX-License-Identifier: BSD-2-Clause */

/* The model of link_elf.c: modules that are ET_DYN. */

#include "support_model.h"

#define PAGE UINT64_C(4096)
#define PADDING 0x90909090u /* D-32 */

/* Dynamic tags. */
enum {
	PLTRELSZ = 2, HASH = 4, STRTAB = 5, SYMTAB = 6, RELA = 7, RELASZ = 8,
	REL = 17, RELSZ = 18, PLTREL = 20, JMPREL = 23
};

static const char *const set_names[2] = { "pcpu", "vnet" };

static uint64_t
get(const struct model_file *file, uint64_t address, unsigned width)
{
	return model_get(file->image->machine,
	    file->mem + (address - file->address), width);
}

/* Sums are as wide as a pointer. */
static uint64_t
narrow(const struct model *model, uint64_t value)
{
	return model_ptrsz(model) == 8 ? value : (uint32_t)value;
}

/* --- D-02 to D-12 --- */

/* A program header, of both classes. */
struct segment {
	unsigned type;
	uint64_t offset, address, in_file, in_memory;
};

static bool
read_segment(const struct model_image *image, unsigned number,
    struct segment *segment_ret)
{
	const struct model_machine *m = image->machine;
	unsigned w = m->word;
	const unsigned char *at = image->bytes + (w == 8 ? 64 : 52) +
	    number * (w == 8 ? 56 : 32);
	unsigned first = w == 8 ? 8 : 4;

	if (number >= model_get(m, image->bytes + 32 + 3 * w, 2))
		return false;
	segment_ret->type = (unsigned)model_get(m, at, 4);
	segment_ret->offset = model_get(m, at + first, w);
	segment_ret->address = model_get(m, at + first + w, w);
	segment_ret->in_file = model_get(m, at + first + 3 * w, w);
	segment_ret->in_memory = model_get(m, at + first + 4 * w, w);
	return true;
}

/* D-04, D-05, D-06; files begin at 0. */
static void
load_segments(struct model *model, struct model_file *file)
{
	struct segment segment;
	unsigned i;

	for (i = 0; read_segment(file->image, i, &segment); i++)
		if (segment.type == 1)
			file->known = segment.address + segment.in_memory;
	if (!file->preloaded) {
		file->size = (file->known + PAGE - 1) & ~(PAGE - 1);
		file->known = file->size;
		file->address = model_block_alloc(model, file->size);
	}
	file->mem = model_keep(model, file->size);
	for (i = 0; read_segment(file->image, i, &segment); i++)
		if (segment.type == 1)
			memcpy(file->mem + segment.address,
			    file->image->bytes + segment.offset,
			    segment.in_file);
}

/* D-10, D-11. */
static void
parse_dynamic(struct model *model, struct model_file *file)
{
	uint64_t at = 0, tag[32] = { 0 };
	unsigned i, w = model_ptrsz(model);
	struct segment segment;
	struct model_dyn *dyn = &file->dyn;

	for (i = 0; read_segment(file->image, i, &segment); i++)
		if (segment.type == 2)
			at = file->address + segment.address;
	for (; get(file, at, w) != 0; at += 2 * w)
		if (get(file, at, w) < 32)
			tag[get(file, at, w)] = get(file, at + w, w);
	dyn->hash = file->address + tag[HASH];
	dyn->strings = file->address + tag[STRTAB];
	dyn->symbols = file->address + tag[SYMTAB];
	dyn->tables[0] = (struct model_table){ tag[REL], tag[RELSZ], false };
	dyn->tables[1] = (struct model_table){ tag[RELA], tag[RELASZ], true };
	dyn->tables[2] = (struct model_table){ tag[JMPREL], tag[PLTRELSZ],
	    tag[PLTREL] == RELA };
}

/* --- symbols --- */

static struct model_symbol
dynamic_symbol(const struct model_file *file, uint64_t number)
{
	const struct model_machine *m = file->image->machine;

	return model_symbol_decode(m, file->mem + (file->dyn.symbols -
	    file->address) + number * model_symbol_size(m),
	    (const char *)file->mem + (file->dyn.strings - file->address));
}

/* D-62. */
static uint64_t
hash_of(const struct model *model, const char *name)
{
	uint64_t h = 0, g;

	for (; *name != '\0'; name++) {
		h = (h << 4) + (unsigned char)*name;
		if (!model_wide_hash(model))
			h &= UINT32_MAX;
		g = h & 0xf0000000;
		if (g != 0)
			h ^= g >> 24;
		h &= ~g;
	}
	return h;
}

static bool
is_usable(const struct model_symbol *symbol)
{
	return symbol->shndx != 0 ||
	    (symbol->value != 0 && symbol->type == MODEL_FUNC);
}

/* D-60, step 2: whether the chain has the name. */
static bool
find_hashed(const struct model *model, const struct model_file *file,
    const char *name, struct model_symbol *symbol_ret)
{
	uint64_t hash = file->dyn.hash, nbuckets = get(file, hash, 4), n;

	n = get(file, hash + 8 + 4 * (hash_of(model, name) % nbuckets), 4);
	for (; n != 0; n = get(file, hash + 8 + 4 * (nbuckets + n), 4)) {
		*symbol_ret = dynamic_symbol(file, n);
		if (strcmp(symbol_ret->name, name) == 0)
			return true;
	}
	return false;
}

/* D-60, D-61, D-63; 0: not there. */
uint64_t
model_dyn_own(const struct model *model, int index, const char *name)
{
	const struct model_file *file = &model->files[index];
	struct model_symbol symbol;
	size_t i;

	if (find_hashed(model, file, name, &symbol)) {
		if (is_usable(&symbol))
			return file->address + symbol.value;
		if (!model_full_lookup(model))
			return 0;
	}
	for (i = 0; file->dyn.whole && i < file->image->nsymbols; i++) {
		const struct model_symbol *full = &file->image->symbols[i];

		if (strcmp(full->name, name) == 0)
			return is_usable(full) ? file->address + full->value :
			    0;
	}
	return 0;
}

/* D-64; the name is the section's. */
bool
model_dyn_set(const struct model *model, int index, const char *name,
    uint64_t *start_ret, uint64_t *stop_ret)
{
	char bound[2 * MODEL_NAME];

	(void)snprintf(bound, sizeof(bound), "__start_%s", name);
	*start_ret = model_dyn_own(model, index, bound);
	(void)snprintf(bound, sizeof(bound), "__stop_%s", name);
	*stop_ret = model_dyn_own(model, index, bound);
	return *start_ret != 0 && *stop_ret != 0;
}

/* --- D-30 to D-35 --- */

/* D-32: an errno, or 0. */
static int
check_padding(struct model *model, const struct model_file *file, int set,
    uint64_t size)
{
	const char *text = "Kernel module '%s' must be recompiled with linker "
	    "script";
	uint32_t found;

	if (size < 4) {
		model_print(model, text, file->path);
		return MODEL_ENOEXEC;
	}
	found = (uint32_t)get(file, file->dyn.stop[set] - 4, 4);
	if (found == PADDING)
		return 0;
	model_print(model, "Kernel module '%s' must be recompiled with linker "
	    "script, invalid padding %#04x (%#04x)", file->path, found,
	    PADDING);
	return MODEL_ENOEXEC;
}

static int
parse_set(struct model *model, int index, int set)
{
	struct model_file *file = &model->files[index];
	struct model_dyn *dyn = &file->dyn;
	char name[16];
	uint64_t start, stop, size;

	if (set == 1 && !model->graph->vimage)
		return 0; /* */
	(void)snprintf(name, sizeof(name), "set_%s", set_names[set]);
	if (!model_dyn_set(model, index, name, &start, &stop))
		return 0;
	dyn->start[set] = start;
	dyn->stop[set] = stop;
	size = stop - start;
	if (size == 0)
		return 0;
	if (model->graph->machine->padded &&
	    model_set_padding(model->graph->osreldate)) {
		int error = check_padding(model, file, set, size);

		if (error != 0 || size == 4)
			return error;
	}
	dyn->base[set] = model_set_alloc(model, set, size);
	if (dyn->base[set] == 0) {
		model_print(model, "parse_%s: %s module space is out of space; "
		    "cannot allocate %d for %s", set == 0 ? "dpcpu" : "vnet",
		    set_names[set], (int)size, file->path);
		return MODEL_ENOSPC;
	}
	memcpy(model_at(model, dyn->base[set]),
	    file->mem + (start - file->address), size);
	if (set == 0 ? !model->preloading : !model_propagates_late(model))
		model_set_copy(&model->sets[set], dyn->base[set], size);
	return 0;
}

/* */
void
model_dyn_propagate(struct model *model, int index)
{
	const struct model_dyn *dyn = &model->files[index].dyn;

	if (dyn->base[1] != 0)
		model_set_copy(&model->sets[1], dyn->base[1],
		    dyn->stop[1] - dyn->start[1]);
}

/* --- relocations --- */

/* D-53. */
static uint64_t
relocaddr(const struct model_dyn *dyn, uint64_t address)
{
	int set;

	for (set = 0; set < 2; set++)
		if (address >= dyn->start[set] && address < dyn->stop[set])
			return address - dyn->start[set] + dyn->base[set];
	return address;
}

/* D-50, D-51: of all files whose sets have moved. */
static uint64_t
remap(const struct model *model, uint64_t address)
{
	int set;
	size_t i;

	for (set = 0; set < 2; set++)
		for (i = 0; i < model->nfiles; i++) {
			const struct model_dyn *dyn =
			    &model->files[model->list[i]].dyn;

			if (dyn->base[set] != 0 &&
			    address >= dyn->start[set] &&
			    address < dyn->stop[set])
				return address - dyn->start[set] +
				    dyn->base[set];
		}
	return address;
}

/* D-50. */
static bool
lookup(const struct model *model, int index, uint64_t number,
    uint64_t *value_ret)
{
	const struct model_file *file = &model->files[index];
	struct model_symbol symbol = dynamic_symbol(file, number);

	*value_ret = file->address + symbol.value;
	if (symbol.bind == MODEL_LOCAL)
		return symbol.shndx != 0 && symbol.value != 0;
	if (symbol.name[0] == '\0')
		return false;
	*value_ret = model_lookup(model, index, symbol.name, true);
	if (*value_ret == 0)
		return symbol.bind == MODEL_WEAK;
	*value_ret = remap(model, *value_ret);
	return true;
}

static enum model_formula
formula_of(const struct model *model, unsigned type)
{
	const struct model_type *types = model->graph->machine->types;
	int i;

	for (i = 0; i < MODEL_TYPES; i++)
		if (types[i].formula != MODEL_NONE && types[i].type == type)
			return types[i].formula;
	fail_msg("model: relocation type %u", type);
	return MODEL_NONE;
}

/* One entry of a table. */
struct entry {
	uint64_t place, addend, symbol;
	unsigned type;
};

static struct entry
read_entry(const struct model *model, const struct model_file *file,
    const struct model_table *table, uint64_t at)
{
	unsigned w = model_ptrsz(model);
	uint64_t info = get(file, at + w, w);
	struct entry entry;

	entry.place = file->address + get(file, at, w);
	entry.type = (unsigned)(w == 8 ? info & UINT32_MAX : info & 255);
	entry.symbol = info >> (w == 8 ? 32 : 8);
	entry.addend = get(file, table->rela ? at + 2 * w : entry.place, w);
	return entry;
}

/* Section 6, in the local pass or the global one (R-12, D-42). */
static bool
relocate(struct model *model, int index, const struct entry *entry,
    bool global)
{
	const struct model_machine *machine = model->graph->machine;
	struct model_file *file = &model->files[index];
	enum model_formula formula = formula_of(model, entry->type);
	uint64_t value;

	if (machine->apart && (formula == MODEL_B_A) == global)
		return true;
	if (formula == MODEL_B_A)
		value = relocaddr(&file->dyn,
		    narrow(model, file->address + entry->addend));
	else if (!lookup(model, index, entry->symbol, &value))
		return false;
	else if (formula != MODEL_S)
		value += entry->addend;
	if (formula == MODEL_S_A_P)
		value -= entry->place;
	model_put(machine, file->mem + (entry->place - file->address),
	    machine->word, value);
	return true;
}

/* D-40, D-41; failures of the local pass are forgotten. */
static int
relocate_tables(struct model *model, int index, bool global)
{
	const struct model_file *file = &model->files[index];
	int i;

	for (i = 0; i < (global ? 3 : 2); i++) {
		const struct model_table *table = &file->dyn.tables[i];
		unsigned each = (table->rela ? 3 : 2) * model_ptrsz(model);
		uint64_t at;

		for (at = 0; at < table->size; at += each) {
			struct entry entry = read_entry(model, file, table,
			    file->address + table->at + at);

			if (relocate(model, index, &entry, global) || !global)
				continue;
			model_print(model, "link_elf: symbol %s undefined",
			    dynamic_symbol(file, entry.symbol).name);
			return MODEL_ENOENT;
		}
	}
	return 0;
}

/* --- load and unload --- */

/* What of the section headers the public API tells. */
bool
model_dyn_section(const struct model_section *section)
{
	return (section->flags & MODEL_ALLOC) != 0 && section->size != 0;
}

/* D-21; and where sections are used, those of sets too. */
static void
read_headers(struct model *model, struct model_file *file)
{
	const struct model_image *image = file->image;
	const struct model_dyn *dyn = &file->dyn;
	size_t i;
	int set;

	file->dyn.whole = true;
	for (i = 0; i < image->nsections; i++) {
		uint64_t start = file->address + image->sections[i].address;
		uint64_t stop = start + image->sections[i].size;

		file->at[i] = start;
		for (set = 0; set < 2; set++)
			if (dyn->base[set] != 0 && start >= dyn->start[set] &&
			    stop <= dyn->stop[set])
				file->at[i] = start - dyn->start[set] +
				    dyn->base[set];
	}
	for (i = 0; i < image->nsymbols; i++)
		file->symbols[i].value =
		    narrow(model, file->address + image->symbols[i].value);
}

/* D-20: everything after the file object is there. */
int
model_dyn_load(struct model *model, int index)
{
	struct model_file *file = &model->files[index];
	const struct model_image *image = file->image;
	int error;

	file->at = model_keep(model, image->nsections * sizeof(*file->at));
	file->symbols = model_keep(model,
	    image->nsymbols * sizeof(*file->symbols));
	memcpy(file->symbols, image->symbols,
	    image->nsymbols * sizeof(*file->symbols));
	load_segments(model, file);
	parse_dynamic(model, file);
	error = parse_set(model, index, 0);
	if (error == 0)
		error = parse_set(model, index, 1);
	if (error == 0)
		error = relocate_tables(model, index, false);
	if (error == 0)
		error = model_dependencies(model, index);
	if (error == 0)
		error = relocate_tables(model, index, true);
	if (error == 0)
		read_headers(model, file);
	return error;
}

/* D-22. */
void
model_dyn_unload(struct model *model, int index)
{
	struct model_file *file = &model->files[index];
	struct model_dyn *dyn = &file->dyn;
	int set;

	for (set = 0; set < 2; set++)
		if (dyn->base[set] != 0 && !model_set_free(model, set,
		    dyn->base[set], dyn->stop[set] - dyn->start[set]))
			model->panicked = true;
	if (!file->preloaded)
		model_block_free(model, file->address);
}

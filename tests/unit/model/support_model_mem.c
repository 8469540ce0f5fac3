/* SPDX-License-Identifier: BSD-2-Clause */

/* The model of memory: subr_pcpu.c's and vnet.c's allocators, malloc_exec(9). */

#include "support_model.h"

#define PAGE UINT64_C(4096)

static uint64_t
round_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

/* NULL: nothing is there, or the kernel's own file. */
static unsigned char *
find(struct model *model, uint64_t address)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		struct model_set *set = &model->sets[i];

		if (address >= set->start && address < set->start + set->size)
			return set->reference + (address - set->start);
	}
	for (i = 0; i < model->nfiles; i++) {
		struct model_file *file = &model->files[model->list[i]];

		if (file->mem != NULL && address >= file->address &&
		    address < file->address + file->size)
			return file->mem + (address - file->address);
	}
	return NULL;
}

/* Target memory that a module may read or write: mappings and sets. */
unsigned char *
model_at(struct model *model, uint64_t address)
{
	unsigned char *memory = find(model, address);

	if (memory == NULL)
		fail_msg("model: no memory at %#llx",
		    (unsigned long long)address);
	return memory;
}

/* Outside its sets, by its sections. */
bool
model_is_kernels(const struct model *model, uint64_t address)
{
	const struct model_image *kernel = &model->graph->kernel;
	size_t i;

	for (i = 0; i < kernel->nsections; i++)
		if ((kernel->sections[i].flags & MODEL_ALLOC) != 0 &&
		    address >= kernel->sections[i].address &&
		    address < kernel->sections[i].address +
		    kernel->sections[i].size)
			return true;
	return false;
}

bool
model_is_mapped(struct model *model, uint64_t address)
{
	return find(model, address) != NULL ||
	    model_is_kernels(model, address);
}

uint64_t
model_word(struct model *model, uint64_t address, unsigned width)
{
	return model_get(model->graph->machine, model_at(model, address),
	    width);
}

unsigned
model_ptrsz(const struct model *model)
{
	return model->graph->machine->word;
}

uint64_t
model_pointer(struct model *model, uint64_t address)
{
	return model_word(model, address, model_ptrsz(model));
}

const char *
model_string(struct model *model, uint64_t address)
{
	return (const char *)model_at(model, address);
}

/* A-10, V-67. */
static uint64_t
set_unit(const struct model *model, int which)
{
	return which == KLDSIM_SET_VNET && model->graph->osreldate >= 1501000 ?
	    model->graph->machine->align : model_ptrsz(model);
}

uint64_t
model_set_alloc(struct model *model, int which, uint64_t size)
{
	struct model_set *set = &model->sets[which];
	size_t i, j;

	size = round_up(size, set_unit(model, which));
	for (i = 0; i < set->nextents; i++) {
		struct model_extent *extent = &set->extents[i];
		uint64_t start = extent->start;

		if (extent->size < size)
			continue;
		if (extent->size > size) {
			extent->start += size;
			extent->size -= size;
			return start;
		}
		set->nextents--;
		for (j = i; j < set->nextents; j++)
			set->extents[j] = set->extents[j + 1];
		return start;
	}
	return 0;
}

static void
extent_insert(struct model_set *set, size_t at, uint64_t start, uint64_t size)
{
	size_t j;

	assert_true(set->nextents < MODEL_EXTENTS);
	for (j = set->nextents++; j > at; j--)
		set->extents[j] = set->extents[j - 1];
	set->extents[at] = (struct model_extent){ start, size };
}

/* A-11; false: the real kernel reads through NULL. */
bool
model_set_free(struct model *model, int which, uint64_t start, uint64_t size)
{
	struct model_set *set = &model->sets[which];
	uint64_t end;
	size_t i, j;

	size = round_up(size, set_unit(model, which));
	end = start + size;
	for (i = 0; i < set->nextents; i++) {
		struct model_extent *df = &set->extents[i];

		if (df->start > end)
			break;
		if (df->start + df->size == start) {
			df->size += size;
			if (i + 1 == set->nextents)
				return false;
			if (df->start + df->size != df[1].start)
				return true;
			df->size += df[1].size;
			set->nextents--;
			for (j = i + 1; j < set->nextents; j++)
				set->extents[j] = set->extents[j + 1];
			return true;
		}
		if (df->start == end) {
			df->start = start;
			df->size += size;
			return true;
		}
	}
	extent_insert(set, i, start, size);
	return true;
}

/* from the reference copy to every CPU or vnet. */
void
model_set_copy(struct model_set *set, uint64_t start, uint64_t size)
{
	size_t i;

	for (i = 0; i < set->ninstances; i++)
		memcpy(set->copies[i] + (start - set->start),
		    set->reference + (start - set->start), size);
}

/* the sets as the kernel file has them. */
void
model_boot_sets(struct model *model)
{
	static const char *const modspace[] = { "pcpu_entry_modspace",
	    "vnet_entry_modspace" };
	const struct model_image *kernel = &model->graph->kernel;
	size_t i, j;

	for (i = 0; i < kernel->nsections; i++) {
		const struct model_section *section = &kernel->sections[i];
		struct model_set *set = &model->sets[
		    strcmp(section->name, "set_vnet") == 0];

		if (strcmp(section->name, "set_pcpu") != 0 &&
		    strcmp(section->name, "set_vnet") != 0)
			continue;
		assert_true(section->size <= MODEL_SET);
		set->start = section->address;
		set->size = section->size;
		memcpy(set->reference, kernel->bytes + section->offset,
		    section->size);
	}
	for (i = 0; i < 2; i++)
		for (j = 0; j < kernel->nsymbols; j++)
			if (strcmp(kernel->symbols[j].name, modspace[i]) == 0)
				extent_insert(&model->sets[i], 0,
				    kernel->symbols[j].value,
				    kernel->symbols[j].size);
}

/* --- D-05: executable memory --- */

/* A page count up to 31, then 32 to 63, 64 to 127 and so on. */
static unsigned
block_class(uint64_t size)
{
	uint64_t pages = size / PAGE, end;
	unsigned class = 32;

	if (pages < 32)
		return (unsigned)pages;
	for (end = 64; pages >= end; end *= 2)
		class++;
	return class;
}

/* The smallest class that has room, of that the block freed last. */
static struct model_block *
find_block(struct model *model, uint64_t size)
{
	struct model_block *found = NULL;
	size_t i;

	for (i = 0; i < model->nblocks; i++) {
		struct model_block *block = &model->blocks[i];
		unsigned class = block_class(block->size);

		if (block->freed == 0 || block->size < size)
			continue;
		if (found == NULL || class < block_class(found->size) ||
		    (class == block_class(found->size) &&
		    block->freed > found->freed))
			found = block;
	}
	return found;
}

static struct model_block *
add_block(struct model *model)
{
	assert_true(model->nblocks < MODEL_BLOCKS);
	return &model->blocks[model->nblocks++];
}

static void
remove_block(struct model *model, struct model_block *block)
{
	*block = model->blocks[--model->nblocks];
}

/* A span of whole quanta, at the first place that nothing else has. */
static struct model_block *
add_span(struct model *model, uint64_t size)
{
	const struct model_machine *machine = model->graph->machine;
	bool later = model->graph->osreldate >= 1300139;
	struct model_block *block;
	uint64_t start = later ? machine->base_later : machine->base;
	uint64_t quantum = later ? machine->quantum_later : machine->quantum;
	size_t i = 0;

	size = round_up(size, quantum);
	if (!machine->apart_exec)
		start = round_up(model->floor, quantum);
	while (i < model->nblocks) {
		block = &model->blocks[i++];
		if (block->span >= start + size ||
		    block->span + block->span_size <= start)
			continue;
		start = block->span + block->span_size;
		i = 0;
	}
	block = add_block(model);
	*block = (struct model_block){ start, size, start, size,
	    ++model->frees };
	return block;
}

uint64_t
model_block_alloc(struct model *model, uint64_t size)
{
	struct model_block *block = find_block(model, size), *rest;

	if (block == NULL)
		block = add_span(model, size);
	if (block->size > size) {
		rest = add_block(model);
		*rest = *block;
		rest->start += size;
		rest->size -= size;
		rest->freed = ++model->frees;
	}
	block->size = size;
	block->freed = 0;
	return block->start;
}

/* A free neighbour of the block in its span, or NULL. */
static struct model_block *
neighbour(struct model *model, const struct model_block *block)
{
	size_t i;

	for (i = 0; i < model->nblocks; i++) {
		struct model_block *other = &model->blocks[i];

		if (other->freed != 0 && other->span == block->span &&
		    (other->start + other->size == block->start ||
		    block->start + block->size == other->start))
			return other;
	}
	return NULL;
}

void
model_block_free(struct model *model, uint64_t start)
{
	struct model_block freed, *other = model->blocks;

	while (other->start != start || other->freed != 0)
		assert_true(++other < model->blocks + model->nblocks);
	freed = *other;
	remove_block(model, other);
	freed.freed = ++model->frees;
	while ((other = neighbour(model, &freed)) != NULL) {
		if (other->start < freed.start)
			freed.start = other->start;
		freed.size += other->size;
		remove_block(model, other);
	}
	if (freed.size != freed.span_size)
		*add_block(model) = freed;
}

/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Changes of fields and of entries of tables.  What depends on a change (the
 * count, the size, indexes of what moved) is put right half of the time.
 */

#include "mutator_impl.h"

#include <string.h>

#define ANY_TABLE ((1u << FUZZ_STRUCTS) - 1)
#define LISTS (ANY_TABLE & ~(1u << FUZZ_EHDR))
#define TRIES 8

static uint64_t
place(const struct fuzz_table *table, size_t entry)
{
	return (table->offset + (uint64_t)entry * table->stride);
}

/* Any field of a structure. */
static enum fuzz_field_id
any_field(const struct fuzz_elf *elf, enum fuzz_struct of)
{
	enum fuzz_field_id first = 0, end;

	while (fuzz_fields[first].of != of)
		first++;
	for (end = first; end < FUZZ_FIELDS && fuzz_fields[end].of == of;)
		end++;
	return (first + (enum fuzz_field_id)fuzz_below(elf->random,
	    end - first));
}

bool
fuzz_change_field(struct fuzz_elf *elf)
{
	for (int i = 0; i < TRIES; i++) {
		const struct fuzz_table *table = fuzz_any_table(elf,
		    ANY_TABLE, 1);
		enum fuzz_field_id field = any_field(elf, table->of);
		uint64_t at = place(table, fuzz_any_entry(elf, table));
		uint64_t now = fuzz_get_field(elf, at, field);

		if (fuzz_put_field(elf, at, field, fuzz_value(elf,
		    fuzz_fields[field].meaning, now)))
			return (true);
	}
	return (false);
}

bool
fuzz_change_borrow(struct fuzz_elf *elf)
{
	const struct fuzz_table *table = fuzz_any_table(elf, LISTS, 2);

	for (int i = 0; table != NULL && i < TRIES; i++) {
		enum fuzz_field_id field = any_field(elf, table->of);
		uint64_t from = place(table, fuzz_any_entry(elf, table));
		uint64_t to = place(table, fuzz_any_entry(elf, table));

		if (fuzz_put_field(elf, to, field, fuzz_get_field(elf, from,
		    field)))
			return (true);
	}
	return (false);
}

/* Two entries that differ. */
static bool
any_two(const struct fuzz_elf *elf, const struct fuzz_table *table,
    uint8_t **a, uint8_t **b)
{
	for (int i = 0; table != NULL && i < TRIES; i++) {
		*a = elf->input->data + place(table,
		    fuzz_any_entry(elf, table));
		*b = elf->input->data + place(table,
		    fuzz_any_entry(elf, table));
		if (memcmp(*a, *b, table->stride) != 0)
			return (true);
	}
	return (false);
}

bool
fuzz_change_swap(struct fuzz_elf *elf)
{
	const struct fuzz_table *table = fuzz_any_table(elf, LISTS, 2);
	uint8_t *a, *b, kept[64];

	if (!any_two(elf, table, &a, &b))
		return (false);
	memcpy(kept, a, table->stride);
	memcpy(a, b, table->stride);
	memcpy(b, kept, table->stride);
	return (true);
}

bool
fuzz_change_copy(struct fuzz_elf *elf)
{
	const struct fuzz_table *table = fuzz_any_table(elf, LISTS, 2);
	uint8_t *a, *b;

	if (!any_two(elf, table, &a, &b))
		return (false);
	memcpy(a, b, table->stride);
	return (true);
}

/* --- what says how many there are, and where --- */

static bool
set_count(struct fuzz_elf *elf, const struct fuzz_table *table, size_t count)
{
	if (table->section != 0)
		return (fuzz_put_field(elf, fuzz_section_header(elf,
		    table->section), SH_SIZE,
		    (uint64_t)count * table->stride));
	if (table->of == FUZZ_SHDR)
		return (fuzz_put_field(elf, 0, E_SHNUM, count));
	if (table->of == FUZZ_PHDR)
		return (fuzz_put_field(elf, 0, E_PHNUM, count));
	return (false);
}

static void
set_place(struct fuzz_elf *elf, const struct fuzz_table *table,
    uint64_t offset)
{
	if (table->section != 0)
		fuzz_put_field(elf, fuzz_section_header(elf, table->section),
		    SH_OFFSET, offset);
	else if (table->of == FUZZ_SHDR)
		fuzz_put_field(elf, 0, E_SHOFF, offset);
	else if (table->of == FUZZ_PHDR)
		fuzz_put_field(elf, 0, E_PHOFF, offset);
}

/* An index one of whose predecessors has gone; reserved ones stay. */
static bool
lower(struct fuzz_elf *elf, uint64_t at, enum fuzz_field_id field,
    uint64_t gone)
{
	uint64_t index = fuzz_get_field(elf, at, field);

	return (index > gone && index < 0xff00 &&
	    fuzz_put_field(elf, at, field, index - 1));
}

/* Section `gone` has gone: all that follow have another index. */
static bool
renumber(struct fuzz_elf *elf, uint64_t gone)
{
	bool changed = lower(elf, 0, E_SHSTRNDX, gone);

	for (size_t i = 0; i < elf->ntables; i++) {
		const struct fuzz_table *table = &elf->tables[i];

		for (size_t j = 0; j < table->count; j++) {
			if (table->of == FUZZ_SYM)
				changed |= lower(elf, place(table, j),
				    ST_SHNDX, gone);
			if (table->of != FUZZ_SHDR)
				continue;
			changed |= lower(elf, place(table, j), SH_LINK, gone);
			changed |= lower(elf, place(table, j), SH_INFO, gone);
		}
	}
	return (changed);
}

/* Move what is behind the entry down, and a zero entry in at the end. */
static bool
close_gap(struct fuzz_elf *elf, const struct fuzz_table *table, size_t gone)
{
	uint8_t *from = elf->input->data + place(table, gone);
	size_t n = (table->count - 1 - gone) * table->stride;
	static const uint8_t zero[64];
	bool changed = memcmp(from, from + table->stride, n) != 0 ||
	    memcmp(from + n, zero, table->stride) != 0;

	memmove(from, from + table->stride, n);
	memset(from + n, 0, table->stride);
	return (changed);
}

bool
fuzz_change_remove(struct fuzz_elf *elf)
{
	const struct fuzz_table *table = fuzz_any_table(elf, LISTS, 2);
	struct fuzz_table was;
	bool changed = false;
	size_t gone;

	if (table == NULL)
		return (false);
	was = *table;
	gone = fuzz_any_entry(elf, table);
	if (was.of == FUZZ_SHDR && fuzz_coin(elf->random))
		changed = renumber(elf, gone);
	/* The count first: its place may be in what moves. */
	if (fuzz_coin(elf->random))
		changed |= set_count(elf, &was, was.count - 1);
	changed |= close_gap(elf, &was, gone);
	return (changed);
}

/* Where something can be appended; max if there is no room for it. */
static size_t
room(const struct fuzz_elf *elf, size_t bytes)
{
	size_t at = (elf->input->size + 7) & ~(size_t)7;

	if (at > elf->input->max || bytes > elf->input->max - at)
		return (elf->input->max);
	return (at);
}

bool
fuzz_change_insert(struct fuzz_elf *elf)
{
	const struct fuzz_table *table = fuzz_any_table(elf, LISTS, 1);
	struct fuzz_input *input = elf->input;
	struct fuzz_table was;
	size_t bytes, to, entry;

	if (table == NULL || (table->section == 0 &&
	    table->of != FUZZ_SHDR && table->of != FUZZ_PHDR))
		return (false);
	was = *table;
	bytes = was.count * was.stride;
	to = room(elf, bytes + was.stride);
	if (to == input->max)
		return (false);
	entry = fuzz_any_entry(elf, table);
	memset(input->data + input->size, 0, to - input->size);
	memcpy(input->data + to, input->data + was.offset, bytes);
	memcpy(input->data + to + bytes, input->data + place(&was, entry),
	    was.stride);
	input->size = to + bytes + was.stride;
	/* The header of a moved header table is the old one, for a while. */
	set_place(elf, &was, to);
	if (fuzz_coin(elf->random))
		set_count(elf, &was, was.count + 1);
	return (true);
}

/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Changes that need to know what refers to what: bounds of sets, targets of
 * relocations, hash chains, module metadata.
 */

#include "mutator_impl.h"

#include <string.h>

enum { ET_REL = 1, SHF_ALLOC = 2, TRIES = 32 };

/* A section that the kernel loads; sets of modules' data rather than others. */
static bool
any_loaded(const struct fuzz_elf *elf, uint64_t *index_ret,
    struct fuzz_section *section)
{
	const struct fuzz_table *headers = fuzz_table_of(elf, FUZZ_SHDR);
	uint64_t names = fuzz_get_field(elf, 0, E_SHSTRNDX);
	bool found = false;

	for (int i = 0; headers != NULL && i < TRIES; i++) {
		uint64_t index = fuzz_any_entry(elf, headers);
		struct fuzz_section one;

		if (!fuzz_section(elf, index, &one) ||
		    (one.flags & SHF_ALLOC) == 0)
			continue;
		*section = one;
		*index_ret = index;
		found = true;
		if (fuzz_string_begins(elf, names, one.name, "set_"))
			break;
	}
	return (found);
}

/* --- bounds of sets (O-32, D-64) --- */

static bool
is_bound(const struct fuzz_elf *elf, const struct fuzz_table *symbols,
    uint64_t at)
{
	struct fuzz_section section;
	uint64_t name = fuzz_get_field(elf, at, ST_NAME);

	return (fuzz_section(elf, symbols->section, &section) &&
	    (fuzz_string_begins(elf, section.link, name, "__start_") ||
	    fuzz_string_begins(elf, section.link, name, "__stop_")));
}

/* Define a bound, at either end of a loaded section or next to it. */
static bool
move_bound(struct fuzz_elf *elf, uint64_t at)
{
	struct fuzz_section section = { .size = 0 };
	uint64_t value = fuzz_get_field(elf, at, ST_VALUE);
	uint64_t index = fuzz_get_field(elf, at, ST_SHNDX);
	unsigned word = elf->wide ? 8 : 4;
	bool changed = false;

	if (any_loaded(elf, &index, &section))
		value = elf->type == ET_REL ? 0 : section.address;
	if (fuzz_coin(elf->random))
		value += section.size;
	value += (fuzz_below(elf->random, 3) - 1) * word;
	if (fuzz_get_field(elf, at, ST_SHNDX) == 0 || fuzz_coin(elf->random))
		changed = fuzz_put_field(elf, at, ST_SHNDX, index);
	return (fuzz_put_field(elf, at, ST_VALUE, value) || changed);
}

bool
fuzz_change_bound(struct fuzz_elf *elf)
{
	const struct fuzz_table *table = fuzz_any_table(elf, 1u << FUZZ_SYM,
	    1);
	size_t first;

	if (table == NULL)
		return (false);
	first = fuzz_any_entry(elf, table);
	for (size_t i = 0; i < table->count; i++) {
		uint64_t at = table->offset +
		    (first + i) % table->count * table->stride;

		if (is_bound(elf, table, at) && move_bound(elf, at))
			return (true);
	}
	return (false);
}

/* --- relocations --- */

bool
fuzz_change_edge(struct fuzz_elf *elf)
{
	static const int64_t steps[] = { 0, 0, -1, -2, -3, -4, -7, -8, 1, 4 };
	const struct fuzz_table *table = fuzz_any_table(elf,
	    1u << FUZZ_REL | 1u << FUZZ_RELA, 1);
	struct fuzz_section section;
	enum fuzz_field_id field;
	uint64_t at, edge, index;

	if (table == NULL)
		return (false);
	at = table->offset + fuzz_any_entry(elf, table) * table->stride;
	field = table->of == FUZZ_REL ? REL_OFFSET : RELA_OFFSET;
	if (elf->type == ET_REL) {
		if (!fuzz_section(elf, table->section, &section) ||
		    !fuzz_section(elf, section.info, &section))
			return (false);
		edge = 0;
	} else {
		if (!any_loaded(elf, &index, &section))
			return (false);
		edge = section.address;
	}
	for (int i = 0; i < TRIES; i++) {
		uint64_t value = edge +
		    (fuzz_coin(elf->random) ? section.size : 0) +
		    (uint64_t)steps[fuzz_below(elf->random,
		    FUZZ_COUNT(steps))];

		if (fuzz_put_field(elf, at, field, value))
			return (true);
	}
	return (false);
}

/* --- hash chains (D-12, Z-41) --- */

bool
fuzz_change_chain(struct fuzz_elf *elf)
{
	const struct fuzz_table *table = fuzz_any_table(elf, 1u << FUZZ_HASH,
	    4);
	uint64_t nbucket, nchain, from, to, chains;
	bool changed;

	if (table == NULL)
		return (false);
	nbucket = fuzz_get(elf, table->offset, 4);
	nchain = fuzz_get(elf, table->offset + 4, 4);
	if (nbucket == 0 || nchain < 2 || nbucket > table->count - 2 ||
	    nchain > table->count - 2 - nbucket)
		return (false);
	/* 0 ends a chain, so neither of the two that form a ring is 0. */
	from = 1 + fuzz_below(elf->random, nchain - 1);
	to = 1 + fuzz_below(elf->random, nchain - 1);
	chains = table->offset + 4 * (2 + nbucket);
	changed = fuzz_put(elf, chains + 4 * from, 4, to);
	changed |= fuzz_put(elf, chains + 4 * to, 4, from);
	changed |= fuzz_put(elf, table->offset + 4 * (2 +
	    fuzz_below(elf->random, nbucket)), 4, from);
	return (changed);
}

/* --- module metadata (M-01) --- */

/* Where a relocation of ET_REL leads to in the file. */
static bool
follow_relocation(const struct fuzz_elf *elf, const struct fuzz_table *table,
    uint64_t at, uint64_t *offset_ret)
{
	bool rela = table->of == FUZZ_RELA;
	uint64_t info = fuzz_get_field(elf, at, rela ? RELA_INFO : REL_INFO);
	uint64_t symbol = elf->wide ? info >> 32 : info >> 8;
	const struct fuzz_table *symbols = fuzz_table_of(elf, FUZZ_SYM);
	struct fuzz_section section;

	if (symbols == NULL || symbol >= symbols->count)
		return (false);
	symbol = symbols->offset + symbol * symbols->stride;
	if (!fuzz_section(elf, fuzz_get_field(elf, symbol, ST_SHNDX),
	    &section))
		return (false);
	*offset_ret = section.offset +
	    fuzz_get_field(elf, symbol, ST_VALUE) +
	    (rela ? fuzz_get_field(elf, at, RELA_ADDEND) : 0);
	return (true);
}

/* A structure that an entry of a set points to, in ET_REL. */
static bool
set_target_obj(const struct fuzz_elf *elf, uint64_t *offset_ret)
{
	uint64_t names = fuzz_get_field(elf, 0, E_SHSTRNDX);

	for (int i = 0; i < TRIES; i++) {
		const struct fuzz_table *table = fuzz_any_table(elf,
		    1u << FUZZ_REL | 1u << FUZZ_RELA, 1);
		struct fuzz_section section;

		if (table != NULL &&
		    fuzz_section(elf, table->section, &section) &&
		    fuzz_section(elf, section.info, &section) &&
		    fuzz_string_begins(elf, names, section.name, "set_") &&
		    follow_relocation(elf, table, table->offset +
		    fuzz_any_entry(elf, table) * table->stride, offset_ret))
			return (true);
	}
	return (false);
}

/* The same in ET_DYN: the entry itself, or the addend of its relocation. */
static bool
set_target_dyn(const struct fuzz_elf *elf, uint64_t *offset_ret)
{
	unsigned word = elf->wide ? 8 : 4;
	struct fuzz_section section;
	uint64_t names = fuzz_get_field(elf, 0, E_SHSTRNDX);
	uint64_t index, entry, value;

	/* What is in these two sets are no pointers. */
	if (!any_loaded(elf, &index, &section) || section.size < word ||
	    !fuzz_string_begins(elf, names, section.name, "set_") ||
	    fuzz_string_begins(elf, names, section.name, "set_pcpu") ||
	    fuzz_string_begins(elf, names, section.name, "set_vnet"))
		return (false);
	entry = fuzz_below(elf->random, section.size / word) * word;
	value = fuzz_get(elf, section.offset + entry, word);
	if (value != 0)
		return (fuzz_address_offset(elf, value, offset_ret));
	for (size_t i = 0; i < elf->ntables; i++) {
		const struct fuzz_table *table = &elf->tables[i];

		for (size_t j = 0; table->of == FUZZ_RELA && j < table->count;
		    j++) {
			uint64_t at = table->offset + j * table->stride;

			if (fuzz_get_field(elf, at, RELA_OFFSET) ==
			    section.address + entry)
				return (fuzz_address_offset(elf,
				    fuzz_get_field(elf, at, RELA_ADDEND),
				    offset_ret));
		}
	}
	return (false);
}

/*
 * struct mod_metadata: int version, int type, two pointers; what the others
 * begin with are ints too, so the same words tell something there.
 */
bool
fuzz_change_metadata(struct fuzz_elf *elf)
{
	for (int i = 0; i < TRIES; i++) {
		unsigned width = fuzz_coin(elf->random) && elf->wide ? 8 : 4;
		uint64_t at;

		if (!(elf->type == ET_REL ? set_target_obj(elf, &at) :
		    set_target_dyn(elf, &at)))
			continue;
		at += fuzz_below(elf->random, 24 / width) * width;
		if (fuzz_put(elf, at, width, fuzz_value(elf, fuzz_coin(
		    elf->random) ? FUZZ_WORD : FUZZ_PLACE, fuzz_get(elf, at,
		    width))))
			return (true);
	}
	return (false);
}

/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A plain reading of an ET_REL file, which shares nothing with the library:
 * outside of the fields that its relocations name, its sections are in memory
 * as they are in the file (O-20 to O-23).
 */

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { PROGBITS = 1, RELA = 4, NOBITS = 8, REL = 9 };

/* A relocation writes no more than this. */
#define FIELD 8

struct plain {
	const uint8_t *at;
	size_t size;
	bool wide, big;
};

static uint64_t
get(const struct plain *plain, uint64_t offset, unsigned width)
{
	uint64_t value = 0;

	if (offset > plain->size || width > plain->size - offset)
		return (0);
	for (unsigned i = 0; i < width; i++)
		value |= (uint64_t)plain->at[offset + i] <<
		    8 * (plain->big ? width - 1 - i : i);
	return (value);
}

struct header {
	uint32_t type, info;
	uint64_t flags, offset, size, entsize;
};

static struct header
header_of(const struct plain *plain, unsigned index)
{
	const unsigned word = plain->wide ? 8 : 4;
	uint64_t at = get(plain, plain->wide ? 40 : 32, word) +
	    (uint64_t)index * (plain->wide ? 64 : 40);
	struct header header;

	header.type = (uint32_t)get(plain, at + 4, 4);
	header.flags = get(plain, at + 8, word);
	header.offset = get(plain, at + 8 + 2 * word, word);
	header.size = get(plain, at + 8 + 3 * word, word);
	header.info = (uint32_t)get(plain, at + 8 + 4 * word + 4, 4);
	header.entsize = get(plain, at + 8 + 6 * word, word);
	return (header);
}

/* Where a section of the file is in memory; false: nowhere. */
static bool
address_of(const struct kldsim *sim, int fileid, unsigned index,
    kldsim_addr *address_ret)
{
	struct kldsim_section section;

	for (size_t i = 0; kldsim_file_section(sim, fileid, i, &section) ==
	    KLDSIM_OK; i++) {
		if (section.index != index)
			continue;
		*address_ret = section.address;
		return (true);
	}
	return (false);
}

/* Mark what a table's relocations of a section at `base` may write. */
static void
mark_fields(const struct plain *plain, const struct header *table,
    kldsim_addr base, const struct kldsim_section *section, uint8_t *mask)
{
	const unsigned word = plain->wide ? 8 : 4;
	const unsigned each = word * (table->type == RELA ? 3 : 2);

	for (uint64_t r = 0; r + each <= table->size; r += each) {
		kldsim_addr field = base + get(plain, table->offset + r, word);

		/* An offset may lead to another section (Z-10). */
		for (unsigned b = 0; b < FIELD; b++)
			if (field + b - section->address < section->size)
				mask[field + b - section->address] = 1;
	}
}

static void
mark_all(const struct kldsim *sim, int fileid, const struct plain *plain,
    const struct kldsim_section *section, uint8_t *mask)
{
	unsigned count = (unsigned)get(plain, plain->wide ? 60 : 48, 2);

	for (unsigned i = 0; i < count; i++) {
		struct header table = header_of(plain, i);
		kldsim_addr base;

		if ((table.type == RELA || table.type == REL) &&
		    table.size <= plain->size &&
		    address_of(sim, fileid, table.info, &base))
			mark_fields(plain, &table, base, section, mask);
	}
}

/* SYSINITs are sorted in place (M-30). */
static bool
is_sorted(const char *name)
{
	return (strncmp(name, "set_sys", 7) == 0);
}

static void
check_section(const struct kldsim *sim, int fileid, const struct plain *plain,
    const struct kldsim_section *section)
{
	struct header header = header_of(plain, section->index);
	uint64_t size = section->size;
	uint8_t *mask, *have;

	if (size == 0 || size > plain->size || is_sorted(section->name))
		return;
	mask = calloc(1, (size_t)size);
	have = malloc((size_t)size);
	FUZZ_CHECK(mask != NULL && have != NULL, "no memory");
	FUZZ_CHECK(kldsim_read(sim, section->address, have, (size_t)size) ==
	    KLDSIM_OK, "%s cannot be read", section->name);
	mark_all(sim, fileid, plain, section, mask);
	for (uint64_t i = 0; i < size; i++)
		FUZZ_CHECK(mask[i] != 0 || have[i] == (header.type == NOBITS ?
		    0 : get(plain, header.offset + i, 1)),
		    "%s+0x%llx is not what the file has, and in no field",
		    section->name, (unsigned long long)i);
	free(mask);
	free(have);
}

void
fuzz_check_memory(const struct kldsim *sim, int fileid,
    const struct fuzz_bytes *file)
{
	struct plain plain = { file->at, file->left, false, false };
	struct kldsim_section section;

	plain.wide = get(&plain, 4, 1) == 2;
	plain.big = get(&plain, 5, 1) == 2;
	if (get(&plain, 16, 2) != 1)
		return; /* not ET_REL */
	for (size_t i = 0; kldsim_file_section(sim, fileid, i, &section) ==
	    KLDSIM_OK; i++)
		check_section(sim, fileid, &plain, &section);
}

/* SPDX-License-Identifier: BSD-2-Clause */

/* Changes of names and string tables. */

#include "mutator_impl.h"

#include <string.h>

enum { SHT_STRTAB = 3, SHF_ALLOC = 2, TRIES = 8 };

/* The string table of the names in a table of symbols or sections. */
static uint64_t
names_of(const struct fuzz_elf *elf, const struct fuzz_table *table)
{
	struct fuzz_section section;

	if (table->of == FUZZ_SHDR)
		return (fuzz_get_field(elf, 0, E_SHSTRNDX));
	return (fuzz_section(elf, table->section, &section) ? section.link :
	    0);
}

/* Where a string table has a name, terminated; false if nowhere. */
static bool
find_name(const struct fuzz_elf *elf, const struct fuzz_section *strings,
    const char *name, uint64_t *at_ret)
{
	size_t size, n = strlen(name) + 1;
	const uint8_t *table = fuzz_section_bytes(elf, strings, &size);

	for (size_t at = 0; at + n <= size; at++)
		if (memcmp(table + at, name, n) == 0) {
			*at_ret = at;
			return (true);
		}
	return (false);
}

/* Move a string table to the file's end and append a name. */
static bool
append_name(struct fuzz_elf *elf, uint64_t index,
    const struct fuzz_section *strings, const char *name, uint64_t *at_ret)
{
	struct fuzz_input *input = elf->input;
	size_t n, length = strlen(name) + 1;
	const uint8_t *bytes = fuzz_section_bytes(elf, strings, &n);
	size_t header = fuzz_section_header(elf, index);

	if ((strings->flags & SHF_ALLOC) != 0 ||
	    length > input->max - input->size ||
	    n > input->max - input->size - length)
		return (false);
	memcpy(input->data + input->size, bytes, n);
	memcpy(input->data + input->size + n, name, length);
	fuzz_put_field(elf, header, SH_OFFSET, input->size);
	fuzz_put_field(elf, header, SH_SIZE, n + length);
	input->size += n + length;
	*at_ret = n;
	return (true);
}

/* Write over the name that is there, cut if it is too long. */
static bool
overwrite_name(struct fuzz_elf *elf, const struct fuzz_section *strings,
    uint64_t at, const char *name)
{
	size_t size;
	uint8_t *table = fuzz_section_bytes(elf, strings, &size);
	bool changed = false;

	for (; at < size && table[at] != 0; at++) {
		if (table[at] != (uint8_t)*name)
			changed = true;
		table[at] = (uint8_t)*name;
		if (*name == '\0')
			break;
		name++;
	}
	return (changed);
}

bool
fuzz_change_name(struct fuzz_elf *elf)
{
	const struct fuzz_table *table = fuzz_any_table(elf,
	    1u << FUZZ_SHDR | 1u << FUZZ_SYM, 1);
	const char *name = fuzz_names[fuzz_below(elf->random, fuzz_nnames)];
	enum fuzz_field_id field;
	struct fuzz_section strings;
	uint64_t at, to, index;

	if (table == NULL)
		return (false);
	index = names_of(elf, table);
	field = table->of == FUZZ_SHDR ? SH_NAME : ST_NAME;
	at = table->offset + fuzz_any_entry(elf, table) * table->stride;
	if (!fuzz_section(elf, index, &strings))
		return (false);
	if (find_name(elf, &strings, name, &to) ||
	    append_name(elf, index, &strings, name, &to))
		return (fuzz_put_field(elf, at, field, to));
	return (overwrite_name(elf, &strings, fuzz_get_field(elf, at, field),
	    name));
}

bool
fuzz_change_terminator(struct fuzz_elf *elf)
{
	const struct fuzz_table *headers = fuzz_table_of(elf, FUZZ_SHDR);
	struct fuzz_section section;

	for (int i = 0; headers != NULL && i < TRIES; i++) {
		uint8_t *bytes;
		size_t n;

		if (!fuzz_section(elf, fuzz_any_entry(elf, headers),
		    &section) || section.type != SHT_STRTAB)
			continue;
		bytes = fuzz_section_bytes(elf, &section, &n);
		if (n != 0 && bytes[n - 1] == 0) {
			bytes[n - 1] = 'x';
			return (true);
		}
	}
	return (false);
}

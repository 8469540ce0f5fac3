/* SPDX-License-Identifier: BSD-2-Clause */

/* ELF files and their relocations; see plain.h. */

#include "plain.h"

#include <string.h>

struct plain
plain_of(const struct fuzz_bytes *file)
{
	struct plain plain = { .at = file->at, .size = file->left };

	plain.wide = plain_get(&plain, 4, 1) == 2;
	plain.big = plain_get(&plain, 5, 1) == 2;
	plain.type = (unsigned)plain_get(&plain, 16, 2);
	plain.machine = (unsigned)plain_get(&plain, 18, 2);
	return (plain);
}

uint64_t
plain_get(const struct plain *plain, uint64_t offset, unsigned width)
{
	uint64_t value = 0;

	/* Zeros lie behind the end, in the middle of a field too (Z-31). */
	for (unsigned i = 0; i < width; i++)
		if (offset < plain->size && i < plain->size - offset)
			value |= (uint64_t)plain->at[offset + i] <<
			    8 * (plain->big ? width - 1 - i : i);
	return (value);
}

unsigned
plain_word(const struct plain *plain)
{
	return (plain->wide ? 8 : 4);
}

unsigned
plain_nsections(const struct plain *plain)
{
	return ((unsigned)plain_get(plain, plain->wide ? 60 : 48, 2));
}

struct plain_section
plain_section(const struct plain *plain, unsigned index)
{
	const unsigned word = plain_word(plain);
	uint64_t at = plain_get(plain, plain->wide ? 40 : 32, word) +
	    (uint64_t)index * (plain->wide ? 64 : 40);
	struct plain_section section;

	section.type = (uint32_t)plain_get(plain, at + 4, 4);
	section.flags = plain_get(plain, at + 8, word);
	section.offset = plain_get(plain, at + 8 + 2 * word, word);
	section.size = plain_get(plain, at + 8 + 3 * word, word);
	section.info = (uint32_t)plain_get(plain, at + 8 + 4 * word + 4, 4);
	return (section);
}

/* --- relocations --- */

/* How many bytes the kernels store for a type (section 6); others: none. */
static unsigned
width_of(unsigned machine, uint32_t type)
{
	static const struct {
		uint16_t machine;
		uint8_t width;
		uint16_t types[8]; /* up to a 0 */
	} known[] = {
		{ 3, 4, { 1, 2, 6, 7, 8, 42 } },
		{ 20, 4, { 1, 21, 22, 248 } },
		{ 20, 2, { 4, 6 } },
		{ 21, 8, { 22, 38, 248 } },
		{ 21, 24, { 21 } }, /* a function descriptor, ELFv1 */
		{ 40, 4, { 2, 22, 23 } },
		{ 62, 8, { 1, 6, 7, 8, 37 } },
		{ 62, 4, { 2, 4, 11 } },
		{ 183, 8, { 257, 1025, 1026, 1027, 1032 } },
		{ 183, 4, { 279, 280, 282, 283 } },
		{ 243, 8, { 2, 3, 5 } },
		{ 243, 4, { 23, 24, 25, 26, 27, 28 } },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		for (unsigned t = 0; known[i].types[t] != 0; t++)
			if (known[i].machine == machine &&
			    known[i].types[t] == type)
				return (known[i].width);
	return (0);
}

void
plain_mark(struct plain_region *region, kldsim_addr address, uint64_t size)
{
	for (uint64_t b = 0; b < size; b++)
		if (address + b - region->start < region->size)
			region->changed[address + b - region->start] = 1;
}

void
plain_mark_fields(const struct plain *plain, uint64_t table, uint64_t size,
    bool rela, kldsim_addr base, struct plain_region *region)
{
	const unsigned word = plain_word(plain);
	const unsigned each = word * (rela ? 3 : 2);

	if (table > plain->size)
		return;
	if (size > plain->size - table)
		size = plain->size - table;
	for (uint64_t r = 0; r + each <= size; r += each) {
		uint64_t info = plain_get(plain, table + r + word, word);
		kldsim_addr place = base + plain_get(plain, table + r, word);

		/* ELF32_R_TYPE is a byte; an address is a word. */
		plain_mark(region, plain->wide ? place : (uint32_t)place,
		    width_of(plain->machine, plain->wide ? (uint32_t)info :
		    (uint8_t)info));
	}
}

/* --- shared objects --- */

#define PAGE UINT64_C(4096)
#define DT_PPC_GOT_TAG 0x70000000u

enum { PT_LOAD_TYPE = 1, PT_DYNAMIC_TYPE = 2 };
enum { T_PLTRELSZ = 2, T_HASH = 4, T_STRTAB, T_SYMTAB, T_RELA, T_RELASZ,
	T_STRSZ = 10, T_REL = 17, T_RELSZ, T_PLTREL = 20, T_JMPREL = 23,
	T_KEPT };

struct segment {
	uint32_t type;
	uint64_t offset, vaddr, filesz, memsz;
};

static struct segment
segment_at(const struct plain *file, unsigned index)
{
	const unsigned word = plain_word(file);
	const uint64_t at = plain_get(file, file->wide ? 32 : 28, word) +
	    (uint64_t)index * (file->wide ? 56 : 32);
	const uint64_t from = at + (file->wide ? 8 : 4);
	struct segment segment;

	segment.type = (uint32_t)plain_get(file, at, 4);
	segment.offset = plain_get(file, from, word);
	segment.vaddr = plain_get(file, from + word, word);
	segment.filesz = plain_get(file, from + 3 * word, word);
	segment.memsz = plain_get(file, from + 4 * word, word);
	return (segment);
}

static void
copy_segment(const struct plain *file, const struct segment *segment,
    uint64_t to, uint8_t *image, size_t size)
{
	for (uint64_t i = 0; i < segment->filesz && i < size; i++)
		if (to + i < size && segment->offset + i < file->size)
			image[to + i] = file->at[segment->offset + i];
	for (uint64_t i = segment->filesz; i < segment->memsz && i < size; i++)
		if (to + i < size)
			image[to + i] = 0;
}

/* Addresses of the machine wrap around. */
static uint64_t
distance(const struct plain *file, uint64_t to, uint64_t from)
{
	return (file->wide ? to - from : (uint32_t)(to - from));
}

/* The dynamic section's offset in the image. */
static uint64_t
copy_segments(const struct plain *file, uint8_t *image, size_t size)
{
	unsigned count = (unsigned)plain_get(file, file->wide ? 56 : 44, 2);
	uint64_t first = 0, dynamic = 0;
	bool any = false;

	for (unsigned i = 0; i < count; i++) {
		struct segment segment = segment_at(file, i);

		if (segment.type == PT_DYNAMIC_TYPE)
			dynamic = segment.vaddr;
		if (segment.type != PT_LOAD_TYPE)
			continue;
		if (!any)
			first = segment.vaddr / PAGE * PAGE;
		any = true;
		copy_segment(file, &segment, distance(file, segment.vaddr,
		    first), image, size);
	}
	return (distance(file, dynamic, first));
}

struct tags {
	uint64_t values[T_KEPT];
	uint64_t got; /* DT_PPC_GOT, which may be 0 */
	bool has_got;
};

/* D-10: the last of a kind counts. */
static struct tags
read_tags(const struct plain *image, uint64_t at)
{
	const unsigned word = plain_word(image);
	struct tags tags;
	uint64_t tag;

	memset(&tags, 0, sizeof(tags));
	for (; (tag = plain_get(image, at, word)) != 0; at += 2 * word) {
		if (tag < T_KEPT)
			tags.values[tag] = plain_get(image, at + word, word);
		if (tag == DT_PPC_GOT_TAG) {
			tags.got = plain_get(image, at + word, word);
			tags.has_got = true;
		}
	}
	return (tags);
}

static bool
is_changed(const struct plain_region *region, uint64_t offset, uint64_t size)
{
	for (uint64_t i = offset; i < region->size && i - offset < size; i++)
		if (region->changed[i] != 0)
			return (true);
	return (false);
}

/* What the kernel reads again after it has begun to relocate. */
static bool
tables_change(const struct plain *image, const struct tags *tags,
    const struct plain_region *region)
{
	const uint64_t *v = tags->values;
	const uint64_t chains = plain_get(image, v[T_HASH] + 4, 4);
	const uint64_t words = 2 + plain_get(image, v[T_HASH], 4) + chains;
	const uint64_t tables[][2] = {
		{ v[T_REL], v[T_RELSZ] }, { v[T_RELA], v[T_RELASZ] },
		{ v[T_JMPREL], v[T_PLTRELSZ] }, { v[T_STRTAB], v[T_STRSZ] },
		{ v[T_SYMTAB], chains * (image->wide ? 24 : 16) },
		{ v[T_HASH], words * 4 },
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (is_changed(region, tables[i][0], tables[i][1]))
			return (true);
	return (false);
}

/* D-40: the local pass takes an entry that only begins within the table. */
static void
mark_table(const struct plain *image, uint64_t table, uint64_t size, bool rela,
    struct plain_region *region)
{
	const unsigned each = plain_word(image) * (rela ? 3 : 2);

	size = (uint32_t)size;
	plain_mark_fields(image, table, size + each - 1, rela,
	    region->start, region);
}

bool
plain_load(const struct plain *file, uint8_t *image,
    struct plain_region *region)
{
	struct plain loaded = *file;
	uint64_t dynamic = copy_segments(file, image, region->size);
	struct tags tags;
	const uint64_t *v = tags.values;

	loaded.at = image;
	loaded.size = region->size;
	tags = read_tags(&loaded, dynamic);
	mark_table(&loaded, v[T_REL], v[T_RELSZ], false, region);
	mark_table(&loaded, v[T_RELA], v[T_RELASZ], true, region);
	mark_table(&loaded, v[T_JMPREL], v[T_PLTRELSZ],
	    v[T_PLTREL] == T_RELA, region);
	if (tags.has_got) /* the stub and the 0 of D-11 */
		plain_mark(region, region->start + tags.got + 4, 8);
	return (!tables_change(&loaded, &tags, region));
}

/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a file has become: outside of the fields of its relocations it is in
 * memory as it is in the file (O-20 to O-23, D-06), and every CPU and vnet has
 * of its sets what the rules of the release say (O-22 to O-24, D-34, D-36).
 */

#include "plain.h"

#include <stdlib.h>
#include <string.h>

/* V-38: vnets get the relocated reference copy, after the sysctls. */
#define PROPAGATES 1500002u

static void *
zeroed(size_t size)
{
	void *memory = calloc(1, size != 0 ? size : 1);

	FUZZ_CHECK(memory != NULL, "no memory");
	return (memory);
}

/* What is at an address now. */
static uint8_t *
bytes_at(const struct kldsim *sim, kldsim_addr address, size_t size,
    const char *what)
{
	uint8_t *bytes = zeroed(size);

	FUZZ_CHECK(kldsim_read(sim, address, bytes, size) == KLDSIM_OK,
	    "%s cannot be read", what);
	return (bytes);
}

/* Memory is as expected where it may not change. */
static void
compare(const struct kldsim *sim, const struct plain_region *region,
    const uint8_t *expected, const char *what)
{
	uint8_t *have = bytes_at(sim, region->start, region->size, what);

	for (size_t i = 0; i < region->size; i++)
		FUZZ_CHECK(region->changed[i] != 0 || have[i] == expected[i],
		    "%s+0x%zx is 0x%02x, 0x%02x in the file, and in no field",
		    what, i, have[i], expected[i]);
	free(have);
}

/* --- ET_REL --- */

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

/* The fields of all tables: an offset may lead to another section (Z-10). */
static void
mark_tables(const struct kldsim *sim, int fileid, const struct plain *plain,
    struct plain_region *region)
{
	for (unsigned i = 0; i < plain_nsections(plain); i++) {
		struct plain_section table = plain_section(plain, i);
		kldsim_addr base;

		if ((table.type == PLAIN_RELA || table.type == PLAIN_REL) &&
		    table.size <= plain->size &&
		    address_of(sim, fileid, table.info, &base))
			plain_mark_fields(plain, table.offset, table.size,
			    table.type == PLAIN_RELA, base, region);
	}
}

/* O-15, O-23: what the kernel fills with zeros, whatever the file has. */
static bool
has_bits(const struct plain_section *section)
{
	return (section->type != PLAIN_NOBITS &&
	    section->type != PLAIN_INIT_ARRAY &&
	    section->type != PLAIN_FINI_ARRAY);
}

/* A section before any relocation; `size` bytes of it. */
static uint8_t *
section_bytes(const struct plain *plain, unsigned index, size_t size)
{
	struct plain_section section = plain_section(plain, index);
	uint8_t *bytes = zeroed(size);

	for (size_t i = 0; i < size && has_bits(&section); i++)
		bytes[i] = (uint8_t)plain_get(plain, section.offset + i, 1);
	return (bytes);
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
	struct plain_region region = { .start = section->address,
		.size = (size_t)section->size };
	uint8_t *expected;

	if (section->size == 0 || section->size > plain->size ||
	    is_sorted(section->name))
		return;
	region.changed = zeroed(region.size);
	expected = section_bytes(plain, section->index, region.size);
	mark_tables(sim, fileid, plain, &region);
	compare(sim, &region, expected, section->name);
	free(expected);
	free(region.changed);
}

/* --- ET_DYN --- */

/* SYSINITs again, between the symbols of the set (D-64). */
static void
mark_sorted(struct kldsim *sim, int fileid, struct plain_region *region)
{
	static const char *const sets[][2] = {
		{ "__start_set_sysinit_set", "__stop_set_sysinit_set" },
		{ "__start_set_sysuninit_set", "__stop_set_sysuninit_set" },
	};

	for (unsigned i = 0; i < 2; i++) {
		kldsim_addr start, stop;
		kldsim_size size;

		if (kldsim_kldsym(sim, fileid, sets[i][0], &start, &size) ==
		    KLDSIM_OK && kldsim_kldsym(sim, fileid, sets[i][1], &stop,
		    &size) == KLDSIM_OK && stop > start)
			plain_mark(region, start, stop - start <
			    region->size ? stop - start : region->size);
	}
}

static void check_dyn_sets(struct kldsim *sim, int fileid,
    const struct plain_region *region, const uint8_t *image);

/* All of the mapping, gaps between segments too. */
static void
check_dyn(struct kldsim *sim, int fileid, const struct plain *plain)
{
	struct plain_region region;
	struct kldsim_filestat stat;
	uint8_t *image;

	FUZZ_CHECK(kldsim_kldstat(sim, fileid, &stat) == KLDSIM_OK,
	    "a file without kldstat");
	region.start = stat.address;
	region.size = (size_t)stat.size;
	region.changed = zeroed(region.size);
	image = zeroed(region.size);
	if (plain_load(plain, image, &region)) {
		check_dyn_sets(sim, fileid, &region, image);
		mark_sorted(sim, fileid, &region);
		compare(sim, &region, image, stat.name);
	}
	free(image);
	free(region.changed);
}

/* --- sets --- */

static void
check_instances(const struct kldsim *sim, enum kldsim_set set,
    kldsim_addr start, size_t size, const uint8_t *expected)
{
	struct kldsim_instance instance;

	for (size_t i = 0; kldsim_set_instance(sim, set, i, &instance) ==
	    KLDSIM_OK; i++) {
		uint8_t *have = bytes_at(sim, start + instance.base, size,
		    "an instance");

		FUZZ_CHECK(memcmp(have, expected, size) == 0,
		    "set %d: instance %u has not what it was given", set,
		    instance.id);
		free(have);
	}
}

/*
 * O-22 to O-24, in a kernel without modules: DPCPU, and VNET before V-38, get
 * the file's own bytes, and nothing for NOBITS (zeros lie there); later vnets
 * get the first section as it is when all is relocated.
 */
static void
check_rel_set(const struct kldsim *sim, const struct plain *plain,
    const struct kldsim_section *section, uint32_t osreldate, bool first)
{
	enum kldsim_set set = section->region == KLDSIM_REGION_VNET ?
	    KLDSIM_SET_VNET : KLDSIM_SET_DPCPU;
	size_t size = (size_t)section->size;
	bool late = set == KLDSIM_SET_VNET && osreldate >= PROPAGATES;
	uint8_t *expected;

	if (!late)
		expected = section_bytes(plain, section->index, size);
	else if (first)
		expected = bytes_at(sim, section->address, size,
		    "the reference copy");
	else
		expected = zeroed(size);
	check_instances(sim, set, section->address, size, expected);
	free(expected);
}

static void
check_rel_sets(const struct kldsim *sim, int fileid,
    const struct plain *plain, uint32_t osreldate)
{
	struct kldsim_section section;
	bool first = true;

	for (size_t i = 0; kldsim_file_section(sim, fileid, i, &section) ==
	    KLDSIM_OK; i++) {
		if (section.region == KLDSIM_REGION_MAPPING)
			continue;
		check_rel_set(sim, plain, &section, osreldate, first);
		if (section.region == KLDSIM_REGION_VNET)
			first = false;
	}
}

/* D-34, D-36: the image as it was goes everywhere, and stays so. */
static void
check_dyn_set(struct kldsim *sim, enum kldsim_set set,
    const struct kldsim_set_part *part, const struct plain_region *region,
    const uint8_t *image)
{
	static const char *const starts[] = { "__start_set_pcpu",
		"__start_set_vnet" };
	size_t size = (size_t)part->size;
	kldsim_addr start;
	kldsim_size ignored;
	uint8_t *have;

	/* What was found by the dynamic symbols need not be found by those that
	 * the section headers name, which come later (D-60). */
	if (kldsim_kldsym(sim, part->fileid, starts[set], &start, &ignored) !=
	    KLDSIM_OK)
		return;
	FUZZ_CHECK(start - region->start <= region->size &&
	    size <= region->size - (start - region->start),
	    "set %d has a part and no place in the file", set);
	image += start - region->start;
	have = bytes_at(sim, part->start, size, "the reference copy");
	FUZZ_CHECK(memcmp(have, image, size) == 0,
	    "set %d: the reference copy is not what the file has", set);
	free(have);
	check_instances(sim, set, part->start, size, image);
}

static void
check_dyn_sets(struct kldsim *sim, int fileid,
    const struct plain_region *region, const uint8_t *image)
{
	struct kldsim_set_part part;

	for (int set = KLDSIM_SET_DPCPU; set <= KLDSIM_SET_VNET; set++)
		for (size_t i = 0; kldsim_set_part(sim, (enum kldsim_set)set,
		    i, &part) == KLDSIM_OK; i++)
			if (part.fileid == fileid)
				check_dyn_set(sim, (enum kldsim_set)set,
				    &part, region, image);
}

/* --- a file --- */

void
fuzz_check_file(struct kldsim *sim, int fileid,
    const struct fuzz_bytes *file, uint32_t osreldate)
{
	struct plain plain = plain_of(file);
	struct kldsim_section section;

	if (plain.type != 1) {
		check_dyn(sim, fileid, &plain);
		return;
	}
	for (size_t i = 0; kldsim_file_section(sim, fileid, i, &section) ==
	    KLDSIM_OK; i++)
		check_section(sim, fileid, &plain, &section);
	check_rel_sets(sim, fileid, &plain, osreldate);
}

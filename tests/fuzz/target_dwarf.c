/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: DWARF.  The input is an ELF file, or a byte that chooses, one for
 * how many bytes of abbreviations follow, and a .debug_info.  Whatever comes of
 * it can be asked, and says the same the second time.
 */

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "dwarf/dwarf.h"
#include "dwarf/sections.h"
#include "graph.h"

/* What the first byte chooses. */
enum { BIG = 1, TYPE_UNITS = 2 };

static const char strings[] = "\0int\0foo\0bar\0main.c\0memb";

static uint64_t
read_image(const struct kldsim_image *image)
{
	struct kldsim_types_options options;
	struct kldsim_types *types = NULL;
	struct dwarf_facts facts;
	struct kldsim_error error;
	enum kldsim_status status;

	kldsim_types_options_init(&options, sizeof(options));
	options.limits.types = 1 << 14;
	options.limits.type_members = 1 << 16;
	options.limits.type_strings = 1 << 20;
	options.limits.findings = 20;
	error.text[0] = '\0';
	status = dwarf_read(image, image, &options, &types, &facts, &error);
	dwarf_facts_free(&facts);
	FUZZ_CHECK((status == KLDSIM_OK) == (types != NULL), "status %d",
	    status);
	FUZZ_CHECK(status == KLDSIM_OK || error.text[0] != '\0',
	    "status %d, and nothing said", status);
	return (types != NULL ? fuzz_graph(types) | 1 : 0);
}

static void
twice(struct kldsim_image *image)
{
	const uint64_t first = read_image(image);

	FUZZ_CHECK(read_image(image) == first, "another graph");
	kldsim_image_unref(image);
}

static void
set(struct dwarf_sections *sections, enum dwarf_section_name name,
    const void *bytes, size_t size)
{
	sections->all[name].bytes = size != 0 ? bytes : NULL;
	sections->all[name].size = size;
}

/* Sections of a file that is made of them. */
static void
target_sections(const uint8_t *data, size_t size)
{
	const size_t most = size - 2;
	const size_t abbrev = data[1] < most ? data[1] : most;
	struct dwarf_sections sections = { .big = (data[0] & BIG) != 0 };
	struct kldsim_image *image;
	struct kldsim_error error;
	const uint8_t *file;
	size_t length;

	set(&sections, DWARF_ABBREV, data + 2, abbrev);
	set(&sections, (data[0] & TYPE_UNITS) != 0 ? DWARF_TYPES : DWARF_INFO,
	    data + 2 + abbrev, most - abbrev);
	if ((data[0] & TYPE_UNITS) != 0)
		set(&sections, DWARF_INFO, data + 2 + abbrev, most - abbrev);
	set(&sections, DWARF_STR, strings, sizeof(strings));
	file = dwarf_sections_file(&sections, &length);
	FUZZ_CHECK(kldsim_image_open_memory(file, length, "f", NULL, NULL,
	    &image, &error) == KLDSIM_OK, "%s", error.text);
	twice(image);
	dwarf_sections_close(&sections);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes file;

	(void)fuzz_split(data, size, &file);
	if (file.left >= 4 && memcmp(file.at, "\177ELF", 4) == 0)
		twice(fuzz_image(&file, "f"));
	else if (size > 2)
		target_sections(data, size);
	return (0);
}

/* SPDX-License-Identifier: BSD-2-Clause */

/* Unit by unit: what can be read is taken, the rest is told of (W-44). */

#include "dwarf/dwarf.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "dwarf/facts.h"
#include "dwarf/graph.h"
#include "dwarf/sections.h"
#include "dwarf/symbols.h"
#include "dwarf/units.h"
#include "report/output.h"

#define DIES_MOST (1u << 24) /* W-43 */

struct run {
	struct dwarf_sections sections;
	struct dwarf_units units;
	Elf *elf;           /* libdw's */
	struct dwarf_unit unit;
	struct dwarf_graph graph;
	struct dwarf_symbols symbols;
	struct dwarf_facts *facts;
	struct kldsim_types_build *build;
};

static void
remark(struct run *run, const struct dwarf_unit_place *place, const char *why)
{
	char text[256];
	const struct kldsim_types_remark said = { "W-44",
		place->offset < UINT32_MAX ? place->offset : UINT32_MAX, text };

	(void)snprintf(text, sizeof(text), "unit at 0x%jx of .debug_%s not "
	    "readable: %s", (uintmax_t)place->offset,
	    place->in_types ? "types" : "info", why);
	kldsim_types_build_remark(run->build, &said);
	run->facts->unreadable++;
}

static void
take_unit(struct run *run, const struct dwarf_unit_place *place)
{
	struct dwarf_unit *unit = &run->unit;

	run->facts->units++;
	if (place->bad != NULL) {
		remark(run, place, place->bad);
		return;
	}
	if (place->version > run->facts->version)
		run->facts->version = place->version;
	if (!dwarf_unit_read(unit, place->first, place->in_types)) {
		remark(run, place, unit->bad);
		return;
	}
	dwarf_graph_take(&run->graph, unit);
	dwarf_symbols_take(&run->symbols, &run->graph, unit);
	dwarf_facts_take(run->facts, &run->graph, unit, place->first);
}

static void
see_section(const struct run *run, enum dwarf_section_name name,
    struct die_section *section)
{
	section->bytes = run->sections.all[name].bytes;
	section->size = run->sections.all[name].size;
	section->dw = &run->unit.dw;
	section->big = run->sections.big;
	section->in_types = name == DWARF_TYPES;
}

void
dwarf_prepare(void)
{
	struct libdw dw;

	(void)libdw_load(&dw); /* who needs it says why not */
	dwarf_inflate_prepare();
}

/* From the headers of units to libdw's handle. */
static enum kldsim_status
begin(struct run *run, struct kldsim_error *error)
{
	struct libdw *dw = &run->unit.dw;
	const char *why = libdw_load(dw);
	const uint8_t *bytes;
	size_t size;

	if (why != NULL)
		return (dwarf_fail(error, KLDSIM_UNSUPPORTED,
		    run->sections.file, "it has DWARF, and %.200s", why));
	if (run->sections.all[DWARF_ABBREV].bytes == NULL)
		return (dwarf_fail(error, KLDSIM_MALFORMED,
		    run->sections.file, "section .debug_info without "
		    ".debug_abbrev"));
	dwarf_units_find(&run->sections, &run->units);
	bytes = dwarf_sections_file(&run->sections, &size);
	(void)dw->elf_version(EV_CURRENT);
	run->elf = dw->elf_memory((char *)(uintptr_t)bytes, size);
	if (run->elf != NULL)
		run->unit.dwarf = dw->dwarf_begin_elf(run->elf, DWARF_C_READ,
		    NULL);
	if (run->unit.dwarf == NULL)
		return (dwarf_fail(error, KLDSIM_MALFORMED,
		    run->sections.file, "DWARF not usable: %s",
		    dw->dwarf_errmsg(-1)));
	see_section(run, DWARF_INFO, &run->unit.info);
	see_section(run, DWARF_TYPES, &run->unit.types);
	run->unit.dies_left = DIES_MOST;
	dwarf_graph_begin(&run->graph);
	return (KLDSIM_OK);
}

static enum kldsim_status
make_build(struct run *run, const struct kldsim_image *symbols,
    const struct kldsim_types_options *options, struct kldsim_error *error)
{
	const struct dwarf_section *info = &run->sections.all[DWARF_INFO];
	struct kldsim_types_source source = { .section = ".debug_info",
		.format = "DWARF", .word_bits = run->sections.wide ? 64 : 32,
		.big_endian = run->sections.big,
		.compressed = run->sections.compressed,
		.stored = info->stored, .size = info->size };
	struct kldsim_image_info image;

	kldsim_image_info(symbols, &image);
	source.file = image.name;
	for (size_t i = 0; i < run->units.count; i++)
		if (run->units.all[i].bad == NULL &&
		    run->units.all[i].version > source.version)
			source.version = run->units.all[i].version;
	run->build = kldsim_types_build_new(&source, options);
	return (run->build != NULL ? KLDSIM_OK : dwarf_fail(error,
	    KLDSIM_NOMEM, image.name, "no memory"));
}

/* W-44: by half of its units a file is not known. */
static enum kldsim_status
finish(struct run *run, struct kldsim_types **types_ret,
    struct kldsim_error *error)
{
	if (run->units.cut)
		return (dwarf_fail(error, KLDSIM_LIMIT, run->sections.file,
		    "DWARF not usable: more than %zu units",
		    run->units.count));
	if (2 * run->facts->unreadable > run->facts->units ||
	    run->facts->units == 0)
		return (dwarf_fail(error, KLDSIM_MALFORMED,
		    run->sections.file, "DWARF not usable: %u of %u units "
		    "cannot be read%s%s", run->facts->unreadable,
		    run->facts->units, run->unit.bad[0] != '\0' ?
		    ", the last one because of " : "", run->unit.bad));
	dwarf_graph_build(&run->graph, run->build);
	dwarf_facts_settle(run->facts, &run->graph);
	dwarf_symbols_build(&run->symbols, &run->graph, run->build);
	return (kldsim_types_build_finish(run->build, types_ret, error));
}

static void
end(struct run *run)
{
	kldsim_types_build_free(run->build);
	dwarf_symbols_free(&run->symbols);
	dwarf_graph_free(&run->graph);
	dwarf_unit_free(&run->unit);
	dwarf_units_free(&run->units);
	if (run->unit.dwarf != NULL)
		(void)run->unit.dw.dwarf_end(run->unit.dwarf);
	if (run->elf != NULL)
		(void)run->unit.dw.elf_end(run->elf);
	dwarf_sections_close(&run->sections);
}

enum kldsim_status
dwarf_read(const struct kldsim_image *image,
    const struct kldsim_image *symbols,
    const struct kldsim_types_options *options, struct kldsim_types **types_ret,
    struct dwarf_facts *facts, struct kldsim_error *error)
{
	struct dwarf_facts unasked;
	struct run run;
	enum kldsim_status status;

	memset(&run, 0, sizeof(run));
	run.facts = facts != NULL ? facts : &unasked;
	memset(run.facts, 0, sizeof(*run.facts));
	run.facts->unwanted = facts == NULL;
	status = dwarf_sections_open(image, &run.sections, error);
	if (status == KLDSIM_OK)
		status = begin(&run, error);
	if (status == KLDSIM_OK)
		status = make_build(&run, symbols, options, error);
	if (status == KLDSIM_OK) {
		dwarf_symbols_read(symbols, &run.symbols);
		for (size_t i = 0; i < run.units.count; i++)
			take_unit(&run, &run.units.all[i]);
		status = finish(&run, types_ret, error);
	}
	end(&run);
	if (facts == NULL)
		dwarf_facts_free(&unasked);
	return (status);
}

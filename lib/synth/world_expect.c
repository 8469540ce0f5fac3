/* SPDX-License-Identifier: BSD-2-Clause */
/* What must come of loading a world, as JSON: from the rules, not the linker. */

#include <inttypes.h>
#include <string.h>

#include "synth/world_impl.h"

const char *const kldsim__world_names[KLDSIM__WORLD_SECTIONS] = {
	".text", ".data", "set_pcpu", "set_vnet",
};

bool
kldsim__world_is_pointer(uint32_t variable)
{
	return variable % 4 == 3;
}

void
kldsim__world_expect_start(struct kldsim__world *world, FILE *out)
{
	static const char *const shapes[] = {"chain", "tree", "random"};

	(void)fprintf(out, "{\n \"schema\": \"kldsim.world/1\",\n"
	    " \"seed\": \"0x%" PRIx64 "\",\n \"deps\": \"%s\",\n"
	    " \"kernel\": \"kernel\",\n \"modules\": [", world->ask.seed,
	    shapes[world->ask.deps % 3]);
}

void
kldsim__world_expect_end(FILE *out)
{
	(void)fprintf(out, "\n ]\n}\n");
}

/* O-10 to O-14: what is loaded, in order, each at its alignment. */
static void
put_sections(FILE *out, const struct kldsim_synth *synth)
{
	const struct kldsim__synth_section *section;
	uint64_t size = 0, align;
	const char *name, *region;
	size_t i;

	(void)fprintf(out, "   \"sections\": [");
	for (i = 1; i < synth->nsections; i++) {
		section = &synth->sections[i];
		name = kldsim__synth_section_name(synth, (int)i);
		region = strcmp(name, "set_pcpu") == 0 ? "dpcpu" :
		    strcmp(name, "set_vnet") == 0 ? "vnet" : "mapping";
		align = section->align == 0 ? 1 : section->align;
		size = (size + align - 1) / align * align + section->size;
		(void)fprintf(out, "%s\n    {\"name\": \"%s\", \"size\": %"
		    PRIu64 ", \"region\": \"%s\"}", i == 1 ? "" : ",", name,
		    section->size, region);
	}
	(void)fprintf(out, "\n   ],\n   \"size\": %" PRIu64 ",\n", size);
}

/* K-30: the kernel, then each MDT_DEPEND in order, the kernel's first. */
static void
put_deps(FILE *out, const struct kldsim__world_module *module)
{
	uint32_t i;

	(void)fprintf(out, "   \"deps\": [\"kernel\", \"kernel\"");
	for (i = 0; i < module->ndeps; i++)
		(void)fprintf(out, ", \"mod%" PRIu32 ".ko\"", module->deps[i]);
	(void)fprintf(out, "],\n");
}

static void
put_target(struct kldsim__world *world, FILE *out,
    const struct kldsim__world_reloc *reloc)
{
	const struct kldsim__world_symbol *symbol;
	uint32_t section = reloc->variable;
	uint64_t offset = (uint64_t)reloc->target * 8;

	if (reloc->file == 0) {
		(void)fprintf(out, "\"address\": \"0x%" PRIx64 "\"",
		    world->kernel[reloc->target]);
		return;
	}
	if (section == 0) {
		symbol = &world->modules[reloc->file - 1].symbols[
		    reloc->target];
		section = symbol->section;
		offset = symbol->offset;
	}
	(void)fprintf(out, "\"file\": \"mod%" PRIu32 ".ko\", \"of\": \"%s\", "
	    "\"at\": %" PRIu64, reloc->file - 1, kldsim__world_names[section],
	    offset);
}

/* value = target + addend, minus the place if pc, cut to the width. */
static void
put_relocs(struct kldsim__world *world, FILE *out,
    const struct kldsim__world_module *module)
{
	const struct kldsim__world_reloc *reloc;
	uint32_t i;

	(void)fprintf(out, "   \"relocs\": [");
	for (i = 0; i < module->nrelocs; i++) {
		reloc = &module->relocs[i];
		(void)fprintf(out, "%s\n    {\"section\": \"%s\", \"offset\": "
		    "%" PRIu64 ", \"width\": %" PRIu32 ", \"pc\": %s, "
		    "\"addend\": %" PRId32 ", ", i == 0 ? "" : ",",
		    kldsim__world_names[reloc->section], reloc->offset,
		    reloc->width, reloc->pc ? "true" : "false", reloc->addend);
		put_target(world, out, reloc);
		(void)fprintf(out, "}");
	}
	(void)fprintf(out, "\n   ],\n");
}

/*
 * Is a variable a relocated pointer?  Those relocations come first, in the
 * order of the variables, and so do the questions.
 */
static bool
is_relocated(const struct kldsim__world_module *module, uint32_t *next,
    uint32_t set, uint32_t variable)
{
	const struct kldsim__world_reloc *reloc = &module->relocs[*next];

	if (*next == module->nrelocs ||
	    reloc->section != KLDSIM__WORLD_DPCPU + set ||
	    reloc->offset != (uint64_t)variable * 8)
		return false;
	++*next;
	return true;
}

/* Initial values, which every CPU and vnet has (O-24, V-40). */
static void
put_values(struct kldsim__world *world, FILE *out,
    const struct kldsim__world_module *module)
{
	const char *comma = "";
	uint32_t set, i, next = 0;

	(void)fprintf(out, "   \"values\": [");
	for (set = 0; set < 2; set++)
		for (i = 0; i < world->nvariables; i++) {
			if (is_relocated(module, &next, set, i))
				continue;
			(void)fprintf(out, "%s\n    {\"section\": \"%s\", "
			    "\"offset\": %" PRIu64 ", \"value\": \"0x%" PRIx64
			    "\"}", comma, kldsim__world_names[
			    KLDSIM__WORLD_DPCPU + set], (uint64_t)i * 8,
			    module->values[set] + i);
			comma = ",";
		}
	(void)fprintf(out, "\n   ]\n  }");
}

void
kldsim__world_expect_module(struct kldsim__world *world, FILE *out,
    uint32_t number, const struct kldsim_synth *synth)
{
	const struct kldsim__world_module *module = &world->modules[number];

	(void)fprintf(out, "%s\n  {\n   \"file\": \"mod%" PRIu32 ".ko\",\n"
	    "   \"module\": \"mod%" PRIu32 "\",\n   \"errno\": 0,\n",
	    number == 0 ? "" : ",", number, number);
	put_deps(out, module);
	put_sections(out, synth);
	put_relocs(world, out, module);
	put_values(world, out, module);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What must come of loading a world, as JSON: from the rules, not the linker. */

#include <inttypes.h>
#include <string.h>

#include "world/world_impl.h"

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
	    " \"machine\": \"%s\",\n \"osreldate\": %" PRIu32 ",\n"
	    " \"kernel\": \"kernel\",\n \"vimage\": %s,\n \"runtime\": %s,\n"
	    " \"modules\": [", world->ask.seed,
	    shapes[world->ask.deps % 3], world->machine->name,
	    world->ask.osreldate, world->plain ? "false" : "true",
	    world->runtime ? "true" : "false");
}

void
kldsim__world_expect_end(FILE *out)
{
	(void)fprintf(out, "\n ]\n}\n");
}

static uint64_t
up(uint64_t value, uint64_t align)
{
	return align == 0 ? value : (value + align - 1) / align * align;
}

/*
 * What is loaded, in order, and how large that is: each section at its
 * alignment (O-10 to O-14), or to the last page of what is linked (D-04), which
 * begins at 0 and ends with a section of the caller's.
 */
static void
put_sections(struct kldsim__world *world, FILE *out,
    const struct kldsim_synth *synth)
{
	const struct kldsim__synth_section *section;
	bool linked = !world->machine->relocatable;
	uint64_t size = 0, end;
	const char *name, *region;
	size_t i;

	(void)fprintf(out, "   \"sections\": [");
	for (i = 1; i < synth->nsections; i++) {
		section = &synth->sections[i];
		name = kldsim__synth_section_name(synth, (int)i);
		region = strcmp(name, "set_pcpu") == 0 ? "dpcpu" :
		    strcmp(name, "set_vnet") == 0 && !world->plain ? "vnet" :
		    "mapping"; /* */
		end = (linked ? section->addr : up(size, section->align)) +
		    section->size;
		size = end > size ? end : size;
		(void)fprintf(out, "%s\n    {\"name\": \"%s\", \"size\": %"
		    PRIu64 ", \"region\": \"%s\"", i == 1 ? "" : ",", name,
		    section->size, region);
		if (linked)
			(void)fprintf(out, ", \"image\": %" PRIu64,
			    section->addr);
		(void)fprintf(out, "}");
	}
	(void)fprintf(out, "\n   ],\n   \"size\": %" PRIu64 ",\n",
	    linked ? up(size, 4096) : size);
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
	if ((reloc->type->flags & KLDSIM__WORLD_UNMOVED) != 0)
		(void)fprintf(out, ", \"unmoved\": true");
}

static bool
is_in_set(const struct kldsim__world_reloc *reloc)
{
	return reloc->section == KLDSIM__WORLD_DPCPU ||
	    reloc->section == KLDSIM__WORLD_VNET;
}

/* Without vnets a module's set_vnet is what it is, and has no copies (J-12). */
static bool
in_place(const struct kldsim__world *world, uint32_t set)
{
	return set == KLDSIM__WORLD_VNET - KLDSIM__WORLD_DPCPU && world->plain;
}

static bool
copies(const struct kldsim__world *world, uint32_t section)
{
	return !in_place(world, section - KLDSIM__WORLD_DPCPU) &&
	    kldsim__world_propagates(world->ask.osreldate, section);
}

/* value = target + addend, minus the place if pc, cut to the width. */
static void
put_relocs(struct kldsim__world *world, FILE *out,
    const struct kldsim__world_module *module)
{
	const struct kldsim__world_reloc *reloc;
	uint32_t i, flags;

	(void)fprintf(out, "   \"relocs\": [");
	for (i = 0; i < module->nrelocs; i++) {
		reloc = &module->relocs[i];
		flags = reloc->type->flags;
		(void)fprintf(out, "%s\n    {\"section\": \"%s\", \"offset\": "
		    "%" PRIu64 ", \"type\": \"%s\", \"width\": %" PRIu32
		    ", \"pc\": %s, \"addend\": %" PRId32 ", ",
		    i == 0 ? "" : ",", kldsim__world_names[reloc->section],
		    reloc->offset, reloc->type->name, reloc->type->width,
		    (flags & KLDSIM__WORLD_PC) != 0 ? "true" : "false",
		    (flags & KLDSIM__WORLD_ADDEND) != 0 ? reloc->addend : 0);
		put_target(world, out, reloc);
		if (world->machine->relocatable && is_in_set(reloc))
			(void)fprintf(out, ", \"copies\": %s",
			    copies(world, reloc->section) ? "true" : "false");
		(void)fprintf(out, "}");
	}
	(void)fprintf(out, "\n   ],\n");
}

/*
 * The relocation of a variable, or NULL.  Those come first, in the order of
 * the variables, and so do the questions.
 */
static const struct kldsim__world_reloc *
next_reloc(const struct kldsim__world_module *module, uint32_t *next,
    uint32_t set, uint32_t variable)
{
	const struct kldsim__world_reloc *reloc = &module->relocs[*next];

	if (*next == module->nrelocs ||
	    reloc->section != KLDSIM__WORLD_DPCPU + set ||
	    reloc->offset != (uint64_t)variable * 8)
		return NULL;
	++*next;
	return reloc;
}

/*
 * What a variable's bytes are in the file.  A REL addend is all there is, in
 * the first bytes of the variable; RELATIVE's has the address in the file too.
 */
static uint64_t
initial(const struct kldsim_synth *synth,
    const struct kldsim__world_module *module, uint32_t set, uint32_t variable,
    const struct kldsim__world_reloc *reloc)
{
	uint32_t section;
	uint64_t value;

	if (reloc == NULL || synth->machine->rela)
		return module->values[set] + variable;
	value = (uint64_t)(int64_t)reloc->addend;
	if ((reloc->type->flags & KLDSIM__WORLD_OWN) != 0) {
		section = reloc->variable != 0 ? reloc->variable :
		    module->symbols[reloc->target].section;
		value += synth->sections[kldsim__synth_find_section(synth,
		    kldsim__world_names[section])].addr +
		    (reloc->variable != 0 ? (uint64_t)reloc->target * 8 :
		    module->symbols[reloc->target].offset);
	}
	return value & UINT32_MAX;
}

/*
 * Initial values, which every CPU and vnet has (O-24, V-40), with those of
 * relocated variables where these have them: of ET_DYN the reference copy too,
 * since what is relocated is the file's own set (D-36).
 */
static void
put_values(struct kldsim__world *world, FILE *out,
    const struct kldsim_synth *synth,
    const struct kldsim__world_module *module)
{
	const struct kldsim__world_reloc *reloc;
	const char *comma = "";
	uint32_t set, i, next = 0;

	(void)fprintf(out, "   \"values\": [");
	for (set = 0; set < 2; set++)
		for (i = 0; i < world->nvariables; i++) {
			reloc = next_reloc(module, &next, set, i);
			if (reloc != NULL && (in_place(world, set) ||
			    (world->machine->relocatable &&
			    copies(world, reloc->section))))
				continue;
			(void)fprintf(out, "%s\n    {\"section\": \"%s\", "
			    "\"offset\": %" PRIu64 ", \"value\": \"0x%" PRIx64
			    "\", \"reference\": %s}", comma,
			    kldsim__world_names[KLDSIM__WORLD_DPCPU + set],
			    (uint64_t)i * 8, initial(synth, module, set, i,
			    reloc), reloc != NULL &&
			    world->machine->relocatable ? "false" : "true");
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
	put_sections(world, out, synth);
	put_relocs(world, out, module);
	put_values(world, out, synth, module);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Random but valid kernels and modules: what is chosen, and building it. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util/sized.h"
#include "world/world_impl.h"

enum { MAX_MODULES = 100000, MAX_COUNT = 1 << 24, SLOT = 8 };

/* splitmix64: any seed will do, and every host gets the same numbers. */
static uint64_t
draw(struct kldsim__world *world)
{
	uint64_t z = world->random += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static uint32_t
below(struct kldsim__world *world, uint32_t n)
{
	return n == 0 ? 0 : (uint32_t)(draw(world) % n);
}

uint32_t
kldsim__world_below(struct kldsim__world *world, uint32_t n)
{
	return below(world, n);
}

static bool
prepare(struct kldsim__world *world)
{
	struct kldsim_world *own = &world->ask;

	own->modules = own->modules != 0 ? own->modules : 3;
	own->symbols = own->symbols != 0 ? own->symbols : 16;
	own->relocs = own->relocs != 0 ? own->relocs : 32;
	own->set_bytes = own->set_bytes != 0 ? own->set_bytes : 64;
	own->osreldate = own->osreldate != 0 ? own->osreldate : 1201000;
	own->machine = own->machine != NULL ? own->machine : "amd64";
	world->machine = kldsim__world_machine(own->machine,
	    own->shared != 0);
	world->random = own->seed;
	if (own->vnets == KLDSIM_WORLD_ANY)
		own->vnets = (enum kldsim_world_vnets)below(world,
		    KLDSIM_WORLD_ANY);
	world->plain = own->vnets == KLDSIM_WORLD_PLAIN ||
	    own->vnets == KLDSIM_WORLD_RUNTIME_PLAIN;
	world->runtime = own->vnets >= KLDSIM_WORLD_RUNTIME;
	world->nvariables = own->set_bytes / SLOT;
	if (world->machine == NULL)
		world->status = kldsim__synth_tell(world->error, KLDSIM_ARG,
		    "no worlds are made for '%.40s'", own->machine);
	else if (own->modules > MAX_MODULES || own->symbols > MAX_COUNT ||
	    own->relocs > MAX_COUNT || own->set_bytes > MAX_COUNT ||
	    own->types > MAX_COUNT)
		world->status = kldsim__synth_tell(world->error, KLDSIM_LIMIT,
		    "no more than %d modules, and %d of the rest", MAX_MODULES,
		    MAX_COUNT);
	return world->status == KLDSIM_OK;
}

/* No name is longer than expected.json's, which is open already. */
static void
finish(struct kldsim__world *world, struct kldsim_synth *synth,
    const char *file)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/%s", world->folder, file);
	world->status = kldsim_synth_write(synth, path, world->error);
}

/* Modspace for all modules: each set is rounded up, and more. */
static uint64_t
modspace(const struct kldsim__world *world, uint64_t least)
{
	uint64_t bytes = world->ask.set_bytes +
	    (kldsim__world_set_pad(world->machine,
	    world->ask.osreldate) != 0 ? 8 : 0);
	uint64_t need = world->ask.modules * ((bytes + 63) / 64 * 64);

	return need > least ? need : least;
}

static void
build_kernel(struct kldsim__world *world)
{
	struct kldsim_synth *synth = kldsim_synth_new(world->machine->name,
	    KLDSIM_SYNTH_KERNEL);
	uint32_t i, n = world->ask.symbols;
	unsigned char bytes[8];
	uint64_t value;
	int *ids = calloc(n, sizeof(*ids));
	char name[32];

	kldsim_synth_option(synth, KLDSIM_SYNTH_OSRELDATE,
	    world->ask.osreldate);
	kldsim_synth_option(synth, KLDSIM_SYNTH_VIMAGE, !world->plain);
	kldsim_synth_option(synth, KLDSIM_SYNTH_VIMAGE_RUNTIME,
	    world->runtime);
	kldsim__world_types(world, synth);
	for (i = 0; ids != NULL && synth != NULL && i < n; i++) {
		(void)snprintf(name, sizeof(name), "k_s%u", (unsigned)i);
		value = draw(world);
		kldsim__synth_put(synth, bytes, 8, value);
		ids[i] = value % 2 == 0 ? kldsim_synth_func(synth, name) :
		    kldsim_synth_object(synth, name, bytes, 8, 8);
		kldsim__world_symbol_type(world, synth, ids[i],
		    value % 2 == 0);
	}
	(void)kldsim_synth_dpcpu(synth, "k_before", NULL,
	    8 + below(world, 64), 8);
	(void)kldsim_synth_vnet(synth, "k_before", NULL, 8 + below(world, 64),
	    8);
	(void)kldsim_synth_dpcpu_modspace(synth, modspace(world, 2048));
	if (!world->plain)
		(void)kldsim_synth_vnet_modspace(synth,
		    modspace(world, 32768));
	finish(world, synth, "kernel");
	for (i = 0; ids != NULL && i < n; i++)
		world->kernel[i] = kldsim_synth_symbol_value(synth, ids[i]);
	if (ids == NULL)
		world->status = kldsim__synth_tell(world->error, KLDSIM_NOMEM,
		    "no memory");
	free(ids);
	kldsim_synth_free(synth);
}

static void
choose_deps(struct kldsim__world *world, uint32_t number)
{
	struct kldsim__world_module *module = &world->modules[number];
	uint32_t want, i, dep;

	if (number == 0)
		return;
	if (world->ask.deps != KLDSIM_WORLD_RANDOM) {
		module->deps[module->ndeps++] =
		    world->ask.deps == KLDSIM_WORLD_CHAIN ? number - 1 :
		    (number - 1) / 2;
		return;
	}
	for (want = below(world, KLDSIM__WORLD_DEPS + 1); want > 0; want--) {
		dep = below(world, number);
		for (i = 0; i < module->ndeps && module->deps[i] != dep; i++)
			;
		if (i == module->ndeps)
			module->deps[module->ndeps++] = dep;
	}
}

/* The name of a file's symbol, or of its variable in a set. */
static void
name_of(char room[48], uint32_t file, uint32_t variable, uint32_t number)
{
	const char *prefix = variable == KLDSIM__WORLD_DPCPU ? "pcpu_entry_" :
	    variable == KLDSIM__WORLD_VNET ? "vnet_entry_" : "";

	if (file == 0)
		(void)snprintf(room, 48, "k_s%u", (unsigned)number);
	else
		(void)snprintf(room, 48, "%sm%u_%c%u", prefix,
		    (unsigned)file - 1, variable == 0 ? 's' : 'v',
		    (unsigned)number);
}

static void
build_symbols(struct kldsim__world *world, struct kldsim_synth *synth,
    uint32_t number)
{
	struct kldsim__world_module *module = &world->modules[number];
	unsigned char bytes[8];
	uint64_t value;
	uint32_t i;
	char name[48];
	int id;

	for (i = 0; i < world->ask.symbols; i++) {
		name_of(name, number + 1, 0, i);
		value = draw(world);
		kldsim__synth_put(synth, bytes, 8, value);
		module->symbols[i].section = value % 2 == 0 ?
		    KLDSIM__WORLD_TEXT : KLDSIM__WORLD_DATA;
		id = value % 2 == 0 ? kldsim_synth_func(synth, name) :
		    kldsim_synth_object(synth, name, bytes, 8, 8);
		kldsim__world_symbol_type(world, synth, id, value % 2 == 0);
		if (id != 0)
			module->symbols[i].offset = synth->symbols[id].value;
	}
}

/* Whom a relocation may name: the kernel, the module, what it depends on. */
static void
choose_target(struct kldsim__world *world, uint32_t number,
    struct kldsim__world_reloc *reloc)
{
	const struct kldsim__world_module *module = &world->modules[number];
	uint32_t pick = below(world, module->ndeps + 2);

	reloc->file = pick == 0 ? 0 : pick == 1 ? number + 1 :
	    module->deps[pick - 2] + 1;
	reloc->addend = (int32_t)below(world, 64) - 32;
	if (reloc->file != 0 && world->nvariables != 0 &&
	    below(world, 4) == 0) {
		reloc->variable = below(world, 2) == 0 ? KLDSIM__WORLD_DPCPU :
		    KLDSIM__WORLD_VNET;
		reloc->target = below(world, world->nvariables);
	} else {
		reloc->target = below(world, world->ask.symbols);
	}
}

static int
target_of(struct kldsim_synth *synth, const struct kldsim__world_reloc *reloc)
{
	char name[48];

	name_of(name, reloc->file, reloc->variable, reloc->target);
	return kldsim_synth_ref(synth, name);
}

/* Each of the types in force half as likely as the one before. */
static const struct kldsim__world_type *
choose_type(struct kldsim__world *world)
{
	const struct kldsim__world_type *type = world->machine->types;
	const struct kldsim__world_type *chosen = NULL;
	size_t i, left = 0;

	for (i = 0; i < world->machine->ntypes; i++)
		left += kldsim__world_in_force(&type[i],
		    world->ask.osreldate);
	for (i = 0; left != 0; i++) {
		if (!kldsim__world_in_force(&type[i],
		    world->ask.osreldate))
			continue;
		chosen = &type[i];
		if (--left != 0 && below(world, 2) == 0)
			break;
	}
	return chosen;
}

/*
 * RELATIVE stays in its file; and what a machine may take for an address of a
 * set stays within its symbol (D-53).
 */
static void
fit_target(const struct kldsim__world *world, uint32_t number,
    struct kldsim__world_reloc *reloc)
{
	if ((reloc->type->flags & KLDSIM__WORLD_OWN) != 0)
		reloc->file = number + 1;
	if (!world->machine->relocatable && reloc->file == number + 1)
		reloc->addend &= SLOT - 1;
}

/* A variable that is a pointer; a REL addend is all that it begins with. */
static void
choose_pointer(struct kldsim__world *world, struct kldsim_synth *synth,
    uint32_t number, uint32_t section, uint32_t variable)
{
	struct kldsim__world_module *module = &world->modules[number];
	struct kldsim__world_reloc *reloc =
	    &module->relocs[module->nrelocs++];
	unsigned char zeros[SLOT] = {0};

	choose_target(world, number, reloc);
	reloc->section = section;
	reloc->offset = (uint64_t)variable * SLOT;
	reloc->type = world->machine->relocatable ? world->machine->types :
	    choose_type(world);
	fit_target(world, number, reloc);
	if (!synth->machine->rela)
		kldsim_synth_store(synth, kldsim_synth_section_named(synth,
		    kldsim__world_names[section]), reloc->offset, zeros,
		    SLOT);
}

static void
build_variable(struct kldsim__world *world, struct kldsim_synth *synth,
    uint32_t number, uint32_t set, uint32_t variable)
{
	struct kldsim__world_module *module = &world->modules[number];
	unsigned char bytes[8];
	char name[48];

	(void)snprintf(name, sizeof(name), "m%u_v%u", (unsigned)number,
	    (unsigned)variable);
	kldsim__synth_put(synth, bytes, SLOT, module->values[set] + variable);
	(void)(set == 0 ? kldsim_synth_dpcpu : kldsim_synth_vnet)(synth, name,
	    bytes, SLOT, SLOT);
	if (kldsim__world_is_pointer(variable) &&
	    module->nrelocs < world->ask.relocs)
		choose_pointer(world, synth, number,
		    KLDSIM__WORLD_DPCPU + set, variable);
}

/* Variables of 8 bytes; every fourth is a pointer; the rest is one more. */
static void
build_sets(struct kldsim__world *world, struct kldsim_synth *synth,
    uint32_t number)
{
	uint32_t set, i, rest = world->ask.set_bytes % SLOT;

	for (set = 0; set < 2; set++) {
		world->modules[number].values[set] = draw(world);
		for (i = 0; i < world->nvariables; i++)
			build_variable(world, synth, number, set, i);
		if (rest != 0)
			(void)(set == 0 ? kldsim_synth_dpcpu :
			    kldsim_synth_vnet)(synth, "rest", NULL, rest, 1);
	}
}

/* Room of its own for each further relocation. */
static void
choose_relocs(struct kldsim__world *world, struct kldsim_synth *synth,
    uint32_t number)
{
	struct kldsim__world_module *module = &world->modules[number];
	struct kldsim__world_reloc *reloc;
	int section;

	while (module->nrelocs < world->ask.relocs) {
		reloc = &module->relocs[module->nrelocs++];
		choose_target(world, number, reloc);
		reloc->section = below(world, 2) == 0 ? KLDSIM__WORLD_TEXT :
		    KLDSIM__WORLD_DATA;
		reloc->type = choose_type(world);
		fit_target(world, number, reloc);
		section = kldsim_synth_section_named(synth,
		    kldsim__world_names[reloc->section]);
		reloc->offset = kldsim_synth_align(synth, section, SLOT);
		(void)kldsim_synth_append(synth, section, NULL, SLOT);
	}
}

static void
build_relocs(struct kldsim__world *world, struct kldsim_synth *synth,
    uint32_t number)
{
	const struct kldsim__world_module *module = &world->modules[number];
	const struct kldsim__world_reloc *reloc;
	uint32_t i;

	for (i = 0; i < module->nrelocs; i++) {
		reloc = &module->relocs[i];
		(void)kldsim_synth_reloc(synth,
		    kldsim_synth_section_named(synth,
		    kldsim__world_names[reloc->section]), reloc->offset,
		    reloc->type->name, target_of(synth, reloc),
		    reloc->addend);
	}
}

/* The module's name, its version, and whom it needs. */
static void
build_metadata(struct kldsim__world *world, struct kldsim_synth *synth,
    uint32_t number)
{
	const struct kldsim__world_module *module = &world->modules[number];
	char name[48];
	uint32_t i;

	(void)snprintf(name, sizeof(name), "mod%u", (unsigned)number);
	(void)kldsim_synth_declare_module(synth, name, 0, 0x3100000,
	    0x1000000);
	kldsim_synth_mdt_version(synth, name, 1);
	for (i = 0; i < module->ndeps; i++) {
		(void)snprintf(name, sizeof(name), "mod%u",
		    (unsigned)module->deps[i]);
		kldsim_synth_mdt_depend(synth, name, 1, 1, 1);
	}
}

static struct kldsim_synth *
new_module(const struct kldsim__world *world)
{
	struct kldsim_synth *synth = kldsim_synth_new(world->machine->name,
	    world->machine->relocatable ? KLDSIM_SYNTH_REL :
	    KLDSIM_SYNTH_DYN);

	kldsim_synth_option(synth, KLDSIM_SYNTH_OSRELDATE,
	    world->ask.osreldate);
	kldsim_synth_option(synth, KLDSIM_SYNTH_SET_PAD,
	    kldsim__world_set_pad(world->machine,
	    world->ask.osreldate));
	kldsim_synth_option(synth, KLDSIM_SYNTH_SYSINIT_LINK,
	    world->ask.osreldate >= 1400094); /* V-51 */
	kldsim_synth_option(synth, KLDSIM_SYNTH_VIMAGE_RUNTIME,
	    world->runtime);
	return synth;
}

static void
build_module(struct kldsim__world *world, uint32_t number, FILE *expect)
{
	struct kldsim__world_module *module = &world->modules[number];
	struct kldsim_synth *synth = new_module(world);
	char name[48];

	module->symbols = calloc(world->ask.symbols, sizeof(*module->symbols));
	module->relocs = calloc(world->ask.relocs, sizeof(*module->relocs));
	if (synth == NULL || module->symbols == NULL ||
	    module->relocs == NULL) {
		world->status = kldsim__synth_tell(world->error, KLDSIM_NOMEM,
		    "no memory");
		kldsim_synth_free(synth);
		return;
	}
	choose_deps(world, number);
	kldsim__world_types(world, synth);
	build_symbols(world, synth, number);
	build_sets(world, synth, number);
	choose_relocs(world, synth, number);
	build_relocs(world, synth, number);
	build_metadata(world, synth, number);
	(void)snprintf(name, sizeof(name), "mod%u.ko", (unsigned)number);
	finish(world, synth, name);
	if (world->status == KLDSIM_OK)
		kldsim__world_expect_module(world, expect, number, synth);
	kldsim_synth_free(synth);
	free(module->relocs);
	module->relocs = NULL;
}

static FILE *
open_expected(struct kldsim__world *world)
{
	char path[4096];
	FILE *out = NULL;

	if (mkdir(world->folder, 0777) != 0 && errno != EEXIST) {
		world->status = kldsim__synth_tell(world->error, KLDSIM_SYS,
		    "%.300s: %.100s", world->folder, strerror(errno));
		return NULL;
	}
	if (snprintf(path, sizeof(path), "%s/expected.json", world->folder) >=
	    (int)sizeof(path))
		errno = ENAMETOOLONG;
	else
		out = fopen(path, "wb");
	if (out == NULL)
		world->status = kldsim__synth_tell(world->error, KLDSIM_SYS,
		    "%.300s/expected.json: %.100s", world->folder,
		    strerror(errno));
	return out;
}

static void
build_all(struct kldsim__world *world, FILE *expect)
{
	uint32_t i;

	world->kernel = calloc(world->ask.symbols, sizeof(*world->kernel));
	world->modules = calloc(world->ask.modules, sizeof(*world->modules));
	world->shapes = calloc((size_t)world->ask.types + 1,
	    sizeof(*world->shapes));
	if (world->kernel == NULL || world->modules == NULL ||
	    world->shapes == NULL) {
		world->status = kldsim__synth_tell(world->error, KLDSIM_NOMEM,
		    "no memory");
		return;
	}
	build_kernel(world);
	if (world->status == KLDSIM_OK)
		kldsim__world_expect_start(world, expect);
	for (i = 0; i < world->ask.modules && world->status == KLDSIM_OK; i++)
		build_module(world, i, expect);
	kldsim__world_expect_end(expect);
}

enum kldsim_status
kldsim_synth_world(const struct kldsim_world *ask, const char *folder,
    struct kldsim_error *error)
{
	struct kldsim__world world = {.folder = folder, .error = error};
	const char *wrong;
	FILE *expect;
	uint32_t i;

	if (error != NULL)
		memset(error, 0, sizeof(*error));
	if (ask == NULL || folder == NULL)
		return kldsim__synth_tell(error, KLDSIM_ARG,
		    "no world or no folder");
	wrong = kldsim__sized_take(&world.ask, sizeof(world.ask), ask);
	if (wrong != NULL)
		return kldsim__synth_tell(error, KLDSIM_ARG, "%s", wrong);
	if (!prepare(&world) || (expect = open_expected(&world)) == NULL)
		return world.status;
	build_all(&world, expect);
	if ((ferror(expect) | fclose(expect)) != 0 &&
	    world.status == KLDSIM_OK)
		world.status = kldsim__synth_tell(error, KLDSIM_SYS,
		    "%.300s/expected.json: %.100s", folder, strerror(errno));
	for (i = 0; world.modules != NULL && i < world.ask.modules; i++) {
		free(world.modules[i].symbols);
		free(world.modules[i].relocs);
	}
	free(world.modules);
	free(world.shapes);
	free(world.kernel);
	return world.status;
}

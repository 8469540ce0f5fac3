/* SPDX-License-Identifier: BSD-2-Clause */

/* Random kernels and modules for the model test; see support_model.h. */

#include "support_model_gen.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define WHEN 1700000000 /* when all linker.hints were written */

uint64_t
model_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545f4914f6cdd1d);
}

size_t
model_below(uint64_t *state, size_t limit)
{
	return (size_t)((model_random(state) >> 20) % limit);
}

bool
model_chance(uint64_t *state, unsigned percent)
{
	return model_below(state, 100) < percent;
}

static void
hint(struct model_graph *graph, int dir, const char *interface, int version,
    const char *file)
{
	struct model_hint *new = &graph->hints[dir][graph->nhints[dir]];

	if (graph->nhints[dir] == MODEL_HINTS)
		return;
	graph->nhints[dir]++;
	(void)snprintf(new->interface, MODEL_NAME, "%s", interface);
	(void)snprintf(new->file, MODEL_NAME, "%s", file);
	new->version = version;
}

static void
add_interface(struct maker *maker, const char *name, int version)
{
	kldsim_synth_mdt_version(maker->synth, name, version);
	if (!chance(maker, 90))
		return;
	hint(maker->graph, maker->image->dir, name,
	    odd(maker, 50) ? version + 1 : version,
	    odd(maker, 50) ? "gone.ko" : maker->image->name);
}

static void
act_own_interface(struct maker *maker)
{
	char name[MODEL_NAME];

	if (!odd(maker, 80))
		add_interface(maker, text(name, "m%zu", maker->number),
		    between(maker, 1, 5));
}

static void
act_other_interface(struct maker *maker)
{
	char name[MODEL_NAME];

	if (!odd(maker, 300))
		(void)text(name, "e%d", (int)maker->number % 4);
	else
		(void)text(name, "m%d", chance(maker, 50) ?
		    (int)maker->number : between(maker, 0,
		    (int)maker->total - 1));
	add_interface(maker, name, between(maker, 0, 5));
}

static void
act_depend(struct maker *maker)
{
	char name[MODEL_NAME];
	int low = between(maker, 0, 4), which;

	if (maker->number == 0 && !odd(maker, 250))
		return;
	if (maker->number != 0 && !odd(maker, 250))
		which = between(maker, 0, (int)maker->number - 1);
	else
		which = between(maker, 0, (int)maker->total - 1);
	maker->needs[maker->nneeds++ % 8] = which;
	(void)text(name, "m%d", which);
	if (odd(maker, 120))
		(void)text(name, "e%d", between(maker, 0, 3));
	else if (odd(maker, 20))
		(void)text(name, "nope");
	else if (chance(maker, 3))
		(void)text(name, "kern0");
	if (!odd(maker, 300))
		kldsim_synth_mdt_depend(maker->synth, name, 1, 1, 5);
	else
		kldsim_synth_mdt_depend(maker->synth, name, low,
		    between(maker, 0, 6), low + between(maker, -1, 3));
}

static void
act_module(struct maker *maker)
{
	char name[MODEL_NAME];
	int handler = chance(maker, 88) ? any_function(maker) : 0;

	(void)text(name, maker->modules++ == 0 ? "m%zu" : "m%zub",
	    maker->number);
	if (odd(maker, 120))
		(void)text(name, "m%d", between(maker, 0,
		    (int)maker->total - 1));
	if (odd(maker, 5))
		(void)text(name, "kernmod");
	if (chance(maker, 6))
		(void)text(name, "sdt");
	if (chance(maker, 8))
		(void)kldsim_synth_mdt_module(maker->synth, name, handler,
		    any_function(maker));
	else
		(void)kldsim_synth_declare_module(maker->synth, name, handler,
		    0x3100000u + (uint32_t)between(maker, 0, 2),
		    (uint32_t)between(maker, 0, 2));
}

static uint32_t
subsystem(struct maker *maker)
{
	static const uint32_t subsystems[] = { 0, 1, 0x3100000, 0x3100001,
	    0x3800000, 0x8600000, 0xfffffff };

	return subsystems[between(maker, 0, 6)];
}

/* The name of a function or variable of this or another module. */
static char *
foreign(struct maker *maker, char *name, bool function)
{
	int which = between(maker, 0, (int)maker->total - 1);

	if (maker->nneeds != 0 && !odd(maker, 120))
		which = maker->needs[between(maker, 0,
		    (int)(maker->nneeds < 8 ? maker->nneeds : 8) - 1)];
	if (function || chance(maker, 85))
		return text(name, "m%d_f%d", which, between(maker, 0, 3));
	return text(name, chance(maker, 50) ? "pcpu_entry_m%d_v" :
	    "vnet_entry_m%d_v", which);
}

static int
any_symbol(struct maker *maker)
{
	char name[MODEL_NAME];

	if (chance(maker, 35))
		return any_function(maker);
	if (maker->variable != 0 && chance(maker, 20))
		return maker->variable;
	if (chance(maker, 35))
		return kldsim_synth_ref(maker->synth, "printf");
	if (odd(maker, 20))
		return kldsim_synth_ref(maker->synth, "nosuch");
	/* What the generator's kernels have of it: see make_kernel(). */
	if (maker->graph->osreldate >= 1500068 && odd(maker, 20))
		return chance(maker, 50) ? kldsim_synth_ref(maker->synth,
		    "none") : kldsim_synth_weak_ref(maker->synth, "none");
	if (model_this_linker_file(maker->graph->osreldate) &&
	    chance(maker, 5))
		return kldsim_synth_ref(maker->synth, "__this_linker_file");
	if (chance(maker, 20))
		return kldsim_synth_weak_ref(maker->synth, chance(maker, 50) ?
		    "nosuch" : "__start_set_sysinit_set");
	if (maker->nneeds == 0 && !odd(maker, 100))
		return any_function(maker);
	(void)foreign(maker, name, false);
	return chance(maker, 50) ? kldsim_synth_ref(maker->synth, name) :
	    kldsim_synth_weak_ref(maker->synth, name);
}

static void
act_sysinit(struct maker *maker)
{
	char name[MODEL_NAME], other[MODEL_NAME];
	int func = any_function(maker);

	(void)text(name, "s%u", maker->named++);
	if (maker->nneeds != 0 && chance(maker, 10))
		func = kldsim_synth_ref(maker->synth,
		    foreign(maker, other, true));
	if (chance(maker, 70))
		(void)kldsim_synth_sysinit(maker->synth, name,
		    subsystem(maker), (uint32_t)between(maker, 0, 2), func,
		    chance(maker, 30) ? any_function(maker) : 0);
	if (chance(maker, 60))
		(void)kldsim_synth_sysuninit(maker->synth, name,
		    subsystem(maker), (uint32_t)between(maker, 0, 2), func, 0);
}

/* Without VIMAGE a VNET_SYSINIT is one SYSINIT or SYSUNINIT (J-13). */
static void
plain_sysinit(struct maker *maker, bool un, uint32_t subsystem_of_it,
    uint32_t order)
{
	char name[MODEL_NAME];

	(void)text(name, "r%u", maker->named++);
	(void)(un ? kldsim_synth_sysuninit : kldsim_synth_sysinit)(
	    maker->synth, name, subsystem_of_it, order, any_function(maker),
	    chance(maker, 30) ? any_function(maker) : 0);
}

/* A-35, J-22: a record, a SYSINIT that registers it, a SYSUNINIT. */
static void
act_vnet_sysinit(struct maker *maker)
{
	static const char *const calls[2][2][2] = {
		{ { "vnet_register_sysinit", "vnet_deregister_sysinit" },
		    { "vnet_register_sysuninit",
		    "vnet_deregister_sysuninit" } },
		{ { "vnet_dynamic_register_sysinit",
		    "vnet_dynamic_deregister_sysinit" },
		    { "vnet_dynamic_register_sysuninit",
		    "vnet_dynamic_deregister_sysuninit" } } };
	struct kldsim_synth *synth = maker->synth;
	const bool shims = maker->vnets == RUNTIME;
	int data = kldsim_synth_section_named(synth, ".data"), record;
	bool un = chance(maker, 40);
	uint32_t sub = 0x8600000u + (uint32_t)between(maker, 0, 2);
	uint32_t order = (uint32_t)between(maker, 0, 2);
	unsigned w = maker->graph->machine->word;
	char name[MODEL_NAME];
	uint64_t at;

	if (maker->vnets == PLAIN) {
		plain_sysinit(maker, un, sub, order);
		return;
	}
	(void)kldsim_synth_align(synth, data, 8);
	at = kldsim_synth_append_int(synth, data, sub, 4);
	(void)kldsim_synth_append_int(synth, data, order, 4);
	(void)kldsim_synth_append(synth, data, NULL, 4 * w);
	kldsim_synth_pointer(synth, data, at + 8, any_function(maker), 0);
	kldsim_synth_pointer(synth, data, at + 8 + w,
	    chance(maker, 30) ? any_function(maker) : 0, 0);
	(void)text(name, "r%u", maker->named++);
	record = kldsim_synth_symbol(synth, name, KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_OBJECT, data, at, 8 + 4 * w);
	(void)kldsim_synth_sysinit(synth, name, sub, order,
	    kldsim_synth_ref(synth, calls[shims][un][0]), record);
	(void)kldsim_synth_sysuninit(synth, name, sub, order,
	    kldsim_synth_ref(synth, calls[shims][un][1]), record);
}

static void
random_bytes(struct maker *maker, unsigned char *bytes, size_t size)
{
	while (size-- != 0)
		*bytes++ = (unsigned char)between(maker, 0, 255);
}

/* A section of its own for a set, be there one already or not (Z-16). */
static void
new_set(struct maker *maker, bool vnet, const unsigned char *bytes,
    size_t size)
{
	uint32_t type = chance(maker, 60) && !maker->padded ? MODEL_NOBITS :
	    MODEL_PROGBITS;
	int section = kldsim_synth_section(maker->synth,
	    vnet ? "set_vnet" : "set_pcpu", type,
	    MODEL_ALLOC | KLDSIM_SYNTH_WRITE, 8);

	(void)kldsim_synth_append(maker->synth, section,
	    type == MODEL_NOBITS ? NULL : bytes, size);
	if (maker->set_type[vnet] == 0)
		maker->set_type[vnet] = type;
}

/* Room in set_pcpu or set_vnet: bytes, pointers, zeros of a NOBITS one. */
static void
act_set(struct maker *maker)
{
	struct kldsim_synth *synth = maker->synth;
	bool vnet = chance(maker, 50);
	bool nobits = maker->set_type[vnet] == MODEL_NOBITS;
	size_t size = (size_t)between(maker, 1, 48);
	unsigned char bytes[48];
	char name[MODEL_NAME];
	int variable;

	random_bytes(maker, bytes, sizeof(bytes));
	(void)text(name, "m%zu_v", maker->number);
	if (chance(maker, 18) && !(vnet && maker->vnets == PLAIN)) {
		new_set(maker, vnet, bytes, size);
		return;
	}
	if (maker->set_type[vnet] == 0)
		maker->set_type[vnet] = MODEL_PROGBITS;
	if (!nobits && chance(maker, 30))
		variable = (vnet ? kldsim_synth_vnet_pointer :
		    kldsim_synth_dpcpu_pointer)(synth, name,
		    any_symbol(maker), vnet ? 4 : -4);
	else
		variable = (vnet ? kldsim_synth_vnet : kldsim_synth_dpcpu)(
		    synth, name, nobits ? NULL : bytes, size, vnet ? 1 : 8);
	if (chance(maker, 40)) /* D-53: RELATIVE refers to it */
		variable = kldsim_synth_bind(synth, variable,
		    KLDSIM_SYNTH_LOCAL);
	maker->variable = variable;
}

/* A place that has a relocation of its own kind, in .data or in .text. */
static void
typed_reference(struct maker *maker, int symbol)
{
	const struct model_machine *machine = maker->graph->machine;
	int type = between(maker, 0, MODEL_TYPES - 1);
	struct kldsim_synth *synth = maker->synth;
	const char *name = machine->shared ? machine->types[type].name :
	    "R_X86_64_PC32";

	if (name != NULL)
		(void)kldsim_synth_reloc(synth, kldsim_synth_section_named(
		    synth, ".text"), (uint64_t)between(maker, 0, 3) * 16 + 1,
		    name, symbol, -4);
}

static void
act_reference(struct maker *maker)
{
	struct kldsim_synth *synth = maker->synth;
	int symbol = any_symbol(maker), section;
	uint64_t at;

	if (chance(maker, 25)) {
		typed_reference(maker, symbol);
		return;
	}
	section = kldsim_synth_section_named(synth, ".data");
	at = kldsim_synth_append(synth, section, NULL,
	    maker->graph->machine->word);
	kldsim_synth_pointer(synth, section, at, symbol,
	    between(maker, -8, 8));
}

static void
act_section(struct maker *maker)
{
	static const uint64_t aligns[] = { 1, 2, 16, 64, 512, 4096 };
	unsigned char bytes[64];
	bool nobits = chance(maker, 40);
	int section;

	random_bytes(maker, bytes, sizeof(bytes));
	/* Strings of ET_DYN go to .rodata. */
	section = kldsim_synth_section(maker->synth, chance(maker, 50) &&
	    !(nobits && maker->graph->machine->shared) ? ".rodata" : "extra",
	    nobits ? MODEL_NOBITS : MODEL_PROGBITS,
	    chance(maker, 90) ? MODEL_ALLOC : 0, aligns[between(maker, 0, 5)]);
	if (nobits && chance(maker, 5)) /* a superpage and more: V-29 */
		(void)kldsim_synth_append(maker->synth, section, NULL,
		    0x200000u + (uint64_t)between(maker, 0, 0x2000));
	else if (chance(maker, 90))
		(void)kldsim_synth_append(maker->synth, section,
		    nobits ? NULL : bytes, (uint64_t)between(maker, 1, 64));
}

typedef void action(struct maker *maker);

/* What a module has, in random order: so are its sections and its sets. */
static size_t
choose(struct maker *maker, action **actions)
{
	static const struct {
		action *act;
		unsigned percent; /* each time */
		int most;
	} kinds[] = {
		{ act_other_interface, 16, 2 },
		{ act_depend, 35, 3 },
		{ act_module, 55, 2 },
		{ act_sysinit, 45, 4 },
		{ act_vnet_sysinit, 22, 2 },
		{ act_set, 32, 3 },
		{ act_reference, 45, 4 },
		{ model_act_sysctl, 25, 4 },
		{ model_act_malloc, 8, 2 },
		{ model_act_sdt, 15, 3 },
		{ act_section, 25, 3 },
	};
	size_t count = 0, i, j;
	action *swap;
	int k;

	actions[count++] = act_own_interface;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (k = 0; k < kinds[i].most; k++)
			if (chance(maker, kinds[i].percent))
				actions[count++] = kinds[i].act;
	for (i = count - 1; i > 0; i--) {
		j = model_below(maker->random, i + 1);
		swap = actions[i];
		actions[i] = actions[j];
		actions[j] = swap;
	}
	return count;
}

static void
take_bytes(struct model_image *image, struct kldsim_synth *synth)
{
	struct kldsim_error error;
	void *bytes;

	if (kldsim_synth_finish(synth, &bytes, &image->size, &error) !=
	    KLDSIM_OK)
		fail_msg("synth: %s: %s", image->name, error.text);
	image->bytes = bytes;
}

/*
 * How kernels and modules were built, from the seed alone.  As a rule modules
 * fit their kernel; one of eight does not.
 */
static uint32_t
kinds_of(uint64_t seed)
{
	return (uint32_t)(seed * UINT64_C(0x2545f4914f6cdd1d) >> 32);
}

static int
vnets_of(const struct model_graph *graph, size_t number)
{
	const uint32_t kinds = kinds_of(graph->seed + 1 + number);

	if (kinds % 8 == 0)
		return (int)(kinds / 8 % 3);
	if (graph->runtime && kinds % 2 == 0)
		return RUNTIME;
	return graph->vimage ? FIXED : PLAIN;
}

static void
open_image(const struct model_graph *graph, struct model_image *image)
{
	struct kldsim_error error;

	image->machine = graph->machine;
	if (kldsim_image_open_memory(image->bytes, image->size, image->name,
	    NULL, NULL, &image->image, &error) != KLDSIM_OK)
		fail_msg("image: %s: %s", image->name, error.text);
	model_image_parse(image);
}

/* D-72: the linker script's mark; now and then there is none, or another. */
static void
set_padding(struct maker *maker)
{
	const struct model_graph *graph = maker->graph;

	maker->padded = graph->machine->padded &&
	    model_set_padding(graph->osreldate) && !odd(maker, 60);
	if (maker->padded)
		kldsim_synth_option(maker->synth, KLDSIM_SYNTH_SET_PAD,
		    odd(maker, 60) ? 0x90909091 : 0x90909090);
}

static void
make_module(struct maker *maker)
{
	const struct model_graph *graph = maker->graph;
	struct kldsim_synth *synth = kldsim_synth_new(graph->machine->name,
	    KLDSIM_SYNTH_MODULE);
	action *actions[32];
	char name[MODEL_NAME];
	size_t count, i;

	maker->synth = synth;
	kldsim_synth_option(synth, KLDSIM_SYNTH_OSRELDATE,
	    odd(maker, 30) ? 1100122 : graph->osreldate);
	kldsim_synth_option(synth, KLDSIM_SYNTH_SYSINIT_LINK,
	    model_sysinit_link(graph->osreldate));
	kldsim_synth_option(synth, KLDSIM_SYNTH_SYSCTL_TREE,
	    model_sysctl_tree(graph->osreldate));
	kldsim_synth_option(synth, KLDSIM_SYNTH_VIMAGE,
	    maker->vnets != PLAIN);
	kldsim_synth_option(synth, KLDSIM_SYNTH_VIMAGE_RUNTIME,
	    maker->vnets == RUNTIME);
	set_padding(maker);
	if (chance(maker, 8)) /* the first section is a set: Z-22 */
		(void)kldsim_synth_section_named(synth, "set_sysinit_set");
	for (i = 0; i < 4; i++) {
		(void)text(name, "m%zu_f%zu", maker->number, i);
		maker->functions[i] = kldsim_synth_func(synth, name);
		if (chance(maker, 12))
			(void)kldsim_synth_bind(synth, maker->functions[i],
			    KLDSIM_SYNTH_LOCAL);
	}
	count = choose(maker, actions);
	for (i = 0; i < count; i++)
		actions[i](maker);
	take_bytes(maker->image, synth);
	kldsim_synth_free(synth);
}

/*
 * What the boot loader brings: sets with bytes and with pointers into itself
 * and the kernel, which fit, and a sysctl.  It needs nobody.
 */
static void
make_preload(struct model_graph *graph, uint64_t *random)
{
	struct maker maker = { .graph = graph, .image = &graph->preload,
	    .random = random };
	struct kldsim_synth *synth = kldsim_synth_new(graph->machine->name,
	    KLDSIM_SYNTH_MODULE);
	int (*const pointers[])(struct kldsim_synth *, const char *, int,
	    int64_t) = { kldsim_synth_dpcpu_pointer,
	    kldsim_synth_vnet_pointer };
	struct kldsim_synth_oid oid = { .parent = "_kern", .number = -1,
	    .kind = 2 };
	unsigned char bytes[8];
	int own, kernels, i;

	kldsim_synth_option(synth, KLDSIM_SYNTH_SYSCTL_TREE,
	    model_sysctl_tree(graph->osreldate));
	kldsim_synth_option(synth, KLDSIM_SYNTH_OSRELDATE, graph->osreldate);
	kldsim_synth_option(synth, KLDSIM_SYNTH_SYSINIT_LINK,
	    model_sysinit_link(graph->osreldate));
	if (graph->machine->padded && model_set_padding(graph->osreldate))
		kldsim_synth_option(synth, KLDSIM_SYNTH_SET_PAD, 0x90909090);
	own = kldsim_synth_func(synth, "p0_f0");
	kernels = kldsim_synth_ref(synth, "printf");
	random_bytes(&maker, bytes, sizeof(bytes));
	(void)kldsim_synth_dpcpu(synth, "p0_v", bytes,
	    (uint64_t)between(&maker, 1, 8), 8);
	(void)kldsim_synth_vnet(synth, "p0_v", bytes,
	    (uint64_t)between(&maker, 1, 8), 8);
	for (i = 0; i < 2; i++)
		if (chance(&maker, 70))
			(void)pointers[i](synth, "p0_p", chance(&maker, 50) ?
			    own : kernels, between(&maker, -4, 4));
	oid.name = chance(&maker, 50) ? "maxvnodes" : "n0";
	(void)kldsim_synth_sysctl(synth, &oid);
	kldsim_synth_mdt_version(synth, "p0", 1);
	(void)kldsim_synth_declare_module(synth, "p0", own, 0x3100000, 3);
	(void)text(graph->preload.name, "p0.ko");
	take_bytes(&graph->preload, synth);
	kldsim_synth_free(synth);
	open_image(graph, &graph->preload);
}

static void
make_kernel(struct model_graph *graph, uint64_t *random)
{
	static const char *const functions[] = { "printf", "malloc_init",
	    "vnet_register_sysinit", "vnet_deregister_sysinit",
	    "vnet_register_sysuninit", "vnet_deregister_sysuninit" };
	const size_t count = graph->vimage ? 6 : 2;
	struct kldsim_synth *synth = kldsim_synth_new(graph->machine->name,
	    KLDSIM_SYNTH_KERNEL);
	size_t i;

	kldsim_synth_option(synth, KLDSIM_SYNTH_OSRELDATE, graph->osreldate);
	kldsim_synth_option(synth, KLDSIM_SYNTH_SYSINIT_LINK,
	    model_sysinit_link(graph->osreldate));
	kldsim_synth_option(synth, KLDSIM_SYNTH_VIMAGE, graph->vimage);
	kldsim_synth_option(synth, KLDSIM_SYNTH_VIMAGE_RUNTIME,
	    graph->runtime);
	for (i = 0; i < count; i++)
		(void)kldsim_synth_func(synth, functions[i]);
	(void)kldsim_synth_ifunc(synth, "none"); /* it answers 0 */
	(void)kldsim_synth_dpcpu(synth, "before", "DPCPU", 6, 8);
	(void)kldsim_synth_vnet(synth, "before", "VNET", 5, 8);
	for (i = 0; i < 2; i++)
		graph->modspace[i] = 48 + model_below(random, 200);
	if (model_chance(random, 50))
		graph->modspace[0] &= ~UINT64_C(7);
	if (model_chance(random, 50))
		graph->modspace[1] &= ~UINT64_C(7);
	(void)kldsim_synth_dpcpu_modspace(synth, graph->modspace[0]);
	if (graph->vimage)
		(void)kldsim_synth_vnet_modspace(synth, graph->modspace[1]);
	else
		graph->modspace[1] = 0;
	(void)kldsim_synth_dpcpu(synth, "after", "end", 4, 8);
	(void)kldsim_synth_vnet(synth, "after", "END", 4, 8);
	model_kernel_parts(synth, graph);
	kldsim_synth_mdt_version(synth, "kern0", 3);
	(void)kldsim_synth_mdt_module(synth, "kernmod", 0, 0);
	(void)kldsim_synth_declare_module(synth, "kernlate", 0, 0x3100000, 2);
	(void)kldsim_synth_declare_module(synth, "kernearly", 0, 0x3100000, 1);
	(void)text(graph->kernel.name, "kernel");
	take_bytes(&graph->kernel, synth);
	kldsim_synth_free(synth);
	open_image(graph, &graph->kernel);
}

static void
write_file(const char *path, const void *bytes, size_t size, long when)
{
	struct timespec times[2] = { { when, 0 }, { when, 0 } };
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_true(write(fd, bytes, size) == (ssize_t)size);
	assert_int_equal(futimens(fd, times), 0);
	assert_int_equal(close(fd), 0);
}

static void
file_path(const struct model_graph *graph, const struct model_image *image,
    char *path, size_t size)
{
	(void)snprintf(path, size, "%s/%s", graph->dir[image->dir],
	    image->name);
}

/* In a copy of a module, the header of its symbol table is changed. */
static void
spoil_symbols(struct model_image *image, bool strings)
{
	unsigned char *table;
	size_t i;

	model_image_parse(image);
	for (i = 0; image->sections[i].type != MODEL_SYMTAB; i++)
		assert_true(i + 1 < image->nsections);
	table = image->bytes + model_get(image->machine, image->bytes + 40,
	    8) + 64 * i;
	model_put(image->machine, table + (strings ? 40 : 4), 4,
	    strings ? 0 : MODEL_PROGBITS);
	free(image->sections);
	free(image->symbols);
	image->sections = NULL;
	image->symbols = NULL;
	image->ntables = 0;
}

/*
 * Files that are no modules: text, a few bytes, a module cut short twice, one
 * whose symbols are gone, one whose strings are.
 */
static void
make_junk(struct model_graph *graph, uint64_t *random)
{
	static const struct {
		const char *name;
		size_t size;     /* 0: all of the module */
		bool module;
	} files[] = {
		{ "junk.ko", 200, false }, { "tiny.ko", 10, false },
		{ "cut.ko", 200, true }, { "short.ko", 20, true },
		{ "nosym.ko", 0, true }, { "nostr.ko", 0, true },
	};
	size_t i;

	/* What a class alone makes of a file cut short is malloc(9)'s secret. */
	for (i = 0; i < (graph->machine->shared ? 1 : 6); i++) {
		struct model_image *image = &graph->images[graph->nimages++];
		const struct model_image *module = &graph->images[0];

		image->machine = graph->machine;
		(void)text(image->name, "%s", files[i].name);
		image->dir = (int)model_below(random, MODEL_DIRS);
		image->size = files[i].size != 0 ? files[i].size :
		    module->size;
		image->bytes = malloc(image->size);
		assert_non_null(image->bytes);
		memset(image->bytes, 'x', image->size);
		if (files[i].module)
			memcpy(image->bytes, module->bytes, image->size);
		if (files[i].size == 0)
			spoil_symbols(image, i == 5);
	}
}

static void
make_folders(struct model_graph *graph, const char *folder, uint64_t *random)
{
	int i;

	for (i = 0; i < MODEL_DIRS; i++) {
		(void)snprintf(graph->dir[i], MODEL_PATH, "%s/%d%s", folder, i,
		    model_chance(random, 20) ? "/" : "");
		(void)mkdir(graph->dir[i], 0700);
		graph->has_hints[i] = model_chance(random, 60);
		graph->has_kernel_file[i] = model_chance(random, 30);
	}
	(void)snprintf(graph->module_path, sizeof(graph->module_path),
	    "%s;%s", graph->dir[0], graph->dir[1]);
}

static void
write_folders(struct model_graph *graph, uint64_t *random)
{
	struct timespec times[2] = { { WHEN, 0 }, { WHEN, 0 } };
	char path[MODEL_PATH + MODEL_NAME];
	size_t i;
	int d;

	for (i = 0; i < graph->nimages; i++) {
		struct model_image *image = &graph->images[i];

		open_image(graph, image);
		image->newer = model_chance(random, 10);
		file_path(graph, image, path, sizeof(path));
		write_file(path, image->bytes, image->size,
		    image->newer ? WHEN + 5 : WHEN - 5);
	}
	for (d = 0; d < MODEL_DIRS; d++) {
		(void)snprintf(path, sizeof(path), "%s/kernel", graph->dir[d]);
		if (graph->has_kernel_file[d])
			write_file(path, "kernel", 6, WHEN);
		if (!graph->has_hints[d])
			continue;
		model_write_hints(graph, d);
		(void)snprintf(path, sizeof(path), "%s/linker.hints",
		    graph->dir[d]);
		assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	}
}

const uint32_t model_releases[MODEL_RELEASES] = { 1201000, 1300139, 1400097,
	1401000, 1500068, 1501000 };

void
model_graph_make(struct model_graph *graph, uint64_t seed,
    const char *folder)
{
	uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	size_t i;

	memset(graph, 0, sizeof(*graph));
	graph->seed = seed;
	graph->machine = model_machine_of(seed);
	graph->osreldate = model_releases[model_below(&random, MODEL_RELEASES)];
	graph->vimage = kinds_of(seed) % 4 != 0;
	graph->runtime = kinds_of(seed) / 4 % 2 == 0;
	make_kernel(graph, &random);
	make_folders(graph, folder, &random);
	graph->nhonest = 4 + model_below(&random, 8);
	for (i = 0; i < graph->nhonest; i++) {
		struct model_image *image = &graph->images[graph->nimages++];
		struct maker maker = { .graph = graph, .image = image,
		    .random = &random, .number = i, .total = graph->nhonest,
		    .wild = graph->seed % 2 == 0 };
		size_t kind = model_below(&random, 100);

		maker.vnets = vnets_of(graph, i);

		(void)text(image->name, kind < 5 ? "m%zu" :
		    kind < 11 ? "x%zu.ko" : "m%zu.ko", i);
		image->dir = (int)model_below(&random, MODEL_DIRS);
		make_module(&maker);
	}
	make_junk(graph, &random);
	write_folders(graph, &random);
	make_preload(graph, &random);
}

void
model_graph_free(struct model_graph *graph)
{
	char path[MODEL_PATH + MODEL_NAME];
	size_t i;
	int d;

	for (i = 0; i < graph->nimages; i++) {
		file_path(graph, &graph->images[i], path, sizeof(path));
		(void)unlink(path);
		model_image_free(&graph->images[i]);
	}
	for (d = 0; d < MODEL_DIRS; d++) {
		(void)snprintf(path, sizeof(path), "%s/kernel", graph->dir[d]);
		(void)unlink(path);
		(void)snprintf(path, sizeof(path), "%s/linker.hints",
		    graph->dir[d]);
		(void)unlink(path);
		(void)rmdir(graph->dir[d]);
	}
	model_image_free(&graph->kernel);
	model_image_free(&graph->preload);
}

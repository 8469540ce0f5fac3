/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: bytes choose a module for one of the machines, which is built,
 * loaded, and compared with what must come of it: every slot by the arithmetic
 * of the psABI and what the kernel's rules make of sets, every variable of a
 * set in every CPU and vnet.  The relocation types are those of random worlds.
 */

#include "fuzz.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "world/world_impl.h"

#define SLOTS 24
#define VARIABLES 8

enum target { FUNCTION, DATA, KERNEL, IN_DPCPU, IN_VNET, TARGETS };

/* A relocated field, of 8 bytes so far, of a section. */
struct slot {
	enum kldsim__world_section section;
	uint64_t offset;
	const struct kldsim__world_type *type;
	enum target target;
	unsigned variable;
	int64_t addend;
};

struct variable {
	int symbol;
	char name[24];
	uint8_t bytes[16];
	uint8_t size;
};

struct module {
	const struct fuzz_kernel *kernel;
	const struct kldsim__world_machine *machine;
	struct kldsim_synth *synth;
	bool big;
	bool rela;
	struct slot slots[SLOTS];
	unsigned nslots;
	struct variable variables[2][VARIABLES]; /* by enum kldsim_set */
	unsigned nvariables[2];
	int file;
	kldsim_addr base;      /* of the file, once loaded */
	uint64_t at[TARGETS]; /* addresses, likewise */
	struct kldsim_section sections[KLDSIM__WORLD_SECTIONS];
};

/* --- building --- */

static void
add_variable(struct module *m, enum kldsim_set set, struct fuzz_bytes *bytes)
{
	struct variable *v = &m->variables[set][m->nvariables[set]];
	unsigned align = 1u << fuzz_choose(bytes, 5);

	v->size = (uint8_t)(1 + fuzz_choose(bytes, sizeof(v->bytes)));
	for (unsigned i = 0; i < v->size; i++)
		v->bytes[i] = (uint8_t)fuzz_number(bytes, 1);
	(void)snprintf(v->name, sizeof(v->name), "v%u", m->nvariables[set]);
	v->symbol = set == KLDSIM_SET_DPCPU ?
	    kldsim_synth_dpcpu(m->synth, v->name, v->bytes, v->size, align) :
	    kldsim_synth_vnet(m->synth, v->name, v->bytes, v->size, align);
	(void)snprintf(v->name, sizeof(v->name), "%s_entry_v%u",
	    set == KLDSIM_SET_DPCPU ? "pcpu" : "vnet", m->nvariables[set]++);
}

static int
symbol_of(struct module *m, const struct slot *slot, int function, int data)
{
	switch (slot->target) {
	case FUNCTION:
		return (function);
	case DATA:
		return (data);
	case IN_DPCPU:
	case IN_VNET:
		return (m->variables[slot->target - IN_DPCPU][
		    slot->variable].symbol);
	default:
		return (kldsim_synth_ref(m->synth, "printf"));
	}
}

/* One of the types that the kernel's release has. */
static const struct kldsim__world_type *
choose_type(const struct module *m, struct fuzz_bytes *bytes)
{
	const struct kldsim__world_type *found[16];
	unsigned n = 0;

	for (size_t i = 0; i < m->machine->ntypes && n < 16; i++)
		if (kldsim__world_in_force(&m->machine->types[i],
		    m->kernel->osreldate))
			found[n++] = &m->machine->types[i];
	return (found[fuzz_choose(bytes, n)]);
}

static void
add_slot(struct module *m, struct fuzz_bytes *bytes, int function, int data)
{
	struct slot *slot = &m->slots[m->nslots++];
	int section;

	slot->section = (enum kldsim__world_section)fuzz_choose(bytes,
	    KLDSIM__WORLD_SECTIONS);
	slot->type = choose_type(m, bytes);
	slot->target = (enum target)fuzz_choose(bytes, TARGETS);
	if (slot->target >= IN_DPCPU &&
	    m->nvariables[slot->target - IN_DPCPU] == 0)
		slot->target = FUNCTION;
	if (slot->target == KERNEL &&
	    (slot->type->flags & KLDSIM__WORLD_OWN) != 0)
		slot->target = FUNCTION;
	if (slot->target >= IN_DPCPU)
		slot->variable = fuzz_choose(bytes,
		    m->nvariables[slot->target - IN_DPCPU]);
	slot->addend = (int16_t)fuzz_number(bytes, 2);
	section = kldsim_synth_section_named(m->synth,
	    kldsim__world_names[slot->section]);
	slot->offset = kldsim_synth_align(m->synth, section, 8);
	(void)kldsim_synth_append(m->synth, section, NULL, 8);
	(void)kldsim_synth_reloc(m->synth, section, slot->offset,
	    slot->type->name, symbol_of(m, slot, function, data),
	    slot->addend);
}

static void
build(struct module *m, struct fuzz_bytes *bytes)
{
	unsigned dpcpu = fuzz_choose(bytes, VARIABLES + 1);
	unsigned vnet = fuzz_choose(bytes, VARIABLES + 1);
	unsigned slots = fuzz_choose(bytes, SLOTS + 1);
	int function, data;

	kldsim_synth_option(m->synth, KLDSIM_SYNTH_OSRELDATE,
	    m->kernel->osreldate);
	kldsim_synth_option(m->synth, KLDSIM_SYNTH_SET_PAD,
	    kldsim__world_set_pad(m->machine, m->kernel->osreldate));
	function = kldsim_synth_func(m->synth, "function");
	data = kldsim_synth_object(m->synth, "data", "\1\2\3\4\5\6\7\10", 8,
	    8);
	while (m->nvariables[KLDSIM_SET_DPCPU] < dpcpu)
		add_variable(m, KLDSIM_SET_DPCPU, bytes);
	while (m->nvariables[KLDSIM_SET_VNET] < vnet)
		add_variable(m, KLDSIM_SET_VNET, bytes);
	while (m->nslots < slots)
		add_slot(m, bytes, function, data);
}

/* --- comparing --- */

static uint64_t
address_of(const struct module *m, int file, const char *name)
{
	kldsim_addr value = 0;
	kldsim_size size;

	FUZZ_CHECK(kldsim_kldsym(m->kernel->sim, file, name, &value, &size) ==
	    KLDSIM_OK, "no symbol %s", name);
	return (value);
}

/*
 * Where what lies in the file is used: the sets of a shared object have moved,
 * one that is nothing but padding to nowhere (D-32, D-50, D-53).
 */
static uint64_t
moved(const struct module *m, uint64_t at)
{
	const struct kldsim_section *section = &m->sections[
	    KLDSIM__WORLD_DPCPU];

	for (; !m->machine->relocatable &&
	    section <= &m->sections[KLDSIM__WORLD_VNET]; section++)
		if (at - section->hole < section->size)
			return (at - section->hole + (section->region ==
			    KLDSIM_REGION_MAPPING ? 0 : section->address));
	return (at);
}

static void
check_number(const struct module *m, const struct slot *slot, kldsim_addr at,
    uint64_t want, const char *where)
{
	unsigned width = slot->type->width;
	uint64_t have = 0;
	uint8_t bytes[8];

	FUZZ_CHECK(kldsim_read(m->kernel->sim, at, bytes, width) == KLDSIM_OK,
	    "0x%" PRIx64 " cannot be read", at);
	for (unsigned i = 0; i < width; i++)
		have |= (uint64_t)bytes[i] << 8 * (m->big ? width - 1 - i : i);
	want &= width == 8 ? UINT64_MAX : UINT32_MAX;
	FUZZ_CHECK(have == want, "%s %s at %s + %" PRIu64 ", %s: 0x%" PRIx64
	    " instead of 0x%" PRIx64, m->kernel->machine, slot->type->name,
	    kldsim__world_names[slot->section], slot->offset, where, have,
	    want);
}

/* Where the file has the target; of ET_REL, where it is. */
static uint64_t
target_address(const struct module *m, const struct slot *slot)
{
	if (slot->target < IN_DPCPU)
		return (m->at[slot->target]);
	return (address_of(m, m->file, m->variables[slot->target -
	    IN_DPCPU][slot->variable].name));
}

static uint64_t
expected(const struct module *m, const struct slot *slot, kldsim_addr place)
{
	const uint32_t flags = slot->type->flags;
	uint64_t addend = (flags & KLDSIM__WORLD_ADDEND) != 0 ?
	    (uint64_t)slot->addend : 0;
	uint64_t value = target_address(m, slot);

	if ((flags & KLDSIM__WORLD_OWN) == 0)
		value = moved(m, value);
	value += addend;
	if ((flags & KLDSIM__WORLD_SUM) != 0 ||
	    ((flags & KLDSIM__WORLD_OWN) != 0 &&
	    (flags & KLDSIM__WORLD_UNMOVED) == 0))
		value = moved(m, value);
	return ((flags & KLDSIM__WORLD_PC) != 0 ? value - place : value);
}

/* What the file has there: nothing, or a REL addend (O-24, D-34, D-36). */
static uint64_t
initial(const struct module *m, const struct slot *slot)
{
	uint64_t value = (uint64_t)slot->addend;

	if (m->rela)
		return (0);
	if ((slot->type->flags & KLDSIM__WORLD_OWN) != 0)
		value += target_address(m, slot) - m->base;
	return (value);
}

/* A slot of a set is in many places, and relocated in some of them. */
static void
compare_copies(const struct module *m, const struct slot *slot)
{
	const bool relocatable = m->machine->relocatable;
	const kldsim_addr at = m->sections[slot->section].address +
	    slot->offset;
	const enum kldsim_set set = slot->section == KLDSIM__WORLD_VNET ?
	    KLDSIM_SET_VNET : KLDSIM_SET_DPCPU;
	const uint64_t first = initial(m, slot), last = expected(m, slot, at);
	struct kldsim_instance instance;

	check_number(m, slot, at, relocatable ? last : first, "reference");
	for (size_t i = 0; kldsim_set_instance(m->kernel->sim, set, i,
	    &instance) == KLDSIM_OK; i++)
		check_number(m, slot, at + instance.base, relocatable &&
		    kldsim__world_propagates(m->kernel->osreldate,
		    slot->section) ? last : first, "instance");
}

static void
compare_slot(const struct module *m, const struct slot *slot)
{
	const struct kldsim_section *section = &m->sections[slot->section];
	const bool in_set = slot->section >= KLDSIM__WORLD_DPCPU;
	kldsim_addr place = section->address + slot->offset;

	/* D-36: a shared object's own set is relocated. */
	if (in_set && !m->machine->relocatable)
		place = section->hole + slot->offset;
	check_number(m, slot, place, expected(m, slot, place), "file");
	if (in_set)
		compare_copies(m, slot);
}

/* what a variable begins with, in each copy. */
static void
compare_variable(const struct module *m, enum kldsim_set set,
    const struct variable *v, kldsim_addr at)
{
	struct kldsim_instance instance;
	uint8_t have[sizeof(v->bytes)];

	for (size_t i = 0; kldsim_set_instance(m->kernel->sim, set, i,
	    &instance) == KLDSIM_OK; i++)
		FUZZ_CHECK(kldsim_read(m->kernel->sim, at + instance.base,
		    have, v->size) == KLDSIM_OK &&
		    memcmp(have, v->bytes, v->size) == 0,
		    "%s differs in instance %u", v->name, instance.id);
}

static void
find_sections(struct module *m)
{
	struct kldsim_section section;

	for (size_t i = 0; kldsim_file_section(m->kernel->sim, m->file, i,
	    &section) == KLDSIM_OK; i++)
		for (unsigned j = 0; j < KLDSIM__WORLD_SECTIONS; j++)
			if (strcmp(section.name, kldsim__world_names[j]) == 0)
				m->sections[j] = section;
}

static void
compare(struct module *m)
{
	struct kldsim_filestat stat;

	FUZZ_CHECK(kldsim_kldstat(m->kernel->sim, m->file, &stat) ==
	    KLDSIM_OK, "no file %d", m->file);
	m->base = stat.address;
	m->at[FUNCTION] = address_of(m, m->file, "function");
	m->at[DATA] = address_of(m, m->file, "data");
	m->at[KERNEL] = address_of(m, 1, "printf");
	find_sections(m);
	for (unsigned i = 0; i < m->nslots; i++)
		compare_slot(m, &m->slots[i]);
	for (int set = KLDSIM_SET_DPCPU; set <= KLDSIM_SET_VNET; set++)
		for (unsigned i = 0; i < m->nvariables[set]; i++)
			compare_variable(m, (enum kldsim_set)set,
			    &m->variables[set][i], moved(m, address_of(m,
			    m->file, m->variables[set][i].name)));
}

static void
load(struct module *m)
{
	struct kldsim_image *image = fuzz_made(m->synth, "m.ko");
	struct kldsim_result result;
	struct kldsim_error error;

	FUZZ_CHECK(kldsim_kldload_image(m->kernel->sim, image,
	    "/boot/modules/m.ko", &result, &error) == KLDSIM_OK, "%s",
	    error.text);
	FUZZ_CHECK(result.error == 0, "%s: errno %d", m->kernel->machine,
	    result.error);
	m->file = result.fileid;
	fuzz_invariants(m->kernel->sim);
	compare(m);
	fuzz_restore(m->kernel);
	kldsim_image_unref(image);
}

FUZZ_WITH_KERNELS

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size };
	unsigned release = fuzz_choose(&bytes, 5);
	/* Eight machines; more of amd64, as a shared object in the end. */
	unsigned choice = fuzz_choose(&bytes, 16);
	struct module m = { .kernel = fuzz_kernel_of(
	    kldsim_synth_machine(choice < 8 ? choice : 0), release) };

	m.machine = kldsim__world_machine(m.kernel->machine, choice >= 12);
	m.big = strcmp(m.kernel->machine, "powerpc") == 0 ||
	    strcmp(m.kernel->machine, "powerpc64") == 0;
	m.rela = strcmp(m.kernel->machine, "i386") != 0 &&
	    strcmp(m.kernel->machine, "armv7") != 0;
	m.synth = kldsim_synth_new(m.kernel->machine,
	    m.machine->relocatable ? KLDSIM_SYNTH_REL : KLDSIM_SYNTH_DYN);
	FUZZ_CHECK(m.synth != NULL, "no builder");
	build(&m, &bytes);
	load(&m);
	return (0);
}

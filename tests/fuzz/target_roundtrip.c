/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: bytes choose a module, which is built, loaded, and compared with
 * what its builder expects: every slot by the arithmetic of the psABI, every
 * variable of a set in every CPU and vnet.
 */

#include "fuzz.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SLOTS 24
#define VARIABLES 8

enum target { FUNCTION, DATA, KERNEL, IN_DPCPU, IN_VNET, TARGETS };

/* A relocated field of .data. */
struct slot {
	uint64_t offset;
	enum target target;
	unsigned variable;
	unsigned width;
	bool pc;
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
	struct kldsim_synth *synth;
	bool amd64;
	struct slot slots[SLOTS];
	unsigned nslots;
	struct variable variables[2][VARIABLES]; /* by enum kldsim_set */
	unsigned nvariables[2];
	uint64_t at[TARGETS]; /* addresses, once loaded */
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

static void
add_slot(struct module *m, struct fuzz_bytes *bytes, int function, int data)
{
	static const struct {
		const char *name;
		unsigned width;
		bool pc;
	} types[] = { { "R_X86_64_64", 8, false }, { "R_X86_64_32S", 4, false },
		{ "R_X86_64_PC32", 4, true } };
	struct slot *slot = &m->slots[m->nslots++];
	unsigned type = m->amd64 ? fuzz_choose(bytes, 3) : 0;
	int section = kldsim_synth_section_named(m->synth, ".data");
	int symbol;

	slot->target = (enum target)fuzz_choose(bytes, TARGETS);
	if (slot->target >= IN_DPCPU &&
	    m->nvariables[slot->target - IN_DPCPU] == 0)
		slot->target = FUNCTION;
	if (slot->target >= IN_DPCPU)
		slot->variable = fuzz_choose(bytes,
		    m->nvariables[slot->target - IN_DPCPU]);
	slot->addend = (int16_t)fuzz_number(bytes, 2);
	/* R_RISCV_64 was S alone (V-48). */
	if (strcmp(m->kernel->machine, "riscv64") == 0)
		slot->addend = 0;
	slot->offset = kldsim_synth_align(m->synth, section, 8);
	slot->width = types[type].width;
	slot->pc = types[type].pc;
	(void)kldsim_synth_append(m->synth, section, NULL, 8);
	symbol = symbol_of(m, slot, function, data);
	if (m->amd64)
		(void)kldsim_synth_reloc(m->synth, section, slot->offset,
		    types[type].name, symbol, slot->addend);
	else
		kldsim_synth_pointer(m->synth, section, slot->offset, symbol,
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
 * Where what a symbol stands for is used: a variable of a set in an ET_DYN file
 * has a symbol in the file's own mapping (D-50, D-53).
 */
static uint64_t
place_of(const struct module *m, int file, uint64_t at)
{
	struct kldsim_section section;

	for (size_t i = 0; kldsim_file_section(m->kernel->sim, file, i,
	    &section) == KLDSIM_OK; i++)
		if (section.region != KLDSIM_REGION_MAPPING &&
		    at - section.hole < section.size)
			return (at - section.hole + section.address);
	return (at);
}

static uint64_t
read_number(const struct module *m, kldsim_addr at, unsigned width, bool big)
{
	uint8_t bytes[8];
	uint64_t value = 0;

	FUZZ_CHECK(kldsim_read(m->kernel->sim, at, bytes, width) == KLDSIM_OK,
	    "0x%" PRIx64 " cannot be read", at);
	for (unsigned i = 0; i < width; i++)
		value |= (uint64_t)bytes[i] << 8 * (big ? width - 1 - i : i);
	return (value);
}

static void
compare_slot(const struct module *m, const struct slot *slot, kldsim_addr base,
    int file, unsigned word, bool big)
{
	unsigned width = m->amd64 ? slot->width : word;
	uint64_t mask = width == 8 ? UINT64_MAX : UINT32_MAX;
	uint64_t want, have, moved, place = 0;

	if (slot->target >= IN_DPCPU)
		want = address_of(m, file, m->variables[slot->target -
		    IN_DPCPU][slot->variable].name);
	else
		want = m->at[slot->target];
	if (slot->pc)
		place = base + slot->offset;
	/* Whether ET_DYN files remap depends on the machine (D-50). */
	moved = place_of(m, file, want) + (uint64_t)slot->addend;
	want += (uint64_t)slot->addend;
	have = read_number(m, base + slot->offset, width, big);
	FUZZ_CHECK(have == ((want - place) & mask) ||
	    have == ((moved - place) & mask) ||
	    have == ((place_of(m, file, want) - place) & mask),
	    "slot at %" PRIu64 ": 0x%" PRIx64 " instead of 0x%" PRIx64,
	    slot->offset, have, (moved - place) & mask);
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
compare(struct module *m, int file)
{
	static const char *const big[] = { "powerpc", "powerpc64" };
	static const char *const narrow[] = { "i386", "armv7", "powerpc" };
	struct kldsim_section section = { .name = "" };
	bool is_big = false;
	unsigned word = 8;

	for (size_t i = 0; i < 2; i++)
		is_big |= strcmp(m->kernel->machine, big[i]) == 0;
	for (size_t i = 0; i < 3; i++)
		if (strcmp(m->kernel->machine, narrow[i]) == 0)
			word = 4;
	m->at[FUNCTION] = address_of(m, file, "function");
	m->at[DATA] = address_of(m, file, "data");
	m->at[KERNEL] = address_of(m, 1, "printf");
	for (size_t i = 0; strcmp(section.name, ".data") != 0; i++)
		FUZZ_CHECK(kldsim_file_section(m->kernel->sim, file, i,
		    &section) == KLDSIM_OK, "no .data");
	for (unsigned i = 0; i < m->nslots; i++)
		compare_slot(m, &m->slots[i], section.address, file, word,
		    is_big);
	for (int set = KLDSIM_SET_DPCPU; set <= KLDSIM_SET_VNET; set++)
		for (unsigned i = 0; i < m->nvariables[set]; i++)
			compare_variable(m, (enum kldsim_set)set,
			    &m->variables[set][i], place_of(m, file,
			    address_of(m, file, m->variables[set][i].name)));
}

static void
load(struct module *m)
{
	struct kldsim_image *image = fuzz_made(m->synth, "m.ko");
	struct kldsim_result result;
	struct kldsim_error error;
	enum kldsim_status status = kldsim_kldload_image(m->kernel->sim,
	    image, "/boot/modules/m.ko", &result, &error);

	FUZZ_CHECK(status == KLDSIM_OK || status == KLDSIM_UNSUPPORTED,
	    "%s", error.text);
	/* Some machines have no class for these files (K-21). */
	FUZZ_CHECK(status != KLDSIM_OK || result.error == 0 || !m->amd64,
	    "errno %d", result.error);
	if (status == KLDSIM_OK && result.error == 0) {
		fuzz_invariants(m->kernel->sim);
		fuzz_check_copies(m->kernel->sim, result.fileid);
		compare(m, result.fileid);
	}
	fuzz_restore(m->kernel);
	kldsim_image_unref(image);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size };
	unsigned release = fuzz_choose(&bytes, 5);
	/* Half of all inputs are for amd64, which has most to compare. */
	unsigned machine = fuzz_choose(&bytes, 16);
	struct module m = { .kernel = fuzz_kernel_of(
	    kldsim_synth_machine(machine < 8 ? machine : 0), release) };

	m.amd64 = strcmp(m.kernel->machine, "amd64") == 0;
	m.synth = kldsim_synth_new(m.kernel->machine, KLDSIM_SYNTH_MODULE);
	FUZZ_CHECK(m.synth != NULL, "no builder");
	build(&m, &bytes);
	load(&m);
	return (0);
}

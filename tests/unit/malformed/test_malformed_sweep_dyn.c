/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Good shared objects of three machines, cut at every few bytes and with every
 * byte changed.  Whatever comes of it, nothing crashes or hangs, and what is
 * refused or kills the kernel leaves nothing of itself behind.
 */

#include "support_full.h"
#include "support_sweep.h"

#include <stdlib.h>
#include <string.h>

#define OSRELDATE 1500068 /* all of them take all that is in the module */

/* REL and RELA, 32 and 64 bits, both byte orders, a padded set. */
static const struct machine {
	const char *name;
	unsigned word;
	const char *slot; /* relocation types */
	const char *irelative;
} machines[] = {
	{ "arm64", 8, "R_AARCH64_JUMP_SLOT", "R_AARCH64_IRELATIVE" },
	{ "i386", 4, "R_386_JMP_SLOT", "R_386_IRELATIVE" },
	{ "powerpc", 4, "R_PPC_JMP_SLOT", "R_PPC_IRELATIVE" },
};

static struct kldsim_synth *
kernel(const struct machine *machine)
{
	struct kldsim_synth *k = kldsim_synth_new(machine->name,
	    KLDSIM_SYNTH_KERNEL);

	kldsim_synth_option(k, KLDSIM_SYNTH_OSRELDATE, OSRELDATE);
	kldsim_synth_func(k, "printf");
	kldsim_synth_func(k, "ppc32_runtime_resolve");
	kldsim_synth_dpcpu(k, "kcount", "\1\0\0\0\0\0\0\0", 8, 8);
	kldsim_synth_vnet(k, "ifcount", "\2\0\0\0\0\0\0\0", 8, 8);
	kldsim_synth_mdt_module(k, "kmod", 0, 0);
	return (k);
}

/* Both sets, metadata, a PLT, constructors and an ifunc of each kind. */
static struct kldsim_synth *
full_module(const struct machine *machine)
{
	struct kldsim_synth *m = kldsim_synth_new(machine->name,
	    KLDSIM_SYNTH_DYN);
	int got = kldsim_synth_section_named(m, ".got");
	int data = kldsim_synth_section_named(m, ".data");
	int init = kldsim_synth_func(m, "m_init");

	kldsim_synth_option(m, KLDSIM_SYNTH_OSRELDATE, OSRELDATE);
	kldsim_synth_option(m, KLDSIM_SYNTH_SYSINIT_LINK, 1);
	kldsim_synth_option(m, KLDSIM_SYNTH_SET_PAD, 0x90909090);
	kldsim_synth_append(m, data, NULL, 4 * machine->word);
	kldsim_synth_pointer(m, data, 0, kldsim_synth_ref(m, "printf"), 0);
	kldsim_synth_pointer(m, data, machine->word,
	    kldsim_synth_ifunc(m, "pick"), 0);
	kldsim_synth_pointer(m, data, 2 * machine->word,
	    kldsim_synth_weak_ref(m, "weak"), 0);
	kldsim_synth_reloc(m, data, 3 * machine->word, machine->irelative,
	    kldsim_synth_bind(m, kldsim_synth_func(m, "resolver"),
	    KLDSIM_SYNTH_LOCAL), 0);
	kldsim_synth_append(m, got, NULL, 4 * machine->word);
	kldsim_synth_reloc(m, got, 3 * machine->word, machine->slot,
	    kldsim_synth_ref(m, "printf"), 0);
	kldsim_synth_dpcpu(m, "p", "\1\0\0\0", 4, 4);
	kldsim_synth_dpcpu_pointer(m, "pp", init, 0);
	kldsim_synth_vnet(m, "v", "\2\0\0\0", 4, 4);
	kldsim_synth_object(m, "zeros", NULL, 64, 16);
	kldsim_synth_declare_module(m, "mod", 0, 0x3100000, 0x1000000);
	kldsim_synth_mdt_version(m, "mod", 1);
	kldsim_synth_ctor(m, ".ctors", init);
	/* DT_PPC_GOT: powerpc wants its PLT to be of the new kind (D-11). */
	if (strcmp(machine->name, "powerpc") == 0)
		kldsim_synth_override(m, "dyn[DT_PLTGOT].d_tag", 0x70000000);
	return (m);
}

/* Bytes of every part, each in one of three ways. */
static void
change(struct sweep *sweep)
{
	unsigned char *bytes = malloc(sweep->module.size);

	assert_non_null(bytes);
	memcpy(bytes, sweep->module.data, sweep->module.size);
	for (size_t i = 0; i < sweep->module.size; i += full_or_few(1, 4)) {
		const unsigned char good = bytes[i];
		const unsigned char ways[] = { (unsigned char)(good ^ 0xff),
			(unsigned char)(good + 1), 0 };

		bytes[i] = ways[i % 3];
		if (bytes[i] == good)
			bytes[i] = ways[1];
		sweep_try_module(sweep, bytes, sweep->module.size, "byte", i);
		bytes[i] = good;
	}
	free(bytes);
}

static void
run(const struct machine *machine)
{
	struct sweep sweep;

	sweep_set_up(&sweep, machine->name, 0, kernel(machine),
	    full_module(machine));
	sweep_try_module(&sweep, sweep.module.data, sweep.module.size,
	    "whole", 0);
	assert_int_equal(sweep.loaded, 1);
	sweep_cut(&sweep);
	/* The kernel reads short and does not mind (D-06), so some load. */
	assert_true(sweep.refused != 0);
	change(&sweep);
	assert_true(sweep.panics != 0);
	sweep_tear_down(&sweep);
}

static void
test_arm64(void **state)
{
	(void)state;
	run(&machines[0]);
}

static void
test_i386(void **state)
{
	(void)state;
	run(&machines[1]);
}

static void
test_powerpc(void **state)
{
	(void)state;
	run(&machines[2]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arm64),
		cmocka_unit_test(test_i386),
		cmocka_unit_test(test_powerpc),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

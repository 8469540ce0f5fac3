/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * what CPUs have of a preloaded file's set_pcpu.  CPU 0 has its
 * area before the file is linked, and is in all_cpus only after: it gets
 * nothing.  The others copy the reference copy when they start.
 */

#include "support_preload.h"

#include <stdio.h>

#define DPCPU KLDSIM_SET_DPCPU

/* A module with variables of 2, 2 and 4 bytes: 1, 0 and 0x04030201. */
static struct kldsim_synth *
module_with_variables(uint32_t osreldate)
{
	struct kldsim_synth *module = module_new(osreldate);

	(void)kldsim_synth_dpcpu(module, "one", "\1\0", 2, 2);
	(void)kldsim_synth_dpcpu(module, "zero", NULL, 2, 2);
	(void)kldsim_synth_dpcpu(module, "word", "\1\2\3\4", 4, 4);
	return module;
}

#define VARIABLES UINT64_C(0x0403020100000001)

/* 12 and 15: bytes and pointers alike; vnets come after all of it. */
static void
cpu_0_gets_nothing(void **state)
{
	static const uint32_t releases[] = { R121, R150 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_synth *module =
		    module_with_variables(releases[i]);
		int printf_ref = kldsim_synth_ref(module, "printf");
		struct preloaded world;
		const struct kern *kern = &world.kern;
		uint64_t pcpu, vnet, target;
		int id;

		(void)kldsim_synth_dpcpu_pointer(module, "p", printf_ref, 3);
		(void)kldsim_synth_vnet_pointer(module, "v", printf_ref, 4);
		preloaded_init(&world, releases[i]);
		world.kern.options.cpus = 3;
		world.kern.options.vnets = 2;
		preloaded_add(&world, module, "a.ko");
		preloaded_boot(&world);
		id = preloaded_id(&world, 0);
		target = kern_symbol(kern, "printf");
		pcpu = kern_section(kern, id, "set_pcpu").address;
		vnet = kern_section(kern, id, "set_vnet").address;
		assert_hex(kern_read(kern, pcpu, 8), VARIABLES);
		assert_hex(kern_read(kern, pcpu + 8, 8), target + 3);
		for (unsigned at = 0; at < 16; at += 8)
			assert_hex(kern_copy(kern, DPCPU, 0, pcpu + at, 8),
			    0);
		for (unsigned cpu = 1; cpu < 3; cpu++) {
			assert_hex(kern_copy(kern, DPCPU, cpu, pcpu, 8),
			    VARIABLES);
			assert_hex(kern_copy(kern, DPCPU, cpu, pcpu + 8, 8),
			    target + 3);
		}
		assert_hex(kern_read(kern, vnet, 8), target + 4);
		for (unsigned n = 0; n < 2; n++)
			assert_hex(kern_copy(kern, KLDSIM_SET_VNET, n, vnet,
			    8), target + 4);
		preloaded_fini(&world);
	}
}

/* One finding for a file: 5 of the 8 bytes are not zero, from the first on. */
static void
what_cpu_0_lacks_is_told(void **state)
{
	const struct kldsim_finding *finding;
	struct preloaded world;

	(void)state;
	preloaded_init(&world, R150);
	preloaded_add(&world, module_with_variables(R150), "a.ko");
	preloaded_boot(&world);
	assert_int_equal(kern_findings(&world.kern, "dpcpu-value-lost"), 1);
	finding = kern_finding(&world.kern, "dpcpu-value-lost");
	assert_int_equal(finding->severity, KLDSIM_WARNING);
	assert_string_equal(finding->file, "a.ko");
	assert_string_equal(finding->section, "set_pcpu");
	assert_string_equal(finding->symbol, "pcpu_entry_one");
	assert_non_null(strstr(finding->text,
	    "CPU 0 never gets 5 of the set's 8 bytes, the first at offset "
	    "0x0:"));
	preloaded_fini(&world);
}

/* A pointer that begins as NULL in the file is one once it is relocated. */
static void
a_pointer_is_a_value_too(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct preloaded world;

	(void)state;
	(void)kldsim_synth_dpcpu(module, "zeros", NULL, 8, 8);
	(void)kldsim_synth_dpcpu_pointer(module, "p",
	    kldsim_synth_ref(module, "printf"), 0);
	preloaded_init(&world, R121);
	preloaded_add(&world, module, "a.ko");
	preloaded_boot(&world);
	assert_string_equal(kern_finding(&world.kern,
	    "dpcpu-value-lost")->symbol, "pcpu_entry_p");
	/* It is not as if nobody had it. */
	assert_null(kern_finding(&world.kern, "pointer-not-propagated"));
	preloaded_fini(&world);
}

static void
zeros_lack_nothing(void **state)
{
	static const uint32_t types[] = { KLDSIM_SYNTH_PROGBITS,
		KLDSIM_SYNTH_NOBITS };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct kldsim_synth *module = plain_module();
		struct preloaded world;

		(void)module_section(module, "set_pcpu", types[i],
		    KERN_ALLOC_WRITE, 8, 24);
		preloaded_init(&world, R121);
		preloaded_add(&world, module, "a.ko");
		preloaded_boot(&world);
		(void)preloaded_id(&world, 0);
		assert_int_equal(kldsim_finding_count(world.kern.sim), 0);
		preloaded_fini(&world);
	}
}

/* The same file from kldload(2): all CPUs are present by then. */
static void
kldload_reaches_all(void **state)
{
	struct kern kern;
	uint64_t pcpu;
	int id;

	(void)state;
	kern_start(&kern, R150);
	id = kern_load(&kern, module_with_variables(R150), "a.ko");
	pcpu = kern_section(&kern, id, "set_pcpu").address;
	for (unsigned cpu = 0; cpu < 2; cpu++)
		assert_hex(kern_copy(&kern, DPCPU, cpu, pcpu, 8), VARIABLES);
	assert_null(kern_finding(&kern, "dpcpu-value-lost"));
	kern_fini(&kern);
}

/* without options SMP dpcpu_copy() asks nobody who is present. */
static void
a_kernel_for_one_cpu_copies(void **state)
{
	struct preloaded world;
	uint64_t pcpu;

	(void)state;
	preloaded_init(&world, R121);
	(void)kldsim_synth_bind(world.kern.synth, kldsim_synth_func(
	    world.kern.synth, "mp_setvariables_for_up"), KLDSIM_SYNTH_LOCAL);
	world.kern.options.cpus = 1;
	preloaded_add(&world, module_with_variables(R121), "a.ko");
	preloaded_boot(&world);
	pcpu = kern_section(&world.kern, preloaded_id(&world, 0),
	    "set_pcpu").address;
	assert_hex(kern_copy(&world.kern, DPCPU, 0, pcpu, 8), VARIABLES);
	assert_null(kern_finding(&world.kern, "dpcpu-value-lost"));
	preloaded_fini(&world);
}

/* The bytes of one instance, or of the reference copy, in the target's order. */
static void
read_bytes(const struct kern *kern, uint64_t address, unsigned char *to,
    size_t size)
{
	assert_int_equal(kldsim_read(kern->sim, address, to, size),
	    KLDSIM_OK);
}

/* A shared object with one variable, as kmod.mk links it. */
static struct kldsim_synth *
shared(const char *machine, const void *value)
{
	struct kldsim_synth *module = kldsim_synth_new(machine,
	    KLDSIM_SYNTH_DYN);

	kldsim_synth_option(module, KLDSIM_SYNTH_OSRELDATE, R130);
	if (strcmp(machine, "i386") == 0) /* D-72 */
		kldsim_synth_option(module, KLDSIM_SYNTH_SET_PAD, 0x90909090);
	(void)kldsim_synth_object(module, "word", "abcd", 4, 4);
	(void)kldsim_synth_dpcpu(module, "v", value, 4, 4);
	kldsim_synth_mdt_version(module, "m", 1);
	return module;
}

/* Shared objects: both classes go the same way, on all machines. */
static void
on_every_machine(void **state)
{
	static const char *const machines[] = { "amd64", "i386", "arm64",
		"armv7", "riscv64", "powerpc", "powerpc64", "powerpc64le" };
	static const unsigned char want[4] = { 9, 8, 0, 7 }, zeros[4];

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		struct kldsim_set_part part;
		struct kldsim_instance cpu;
		struct preloaded world;
		unsigned char have[4];

		memset(&world, 0, sizeof(world));
		kern_init_machine(&world.kern, machines[i], R130);
		preloaded_add(&world, shared(machines[i], want), "m.ko");
		preloaded_boot(&world);
		(void)preloaded_id(&world, 0);
		assert_int_equal(kldsim_set_part(world.kern.sim, DPCPU, 0,
		    &part), KLDSIM_OK);
		read_bytes(&world.kern, part.start, have, 4);
		assert_memory_equal(have, want, 4);
		for (unsigned n = 0; n < 2; n++) {
			assert_int_equal(kldsim_set_instance(world.kern.sim,
			    DPCPU, n, &cpu), KLDSIM_OK);
			read_bytes(&world.kern, part.start + cpu.base, have,
			    4);
			assert_memory_equal(have, cpu.id == 0 ? zeros : want,
			    4);
		}
		assert_int_equal(kern_findings(&world.kern,
		    "dpcpu-value-lost"), 1);
		assert_string_equal(kern_finding(&world.kern,
		    "dpcpu-value-lost")->symbol, "pcpu_entry_v");
		preloaded_fini(&world);
	}
}

/* D-72: what the linker script puts behind a set is no variable. */
static void
padding_is_no_value(void **state)
{
	struct preloaded world;

	(void)state;
	memset(&world, 0, sizeof(world));
	kern_init_machine(&world.kern, "i386", R130);
	preloaded_add(&world, shared("i386", NULL), "m.ko");
	preloaded_boot(&world);
	(void)preloaded_id(&world, 0);
	assert_null(kern_finding(&world.kern, "dpcpu-value-lost"));
	preloaded_fini(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpu_0_gets_nothing),
		cmocka_unit_test(what_cpu_0_lacks_is_told),
		cmocka_unit_test(a_pointer_is_a_value_too),
		cmocka_unit_test(zeros_lack_nothing),
		cmocka_unit_test(kldload_reaches_all),
		cmocka_unit_test(a_kernel_for_one_cpu_copies),
		cmocka_unit_test(on_every_machine),
		cmocka_unit_test(padding_is_no_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

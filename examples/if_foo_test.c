/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A module's own test suite: does if_foo.ko load where it should, does it say
 * no where it should, and do its sets arrive in every CPU and vnet?
 *
 *	$ cc -o if_foo_test ../../examples/if_foo_test.c $(pkg-config --cflags --libs kldsim-test)
 *	$ ./if_foo_test ../../examples/if_foo.yaml 2>&1 | grep OK
 *	[       OK ] test_loads
 *	[       OK ] test_needs_foolib
 *	[       OK ] test_no_modspace
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <kldsim/test.h>

enum { ENOEXEC = 8 }; /* FreeBSD's */

static const char *spec;

/* A kernel with what if_foo needs, and so much VNET modspace. */
static struct kldsim_synth *
kernel(uint64_t modspace)
{
	struct kldsim_synth *k = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_KERNEL);

	kldsim_synth_func(k, "if_attach");
	kldsim_synth_func(k, "vnet_register_sysinit");
	kldsim_synth_func(k, "vnet_deregister_sysinit");
	kldsim_synth_vnet(k, "ifcount", "\1\0\0\0", 4, 4);
	kldsim_synth_vnet_modspace(k, modspace);
	return k;
}

/* The library that if_foo depends on, in some version. */
static struct kldsim_synth *
foolib(int version)
{
	struct kldsim_synth *m = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_MODULE);

	kldsim_synth_declare_module(m, "foolib", 0, 0x2000000, 0);
	kldsim_synth_mdt_version(m, "foolib", version);
	return m;
}

static struct kldsim_synth *
if_foo(void)
{
	struct kldsim_error error;
	struct kldsim_synth *m;

	if (kldsim_synth_spec(spec, &m, &error) != KLDSIM_OK)
		fail_msg("%s", error.text);
	return m;
}

static void
test_loads(void **state)
{
	static const char *const in_order[] = {"module_register_init",
	    "foo_init", "vnet_register_sysinit"};
	struct kldsim *sim = kldsim_assert_boots(kernel(4096), NULL);
	unsigned vnet, cpu;
	int id;

	(void)state;
	kldsim_assert_loads(sim, foolib(2), "foolib.ko");
	id = kldsim_assert_loads(sim, if_foo(), "if_foo.ko");
	if (kldsim_vnet_alloc(sim, &vnet, NULL) != KLDSIM_OK)
		fail_msg("no vnet");
	kldsim_assert_vnet_int(sim, 0, "foo_limit", 5, 4);
	kldsim_assert_vnet_int(sim, vnet, "foo_limit", 5, 4);
	kldsim_assert_vnet(sim, vnet, "foo_name", "foo", 4);
	for (cpu = 0; cpu < 2; cpu++)
		kldsim_assert_dpcpu_int(sim, cpu, "foo_packets", 0, 8);
	kldsim_assert_calls(sim, "if_foo.ko", KLDSIM_EVENT_SYSINIT, in_order);
	kldsim_assert_no_findings(sim);
	kldsim_assert_unloads(sim, id);
	kldsim_assert_vnet_free(sim, 4096);
	kldsim_assert_no_symbol(sim, 0, "foo_init");
	kldsim_destroy(sim);
}

static void
test_needs_foolib(void **state)
{
	struct kldsim *sim = kldsim_assert_boots(kernel(4096), NULL);

	(void)state;
	kldsim_assert_loads(sim, foolib(4), "foolib.ko");
	kldsim_assert_refuses(sim, if_foo(), "if_foo.ko", ENOEXEC,
	    "KLD if_foo.ko: depends on foolib - not available or version "
	    "mismatch");
	kldsim_destroy(sim);
}

static void
test_no_modspace(void **state)
{
	struct kldsim *sim = kldsim_assert_boots(kernel(8), NULL);

	(void)state;
	kldsim_assert_loads(sim, foolib(1), "foolib.ko");
	kldsim_assert_refuses(sim, if_foo(), "if_foo.ko", ENOEXEC, NULL);
	kldsim_assert_console(sim, "vnet module space");
	kldsim_assert_vnet_free(sim, 8);
	kldsim_destroy(sim);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loads),
		cmocka_unit_test(test_needs_foolib),
		cmocka_unit_test(test_no_modspace),
	};

	if (argc != 2) {
		(void)fprintf(stderr, "usage: if_foo_test SPEC\n");
		return 2;
	}
	spec = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */

/* Destructors of ET_REL files, which the kernel calls at unload (O-80, V-21). */

#include "support_kern.h"

/* What .dtors has before and behind its functions, as of old. */
#define SENTINEL UINT64_MAX

/* A function, a table of it and 0, and what else the table begins with. */
static struct kldsim_synth *
module(uint32_t osreldate, uint64_t first)
{
	struct kldsim_synth *m = module_new(osreldate);
	int f = kldsim_synth_func(m, "f");
	int dtors = module_section(m, ".dtors", 1, KERN_ALLOC_WRITE, 8, 0);

	(void)kldsim_synth_append_int(m, dtors, (int64_t)first, 8);
	(void)kldsim_synth_append_int(m, dtors, 0, 8);
	(void)kldsim_synth_append_int(m, dtors, 0, 8);
	kldsim_synth_pointer(m, dtors, 8, kldsim_synth_bind(m, f,
	    KLDSIM_SYNTH_LOCAL), 0);
	return m;
}

/* 13.0 has none, 14.0 calls them always, 14.1 after constructors. */
static const uint32_t releases[] = { R130, R140, R141 };

/* O-80: 0 is skipped, f is there. */
static void
an_unload_calls_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct kern kern;

		kern_start(&kern, releases[i]);
		kern_unload(&kern, kern_load(&kern, module(releases[i], 0),
		    "m.ko"));
		assert_int_equal(kern_findings(&kern, "blind-call"), 0);
		kern_fini(&kern);
	}
}

/* O-80: -1 is not skipped. */
static void
sentinels_are_called(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct kern kern;
		int id;

		kern_start(&kern, releases[i]);
		id = kern_load(&kern, module(releases[i], SENTINEL), "m.ko");
		assert_int_equal(kldsim_kldunload(kern.sim, id,
		    KLDSIM_UNLOAD_NORMAL, &kern.result, &kern.error),
		    KLDSIM_OK);
		assert_int_equal(kern.result.panicked,
		    releases[i] != R130);
		kern_fini(&kern);
	}
}

/*
 * V-21: a module that is refused for an undefined symbol.  Its local pass has
 * been through: the table leads to f.
 */
static void
a_failed_load_may_call_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct kldsim_synth *m = module(releases[i], 0);
		struct kern kern;

		(void)module_slot(m, kldsim_synth_symbol(m, "nowhere",
		    KLDSIM_SYNTH_GLOBAL, KLDSIM_SYNTH_NOTYPE,
		    KLDSIM_SYNTH_UNDEF, 0, 0), 0);
		kern_start(&kern, releases[i]);
		kern_refuse(&kern, m, "m.ko", FB_ENOEXEC);
		assert_int_equal(kern_findings(&kern, "blind-call"),
		    releases[i] == R140);
		kern_fini(&kern);
	}
}

/* The same with a sentinel: 14.0 does not survive the refusal. */
static void
a_failed_load_may_panic(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct kldsim_synth *m = module(releases[i], SENTINEL);
		struct kern kern;

		(void)module_slot(m, kldsim_synth_symbol(m, "nowhere",
		    KLDSIM_SYNTH_GLOBAL, KLDSIM_SYNTH_NOTYPE,
		    KLDSIM_SYNTH_UNDEF, 0, 0), 0);
		kern_start(&kern, releases[i]);
		assert_int_equal(kern_try(&kern, m, "m.ko"), KLDSIM_OK);
		assert_int_equal(kern.result.panicked, releases[i] == R140);
		kern_fini(&kern);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unload_calls_them),
		cmocka_unit_test(sentinels_are_called),
		cmocka_unit_test(a_failed_load_may_call_them),
		cmocka_unit_test(a_failed_load_may_panic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Version words, and versions of interfaces.  Every finding has a pair here
 * that fires and one that is alike and does not; numbers are the rule book's.
 */

#include "support_kbi.h"

#define WORD "kbi-version-word"

/* --- version words --- */

/* The words of I-60. */
#define MALLOC_12 UINT64_C(877983977)
#define MALLOC_15 UINT64_C(2024073001)
#define CDEVSW_03 UINT64_C(0x17122009)
#define CDEVSW_04 UINT64_C(0x5c48c353)
#define VFS_9 UINT64_C(0x19660120)
#define VFS_15 UINT64_C(0x20180504)

/* A type of malloc(9), whose word is an u_long behind a pointer. */
static void
malloc_init_panics_over_another_word(void **state)
{
	static const uint64_t words[] = { MALLOC_15, MALLOC_12 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct kldsim_synth *m = module_new(R150);
		struct kern kern;

		kern_init(&kern, R150);
		(void)kldsim_synth_func(kern.synth, "malloc_init");
		(void)object(kern.synth, "M_TEMP", 8, MALLOC_15, 8);
		kern_boot(&kern);
		(void)kldsim_synth_sysinit(m, "M_FOO", 0x1800000, 1,
		    kldsim_synth_ref(m, "malloc_init"),
		    object(m, "M_FOO", 8, words[i], 8));
		if (i == 0) {
			(void)kern_load(&kern, m, "m.ko");
			assert_int_equal(kern_findings(&kern, WORD), 0);
		} else {
			kern_panic(&kern, m, "m.ko");
			assert_string_equal(kern_finding(&kern, WORD)->symbol,
			    "M_FOO");
			assert_string_equal(kern_finding(&kern, WORD)->text,
			    "kernel panic: malloc_init: type ? with "
			    "unsupported version 877983977: a type of "
			    "malloc(9) has the version 0x3454f8e9, this "
			    "kernel's own have 0x78a4e729");
		}
		kern_fini(&kern);
	}
}

/* A module whose handler is a function of the kernel. */
static struct kldsim_synth *
class_module(const char *handler, unsigned at, uint64_t word)
{
	struct kldsim_synth *m = module_new(R150);
	int data = kldsim_synth_mdt_module(m, "foo",
	    kldsim_synth_ref(m, handler), object(m, "conf", at, word, 4));

	(void)kldsim_synth_sysinit(m, "foo", 0x3800000, 1,
	    kldsim_synth_ref(m, "module_register_init"), data);
	return m;
}

/* vfs_modevent() looks at the first word, g_modevent() behind a pointer. */
static void
handlers_refuse_another_word(void **state)
{
	static const struct {
		const char *handler;
		unsigned at;
		uint64_t kernel, module;
		bool found;
	} cases[] = {
		{ "vfs_modevent", 0, VFS_15, VFS_15, false },
		{ "vfs_modevent", 0, VFS_15, VFS_9, true },
		{ "g_modevent", 8, 0x20041207, 0x20041207, false },
		{ "g_modevent", 8, 0x20041207, 0x20041208, true },
		{ "driver_module_handler", 0, VFS_15, VFS_9, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kern kern;

		kern_init(&kern, R150);
		(void)kldsim_synth_mdt_module(kern.synth, "own",
		    kldsim_synth_func(kern.synth, cases[i].handler),
		    object(kern.synth, "own_conf", cases[i].at,
		    cases[i].kernel, 4));
		kern_boot(&kern);
		(void)kern_load(&kern, class_module(cases[i].handler,
		    cases[i].at, cases[i].module), "m.ko");
		assert_int_equal(kern_findings(&kern, WORD), cases[i].found);
		if (cases[i].found)
			assert_string_equal(kern_finding(&kern, WORD)->symbol,
			    "foo");
		kern_fini(&kern);
	}
}

/* No such module in the kernel: nobody knows its word. */
static void
a_word_needs_one_of_the_kernel(void **state)
{
	struct kldsim_synth *m = module_new(R150);
	struct kern kern;

	(void)state;
	kern_init(&kern, R150);
	(void)kldsim_synth_func(kern.synth, "vfs_modevent");
	(void)kldsim_synth_func(kern.synth, "malloc_init");
	kern_boot(&kern);
	(void)kern_load(&kern, class_module("vfs_modevent", 0, VFS_9),
	    "m.ko");
	assert_int_equal(kern_findings(&kern, WORD), 0);
	(void)kldsim_synth_sysinit(m, "M_FOO", 0x1800000, 1,
	    kldsim_synth_ref(m, "malloc_init"),
	    object(m, "M_FOO", 8, MALLOC_12, 8));
	(void)object(m, "foo_cdevsw", 0, CDEVSW_03, 4);
	kldsim_synth_mdt_depend(m, "kernel", 1500050, 1500050, 1599999);
	(void)kern_load(&kern, m, "n.ko");
	assert_int_equal(kern_findings(&kern, WORD), 0);
	kern_fini(&kern);
}

/* Drivers: only with other headers than the kernel's, and a word of one. */
static void
cdevsw_words_are_compared(void **state)
{
	static const struct {
		const char *name;
		uint64_t word;
		uint32_t headers; /* 0: it does not say */
		bool found;
	} cases[] = {
		{ "foo_cdevsw", CDEVSW_03, 1500050, true },
		{ "foo_cdevsw", CDEVSW_03, R150, false },
		{ "foo_cdevsw", CDEVSW_03, 0, false }, /* no driver */
		{ "foo_cdevsw", CDEVSW_04, 1500050, false },
		{ "foo_cdevsw", 1, 1500050, false },
		{ "foo_devsw", CDEVSW_03, 1500050, false },
		{ "sw", CDEVSW_03, 1500050, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const int v = (int)cases[i].headers;
		struct kldsim_synth *m = module_new(R150);
		struct kern kern;

		kern_init(&kern, R150);
		(void)kldsim_synth_bind(kern.synth, object(kern.synth,
		    "null_cdevsw", 0, CDEVSW_04, 4), KLDSIM_SYNTH_LOCAL);
		kern_boot(&kern);
		(void)object(m, cases[i].name, 0, cases[i].word, 4);
		if (v != 0)
			kldsim_synth_mdt_depend(m, "kernel", v, v, 1599999);
		(void)kern_load(&kern, m, "m.ko");
		assert_int_equal(kern_findings(&kern, WORD), cases[i].found);
		kern_fini(&kern);
	}
}

/* A probe's version is the size of its structure. */
static void
sdt_probes_have_one_size(void **state)
{
	(void)state;
	for (unsigned other = 0; other < 2; other++) {
		struct kldsim_synth *m = module_new(R150);
		struct kern kern;

		kern_init(&kern, R150);
		(void)kldsim_synth_set_entry(kern.synth, "sdt_probes_set",
		    object(kern.synth, "probe", 0, 72, 4));
		kern_boot(&kern);
		(void)kldsim_synth_set_entry(m, "sdt_probes_set",
		    object(m, "my_probe", 0, 72 + 8 * other, 4));
		kldsim_synth_mdt_depend(m, "kernel", 1500050, 1500050,
		    1599999);
		(void)kern_load(&kern, m, "m.ko");
		assert_int_equal(kern_findings(&kern, WORD), other);
		kern_fini(&kern);
	}
}

/* Versions of interfaces that are made of options (I-60, X-11). */
static void
interfaces_say_what_their_versions_mean(void **state)
{
	static const struct {
		const char *name;
		int wants, offers;
		const char *says; /* at the end */
		int error;
	} cases[] = {
		{ "netgraph", 12, 131084, "provides 131084: one of them is "
		    "built with options INVARIANTS", FB_ENOEXEC },
		{ "netgraph", 65548, 12, "provides 12: one of them is built "
		    "with options NETGRAPH_DEBUG", FB_ENOEXEC },
		{ "netgraph", 131084, 65548, "provides 65548: one of them is "
		    "built with options NETGRAPH_DEBUG, and one with "
		    "INVARIANTS", FB_ENOEXEC },
		{ "netgraph", 11, 12, "provides 12", FB_ENOEXEC },
		{ "kernel_mac_support", 4, 6, "provides 6: its MAC policy is "
		    "built for another release", FB_ENOEXEC },
		{ "foo", 12, 131084, "provides 131084", FB_ENOEXEC },
		{ "kernel", 1201000, (int)R150, "provides 1500068 (FreeBSD "
		    "15.0)", FB_EEXIST /* K-07, of its search */ },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kldsim_synth *m = module_new(R150);
		const char *text;
		struct kern kern;
		size_t length;

		kern_start(&kern, R150);
		if (strcmp(cases[i].name, "kernel") != 0) {
			kldsim_synth_mdt_version(m, cases[i].name,
			    cases[i].offers);
			(void)kern_load(&kern, m, "p.ko");
			m = module_new(R150);
		}
		kldsim_synth_mdt_depend(m, cases[i].name, cases[i].wants,
		    cases[i].wants, cases[i].wants);
		kern_refuse(&kern, m, "m.ko", cases[i].error);
		text = kern_finding(&kern, "dependency")->text;
		length = strlen(cases[i].says);
		assert_true(strlen(text) > length);
		assert_string_equal(text + strlen(text) - length,
		    cases[i].says);
		kern_fini(&kern);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malloc_init_panics_over_another_word),
		cmocka_unit_test(handlers_refuse_another_word),
		cmocka_unit_test(a_word_needs_one_of_the_kernel),
		cmocka_unit_test(cdevsw_words_are_compared),
		cmocka_unit_test(sdt_probes_have_one_size),
		cmocka_unit_test(interfaces_say_what_their_versions_mean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Was this module built for that kernel?  Locks, modules that are tied to a
 * kernel, sets of CPUs, vnets.  Every finding has a pair here that fires and
 * one that is alike and does not; numbers are the rule book's.
 */

#include "support_kbi.h"

#define PROTOTYPE "kbi-prototype"
#define SIZE "kbi-size"
#define NEEDS "module-needs-vimage"

/* --- locks --- */

/* G-12, X-21: names are the same, arguments are not. */
static void
inline_locks_need_a_kernel_without_lock_debugging(void **state)
{
	static const struct {
		const char *conf;
		const char *has;  /* a function of the kernel */
		const char *call; /* the module's */
		const char *option; /* in the text; NULL: no finding */
	} cases[] = {
		{ X20, "printf", "__mtx_lock_sleep", NULL },
		{ X20 "options\tWITNESS\n", "printf", "__mtx_lock_sleep",
		    "__mtx_lock_sleep takes 2 arguments in the module, 5 in "
		    "the kernel, and 0 more functions of locks are like it: "
		    "the kernel is built with options WITNESS, the module "
		    "without lock debugging" },
		{ "options\tINVARIANTS\n", "printf", "_sx_xlock_hard",
		    "_sx_xlock_hard takes 3 arguments in the module, 5 in "
		    "the kernel, and 0 more functions of locks are like it: "
		    "the kernel is built with options INVARIANTS, the module "
		    "without lock debugging" },
		/* Function forms, as untied modules have them. */
		{ "options\tWITNESS\n", "printf", "__mtx_lock_flags", NULL },
		{ "options\tWITNESS\n", "printf", "_rw_wlock_cookie", NULL },
		/* G-02: no kern_conf, but a function of WITNESS; or none. */
		{ NULL, "witness_checkorder", "__rw_wlock_hard",
		    "__rw_wlock_hard takes 2 arguments in the module, 4 in the "
		    "kernel, and 0 more functions of locks are like it: the "
		    "kernel is built with options WITNESS, the module without "
		    "lock debugging" },
		{ NULL, "printf", "__rw_wlock_hard", NULL },
		{ NULL, "sysctl___kern_features_invariants", "_sx_xlock_hard",
		    "_sx_xlock_hard takes 3 arguments in the module, 5 in "
		    "the kernel, and 0 more functions of locks are like it: "
		    "the kernel is built with options INVARIANTS, the module "
		    "without lock debugging" },
		/* What is included may have it, and a symbol shows it. */
		{ "include\tstd.debug\n", "witness_checkorder",
		    "__rw_wlock_hard", "__rw_wlock_hard takes 2 arguments in "
		    "the module, 4 in the kernel, and 0 more functions of "
		    "locks are like it: the kernel is built with options "
		    "WITNESS, the module without lock debugging" },
		/* <sys/mutex.h>: with debugging, too, in a tied module. */
		{ "options\tWITNESS\n", "printf", "_thread_lock", NULL },
		{ NULL, "witness_checkorder", "_thread_lock", NULL },
		/* The configuration counts more than what a symbol seems. */
		{ X20, "ktr_tracepoint", "__rw_wlock_hard", NULL },
		{ "include\tGENERIC\nnooptions\tWITNESS\n", "printf",
		    "__rw_wlock_hard", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kern kern;

		begin(&kern, R150, cases[i].conf);
		(void)kldsim_synth_func(kern.synth, cases[i].call);
		if (strcmp(cases[i].has, "printf") != 0)
			(void)kldsim_synth_func(kern.synth, cases[i].has);
		kern_boot(&kern);
		(void)kern_load(&kern, user_of(cases[i].call), "m.ko");
		assert_int_equal(kern_findings(&kern, PROTOTYPE),
		    cases[i].option != NULL);
		if (cases[i].option != NULL)
			assert_string_equal(kern_finding(&kern,
			    PROTOTYPE)->text, cases[i].option);
		kern_fini(&kern);
	}
}

/* G-04, I-61: tied is who wants one kernel alone; all calls in one finding. */
static void
tied_modules_are_told_to_be(void **state)
{
	(void)state;
	for (int tied = 0; tied < 2; tied++) {
		struct kldsim_synth *m = user_of("__mtx_lock_sleep");
		struct kern kern;

		(void)module_slot(m, kldsim_synth_ref(m, "__mtx_unlock_sleep"),
		    0);
		kldsim_synth_mdt_depend(m, "kernel", (int)R150, (int)R150,
		    tied ? (int)R150 : 1599999);
		begin(&kern, R150, "options\tINVARIANTS\noptions\tWITNESS\n");
		(void)kldsim_synth_func(kern.synth, "__mtx_lock_sleep");
		(void)kldsim_synth_func(kern.synth, "__mtx_unlock_sleep");
		kern_boot(&kern);
		(void)kern_load(&kern, m, "m.ko");
		assert_int_equal(kern_findings(&kern, PROTOTYPE), 1);
		assert_string_equal(kern_finding(&kern, PROTOTYPE)->text,
		    tied ? "__mtx_lock_sleep takes 2 arguments in the module, "
		    "5 in the kernel, and 1 more functions of locks are like "
		    "it: the kernel is built with options WITNESS, the module "
		    "without lock debugging, for one kernel alone" :
		    "__mtx_lock_sleep takes 2 arguments in the module, 5 in "
		    "the kernel, and 1 more functions of locks are like it: "
		    "the kernel is built with options WITNESS, the module "
		    "without lock debugging");
		kern_fini(&kern);
	}
}

/* G-20: who is built on its own has no EPOCH_TRACE; of others nobody can tell. */
static void
epochs_need_a_kernel_that_does_not_trace_them(void **state)
{
	static const struct {
		const char *conf;
		const char *call;
		int maximum; /* of the kernels that the module wants */
		size_t told;
	} cases[] = {
		{ X20 "options\tEPOCH_TRACE\n", "_epoch_enter_preempt",
		    1599999, 1 },
		{ X20 "options\tEPOCH_TRACE\n", "_epoch_exit_preempt",
		    1599999, 1 },
		{ X20 "options\tEPOCH_TRACE\n", "_epoch_enter_preempt",
		    (int)R150, 0 },
		{ X20 "options\tEPOCH_TRACE\n", "epoch_call", 1599999, 0 },
		{ X20, "_epoch_enter_preempt", 1599999, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kldsim_synth *m = user_of(cases[i].call);
		struct kern kern;

		kldsim_synth_mdt_depend(m, "kernel", (int)R150, (int)R150,
		    cases[i].maximum);
		begin(&kern, R150, cases[i].conf);
		(void)kldsim_synth_func(kern.synth, cases[i].call);
		kern_boot(&kern);
		(void)kern_load(&kern, m, "m.ko");
		assert_int_equal(kern_findings(&kern, PROTOTYPE),
		    cases[i].told);
		kern_fini(&kern);
	}
}

/*
 * G-04, G-10: only what is tied calls the functions of inline locks.  A range
 * of kernels says the contrary; no range says nothing.
 */
static void
tied_code_in_a_module_for_any_kernel_is_told_of(void **state)
{
	static const struct {
		const char *call;
		int maximum; /* 0: no dependency on the kernel */
		bool found;
	} cases[] = {
		{ "__mtx_lock_sleep", 1599999, true },
		{ "__mtx_lock_sleep", (int)R150, false },
		{ "__mtx_lock_sleep", 0, false },
		{ "__mtx_lock_flags", 1599999, false },
		{ "critical_enter_KBI", 1599999, false }, /* */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kldsim_synth *m = user_of(cases[i].call);
		struct kern kern;

		if (cases[i].maximum != 0)
			kldsim_synth_mdt_depend(m, "kernel", (int)R150,
			    (int)R150, cases[i].maximum);
		begin(&kern, R150, X20);
		(void)kldsim_synth_func(kern.synth, cases[i].call);
		kern_boot(&kern);
		(void)kern_load(&kern, m, "m.ko");
		assert_int_equal(kern_findings(&kern, "kbi-tied"),
		    cases[i].found);
		if (cases[i].found)
			assert_string_equal(kern_finding(&kern,
			    "kbi-tied")->symbol, "__mtx_lock_sleep");
		kern_fini(&kern);
	}
}

/* I-61: one release later is another kernel, of the same branch or not. */
static void
tied_modules_are_refused_elsewhere(void **state)
{
	static const struct {
		int wants, maximum;
		unsigned found;
	} cases[] = { { 1500067, 1500067, 1 }, { 1500067, 1500060, 0 },
		{ (int)R150, (int)R150, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kldsim_synth *m = module_new(R150);
		struct kern kern;

		kern_start(&kern, R150);
		kldsim_synth_mdt_depend(m, "kernel", cases[i].maximum,
		    cases[i].wants, cases[i].maximum);
		if (cases[i].maximum == (int)R150)
			(void)kern_load(&kern, m, "m.ko");
		else
			kern_refuse(&kern, m, "m.ko", FB_EEXIST);
		assert_int_equal(kern_findings(&kern, "kbi-tied"),
		    cases[i].found);
		kern_fini(&kern);
	}
}

/* And what the boot loader brings, and shared objects. */
static void
preloads_and_shared_objects_are_looked_at_too(void **state)
{
	struct kldsim_synth *m = module_node("m", NULL, NULL);
	struct preloaded world;
	struct kern kern;

	(void)state;
	(void)module_slot(m, kldsim_synth_ref(m, "__mtx_lock_sleep"), 0);
	preloaded_init(&world, R121);
	configure(&world.kern, "options\tKTR\n");
	(void)kldsim_synth_func(world.kern.synth, "__mtx_lock_sleep");
	preloaded_add(&world, m, "m.ko");
	preloaded_boot(&world);
	assert_int_equal(kern_findings(&world.kern, PROTOTYPE), 1);
	preloaded_fini(&world);

	kern_init_machine(&kern, "arm64", R150);
	configure(&kern, "options\tLOCK_PROFILING\n");
	(void)kldsim_synth_func(kern.synth, "__rw_wlock_hard");
	kern_boot(&kern);
	m = kldsim_synth_new("arm64", KLDSIM_SYNTH_DYN);
	(void)kldsim_synth_append(m, kldsim_synth_section_named(m, ".data"),
	    NULL, 8);
	(void)kldsim_synth_reloc(m, kldsim_synth_section_named(m, ".data"), 0,
	    "R_AARCH64_ABS64", kldsim_synth_ref(m, "__rw_wlock_hard"), 0);
	(void)kern_load(&kern, m, "m.ko");
	assert_int_equal(kern_findings(&kern, PROTOTYPE), 1);
	kern_fini(&kern);
}

/* --- sets of CPUs --- */

/* G-22, I-65: 256 CPUs are 32 bytes, 1024 are 128, one is a long. */
static void
sets_of_cpus_have_one_size(void **state)
{
	static const struct {
		uint32_t osreldate;
		unsigned all_cpus; /* bytes; 0: there is none */
		const char *import;
		bool tied;
		bool found;
	} cases[] = {
		{ R150, 128, "all_cpus", false, false },
		{ R150, 32, "all_cpus", false, true },
		{ R150, 0, "printf", false, false },
		{ R150, 32, "printf", false, false },
		{ R121, 32, "all_cpus", false, false },
		{ R121, 8, "all_cpus", false, true },   /* without SMP */
		{ R121, 8, "all_cpus", true, false },   /* its own kernel's */
		{ R121, 8, "rm_init_flags", false, false }, /* room enough */
		{ R121, 128, "rm_init_flags", false, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const int v = (int)cases[i].osreldate;
		struct kldsim_synth *m = module_new(cases[i].osreldate);
		struct kern kern;

		kern_init(&kern, cases[i].osreldate);
		(void)kldsim_synth_func(kern.synth, "rm_init_flags");
		if (cases[i].all_cpus != 0)
			(void)kldsim_synth_object(kern.synth, "all_cpus",
			    NULL, cases[i].all_cpus, 8);
		kern_boot(&kern);
		(void)module_slot(m, kldsim_synth_ref(m, cases[i].import), 0);
		kldsim_synth_mdt_depend(m, "kernel", v, v,
		    cases[i].tied ? v : v / 100000 * 100000 + 99999);
		(void)kern_load(&kern, m, "m.ko");
		assert_int_equal(kern_findings(&kern, SIZE), cases[i].found);
		kern_fini(&kern);
	}
}

/* G-22, I-63: what is said of MAXCPU, where all_cpus is not there. */
static void
maxcpu_is_what_the_configuration_says(void **state)
{
	static const struct {
		const char *conf;
		unsigned all_cpus; /* bytes; 0: there is none */
		unsigned mp_maxcpus;
		const char *says; /* NULL: nothing */
	} cases[] = {
		/* 1024 CPUs are 128 bytes, 2048 are 256. */
		{ X20 "options\tMAXCPU=1024\n", 0, 0, NULL },
		{ X20 "options\tMAXCPU=2048\n", 0, 0, "cpuset_t has 128 bytes "
		    "in the module, 256 in the kernel: the kernel has options "
		    "MAXCPU=2048 (its kern_conf says so); and so is the size "
		    "of struct rmlock, and of all that has a set of CPUs in "
		    "it" },
		{ X20 "options\tMAXCPU=2048\n", 128, 0, NULL },
		{ X20 "options\tMAXCPU=2048x\n", 0, 0, NULL },
		{ X20 "options\tMAXCPU=99999999999\n", 0, 0, NULL },
		{ NULL, 0, 1024, NULL },
		{ NULL, 0, 256, "cpuset_t has 128 bytes in the module, 32 in "
		    "the kernel: MAXCPU is another; and so is the size of "
		    "struct rmlock, and of all that has a set of CPUs in it" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kldsim_synth *m = user_of("started_cpus");
		struct kern kern;

		begin(&kern, R150, cases[i].conf);
		(void)kldsim_synth_func(kern.synth, "started_cpus");
		if (cases[i].all_cpus != 0)
			(void)kldsim_synth_object(kern.synth, "all_cpus", NULL,
			    cases[i].all_cpus, 8);
		if (cases[i].mp_maxcpus != 0)
			(void)object(kern.synth, "mp_maxcpus", 0,
			    cases[i].mp_maxcpus, 4);
		kern_boot(&kern);
		kldsim_synth_mdt_depend(m, "kernel", (int)R150, (int)R150,
		    1599999);
		(void)kern_load(&kern, m, "m.ko");
		assert_int_equal(kern_findings(&kern, SIZE),
		    cases[i].says != NULL);
		if (cases[i].says != NULL)
			assert_string_equal(kern_finding(&kern, SIZE)->text,
			    cases[i].says);
		kern_fini(&kern);
	}
}

/* --- vnets --- */

/* J-10, J-12: the load succeeds, the first access faults at 0x28 or 0x1c. */
static void
vnets_that_are_not_there_are_told_of(void **state)
{
	static const struct {
		const char *machine;
		bool object;
		const char *offset;
	} cases[] = { { "amd64", true, "0x28" }, { "amd64", false, "0x28" },
		{ "i386", false, "0x1c" }, { "riscv64", false, "0x28" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int vimage = 0; vimage < 2; vimage++) {
			struct kldsim_synth *m = kldsim_synth_new(
			    cases[i].machine, cases[i].object ?
			    KLDSIM_SYNTH_MODULE : KLDSIM_SYNTH_DYN);
			struct kern kern;

			kern_init_machine(&kern, cases[i].machine, R121);
			kldsim_synth_option(kern.synth, KLDSIM_SYNTH_VIMAGE,
			    (uint64_t)vimage);
			kern_boot(&kern);
			(void)kldsim_synth_func(m, "f");
			(void)kldsim_synth_vnet(m, "x", "\1\0\0\0", 4, 4);
			(void)kern_load(&kern, m, "m.ko");
			assert_int_equal(kern_findings(&kern, NEEDS),
			    vimage == 0);
			if (vimage == 0) {
				assert_string_equal(kern_finding(&kern,
				    NEEDS)->section, "set_vnet");
				assert_non_null(strstr(kern_finding(&kern,
				    NEEDS)->text, cases[i].offset));
			}
			kern_fini(&kern);
		}
}

/* J-11: functions that only kernels with VIMAGE have. */
static void
functions_of_vnets_say_what_is_lacking(void **state)
{
	struct kern kern;

	(void)state;
	kern_init(&kern, R150);
	kldsim_synth_option(kern.synth, KLDSIM_SYNTH_VIMAGE, 0);
	kern_boot(&kern);
	kern_refuse(&kern, user_of("netisr_register_vnet"), "m.ko",
	    FB_ENOEXEC);
	assert_int_equal(kern_findings(&kern, NEEDS), 1);
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inline_locks_need_a_kernel_without_lock_debugging),
		cmocka_unit_test(epochs_need_a_kernel_that_does_not_trace_them),
		cmocka_unit_test(tied_modules_are_told_to_be),
		cmocka_unit_test(tied_code_in_a_module_for_any_kernel_is_told_of),
		cmocka_unit_test(tied_modules_are_refused_elsewhere),
		cmocka_unit_test(preloads_and_shared_objects_are_looked_at_too),
		cmocka_unit_test(sets_of_cpus_have_one_size),
		cmocka_unit_test(maxcpu_is_what_the_configuration_says),
		cmocka_unit_test(vnets_that_are_not_there_are_told_of),
		cmocka_unit_test(functions_of_vnets_say_what_is_lacking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

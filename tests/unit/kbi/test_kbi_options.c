/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The kernel's configuration, and options that symbols show.  Every finding has
 * a pair here that fires and one that is alike and does not.
 */

#include "support_kbi.h"

#include "kbi/kern_conf.h"
#include "kbi/options.h"

#define OPTION "kbi-option"

/* --- kern_conf --- */

/* The value of an option; NULL: it is not set. */
static const char *
option(const void *text, size_t size, const char *name, char *value)
{
	struct kldsim__kern_conf conf;
	struct kldsim__conf_line line;

	if (!kldsim__kern_conf_begin(&conf, text, size))
		return NULL;
	while (kldsim__kern_conf_next(&conf, &line)) {
		if (!kldsim__conf_word_is(&line.keyword, "options") ||
		    !kldsim__conf_word_is(&line.name, name))
			continue;
		memcpy(value, line.value.text != NULL ? line.value.text : "",
		    line.value.size);
		value[line.value.size] = '\0';
		return value;
	}
	return NULL;
}

/* G-01, X-20. */
static void
a_configuration_is_lines_of_words(void **state)
{
	static const char cut[] = { 'o', 'p', 't', 'i', 'o', 'n', 's', '\t',
		'A', '\n', 'o', 'p', 't', 'i', 'o', 'n', 's', '\t', 'B' };
	static const char kept[] = "# who\noptions \tINET\t# all of it\n\n"
	    "options\tA,B\nnooptions\tC\n";
	static const char binary[] = "options\tINET\n\001\002";
	struct kldsim__kern_conf conf;
	struct kldsim__conf_line line;
	char value[32];

	(void)state;
	assert_string_equal(option(X20, sizeof(X20), "VIMAGE", value), "");
	assert_string_equal(option(X20, sizeof(X20), "SCSI_DELAY", value),
	    "5000");
	assert_null(option(X20, sizeof(X20), "INVARIANTS", value));
	assert_null(option(X20, sizeof(X20), "VIM", value));
	/* Cut off before its NUL: half a line is none. */
	assert_non_null(option(cut, sizeof(cut), "A", value));
	assert_null(option(cut, sizeof(cut), "B", value));
	assert_null(option("", 0, "A", value));
	/* What config -C keeps. */
	assert_non_null(option(kept, sizeof(kept), "INET", value));
	assert_true(kldsim__kern_conf_begin(&conf, kept, sizeof(kept)));
	assert_true(kldsim__kern_conf_next(&conf, &line) && !line.more);
	assert_true(kldsim__kern_conf_next(&conf, &line) && line.more);
	assert_false(kldsim__kern_conf_begin(&conf, binary, sizeof(binary)));
}

/* Only of a whole one is an option off that it does not name. */
static void
a_configuration_is_whole_or_not(void **state)
{
	static const struct {
		const char *text;
		bool whole;
	} rows[] = {
		{ "options\tA\noptions\tB=1 # one\nident X Y\n", true },
		{ "options\tA,B\n", false },
		{ "options\tA\nnooptions\tB\n", false },
		{ "include GENERIC\n", false },
		{ "options\t\001\n", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(kldsim__kern_conf_is_whole(rows[i].text,
		    strlen(rows[i].text) + 1), rows[i].whole);
	/* Without its NUL, and without a byte. */
	assert_false(kldsim__kern_conf_is_whole("options\tA\n", 10));
	assert_false(kldsim__kern_conf_is_whole("", 0));
}

/* --- options --- */

static const struct {
	const char *symbol;
	const char *conf;
	const char *says; /* NULL: nothing */
} explanations[] = {
	{ "witness_warn", X20, "built with options WITNESS, and this "
	    "kernel is without options WITNESS (its kern_conf says so)"
	    ": of the symbols that are undefined 1 is there with it, "
	    "witness_warn for one" },
	{ "__mtx_assert", X20, "built with options INVARIANTS, and "
	    "this kernel is without options INVARIANT_SUPPORT (its "
	    "kern_conf says so): of the symbols that are undefined 1 "
	    "is there with it, __mtx_assert for one" },
	{ "__asan_load8_noabort", NULL, "built with options KASAN, "
	    "and this kernel may be without options KASAN: of the "
	    "symbols that are undefined 1 is there with it, "
	    "__asan_load8_noabort for one" },
	/* Another module may be meant, or another release. */
	{ "witness_warn", "options\tWITNESS\n", NULL },
	{ "witnes_warn", X20, NULL },
	/* G-02: no configuration, and a symbol that shows the option. */
	{ "ktr_mask", NULL, "built with options KTR, and this kernel "
	    "may be without options KTR: of the symbols that are "
	    "undefined 1 is there with it, ktr_mask for one" },
	{ "racct_add", NULL, NULL },
	{ "mac_priv_check_fp_flag", X20, "built with options MAC, and "
	    "this kernel is without options MAC (its kern_conf says "
	    "so): of the symbols that are undefined 1 is there with "
	    "it, mac_priv_check_fp_flag for one" },
	/* What only kernels without an option have. */
	{ "fib4_calc_software_hash", X20 "options\tRSS\n", "built "
	    "without options RSS, and this kernel is with options RSS "
	    "(its kern_conf says so): of the symbols that are "
	    "undefined 1 is there without it, fib4_calc_software_hash "
	    "for one" },
	{ "fib4_calc_software_hash", X20, NULL },
	{ "fib4_calc_software_hash", NULL, NULL },
	{ "nd6", X20, NULL },
	/* The kernel has vnets, whatever it says of itself. */
	{ "bpf_ifdetach", "options\tINET\n", NULL },
};

/* G-20, G-13: what an option brings is undefined without it. */
static void
an_option_explains_what_is_undefined(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(explanations) / sizeof(explanations[0]); i++) {
		struct kern kern;

		begin(&kern, R150, explanations[i].conf);
		(void)kldsim_synth_func(kern.synth, "racct_enable");
		kern_boot(&kern);
		kern_refuse(&kern, user_of(explanations[i].symbol), "m.ko",
		    FB_ENOEXEC);
		assert_int_equal(kern_findings(&kern, "undefined-symbol"), 1);
		assert_int_equal(kern_findings(&kern, OPTION),
		    explanations[i].says != NULL);
		if (explanations[i].says != NULL) {
			assert_string_equal(kern_finding(&kern, OPTION)->text,
			    explanations[i].says);
			assert_true(kern_finding(&kern, OPTION)->refusal);
		}
		kern_fini(&kern);
	}
}

/* I-50: one cause, one finding; and nothing if another file has the names. */
static void
an_option_is_told_once(void **state)
{
	struct kldsim_synth *m = module_new(R150);
	struct kern kern;

	(void)state;
	(void)module_slot(m, kldsim_synth_ref(m, "ktr_tracepoint"), 0);
	(void)module_slot(m, kldsim_synth_ref(m, "racct_add"), 0);
	(void)module_slot(m, kldsim_synth_ref(m, "racct_sub"), 0);
	begin(&kern, R150, X20);
	kern_boot(&kern);
	kern_refuse(&kern, m, "m.ko", FB_ENOEXEC);
	assert_int_equal(kern_findings(&kern, OPTION), 2);
	assert_non_null(strstr(kern_finding(&kern, OPTION)->text,
	    "options KTR"));
	assert_int_equal(kern_findings(&kern, "undefined-symbol"), 3);
	m = module_new(R150);
	(void)kldsim_synth_func(m, "racct_add");
	(void)kern_load(&kern, m, "racct.ko");
	kern_refuse(&kern, user_of("racct_add"), "m.ko", FB_ENOEXEC);
	assert_int_equal(kern_findings(&kern, OPTION), 0);
	kern_fini(&kern);
}

static const struct {
	const char *symbol;
	enum kldsim__kernel_option option;
} owners[] = {
	{ "witness_warn", KLDSIM__OPTION_WITNESS },
	{ "ktr_mask", KLDSIM__OPTION_KTR },
	{ "lock_profile_release_lock", KLDSIM__OPTION_LOCK_PROFILING },
	{ "_lockmgr_assert", KLDSIM__OPTION_INVARIANT_SUPPORT },
	{ "vnet_register_sysinit", KLDSIM__OPTION_VIMAGE },
	{ "vnet_alloc", KLDSIM__OPTION_VIMAGE },
	{ "netisr_register_vnet", KLDSIM__OPTION_VIMAGE },
	{ "nd6_destroy", KLDSIM__OPTION_VIMAGE },
	{ "vnet_log_recursion", KLDSIM__OPTION_VNET_DEBUG },
	{ "ipi_all_but_self", KLDSIM__OPTION_SMP },
	{ "rss_getkey", KLDSIM__OPTION_RSS },
	{ "xps_proto_software_hash_v6", KLDSIM__OPTION_RSS },
	{ "sdt_probe_func", KLDSIM__OPTION_KDTRACE_HOOKS },
	{ "lockstat_enabled", KLDSIM__OPTION_KDTRACE_HOOKS },
	{ "mac_vnode_check_open", KLDSIM__OPTION_MAC },
	{ "mac_vnode_check_open_fp_flag", KLDSIM__OPTION_MAC },
	{ "audit_arg_pid", KLDSIM__OPTION_AUDIT },
	{ "in_pcbmodify_txrtlmt", KLDSIM__OPTION_RATELIMIT },
	{ "racct_enable", KLDSIM__OPTION_RACCT },
	{ "rctl_throttle_decay", KLDSIM__OPTION_RCTL },
	{ "in_pcblookup_mbuf", KLDSIM__OPTION_INET },
	{ "nd6_lookup", KLDSIM__OPTION_INET6 },
	{ "__asan_load8_noabort", KLDSIM__OPTION_KASAN },
	{ "kmsan_mark", KLDSIM__OPTION_KMSAN },
	{ "__tsan_read4", KLDSIM__OPTION_KCSAN },
	{ "__sanitizer_cov_trace_pc", KLDSIM__OPTION_COVERAGE },
	{ "__ubsan_handle_add_overflow", KLDSIM__OPTION_KUBSAN },
	{ "ommap", KLDSIM__OPTION_COMPAT_43 },
	{ "freebsd4_stat", KLDSIM__OPTION_COMPAT_FREEBSD4 },
	{ "freebsd5_stat", KLDSIM__OPTION_COMPAT_FREEBSD5 },
	{ "freebsd6_stat", KLDSIM__OPTION_COMPAT_FREEBSD6 },
	{ "freebsd7_stat", KLDSIM__OPTION_COMPAT_FREEBSD7 },
	{ "freebsd9_stat", KLDSIM__OPTION_COMPAT_FREEBSD9 },
	{ "freebsd10_stat", KLDSIM__OPTION_COMPAT_FREEBSD10 },
	{ "freebsd11_stat", KLDSIM__OPTION_COMPAT_FREEBSD11 },
	{ "freebsd12_stat", KLDSIM__OPTION_COMPAT_FREEBSD12 },
	{ "freebsd13_stat", KLDSIM__OPTION_COMPAT_FREEBSD13 },
	{ "freebsd14_stat", KLDSIM__OPTION_COMPAT_FREEBSD14 },
	{ "freebsd32_stat", KLDSIM__OPTION_COMPAT_FREEBSD32 },
	{ "racct", KLDSIM__NOPTIONS },
	{ "ktr_tracepoints", KLDSIM__NOPTIONS },
	{ "mac_fp_flag", KLDSIM__NOPTIONS },
	{ "freebsd8_stat", KLDSIM__NOPTIONS }, /* there is none */
	{ "omap", KLDSIM__NOPTIONS },
	{ "", KLDSIM__NOPTIONS },
};

/*
 * G-20, one symbol for each option at least; INVARIANTS alone has none, what
 * modules have of it is INVARIANT_SUPPORT's (G-13), nor has EPOCH_TRACE, with
 * which the same functions take more.
 */
static void
symbols_belong_to_options(void **state)
{
	uint64_t seen = UINT64_C(1) << KLDSIM__OPTION_INVARIANTS |
	    UINT64_C(1) << KLDSIM__OPTION_EPOCH_TRACE;

	(void)state;
	for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++) {
		const struct kldsim__option_symbol is =
		    kldsim__option_of_symbol(owners[i].symbol);

		assert_int_equal(is.option, owners[i].option);
		assert_false(is.without);
		if (is.option != KLDSIM__NOPTIONS)
			seen |= UINT64_C(1) << is.option;
	}
	assert_int_equal(seen, (UINT64_C(1) << KLDSIM__NOPTIONS) - 1);
	assert_true(kldsim__option_of_symbol("fib6_calc_software_hash").without);
	assert_int_equal(kldsim__option_by_name("INET6", 5),
	    KLDSIM__OPTION_INET6);
	assert_int_equal(kldsim__option_by_name("INET6", 4),
	    KLDSIM__OPTION_INET);
	assert_int_equal(kldsim__option_by_name("INET6", 3),
	    KLDSIM__NOPTIONS);
}

/* G-10: what modules of other releases call, and no kernel has now. */
static void
functions_that_are_gone_are_told_of(void **state)
{
	struct kern kern;

	(void)state;
	kern_start(&kern, R150);
	kern_refuse(&kern, user_of("atomic_add_int"), "m.ko", FB_ENOEXEC);
	assert_non_null(strstr(kern_finding(&kern, "undefined-symbol")->text,
	    "; on amd64 and i386 it was a function for modules of FreeBSD 11 "
	    "and before"));
	kern_refuse(&kern, user_of("vm_page_lock_KBI"), "n.ko", FB_ENOEXEC);
	assert_non_null(strstr(kern_finding(&kern, "undefined-symbol")->text,
	    "; kernels of FreeBSD 15 have no locks of pages"));
	kern_fini(&kern);
}

/* G-02: features, and symbols that only such kernels have. */
static void
a_kernel_without_configuration_shows_options(void **state)
{
	static const struct {
		const char *has;
		const char *import;
		bool found;
	} cases[] = {
		{ "sysctl___kern_features_witness", "witness_warn", false },
		{ "sysctl___kern_features_ktr", "witness_warn", true },
		{ "vnet0", "witness_warn", true },
		{ "rss_getcpu", "fib4_calc_software_hash", true },
		{ "printf", "fib4_calc_software_hash", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kern kern;

		begin(&kern, R150, NULL);
		(void)kldsim_synth_object(kern.synth, cases[i].has, NULL, 96,
		    8);
		kern_boot(&kern);
		kern_refuse(&kern, user_of(cases[i].import), "m.ko",
		    FB_ENOEXEC);
		assert_int_equal(kern_findings(&kern, OPTION), cases[i].found);
		kern_fini(&kern);
	}
}

/* cut off, it counts as far as it goes; what is no text does not. */
static void
a_configuration_that_cannot_be_read_is_told_of(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		const char *says; /* NULL: nothing */
	} cases[] = {
		{ X20, sizeof(X20), NULL },
		{ X20, sizeof(X20) - 1, "the kernel's configuration ends "
		    "without its NUL: its whole lines count, and an option "
		    "that is not there may be set all the same" },
		{ "\001\002\n", 4, "the kernel's configuration is no text: which "
		    "options it has is taken from its symbols alone" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kern kern;

		kern_init(&kern, R150);
		(void)kldsim_synth_append(kern.synth, kldsim_synth_section(
		    kern.synth, "kern_conf", SHT_PROGBITS, KLDSIM_SYNTH_ALLOC,
		    1), cases[i].text, cases[i].size);
		kern_boot(&kern);
		(void)kern_load(&kern, user_of("printf"), "m.ko");
		assert_int_equal(kern_findings(&kern, "kbi-kern-conf"),
		    cases[i].says != NULL);
		if (cases[i].says != NULL)
			assert_string_equal(kern_finding(&kern,
			    "kbi-kern-conf")->text, cases[i].says);
		(void)kern_load(&kern, user_of("printf"), "n.ko");
		assert_int_equal(kern_findings(&kern, "kbi-kern-conf"), 0);
		kern_fini(&kern);
	}
}

/* G-20: a kernel with KMSAN takes every other module's stores for none. */
static void
kmsan_wants_its_modules(void **state)
{
	static const struct {
		const char *conf;
		const char *call;
		unsigned found;
	} cases[] = { { X20 "options\tKMSAN\n", "printf", 1 },
		{ X20 "options\tKMSAN\n", "__msan_warning", 0 },
		{ X20, "printf", 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kern kern;

		begin(&kern, R150, cases[i].conf);
		(void)kldsim_synth_func(kern.synth, "__msan_warning");
		kern_boot(&kern);
		(void)kern_load(&kern, user_of(cases[i].call), "m.ko");
		assert_int_equal(kern_findings(&kern, OPTION), cases[i].found);
		kern_fini(&kern);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_configuration_is_lines_of_words),
		cmocka_unit_test(a_configuration_is_whole_or_not),
		cmocka_unit_test(an_option_explains_what_is_undefined),
		cmocka_unit_test(an_option_is_told_once),
		cmocka_unit_test(symbols_belong_to_options),
		cmocka_unit_test(functions_that_are_gone_are_told_of),
		cmocka_unit_test(a_kernel_without_configuration_shows_options),
		cmocka_unit_test(a_configuration_that_cannot_be_read_is_told_of),
		cmocka_unit_test(kmsan_wants_its_modules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

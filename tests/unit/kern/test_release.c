/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The facts of each release, written out by hand: one line per fact, one
 * column per release name, from the semantics reference and dated sources.
 * Where a row here is to change, the evidence comes first.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <kldsim/options.h>

#include "arch/arch.h"
#include "release/release.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
/* Those that differ in some fact; the columns of the tables below. */
#define NAMES 12

static const uint32_t numbers[NAMES] = {
	1201000, 1202000, 1300139, 1301000, 1303001, 1304000,
	1400097, 1401000, 1403000, 1500068, 1501000, 1600026
};

/* Y and N are known; where nobody knows, y and n are what is taken. */
static const struct expected {
	const char *fact;
	const char *values;
} expected[] = {
	/*                         12.1 | 13.0  .1  .3  .4 | 14.0  .1  .3 | 15.0 */
	{ "hints_names_linker",             "NN YYYY YYY YY Y" },
	{ "hints_follows_link",             "YY YYYY YYy yy N" },
	{ "hints_checks_truncated",         "NN NNNn NNn YY Y" },
	{ "eexist_stops_classes",           "NN NNyY NYY YY Y" },
	{ "root_not_mounted_enxio",         "NY YYYY YYY YY Y" },
	{ "kldload_busy_serialises",        "NN NyyY YYY YY Y" },
	{ "kldunload_refs_busy",            "NN NNNY NYY YY Y" },
	{ "kernel_userrefs_regression",     "YY YYYN YNN NN N" },
	{ "unload_events_only_linked",      "NN NNNN NNN NY Y" },
	{ "this_linker_file",               "NN NNNN NNn YY Y" },
	{ "leak_locals_knob_obj",           "NN Nyyy YYY YY Y" },
	{ "leak_locals_knob_elf",           "NN Nyyy YYY YY Y" },
	{ "obj_init_arrays",                "NN NyyY YYY YY Y" },
	{ "obj_first_ctors_wins",           "NN NyyY YYY YY Y" },
	{ "obj_destructors",                "NN NyyY YYY YY Y" },
	{ "obj_dtors_need_ctors",           "NN NNNn NYY YY Y" },
	{ "obj_local_reloc_errors_fatal",   "NN YYYY YYY YY Y" },
	{ "obj_two_global_passes",          "NN Nyyy YYY YY Y" },
	{ "superpage_colour",               "NN YYYY YYY YY Y" },
	{ "map_failure_enomem",             "NY YYYY YYY YY Y" },
	{ "wire_failure_unmaps_lowest",     "YN NNNN NNN NN N" },
	{ "obj_wx",                         "NY YYYY YYY YY Y" },
	{ "obj_wx_preloaded",               "NN YYYY YYY YY Y" },
	{ "unload_resets_protections",      "NN NNNN NNN NY Y" },
	{ "obj_debug_ifunc_symbol_values",  "NN NNNN NNn YY Y" },
	{ "elf_debug_lookup_after_failure", "NN NyyY YYY YY Y" },
	{ "elf_hash_lp64_bug",              "YY YYyy NNN NN N" },
	{ "preload_dyn_protects_amd64",     "NN YYYY YYY YY Y" },
	{ "preload_dyn_protects_arm64",     "NN NNNN yYY YY Y" },
	{ "i386_set_padding",               "NN YYYY YYY YY Y" },
	{ "i386_pae",                       "NN YYYY YYY YY Y" },
	{ "powerpc64_kernel_map",           "NN yyyy YYY YY Y" },
	{ "propagates_vnets_after_sysctls", "NN NNNN NNN YY Y" },
	{ "vnet_shadow",                    "NN NNNN NNN YY Y" },
	{ "vnet_has_shutdown",              "NN YYYY YYY YY Y" },
	{ "vnet_max_align",                 "NN NNNN NNN NY Y" },
	{ "reloc_message_has_symidx",       "NN YYYY YYY YY Y" },
	{ "amd64_plt32",                    "YY YYYY YYY YY Y" },
	{ "amd64_relative_relocaddr",       "NY YYYY YYY YY Y" },
	{ "i386_jmp_slot",                  "NN NNNN nyy YY Y" },
	{ "arm64_branch_relocs",            "NY YYYY YYY YY Y" },
	{ "riscv_addend",                   "NN Nyyy YYY YY Y" },
	{ "riscv_looks_up_pcrel",           "NY YYYY YYY YY Y" },
	{ "powerpc_irelative",              "NN YYYY YYY YY Y" },
	{ "powerpc64_jmp_slot_stores",      "NN YYYY YYY YY Y" },
	{ "powerpc_secure_plt_check",       "NN YYYY YYY YY Y" },
	{ "base_address_sysctls",           "NN YYYY YYY YY Y" },
	{ "sysinit_has_link",               "NN NNNN YYY YY Y" },
	{ "modstat_v3",                     "NN NyyY YYY YY Y" },
	{ "preload_numberless_types",       "NN NNNN NNN YY Y" },
	{ "sysctl_number_panics",           "NN NNNN NNN YY Y" },
	{ "sysctl_reuse_names_caller",      "NN NNNN Nnn yY Y" },
	{ "loader_symtab_counted_twice",    "YY yyyy nnn NN N" },
	{ "loader_checks_bounds",           "NN nnnn yyy YY Y" },
	{ "loader_relocates_kernel",        "NN NNNN NNN Nn Y" },
	{ "kldxref_target_order",           "NN NNNN Nyy YY Y" },
	{ "kldxref_skips_two_dots",         "NN NNNN Yyy NN N" },
	{ "kldxref_first_module_only",      "Nn YYYY YYY YY Y" },
	{ "ctf_v3",                         "NN NYYY YYY YY Y" },
	{ "ctf_eager",                      "NN NNNN NNn YY Y" },
	{ "ctf_uncompress",                 "NN nnnn YYY YY Y" },
	{ "ctf_no_ident",                   "NN NNyy YYY YY Y" },
	{ "gdb_set_origins",                "NN NNNN NNN YY Y" },
	{ "gdb_scripts",                    "NN NNNN NNN NY Y" },
	{ "has_mips",                       "YY YYYY NNN NN N" },
	{ "has_sparc64",                    "YY NNNN NNN NN N" },
	{ "linker_file_exidx",              "NY YYYY YYY YY Y" },
	{ "exterr_cats",                    "NN NNNN NNN NN y" },
	{ "riscv_debug_kld_reloc",          "NY YYYY YYY YY Y" },
	{ "loader_init_arrays",             "NN nyyy yyy YY Y" },
	{ "loader_modname_of_basename",     "NY YYYY YYY YY Y" },
	{ "loader_pnp_commands",            "NY YYYY YYY YY Y" },
	{ "preload_shutdown_splash",        "NN NNNN NNN NY Y" },
	{ "ddb_c_operators",                "YY YYYY YYY YY Y" },
	{ "ddb_cpu_bounded",                "YY YYYY YYY YY Y" },
	{ "ddb_show_all_vnets",             "YY YYYY YYY YY Y" },
	{ "ddb_third_match_found",          "YY Yyyy nnn NN N" },
	{ "ddb_low_page_nameless",          "Nn nnnn YYY YY Y" },
	{ "ddb_show_sysinit",               "NN NNNN yyy YY Y" },
	{ "ddb_pprint",                     "NN NNNN YYY YY Y" },
	{ "kmod_ldscript_amd64",            "NN YYYY YYY YY Y" },
	{ "kmod_znorelro",                  "NY YYYY YYY YY Y" },
	{ "kmod_pic_powerpc64",             "NN YYYY YYY YY Y" },
	{ "kmod_pic_32_bits",               "NN Nnnn nnn YY Y" },
	{ "kmod_arm64_no_relax",            "NN NNyy yyy YY Y" },
	{ "vnet_sysinit_asserted",          "NY YYYY YYY YY Y" },
};

#define MIB 1048576
#define M12 0x3e0d8f29
#define M13 0x5e4a6f28

static const struct {
	const char *fact;
	int values[NAMES];
} expected_numbers[] = {
	{ "hints_size_limit", { MIB, MIB, MIB, MIB, MIB, MIB, MIB, MIB, MIB,
	    MIB, MIB, MIB } },
	{ "maxsegs", { 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4 } },
	{ "vnet_magic", { M12, M12, M13, M13, M13, M13, M13, M13, M13, M13,
	    M13, M13 } },
	{ "boot_sysinit_sort", { 0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2 } },
};

static const struct boundary {
	const char *fact;
	uint32_t osreldate; /* the value below it, and from it on */
	int before;
	int after;
} boundaries[] = {
	{ "i386_set_padding", 1300031, 0, 1 },
	{ "vnet_has_shutdown", 1300049, 0, 1 },
	{ "vnet_magic", 1300078, M12, M13 },
	{ "has_sparc64", 1300077, 1, 0 },
	{ "arm64_branch_relocs", 1201512, 0, 1 },
	{ "arm64_branch_relocs", 1300000, 1, 0 }, /* 13-CURRENT before it */
	{ "arm64_branch_relocs", 1300077, 0, 1 },
	{ "obj_wx", 1201503, 0, 1 },
	{ "obj_wx", 1300000, 1, 0 },
	{ "obj_wx", 1300054, 0, 1 },
	{ "obj_wx_preloaded", 1300054, 0, 1 },
	{ "map_failure_enomem", 1201503, 0, 1 },
	{ "wire_failure_unmaps_lowest", 1201503, 1, 0 },
	{ "wire_failure_unmaps_lowest", 1300000, 0, 1 },
	{ "wire_failure_unmaps_lowest", 1300054, 1, 0 },
	{ "root_not_mounted_enxio", 1201511, 0, 1 },
	{ "amd64_relative_relocaddr", 1201501, 0, 1 },
	{ "riscv_looks_up_pcrel", 1201501, 0, 1 },
	{ "kernel_userrefs_regression", 1303503, 1, 0 },
	{ "kernel_userrefs_regression", 1400000, 0, 1 },
	{ "kernel_userrefs_regression", 1400511, 1, 0 },
	{ "kernel_userrefs_regression", 1500000, 0, 1 },
	{ "kernel_userrefs_regression", 1500018, 1, 0 },
	{ "kldunload_refs_busy", 1303503, 0, 1 },
	{ "kldunload_refs_busy", 1400000, 1, 0 },
	{ "kldunload_refs_busy", 1400511, 0, 1 },
	{ "kldunload_refs_busy", 1500018, 0, 1 },
	{ "eexist_stops_classes", 1400511, 0, 1 },
	{ "eexist_stops_classes", 1500012, 0, 1 },
	{ "obj_init_arrays", 1300501, 0, 1 },
	{ "obj_init_arrays", 1400000, 1, 0 },
	{ "obj_init_arrays", 1400006, 0, 1 },
	{ "obj_two_global_passes", 1400043, 0, 1 },
	{ "elf_hash_lp64_bug", 1400087, 1, 0 },
	{ "i386_pae", 1300011, 0, 1 },
	{ "propagates_vnets_after_sysctls", 1500001, 0, 1 },
	{ "this_linker_file", 1500027, 0, 1 },
	{ "hints_checks_truncated", 1500027, 0, 1 },
	{ "hints_follows_link", 1600026, 1, 0 },
	{ "boot_sysinit_sort", 1400094, 0, 1 },
	{ "boot_sysinit_sort", 1400097, 1, 2 },
	{ "boot_sysinit_sort", 1500000, 2, 1 },
	{ "boot_sysinit_sort", 1500001, 1, 2 },
	{ "kldxref_target_order", 1400500, 0, 1 },
	{ "kldxref_target_order", 1500000, 1, 0 },
	{ "kldxref_target_order", 1500008, 0, 1 },
	{ "kldxref_skips_two_dots", 1500012, 1, 0 },
	{ "unload_events_only_linked", 1501000, 0, 1 },
	{ "gdb_set_origins", 1500068, 0, 1 },
	{ "gdb_scripts", 1501000, 0, 1 },
	{ "vnet_max_align", 1501000, 0, 1 },
	{ "has_mips", 1400047, 1, 0 },
};

static const struct kldsim__fact *
fact_by_name(const char *name)
{
	const struct kldsim__fact *fact;
	size_t i;

	for (i = 0; (fact = kldsim__fact_at(i)) != NULL; i++)
		if (strcmp(fact->name, name) == 0)
			return fact;
	fail_msg("no fact %s", name);
	return NULL;
}

static void
check(const char *name, uint32_t osreldate, int want)
{
	bool narrowed;
	int got = kldsim__fact_value(fact_by_name(name), osreldate, &narrowed);

	if (got != want)
		fail_msg("%s at %u: %d, not %d", name, (unsigned)osreldate,
		    got, want);
}

/* One letter of `expected`. */
static char
letter(const char *name, uint32_t osreldate)
{
	bool narrowed;
	int got = kldsim__fact_value(fact_by_name(name), osreldate, &narrowed);

	return ((narrowed ? "ny" : "NY")[got]);
}

static void
test_each_release(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(expected); i++) {
		const char *want = expected[i].values;

		for (size_t j = 0; j < NAMES; j++, want++) {
			if (*want == ' ')
				want++;
			if (letter(expected[i].fact, numbers[j]) != *want)
				fail_msg("%s at %u: not %c", expected[i].fact,
				    (unsigned)numbers[j], *want);
		}
	}
	for (size_t i = 0; i < COUNT(expected_numbers); i++)
		for (size_t j = 0; j < NAMES; j++)
			check(expected_numbers[i].fact, numbers[j],
			    expected_numbers[i].values[j]);
}

/* A fact without a line above would be tested by nobody. */
static void
test_every_fact_has_a_line(void **state)
{
	const struct kldsim__fact *fact;
	size_t flags = 0, others = 0;

	(void)state;
	for (size_t i = 0; (fact = kldsim__fact_at(i)) != NULL; i++) {
		if (fact->number) {
			others++;
			continue;
		}
		assert_true(flags < COUNT(expected));
		assert_string_equal(fact->name, expected[flags++].fact);
	}
	assert_int_equal(flags, COUNT(expected));
	assert_int_equal(others, COUNT(expected_numbers));
	assert_null(kldsim__fact_at(SIZE_MAX));
}

static void
check_words(const struct kldsim__fact *fact)
{
	char machines[64], *name, *rest = machines;

	assert_true(fact->rules[0] != '\0');
	/* Ten of them have to make one sentence that a person reads. */
	assert_in_range(strlen(fact->says), 8, 80);
	assert_int_equal(fact->unplayed != NULL,
	    fact->whose == KLDSIM__OF_NOBODY);
	assert_true(strlen(fact->machines) < sizeof(machines));
	(void)strcpy(machines, fact->machines);
	while ((name = strtok_r(rest, " ", &rest)) != NULL) {
		const struct kldsim__arch *arch;
		size_t i = 0;

		while ((arch = kldsim__arch_at(i)) != NULL &&
		    strcmp(arch->name, name) != 0)
			i++;
		assert_non_null(arch);
	}
}

static void
test_rows_have_words(void **state)
{
	(void)state;
	for (size_t i = 0; kldsim__fact_at(i) != NULL; i++)
		check_words(kldsim__fact_at(i));
}

static void
test_boundaries(void **state)
{
	const struct boundary *b;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(boundaries); i++) {
		b = &boundaries[i];
		check(b->fact, b->osreldate - 1, b->before);
		check(b->fact, b->osreldate, b->after);
	}
}

/* The table's offsets reach the members that code reads. */
static void
test_members(void **state)
{
	struct kldsim__facts facts;

	(void)state;
	kldsim__facts_for(1201000, &facts);
	assert_int_equal(facts.vnet_magic, M12);
	assert_true(facts.elf_hash_lp64_bug);
	assert_true(facts.amd64_plt32);
	assert_false(facts.obj_wx);
	assert_int_equal(facts.boot_sysinit_sort, KLDSIM__SORT_EXCHANGE);
	kldsim__facts_for(1600026, &facts);
	assert_int_equal(facts.vnet_magic, M13);
	assert_false(facts.elf_hash_lp64_bug);
	assert_true(facts.obj_wx);
	assert_true(facts.unload_events_only_linked);
	assert_int_equal(facts.boot_sysinit_sort, KLDSIM__SORT_MERGE_STABLE);
	assert_int_equal(facts.maxsegs, 4);
}

/* No two rows share a member, and every byte of a member has its row. */
static void
test_rows_cover_members(void **state)
{
	static char seen[sizeof(struct kldsim__facts)];
	const struct kldsim__fact *fact;
	size_t i, size, flags = 0, ints = 0;

	(void)state;
	for (i = 0; (fact = kldsim__fact_at(i)) != NULL; i++) {
		if (fact->unplayed != NULL)
			continue;
		size = fact->number ? sizeof(int) : sizeof(bool);
		assert_true(fact->offset + size <= sizeof(seen));
		assert_int_equal(seen[fact->offset], 0);
		memset(seen + fact->offset, 1, size);
		if (fact->number)
			ints++;
		else
			flags++;
	}
	/* Padding stands around the ints only. */
	assert_true(flags * sizeof(bool) + ints * sizeof(int) +
	    (ints + 1) * (sizeof(int) - 1) >= sizeof(seen));
}

static void
check_spans(const struct kldsim__fact *fact)
{
	size_t i;

	for (i = 0; i < KLDSIM__FACT_SPANS && fact->spans[i].to != 0; i++) {
		assert_true(fact->spans[i].from < fact->spans[i].to);
		if (i > 0)
			assert_true(fact->spans[i - 1].to <=
			    fact->spans[i].from);
		/* What is 0 without doubt has no span. */
		if (!fact->number && !fact->spans[i].narrowed)
			assert_int_equal(fact->spans[i].value, 1);
	}
}

static void
test_spans_are_in_order(void **state)
{
	const struct kldsim__fact *fact;
	size_t i;

	(void)state;
	for (i = 0; (fact = kldsim__fact_at(i)) != NULL; i++)
		check_spans(fact);
}

/* sys/param.h of the releng branches. */
static const struct {
	const char *name;
	uint32_t osreldate;
} releases[] = {
	{ "12.1", 1201000 }, { "12.2", 1202000 }, { "12.3", 1203000 },
	{ "12.4", 1204000 }, { "13.0", 1300139 }, { "13.1", 1301000 },
	{ "13.2", 1302001 }, { "13.3", 1303001 }, { "13.4", 1304000 },
	{ "13.5", 1305000 }, { "14.0", 1400097 }, { "14.1", 1401000 },
	{ "14.2", 1402000 }, { "14.3", 1403000 }, { "15.0", 1500068 },
	{ "15.1", 1501000 }, { "main", 1600026 },
};

static void
test_release_names(void **state)
{
	uint32_t osreldate;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(releases); i++) {
		const char *name = releases[i].name;

		assert_string_equal(kldsim__release_at(i), name);
		assert_int_equal(kldsim__release_by_name(name, &osreldate),
		    KLDSIM_OK);
		assert_int_equal(osreldate, releases[i].osreldate);
		assert_string_equal(kldsim__release_name(osreldate), name);
	}
	assert_null(kldsim__release_at(COUNT(releases)));
}

/* A number is taken if some branch is known that has it. */
static void
test_parse(void **state)
{
	static const char *const refused[] = { "903000", "1100000", "1199999",
		"1700000", "99999999", "0", "-1", "1201000x", "", "14.9" };
	uint32_t osreldate = 7;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		assert_int_equal(kldsim_release_parse(refused[i], &osreldate),
		    KLDSIM_ARG);
		assert_int_equal(osreldate, 7);
	}
	assert_int_equal(kldsim_release_parse("1200000", &osreldate),
	    KLDSIM_OK);
	assert_int_equal(osreldate, 1200000);
	assert_int_equal(kldsim_release_parse("1699999", &osreldate),
	    KLDSIM_OK);
	assert_int_equal(kldsim_release_parse("14.2", &osreldate),
	    KLDSIM_OK);
	assert_int_equal(osreldate, 1402000);
	assert_int_equal(kldsim_release_parse("auto", &osreldate),
	    KLDSIM_OK);
	assert_int_equal(osreldate, 0);
}

static void
test_nearest_name(void **state)
{
	(void)state;
	assert_string_equal(kldsim__release_name(1200086), "12.1");
	assert_string_equal(kldsim__release_name(1201517), "12.1");
	assert_string_equal(kldsim__release_name(1204500), "12.4");
	assert_string_equal(kldsim__release_name(1300010), "13.0");
	assert_string_equal(kldsim__release_name(1302000), "13.1");
	assert_string_equal(kldsim__release_name(1303999), "13.3");
	assert_string_equal(kldsim__release_name(1404000), "14.3");
	assert_string_equal(kldsim__release_name(1500999), "15.0");
	assert_string_equal(kldsim__release_name(1501502), "15.1");
	assert_string_equal(kldsim__release_name(1600000), "main");
	assert_null(kldsim__release_name(903000));
	assert_null(kldsim__release_name(1700000));
	assert_null(kldsim__release_name(0));
	assert_null(kldsim__release_name(UINT32_MAX));
}

static void
test_unknown_names(void **state)
{
	static const char *const unknown[] = {
		"", "12", "12.", "12.1 ", "12.10", "9.3", "MAIN", "1201000"
	};
	uint32_t osreldate = 7;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(unknown); i++) {
		assert_int_equal(kldsim__release_by_name(unknown[i],
		    &osreldate), KLDSIM_ARG);
		assert_int_equal(osreldate, 7);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_release),
		cmocka_unit_test(test_every_fact_has_a_line),
		cmocka_unit_test(test_rows_have_words),
		cmocka_unit_test(test_boundaries),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_rows_cover_members),
		cmocka_unit_test(test_spans_are_in_order),
		cmocka_unit_test(test_release_names),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_nearest_name),
		cmocka_unit_test(test_unknown_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

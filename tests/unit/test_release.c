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

#include "release/release.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
/* Those that differ in some fact; the columns of the table below. */
#define NAMES 8

static const uint32_t numbers[NAMES] = {
	1201000, 1202000, 1300139, 1303001, 1400097, 1401000, 1500068, 1600026
};

#define MIB 1048576
#define M12 0x3e0d8f29
#define M13 0x5e4a6f28

static const struct expected {
	const char *fact;
	int values[NAMES];
} expected[] = {
	/*                              12.1 12.2 13.0 13.3 14.0 14.1 15.0 main */
	{ "hints_names_linker",             { 0, 0, 1, 1, 1, 1, 1, 1 } },
	{ "hints_checks_truncated",         { 0, 0, 0, 0, 0, 0, 1, 1 } },
	{ "hints_size_limit", { MIB, MIB, MIB, MIB, MIB, MIB, MIB, MIB } },
	{ "eexist_stops_classes",           { 0, 0, 0, 0, 0, 1, 1, 1 } },
	{ "root_not_mounted_enxio",         { 0, 0, 1, 1, 1, 1, 1, 1 } },
	{ "kldload_busy_serialises",        { 0, 0, 0, 1, 1, 1, 1, 1 } },
	{ "kldunload_refs_busy",            { 0, 0, 0, 0, 0, 1, 1, 1 } },
	{ "kernel_userrefs_regression",     { 1, 1, 1, 1, 1, 0, 0, 0 } },
	{ "unload_events_only_linked",      { 0, 0, 0, 0, 0, 0, 0, 1 } },
	{ "this_linker_file",               { 0, 0, 0, 0, 0, 0, 1, 1 } },
	{ "leak_locals_knob_obj",           { 0, 0, 0, 1, 1, 1, 1, 1 } },
	{ "leak_locals_knob_elf",           { 0, 0, 0, 1, 1, 1, 1, 1 } },
	{ "obj_init_arrays",                { 0, 0, 0, 1, 1, 1, 1, 1 } },
	{ "obj_first_ctors_wins",           { 0, 0, 0, 1, 1, 1, 1, 1 } },
	{ "obj_destructors",                { 0, 0, 0, 1, 1, 1, 1, 1 } },
	{ "obj_dtors_need_ctors",           { 0, 0, 0, 0, 0, 1, 1, 1 } },
	{ "obj_local_reloc_errors_fatal",   { 0, 0, 1, 1, 1, 1, 1, 1 } },
	{ "obj_two_global_passes",          { 0, 0, 0, 1, 1, 1, 1, 1 } },
	{ "superpage_colour",               { 0, 0, 1, 1, 1, 1, 1, 1 } },
	{ "map_failure_enomem",             { 0, 0, 1, 1, 1, 1, 1, 1 } },
	{ "wire_failure_unmaps_lowest",     { 1, 1, 0, 0, 0, 0, 0, 0 } },
	{ "obj_wx",                         { 0, 1, 1, 1, 1, 1, 1, 1 } },
	{ "obj_debug_ifunc_symbol_values",  { 0, 0, 0, 0, 0, 0, 1, 1 } },
	{ "maxsegs",                        { 4, 4, 4, 4, 4, 4, 4, 4 } },
	{ "elf_debug_lookup_after_failure", { 0, 0, 0, 1, 1, 1, 1, 1 } },
	{ "elf_hash_lp64_bug",              { 1, 1, 1, 0, 0, 0, 0, 0 } },
	{ "preload_dyn_protects_amd64",     { 0, 1, 1, 1, 1, 1, 1, 1 } },
	{ "preload_dyn_protects_arm64",     { 0, 0, 0, 0, 1, 1, 1, 1 } },
	{ "i386_set_padding",               { 0, 0, 1, 1, 1, 1, 1, 1 } },
	{ "i386_pae",                       { 0, 0, 1, 1, 1, 1, 1, 1 } },
	{ "powerpc64_kernel_map",           { 0, 0, 1, 1, 1, 1, 1, 1 } },
	{ "propagates_vnets_after_sysctls", { 0, 0, 0, 0, 0, 0, 1, 1 } },
	{ "vnet_shadow",                    { 0, 0, 0, 0, 0, 0, 1, 1 } },
	{ "vnet_has_shutdown",              { 0, 0, 1, 1, 1, 1, 1, 1 } },
	{ "vnet_magic", { M12, M12, M13, M13, M13, M13, M13, M13 } },
	{ "reloc_message_has_symidx",       { 0, 0, 1, 1, 1, 1, 1, 1 } },
	{ "amd64_plt32",                    { 1, 1, 1, 1, 1, 1, 1, 1 } },
	{ "amd64_relative_relocaddr",       { 0, 1, 1, 1, 1, 1, 1, 1 } },
	{ "i386_jmp_slot",                  { 0, 0, 0, 0, 0, 1, 1, 1 } },
	{ "arm64_branch_relocs",            { 0, 1, 1, 1, 1, 1, 1, 1 } },
	{ "riscv_addend",                   { 0, 0, 0, 1, 1, 1, 1, 1 } },
	{ "riscv_looks_up_pcrel",           { 0, 0, 1, 1, 1, 1, 1, 1 } },
	{ "powerpc_irelative",              { 0, 0, 1, 1, 1, 1, 1, 1 } },
	{ "powerpc64_jmp_slot_stores",      { 0, 0, 1, 1, 1, 1, 1, 1 } },
	{ "powerpc_secure_plt_check",       { 0, 0, 1, 1, 1, 1, 1, 1 } },
	{ "sysinit_has_link",               { 0, 0, 0, 0, 1, 1, 1, 1 } },
	{ "boot_sysinit_sort",              { 0, 0, 0, 0, 2, 2, 2, 2 } },
	{ "modstat_v3",                     { 0, 0, 0, 0, 1, 1, 1, 1 } },
	{ "preload_numberless_types",       { 0, 0, 0, 0, 0, 0, 1, 1 } },
	{ "loader_symtab_counted_twice",    { 1, 1, 1, 1, 0, 0, 0, 0 } },
	{ "loader_checks_bounds",           { 0, 0, 0, 0, 1, 1, 1, 1 } },
	{ "kldxref_target_order",           { 0, 0, 0, 0, 0, 0, 1, 1 } },
	{ "kldxref_first_module_only",      { 0, 0, 1, 1, 1, 1, 1, 1 } },
	{ "ctf_v3",                         { 0, 0, 0, 0, 1, 1, 1, 1 } },
	{ "ctf_eager",                      { 0, 0, 0, 0, 0, 0, 1, 1 } },
	{ "gdb_set_origins",                { 0, 0, 0, 0, 0, 0, 0, 1 } },
	{ "base_address_sysctls",           { 0, 0, 1, 1, 1, 1, 1, 1 } },
	{ "has_mips",                       { 1, 1, 1, 1, 0, 0, 0, 0 } },
	{ "has_sparc64",                    { 1, 1, 0, 0, 0, 0, 0, 0 } },
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
	{ "kernel_userrefs_regression", 1303503, 1, 0 },
	{ "kernel_userrefs_regression", 1400000, 0, 1 },
	{ "kernel_userrefs_regression", 1400511, 1, 0 },
	{ "kernel_userrefs_regression", 1500000, 0, 1 },
	{ "kernel_userrefs_regression", 1500018, 1, 0 },
	{ "kldunload_refs_busy", 1303503, 0, 1 },
	{ "kldunload_refs_busy", 1400000, 1, 0 },
	{ "kldunload_refs_busy", 1400511, 0, 1 },
	{ "kldunload_refs_busy", 1500018, 0, 1 },
	{ "eexist_stops_classes", 1400510, 0, 1 },
	{ "eexist_stops_classes", 1500012, 0, 1 },
	{ "obj_init_arrays", 1300521, 0, 1 },
	{ "obj_init_arrays", 1400000, 1, 0 },
	{ "obj_init_arrays", 1400006, 0, 1 },
	{ "elf_hash_lp64_bug", 1302506, 1, 0 },
	{ "elf_hash_lp64_bug", 1400087, 1, 0 },
	{ "propagates_vnets_after_sysctls", 1500002, 0, 1 },
	{ "boot_sysinit_sort", 1400094, 0, 1 },
	{ "boot_sysinit_sort", 1400097, 1, 2 },
	{ "boot_sysinit_sort", 1500000, 2, 1 },
	{ "boot_sysinit_sort", 1500001, 1, 2 },
	{ "kldxref_target_order", 1500008, 0, 1 },
	{ "unload_events_only_linked", 1501000, 0, 1 },
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

static int
value(const char *name, uint32_t osreldate)
{
	struct kldsim__facts facts;

	kldsim__facts_for(osreldate, &facts);
	return kldsim__fact_value(&facts, fact_by_name(name));
}

static void
check(const char *name, uint32_t osreldate, int want)
{
	int got = value(name, osreldate);

	if (got != want)
		fail_msg("%s at %u: %d, not %d", name, (unsigned)osreldate,
		    got, want);
}

static void
test_each_release(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(expected); i++)
		for (j = 0; j < NAMES; j++)
			check(expected[i].fact, numbers[j],
			    expected[i].values[j]);
}

/* A fact without a line above would be tested by nobody. */
static void
test_every_fact_has_a_line(void **state)
{
	const struct kldsim__fact *fact;
	size_t i;

	(void)state;
	for (i = 0; (fact = kldsim__fact_at(i)) != NULL; i++) {
		assert_true(i < COUNT(expected));
		assert_string_equal(fact->name, expected[i].fact);
		assert_true(fact->rules[0] != '\0');
	}
	assert_int_equal(i, COUNT(expected));
	assert_null(kldsim__fact_at(SIZE_MAX));
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
		if (!fact->number)
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
	{ "12.1", 1201000 }, { "12.2", 1202000 }, { "13.0", 1300139 },
	{ "13.3", 1303001 }, { "13.4", 1304000 }, { "13.5", 1305000 },
	{ "14.0", 1400097 }, { "14.1", 1401000 }, { "14.2", 1402000 },
	{ "14.3", 1403000 }, { "15.0", 1500068 }, { "main", 1600026 },
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
	assert_string_equal(kldsim__release_name(1204000), "12.2");
	assert_string_equal(kldsim__release_name(1300010), "13.0");
	assert_string_equal(kldsim__release_name(1302001), "13.0");
	assert_string_equal(kldsim__release_name(1303999), "13.3");
	assert_string_equal(kldsim__release_name(1404000), "14.3");
	assert_string_equal(kldsim__release_name(1501000), "15.0");
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

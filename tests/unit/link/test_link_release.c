/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A kernel file under the rules of another release: structures stay what they
 * were compiled as (M-05, M-10).  And what is not known of a release.
 */

#include "support_preload.h"

/* The first finding of a code, or NULL. */
static const struct kldsim_finding *
finding_of(const struct kern *kern, const char *code)
{
	const struct kldsim_finding *finding;
	size_t i = 0;

	while ((finding = kldsim_finding_at(kern->sim, i++)) != NULL &&
	    strcmp(finding->code, code) != 0)
		;
	return (finding);
}

/* The same, of the kernel booted under other rules. */
static const struct kldsim_finding *
found_under(struct kern *kern, uint32_t osreldate, const char *code)
{
	kldsim_destroy(kern->sim);
	kern->sim = NULL;
	kern->options.osreldate = osreldate;
	kern_boot(kern);
	return (finding_of(kern, code));
}

/*
 * V-51, M-05: struct sysinit of the file is 24 bytes up to 1400093 and 32
 * since, and is read as the rules say.
 */
static void
rules_of_another_struct_sysinit_are_told(void **state)
{
	static const struct {
		uint32_t own, rules;
		const char *text; /* NULL: the structures are the same */
	} pairs[] = {
		{ R121, R130, NULL },
		{ R130, R121, NULL },
		{ R130, 1400093, NULL },
		{ 1400093, 1400094, "the kernel is of 14.0 (1400093), and in "
		    "14.0 (1400094), whose rules are used, struct sysinit is a "
		    "pointer longer: " },
		{ 1400094, 1400093, "struct sysinit is a pointer shorter: " },
		{ R130, R141, "the kernel is of 13.0 (1300139), and in 14.1 "
		    "(1401000), whose rules are used, struct sysinit is a "
		    "pointer longer: " },
		{ R150, R130, "the kernel is of 15.0 (1500068), and in 13.0 "
		    "(1300139), whose rules are used, struct sysinit is a "
		    "pointer shorter: " },
		{ R140, R150, NULL },
		{ R150, R140, NULL },
	};
	const struct kldsim_finding *finding;
	struct kern kern;

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		kern_start(&kern, pairs[i].own);
		assert_null(found_under(&kern, 0, "release-layout"));
		/* Its own rules may be named. */
		assert_null(found_under(&kern, pairs[i].own,
		    "release-layout"));
		finding = found_under(&kern, pairs[i].rules,
		    "release-layout");
		assert_int_equal(finding != NULL, pairs[i].text != NULL);
		if (finding != NULL) {
			assert_int_equal(finding->severity, KLDSIM_WARNING);
			assert_string_equal(finding->file, "kernel");
			assert_non_null(strstr(finding->text, pairs[i].text));
		}
		kern_fini(&kern);
	}
}

/* A kernel that does not say of when it is may be of any release. */
static void
a_kernel_of_no_release_goes_with_all(void **state)
{
	struct kern kern;

	(void)state;
	kern_init(&kern, R130);
	kldsim_synth_free(kern.synth);
	kern.synth = kldsim_synth_new("amd64", KLDSIM_SYNTH_EXEC);
	(void)kldsim_synth_func(kern.synth, "printf");
	kern.options.osreldate = R150;
	kern_boot(&kern);
	assert_int_equal(kldsim_finding_count(kern.sim), 0);
	kern_fini(&kern);
}

/* V-51: where the misreading is the end, the reason is told, too. */
static void
a_panic_of_a_misread_sysinit_names_the_release(void **state)
{
	struct kldsim_synth *m = module_new(R130);
	struct preloaded world;

	(void)state;
	/* Its argument, 0, is where 14.1 has the function. */
	(void)kldsim_synth_sysinit(m, "m_init", 0x3100000, 0,
	    kldsim_synth_func(m, "m_init"), 0);
	preloaded_init(&world, R130);
	preloaded_add(&world, m, MODULE_PATH("m.ko"));
	world.kern.options.osreldate = R141;
	preloaded_dies(&world, "the function at 0x0 is called, where nothing "
	    "is");
	assert_non_null(strstr(finding_of(&world.kern, "release-layout")->text,
	    "the kernel is of 13.0 (1300139), and in 14.1 (1401000), "));
	preloaded_fini(&world);
}

/* What is said of a release; its words are looked for by the caller. */
static const char *
said_of(struct kern *kern, uint32_t osreldate)
{
	const struct kldsim_finding *finding = found_under(kern, osreldate,
	    "release-unsure");

	assert_int_equal(kldsim_finding_count(kern->sim), finding != NULL);
	if (finding == NULL)
		return ("");
	assert_int_equal(finding->severity, KLDSIM_NOTE);
	assert_string_equal(finding->file, "kernel");
	assert_string_equal(finding->symbol, "osreldate");
	return (finding->text);
}

/*
 * One note, of what this kernel could show.  The ranges are those of the
 * sources that were read: eexist_stops_classes has none in 13.2 (its change is
 * younger) and in 13.4 (it is in), and so on.
 */
static void
what_nobody_knows_of_a_release_is_one_note(void **state)
{
	static const struct {
		uint32_t osreldate;
		const char *has, *lacks;
	} rows[] = {
		{ 1302001, "13.2 (1302001)", "EEXIST" },
		{ 1303001, "a module that is there already is EEXIST, not "
		    "\"unsupported file type\" (yes); ", "4 bytes" },
		{ 1304000, "a linker.hints of under 4 bytes is refused (no); ",
		    "EEXIST" },
		/* Ten points would be a page: eight and a word. */
		{ 1303001, "; and more", "hash" },
		/* Another machine's, and what only preloaded files show. */
		{ 1304000, "hash has a carry (yes)", "RISCV" },
		{ 1304000, "13.4", "room for the symbols" },
		{ 1402000, "__this_linker_file (no)", "ifunc" },
		{ 1403000, "ifunc's target, not its resolver (no)", "max_align" },
		{ 1404000, "max_align_t (no)", "and more" },
	};
	static const uint32_t known[] = { R121, 1202000, 1203000, 1204000,
		R130 };
	static const uint32_t known_later[] = { R140, R141, R150, R151, R160 };
	struct kern kern;

	(void)state;
	kern_start(&kern, R130);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_string_equal(said_of(&kern, known[i]), "");
	kern_fini(&kern);
	kern_start(&kern, R150);
	for (size_t i = 0; i < sizeof(known_later) / sizeof(known_later[0]);
	    i++)
		assert_string_equal(said_of(&kern, known_later[i]), "");
	kern_fini(&kern);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *said;

		kern_start(&kern, rows[i].osreldate);
		said = said_of(&kern, rows[i].osreldate);
		assert_non_null(strstr(said, rows[i].has));
		assert_null(strstr(said, rows[i].lacks));
		kern_fini(&kern);
	}
}

/* A kernel of another machine, with its own points. */
static void
machines_have_points_of_their_own(void **state)
{
	struct kern kern;
	const char *said;

	(void)state;
	kern_init_machine(&kern, "riscv64", R130);
	kern_boot(&kern);
	said = said_of(&kern, 1304000);
	assert_non_null(strstr(said, "R_RISCV_64 adds its addend (yes)"));
	/* It loads no relocatable files. */
	assert_null(strstr(said, "ifunc resolvers are done last"));
	assert_null(strstr(said, "destructors"));
	kern_fini(&kern);
}

static uint64_t
vnet_part(struct kern *kern, uint64_t size, const char *name)
{
	int id = kern_load(kern, module_with_set(kern->osreldate, "set_vnet",
	    size, 1), name);

	return (kern_section(kern, id, "set_vnet").address -
	    kern_set(kern, KLDSIM_SET_VNET).modspace_start);
}

/*
 * V-67, A-10: modspace of vnets comes in units of max_align_t, 16 bytes on
 * amd64, from 15.1 on; that of CPUs in pointers.
 */
static void
vnet_modspace_is_aligned_from_15_1(void **state)
{
	static const struct {
		uint32_t osreldate;
		uint64_t unit;
	} rows[] = { { R150, 8 }, { R151, 16 }, { R160, 16 } };
	struct kern kern;
	int id;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const uint64_t unit = rows[i].unit;

		kern_start(&kern, rows[i].osreldate);
		assert_hex(vnet_part(&kern, 8, "a.ko"), 0);
		assert_hex(vnet_part(&kern, 20, "b.ko"), unit);
		/* 20 is 24 or 32. */
		assert_hex(vnet_part(&kern, 1, "c.ko"),
		    unit + (unit == 8 ? 24 : 32));
		id = kern_load(&kern, module_with_set(rows[i].osreldate,
		    "set_pcpu", 8, 1), "d.ko");
		assert_hex(kern_section(&kern, id, "set_pcpu").address,
		    kern_set(&kern, KLDSIM_SET_DPCPU).modspace_start);
		id = kern_load(&kern, module_with_set(rows[i].osreldate,
		    "set_pcpu", 8, 1), "e.ko");
		assert_hex(kern_section(&kern, id, "set_pcpu").address,
		    kern_set(&kern, KLDSIM_SET_DPCPU).modspace_start + 8);
		kern_fini(&kern);
	}
}

/*
 * V-67: units are _Alignof of <sys/_types.h>'s union, as clang for FreeBSD has
 * it.  Behind the set of i386 comes the linker script's mark (D-72), 4 bytes.
 */
static void
max_align_is_each_machines_own(void **state)
{
	static const struct {
		const char *machine;
		uint64_t size, takes;
	} rows[] = { { "amd64", 1, 16 }, { "arm64", 1, 16 }, { "armv7", 1, 8 },
		{ "i386", 8, 12 }, { "powerpc", 1, 8 }, { "powerpc64", 1, 8 },
		{ "powerpc64le", 1, 8 }, { "riscv64", 1, 16 } };
	struct kern kern;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *m = kldsim_synth_new(rows[i].machine,
		    KLDSIM_SYNTH_DYN);
		uint64_t before;

		kern_init_machine(&kern, rows[i].machine, R151);
		kern_boot(&kern);
		before = kern_set(&kern, KLDSIM_SET_VNET).modspace_free;
		if (strcmp(rows[i].machine, "i386") == 0)
			kldsim_synth_option(m, KLDSIM_SYNTH_SET_PAD,
			    0x90909090);
		(void)kldsim_synth_vnet(m, "v", NULL, rows[i].size, 1);
		(void)kern_load(&kern, m, "m.ko");
		assert_int_equal(before - kern_set(&kern,
		    KLDSIM_SET_VNET).modspace_free, rows[i].takes);
		kern_fini(&kern);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_of_another_struct_sysinit_are_told),
		cmocka_unit_test(a_kernel_of_no_release_goes_with_all),
		cmocka_unit_test(a_panic_of_a_misread_sysinit_names_the_release),
		cmocka_unit_test(what_nobody_knows_of_a_release_is_one_note),
		cmocka_unit_test(machines_have_points_of_their_own),
		cmocka_unit_test(vnet_modspace_is_aligned_from_15_1),
		cmocka_unit_test(max_align_is_each_machines_own),
	};

	return (cmocka_run_group_tests_name("link_release", tests, NULL,
	    NULL));
}

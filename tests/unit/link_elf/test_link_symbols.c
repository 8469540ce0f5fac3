/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Which address a name or a symbol index gets: asked by relocations, whose
 * words are read back, and by kldsym.
 */

#include "support_kern.h"

/* Both undefined and refused: the two lines (O-46, K-21). */
#define UNDEFINED(symbol) "link_elf_obj: symbol " symbol " undefined"

/* O-61: the first of a name in the table; locals stand before globals. */
static void
a_static_comes_before_a_global_of_its_name(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	uint64_t by_name, by_index;
	struct kern kern;
	int id, global;

	(void)state;
	global = kldsim_synth_func(module, "f"); /* .text + 0 */
	(void)kldsim_synth_symbol(module, "f", KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_FUNC, 1, 8, 8); /* .text + 8 */
	by_name = module_slot(module, module_undefined(module, "f",
	    KLDSIM_SYNTH_GLOBAL), 0);
	by_index = module_slot(module, global, 0);
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_slot(&kern, id, by_name), KERN_BASE + 8);
	assert_hex(kern_slot(&kern, id, by_index), KERN_BASE); /* O-51 */
	assert_hex(kern_sym(&kern, id, "f"), KERN_BASE + 8);
	kern_fini(&kern);
}

/* O-61: equal binding, lowest index. */
static void
the_first_of_two_globals_wins(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	int id;

	(void)state;
	(void)module_absolute(module, "g", KLDSIM_SYNTH_WEAK, 0x2222, 0);
	(void)module_absolute(module, "g", KLDSIM_SYNTH_GLOBAL, 0x1111, 0);
	(void)module_slot(module, module_undefined(module, "g",
	    KLDSIM_SYNTH_GLOBAL), 0);
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_slot(&kern, id, 0), 0x2222);
	kern_fini(&kern);
}

/* O-61: a module's static hides the kernel's global of that name. */
static void
a_static_hides_the_kernels_global(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	int id;

	(void)state;
	(void)module_absolute(module, "printf", KLDSIM_SYNTH_LOCAL, 0x77, 0);
	(void)module_slot(module, module_undefined(module, "printf",
	    KLDSIM_SYNTH_GLOBAL), 1);
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_slot(&kern, id, 0), 0x78);
	assert_hex(kern_sym(&kern, id, "printf"), 0x77);
	kern_fini(&kern);
}

/* O-53, V-22, V-23: weak undefined is 0; a defined 0 is no failure. */
static void
weak_and_zero_are_no_failures(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	int id;

	(void)state;
	(void)module_slot(module, kldsim_synth_weak_ref(module, "nowhere"), 0);
	(void)module_slot(module, kldsim_synth_weak_ref(module, "nowhere"), 4);
	(void)module_slot(module, kldsim_synth_weak_ref(module, "printf"), 0);
	(void)module_slot(module, module_absolute(module, "zero",
	    KLDSIM_SYNTH_GLOBAL, 0, 0), 5);
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_slot(&kern, id, 0), 0);
	assert_hex(kern_slot(&kern, id, 8), 4);
	assert_hex(kern_slot(&kern, id, 16), kern_symbol(&kern, "printf"));
	assert_hex(kern_slot(&kern, id, 24), 5);
	assert_silent(&kern);
	kern_fini(&kern);
}

/* O-54: undefined and neither GLOBAL nor WEAK: nobody even looks. */
static void
an_undefined_gnu_unique_is_not_looked_for(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	int id;

	(void)state;
	kern_start(&kern, R121);
	(void)module_slot(module, module_undefined(module, "printf", 10), 0);
	kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
	assert_console(&kern, UNDEFINED("printf"), UNSUPPORTED("m.ko"));
	module = module_new(R121);
	(void)module_slot(module, module_absolute(module, "u", 10, 0x99, 0), 0);
	id = kern_load(&kern, module, "n.ko");
	assert_hex(kern_slot(&kern, id, 0), 0x99); /* O-51 */
	kern_fini(&kern);
}

/* O-53: an empty name is not looked for either. */
static void
an_undefined_symbol_without_a_name_fails(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	(void)module_slot(module, module_undefined(module, NULL,
	    KLDSIM_SYNTH_GLOBAL), 0);
	kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
	/* O-46: its name, which is empty; "(null)" is symbol 0's alone. */
	assert_console(&kern, UNDEFINED(""), UNSUPPORTED("m.ko"));
	kern_fini(&kern);
}

/* O-52: symbol 0 fails where it is looked up, and nowhere else. */
static void
symbol_0_is_for_types_that_look_nothing_up(void **state)
{
	static const uint32_t releases[] = { R121, R130 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_synth *module = module_new(R121);
		int data = module_section(module, ".data", 1,
		    KERN_ALLOC_WRITE, 8, 24);
		struct kern kern;
		int id;

		kern_start(&kern, releases[i]);
		kldsim_synth_store(module, data, 16, "ABCDEFGH", 8);
		(void)kldsim_synth_reloc(module, data, 0, "R_X86_64_NONE", 0,
		    9);
		(void)kldsim_synth_reloc(module, data, 8, "R_X86_64_RELATIVE",
		    0, 0x10);
		(void)kldsim_synth_reloc(module, data, 16, "R_X86_64_64", 0,
		    5);
		/* V-25: the failure of a local entry counts from 13.0 on. */
		if (i == 1) {
			kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
			assert_console(&kern, UNSUPPORTED("m.ko"));
		} else {
			id = kern_load(&kern, module, "m.ko");
			assert_silent(&kern);
			assert_hex(kern_slot(&kern, id, 0), 0);
			assert_hex(kern_slot(&kern, id, 8), KERN_BASE + 0x10);
			assert_hex(kern_slot(&kern, id, 16),
			    UINT64_C(0x4847464544434241));
		}
		kern_fini(&kern);
	}
}

/* O-30, Z-13: absolute values stay; so do offsets in what is not loaded. */
static void
symbols_of_unloaded_sections_keep_their_offset(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	int comment = module_section(module, ".comment", 1, 0, 1, 64);
	struct kern kern;
	uint64_t space;
	int id, v;

	(void)state;
	(void)module_slot(module, kldsim_synth_symbol(module, "c",
	    KLDSIM_SYNTH_GLOBAL, KLDSIM_SYNTH_OBJECT, comment, 0x22, 0), 0);
	(void)module_slot(module, module_absolute(module, "a", KLDSIM_SYNTH_GLOBAL,
	    UINT64_C(0xfedcba9876543210), 0), 0);
	(void)kldsim_synth_dpcpu(module, "pad", NULL, 8, 8);
	v = kldsim_synth_dpcpu(module, "v", NULL, 8, 8);
	(void)module_slot(module, v, 0);
	kern_start(&kern, R121);
	space = kern_set(&kern, KLDSIM_SET_DPCPU).modspace_start;
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_slot(&kern, id, 0), 0x22);
	assert_non_null(kern_finding(&kern, "symbol-of-unloaded-section"));
	assert_hex(kern_slot(&kern, id, 8), UINT64_C(0xfedcba9876543210));
	assert_hex(kern_slot(&kern, id, 16), space + 8);
	assert_hex(kern_sym(&kern, id, "pcpu_entry_v"), space + 8);
	kern_fini(&kern);
}

/* Four slots: __start_set_x, __stop_set_x, and both again as statics. */
static void
bounds(struct kldsim_synth *module, int bind)
{
	(void)module_slot(module, module_undefined(module, "__start_set_x", bind), 0);
	(void)module_slot(module, module_undefined(module, "__stop_set_x", bind), 0);
}

/* O-32: bounds of own sections, whatever the binding; any name will do. */
static void
bounds_of_own_sections(void **state)
{
	static const int binds[] = { KLDSIM_SYNTH_LOCAL, KLDSIM_SYNTH_GLOBAL,
		KLDSIM_SYNTH_WEAK, 10 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct kldsim_synth *module = module_new(R121);
		struct kern kern;
		int id;

		(void)module_section(module, ".text", 1, KLDSIM_SYNTH_ALLOC,
		    16, 0x10);
		(void)module_section(module, "set_x", 1, KLDSIM_SYNTH_ALLOC,
		    8, 0x18);
		/* The second of that name is never found. */
		(void)module_section(module, "set_x", 1, KLDSIM_SYNTH_ALLOC,
		    8, 0x28);
		bounds(module, binds[i]);
		(void)module_slot(module, module_undefined(module, "__stop_.data",
		    binds[i]), 0);
		kldsim_synth_option(module, KLDSIM_SYNTH_SET_BOUNDS, 0);
		kern_start(&kern, R121);
		id = kern_load(&kern, module, "m.ko");
		assert_hex(kern_slot(&kern, id, 0), KERN_BASE + 0x10);
		assert_hex(kern_slot(&kern, id, 8), KERN_BASE + 0x28);
		/* .data is at 0x50 and has three words. */
		assert_hex(kern_slot(&kern, id, 16), KERN_BASE + 0x50 + 24);
		assert_hex(kern_sym(&kern, id, "__start_set_x"),
		    KERN_BASE + 0x10);
		kern_fini(&kern);
	}
}

/* O-32 with O-20: the bounds of a module's set_pcpu are in modspace. */
static void
bounds_of_a_set_in_modspace(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	uint64_t space;
	int id;

	(void)state;
	(void)kldsim_synth_func(module, "f");
	(void)kldsim_synth_dpcpu(module, "v", NULL, 20, 4);
	(void)module_slot(module, kldsim_synth_ref(module,
	    "__start_set_pcpu"), 0);
	(void)module_slot(module, kldsim_synth_ref(module,
	    "__stop_set_pcpu"), 0);
	kern_start(&kern, R121);
	space = kern_set(&kern, KLDSIM_SET_DPCPU).modspace_start;
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_slot(&kern, id, 0), space);
	assert_hex(kern_slot(&kern, id, 8), space + 20);
	kern_fini(&kern);
}

/* A kernel with a set of one entry, or without. */
static void
start_with_set(struct kern *kern, bool with)
{
	kern_init(kern, R121);
	if (with)
		(void)kldsim_synth_set_entry(kern->synth, "x",
		    kldsim_synth_find_symbol(kern->synth, "printf"));
	kern_boot(kern);
}

/*
 * O-32, Z-22: progtab index 0 reads as SHN_UNDEF: the kernel's set is taken
 * instead, or weak 0, or the module is refused.
 */
static void
bounds_of_the_very_first_section(void **state)
{
	static const struct {
		bool kernel_has;
		int bind;
	} rows[] = { { true, KLDSIM_SYNTH_GLOBAL },
		{ false, KLDSIM_SYNTH_WEAK }, { false, KLDSIM_SYNTH_GLOBAL } };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct kldsim_synth *module = module_new(R121);
		struct kern kern;
		int id;

		start_with_set(&kern, rows[i].kernel_has);
		(void)module_section(module, "set_x", 1, KLDSIM_SYNTH_ALLOC,
		    8, 0x18);
		bounds(module, rows[i].bind);
		kldsim_synth_option(module, KLDSIM_SYNTH_SET_BOUNDS, 0);
		if (i == 2) {
			kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
			assert_console(&kern, UNDEFINED("__start_set_x"),
			    UNSUPPORTED("m.ko"));
		} else {
			id = kern_load(&kern, module, "m.ko");
			assert_hex(kern_slot(&kern, id, 0), i == 1 ? 0 :
			    kern_symbol(&kern, "__start_set_x"));
			assert_hex(kern_slot(&kern, id, 8), i == 1 ? 0 :
			    kern_symbol(&kern, "__stop_set_x"));
		}
		/* Of both bounds at once. */
		assert_int_equal(kern_findings(&kern, "set-bound-index-zero"),
		    1);
		kern_fini(&kern);
	}
}

/* O-33: a module without the set gets the kernel's, NULL, or a refusal. */
static void
bounds_of_a_set_that_the_module_has_not(void **state)
{
	static const struct {
		bool kernel_has;
		int bind;
	} rows[] = { { true, KLDSIM_SYNTH_WEAK },
		{ false, KLDSIM_SYNTH_WEAK }, { false, KLDSIM_SYNTH_GLOBAL } };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct kldsim_synth *module = module_new(R121);
		struct kern kern;
		int id;

		start_with_set(&kern, rows[i].kernel_has);
		bounds(module, rows[i].bind);
		if (i == 2) {
			kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
			assert_console(&kern, UNDEFINED("__start_set_x"),
			    UNSUPPORTED("m.ko"));
		} else {
			id = kern_load(&kern, module, "m.ko");
			assert_hex(kern_slot(&kern, id, 0), i == 1 ? 0 :
			    kern_symbol(&kern, "__start_set_x"));
			assert_hex(kern_slot(&kern, id, 8), i == 1 ? 0 :
			    kern_symbol(&kern, "__start_set_x") + 8);
		}
		kern_fini(&kern);
	}
}

/* A module that provides an interface of its name, and has absolute symbols. */
static struct kldsim_synth *
library(const char *name, const char *needs)
{
	struct kldsim_synth *module = module_new(R121);

	kldsim_synth_mdt_version(module, name, 1);
	if (needs != NULL)
		kldsim_synth_mdt_depend(module, needs, 1, 1, 1);
	return module;
}

/* O-60 step 3: dependencies in order, the kernel first, and no further. */
static void
dependencies_are_asked_in_order(void **state)
{
	struct kldsim_synth *module;
	struct kern kern;
	int id;

	(void)state;
	kern_start(&kern, R121);
	module = library("liba", NULL);
	(void)module_absolute(module, "shared", KLDSIM_SYNTH_GLOBAL, 0xa1, 0);
	(void)module_absolute(module, "only_a", KLDSIM_SYNTH_GLOBAL, 0xa2, 0);
	(void)module_absolute(module, "printf", KLDSIM_SYNTH_GLOBAL, 0xa3, 0);
	(void)kern_load(&kern, module, "liba.ko");
	module = library("libb", "liba");
	(void)module_absolute(module, "shared", KLDSIM_SYNTH_GLOBAL, 0xb1, 0);
	(void)module_absolute(module, "static_b", KLDSIM_SYNTH_LOCAL, 0xb2, 0);
	(void)kern_load(&kern, module, "libb.ko");

	module = module_new(R121);
	(void)module_slot(module, kldsim_synth_ref(module, "shared"), 0);
	(void)module_slot(module, kldsim_synth_ref(module, "printf"), 0);
	(void)module_slot(module, kldsim_synth_ref(module, "static_b"), 0);
	(void)module_slot(module, kldsim_synth_ref(module, "only_a"), 0);
	kldsim_synth_mdt_depend(module, "libb", 1, 1, 1);
	kldsim_synth_mdt_depend(module, "liba", 1, 1, 1);
	id = kern_load(&kern, module, "both.ko");
	assert_hex(kern_slot(&kern, id, 0), 0xb1);
	assert_hex(kern_slot(&kern, id, 8), kern_symbol(&kern, "printf"));
	assert_hex(kern_slot(&kern, id, 16), 0xb2); /* O-61 */
	assert_hex(kern_slot(&kern, id, 24), 0xa2);

	module = module_new(R121);
	(void)module_slot(module, kldsim_synth_ref(module, "only_a"), 0);
	kldsim_synth_mdt_depend(module, "libb", 1, 1, 1);
	kern_refuse(&kern, module, "one.ko", FB_ENOEXEC);
	assert_console(&kern, UNDEFINED("only_a"), UNSUPPORTED("one.ko"));
	assert_non_null(strstr(kern_finding(&kern,
	    "undefined-symbol")->text, "liba.ko"));
	kern_fini(&kern);
}

/*
 * O-60 step 2: the file itself is asked first, a static of its own included.
 * The names have their first 7, 8, 15, 16 and 20 bytes in common.
 */
static void
a_file_is_asked_first(void **state)
{
	static const char *const both[] = { "seven_b", "eight_by",
		"fifteen_bytes_l", "sixteen_bytes_lo", "more_than_16_bytes_long" };
	static const char *const longer[] = { "seven_b_", "eight_by_",
		"fifteen_bytes_l_", "sixteen_bytes_lo_", "more_than_16_bytes_l" };

	(void)state;
	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		struct kldsim_synth *module = library("liba", NULL);
		struct kern kern;
		int id;

		kern_start(&kern, R121);
		(void)module_absolute(module, both[i], KLDSIM_SYNTH_GLOBAL, 1, 0);
		(void)module_absolute(module, longer[i], KLDSIM_SYNTH_GLOBAL, 2,
		    0);
		(void)kern_load(&kern, module, "liba.ko");

		/* The longer one alone is another's; then the other way round. */
		for (size_t own = 0; own < 2; own++) {
			const char *mine = own == 0 ? both[i] : longer[i];
			const char *others = own == 0 ? longer[i] : both[i];

			module = module_new(R121);
			(void)module_absolute(module, mine, KLDSIM_SYNTH_LOCAL,
			    3, 0);
			(void)module_slot(module, module_undefined(module, mine,
			    KLDSIM_SYNTH_GLOBAL), 0);
			(void)module_slot(module, module_undefined(module,
			    others, KLDSIM_SYNTH_GLOBAL), 0);
			kldsim_synth_mdt_depend(module, "liba", 1, 1, 1);
			id = kern_load(&kern, module, own == 0 ? "b.ko" : "c.ko");
			assert_hex(kern_slot(&kern, id, 0), 3);
			assert_hex(kern_slot(&kern, id, 8), own == 0 ? 2 : 1);
		}
		kern_fini(&kern);
	}
}

/* O-60: a common of a dependency is allocated there, and stays there. */
static void
a_common_of_a_dependency_stays_with_it(void **state)
{
	struct kldsim_synth *module = library("liba", NULL);
	struct kern kern;
	uint64_t address;
	int id;

	(void)state;
	kern_start(&kern, R121);
	(void)module_absolute(module, "c", KLDSIM_SYNTH_GLOBAL, 0, 10);
	(void)kern_load(&kern, module, "liba.ko");
	for (int i = 0; i < 2; i++) {
		module = module_new(R121);
		(void)module_slot(module, kldsim_synth_ref(module, "c"), 0);
		kldsim_synth_mdt_depend(module, "liba", 1, 1, 1);
		id = kern_load(&kern, module, "m.ko");
		if (i == 0)
			address = kern_slot(&kern, id, 0);
		assert_true(address != 0);
		assert_hex(kern_slot(&kern, id, 0), address);
		kern_unload(&kern, id);
		assert_hex(kern_read(&kern, address, 4), 0);
	}
	kern_fini(&kern);
}

/* V-14, O-60 step 1: __this_linker_file is an object of the kernel's. */
static void
this_linker_file_is_new(void **state)
{
	static const uint32_t releases[] = { R121, R141, R150 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct kldsim_synth *module = module_new(releases[i]);
		struct kern kern;
		int id;

		kern_start(&kern, releases[i]);
		(void)module_slot(module, kldsim_synth_ref(module,
		    "__this_linker_file"), 0);
		if (releases[i] != R150) {
			kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
			assert_console(&kern,
			    UNDEFINED("__this_linker_file"),
			    UNSUPPORTED("m.ko"));
		} else {
			id = kern_load(&kern, module, "m.ko");
			assert_true(kern_slot(&kern, id, 0) != 0);
		}
		kern_fini(&kern);
	}
}

#define THIS "this-linker-file"

static struct kldsim_synth *
refers_to_itself(const char *provides)
{
	struct kldsim_synth *module = module_new(R150);

	(void)module_slot(module, kldsim_synth_ref(module,
	    "__this_linker_file"), 0);
	(void)module_slot(module, kldsim_synth_ref(module,
	    "__this_linker_file"), 16);
	kldsim_synth_mdt_version(module, provides, 1);
	return module;
}

/* On the heap, one for each file, and a note; or where the options say. */
static void
each_file_has_an_object_of_its_own(void **state)
{
	static const struct kldsim_placement told = { "b.ko",
		UINT64_C(0xfffff80003a4d600) };
	struct kern kern;
	uint64_t first;
	int id, other;

	(void)state;
	kern_init(&kern, R150);
	kern.options.linker_files = &told;
	kern.options.nlinker_files = 1;
	kern_boot(&kern);
	id = kern_load(&kern, refers_to_itself("a"), "a.ko");
	first = kern_slot(&kern, id, 0);
	assert_hex(kern_slot(&kern, id, 8), first + 16);
	assert_int_equal(kern_findings(&kern, THIS), 1);
	assert_int_equal(kern_finding(&kern, THIS)->severity, KLDSIM_NOTE);
	assert_string_equal(kern_finding(&kern, THIS)->file, "a.ko");
	assert_true(first + 512 <= kern_stat(&kern, id).address ||
	    first >= kern_stat(&kern, id).address + kern_stat(&kern,
	    id).size);
	assert_hex(kern_read(&kern, first, 8), 0);
	other = kern_load(&kern, refers_to_itself("b"), "b.ko");
	assert_hex(kern_slot(&kern, other, 0), told.address);
	assert_int_equal(kern_findings(&kern, THIS), 0);
	other = kern_load(&kern, refers_to_itself("c"), "c.ko");
	assert_true(kern_slot(&kern, other, 0) >= first + 512);
	/* It goes with the file. */
	kern_unload(&kern, id);
	id = kern_load(&kern, refers_to_itself("d"), "d.ko");
	assert_hex(kern_slot(&kern, id, 0), first);
	kern_fini(&kern);
}

/* O-62, V-15: without leak_locals only GLOBAL counts, and the first decides. */
static void
leak_locals_can_be_switched_off(void **state)
{
	static const struct {
		uint32_t osreldate;
		int leak;
		bool found;
	} rows[] = { { R121, 0, true }, { R130, 0, true }, { R141, 1, true },
		{ R141, 0, false }, { R150, 0, false } };
	static const char *const names[] = { "local", "weak", "hidden" };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		struct kldsim_synth *module = library("liba", NULL);
		struct kern kern;
		int a;

		kern_init(&kern, rows[i].osreldate);
		kern.options.leak_locals = rows[i].leak;
		kern_boot(&kern);
		(void)module_absolute(module, "local", KLDSIM_SYNTH_LOCAL, 1, 0);
		(void)module_absolute(module, "weak", KLDSIM_SYNTH_WEAK, 2, 0);
		/* An earlier static hides a later global. */
		(void)module_absolute(module, "hidden", KLDSIM_SYNTH_LOCAL, 3, 0);
		(void)module_absolute(module, "hidden", KLDSIM_SYNTH_GLOBAL, 4, 0);
		(void)module_absolute(module, "global", KLDSIM_SYNTH_GLOBAL, 5, 0);
		a = kern_load(&kern, module, "liba.ko");
		assert_hex(kern_sym(&kern, a, "global"), 5);
		for (size_t n = 0; n < 3; n++) {
			assert_int_equal(kern_has_sym(&kern, a, names[n]),
			    rows[i].found);
			module = module_new(R121);
			(void)module_slot(module, kldsim_synth_ref(module,
			    names[n]), 0);
			kldsim_synth_mdt_depend(module, "liba", 1, 1, 1);
			assert_int_equal(kern_try(&kern, module, names[n]),
			    KLDSIM_OK);
			assert_int_equal(kern.result.error,
			    rows[i].found ? 0 : FB_ENOEXEC);
		}
		kern_fini(&kern);
	}
}

/* D-60, D-63, V-15: of the kernel only statics are hidden. */
static void
the_kernels_statics_can_be_hidden_too(void **state)
{
	static const struct {
		uint32_t osreldate;
		int leak;
		bool found;
	} rows[] = { { R121, 0, true }, { R141, 1, true },
		{ R141, 0, false } };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct kern kern;

		kern_init(&kern, rows[i].osreldate);
		kern.options.leak_locals = rows[i].leak;
		(void)kldsim_synth_bind(kern.synth, kldsim_synth_func(
		    kern.synth, "hidden"), KLDSIM_SYNTH_LOCAL);
		(void)kldsim_synth_bind(kern.synth, kldsim_synth_func(
		    kern.synth, "weak"), KLDSIM_SYNTH_WEAK);
		kern_boot(&kern);
		assert_int_equal(kern_has_sym(&kern, 1, "hidden"),
		    rows[i].found);
		assert_true(kern_has_sym(&kern, 1, "weak"));
		kern_fini(&kern);
	}
}

/* D-60: an unusable hash entry ends the search, from 14.0 on it does not. */
static void
an_unusable_symbol_ends_the_search_up_to_13_0(void **state)
{
	static const uint32_t releases[] = { R121, R130, R140 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct kern kern;

		kern_init(&kern, releases[i]);
		(void)kldsim_synth_ref(kern.synth, "ghost");
		kldsim_synth_override(kern.synth, "sym[ghost].st_shndx",
		    0xfff1);
		kldsim_synth_override(kern.synth, "sym[ghost].st_value",
		    0x77);
		kern_boot(&kern);
		assert_int_equal(kern_has_sym(&kern, 1, "ghost"),
		    releases[i] == R140);
		kern_fini(&kern);
	}
}

/*
 * D-62, V-43, T-08: "iiihxslhtp" hashes to 0x10000002fb0 where a carry is
 * kept, else to 0x2fb0.  Of three buckets: 0x2fb0 = 12208 is in number 1;
 * 2^40 mod 3 = 1 more makes number 2, where it is not.
 */
static void
the_old_hash_function_loses_a_symbol(void **state)
{
	static const uint32_t releases[] = { R121, R130, R140 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct kern kern;

		kern_init(&kern, releases[i]);
		(void)kldsim_synth_func(kern.synth, "iiihxslhtp");
		kldsim_synth_option(kern.synth, KLDSIM_SYNTH_HASH_BUCKETS, 3);
		/* The full table would help out. */
		kldsim_synth_option(kern.synth, KLDSIM_SYNTH_SYMTAB, 0);
		kern_boot(&kern);
		assert_true(kern_has_sym(&kern, 1, "printf"));
		assert_int_equal(kern_has_sym(&kern, 1, "iiihxslhtp"),
		    releases[i] == R140);
		kern_fini(&kern);
	}
}

/* D-65: visibility is not looked at. */
static void
hidden_visibility_hides_nothing(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	int id;

	(void)state;
	kern_init(&kern, R121);
	(void)kldsim_synth_other(kern.synth, kldsim_synth_func(kern.synth,
	    "hidden"), 2);
	kern_boot(&kern);
	(void)module_slot(module, kldsim_synth_ref(module, "hidden"), 0);
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_slot(&kern, id, 0), kern_symbol(&kern, "hidden"));
	kern_fini(&kern);
}

/* K-46: by file; or of all files the first that has it. */
static void
kldsym_asks_one_file_or_all(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	kldsim_size size = 0;
	kldsim_addr value = 0;
	struct kern kern;
	int a, b;

	(void)state;
	kern_start(&kern, R121);
	(void)module_absolute(module, "x", KLDSIM_SYNTH_GLOBAL, 0xa1, 0x11);
	(void)module_absolute(module, "printf", KLDSIM_SYNTH_GLOBAL, 0xa2, 0);
	(void)module_slot(module, kldsim_synth_weak_ref(module, "weak"), 0);
	a = kern_load(&kern, module, "a.ko");
	module = module_new(R121);
	(void)module_absolute(module, "x", KLDSIM_SYNTH_GLOBAL, 0xb1, 0x22);
	(void)module_slot(module, module_undefined(module, "printf",
	    KLDSIM_SYNTH_GLOBAL), 0);
	b = kern_load(&kern, module, "b.ko");
	assert_hex(kern_sym(&kern, a, "x"), 0xa1);
	assert_hex(kern_sym(&kern, b, "x"), 0xb1);
	assert_int_equal(kldsim_kldsym(kern.sim, b, "x", &value, &size),
	    KLDSIM_OK);
	assert_int_equal(size, 0x22);
	assert_hex(kern_sym(&kern, 0, "x"), 0xa1);
	assert_hex(kern_sym(&kern, 0, "printf"),
	    kern_symbol(&kern, "printf"));
	assert_false(kern_has_sym(&kern, 1, "x"));
	assert_false(kern_has_sym(&kern, 99, "x"));
	/* Undefined here; what the pass had found is forgotten (O-47). */
	assert_false(kern_has_sym(&kern, a, "weak"));
	assert_false(kern_has_sym(&kern, b, "printf"));
	assert_false(kern_has_sym(&kern, 0, "nowhere"));
	kern_unload(&kern, a);
	assert_hex(kern_sym(&kern, 0, "x"), 0xb1);
	assert_false(kern_has_sym(&kern, a, "x"));
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_static_comes_before_a_global_of_its_name),
		cmocka_unit_test(the_first_of_two_globals_wins),
		cmocka_unit_test(a_static_hides_the_kernels_global),
		cmocka_unit_test(weak_and_zero_are_no_failures),
		cmocka_unit_test(an_undefined_gnu_unique_is_not_looked_for),
		cmocka_unit_test(an_undefined_symbol_without_a_name_fails),
		cmocka_unit_test(symbol_0_is_for_types_that_look_nothing_up),
		cmocka_unit_test(
		    symbols_of_unloaded_sections_keep_their_offset),
		cmocka_unit_test(bounds_of_own_sections),
		cmocka_unit_test(bounds_of_a_set_in_modspace),
		cmocka_unit_test(bounds_of_the_very_first_section),
		cmocka_unit_test(bounds_of_a_set_that_the_module_has_not),
		cmocka_unit_test(dependencies_are_asked_in_order),
		cmocka_unit_test(a_file_is_asked_first),
		cmocka_unit_test(a_common_of_a_dependency_stays_with_it),
		cmocka_unit_test(this_linker_file_is_new),
		cmocka_unit_test(each_file_has_an_object_of_its_own),
		cmocka_unit_test(leak_locals_can_be_switched_off),
		cmocka_unit_test(the_kernels_statics_can_be_hidden_too),
		cmocka_unit_test(
		    an_unusable_symbol_ends_the_search_up_to_13_0),
		cmocka_unit_test(the_old_hash_function_loses_a_symbol),
		cmocka_unit_test(hidden_visibility_hides_nothing),
		cmocka_unit_test(kldsym_asks_one_file_or_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
